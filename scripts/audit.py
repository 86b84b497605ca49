"""Which packages of a lock file have known vulnerabilities; and a bill of materials.

    python scripts/audit.py requirements/runtime.txt ... --sbom FILE

pip-audit asks a service for its data. Where that cannot be reached it passes every package over and
finds "no known vulnerabilities"; here what was passed over is counted and said. Ends with 1 where a
package has one that requirements/accepted.json does not explain, with 0 otherwise: that nothing
could be audited is this machine's state, not the packages'.

The bill is CycloneDX's, JSON, one component a package with its hashes.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ACCEPTED = Path(__file__).parent.parent / "requirements" / "accepted.json"
_BIN = Path(sys.executable).parent


def verdict(
    report: Mapping[str, Any], accepted: Mapping[str, str]
) -> tuple[list[str], Sequence[str]]:
    """What to say of a lock file, line by line, and the vulnerabilities nobody has explained.

    Args:
        report: as `pip-audit --format json` prints it.
        accepted: why a vulnerability stays, by its id.
    """
    packages = report["dependencies"]
    skipped = [each for each in packages if "skip_reason" in each]
    count = f"{len(packages) - len(skipped)} of {len(packages)} packages audited"
    lines = [f"NOT AUDITED: {count}; {skipped[0]['skip_reason']}" if skipped else count]
    unexplained = []
    for package in packages:
        for found in package.get("vulns", ()):
            name = f"{package['name']} {package['version']}: {found['id']}"
            reason = accepted.get(found["id"])
            lines.append(
                f"{name}, accepted: {reason}"
                if reason
                else f"{name}, fixed in {', '.join(found['fix_versions']) or 'no version'}"
            )
            unexplained += [] if reason else [found["id"]]
    return lines, unexplained


def _audited(lock: Path) -> Mapping[str, Any]:
    told = ["--disable-pip", "--no-deps", "--require-hashes", "--progress-spinner", "off"]
    ended = subprocess.run(
        [_BIN / "pip-audit", *told, "--timeout", "10", "--format", "json", "-r", lock],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        report: Mapping[str, Any] = json.loads(ended.stdout)
    except ValueError:
        reason = (ended.stderr.strip().splitlines() or ["pip-audit said nothing"])[-1]
        return {"dependencies": [{"name": lock.name, "skip_reason": reason}]}
    return report


def main() -> int:
    """Audit each lock file, then write the bill of the first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("locks", nargs="+", type=Path)
    parser.add_argument("--sbom", type=Path, required=True)
    arguments = parser.parse_args()
    accepted: dict[str, str] = json.loads(ACCEPTED.read_text())
    unexplained: list[str] = []
    for lock in arguments.locks:
        lines, more = verdict(_audited(lock), accepted)
        unexplained += more
        print(*(f"{lock}: {line}" for line in lines), sep="\n")
    told = ["--output-reproducible", "--of", "JSON", "-o", arguments.sbom]
    subprocess.run([_BIN / "cyclonedx-py", "requirements", arguments.locks[0], *told], check=True)
    print(f"wrote {arguments.sbom}")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
