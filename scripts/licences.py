"""The licences of what is installed, in one file: `licences.py PREFIX`, for the image.

Writes PREFIX/share/doc/third-party-licences.txt: each package's name, version and licence, and the
texts that came with it.
"""

import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

PLACE = "share/doc/third-party-licences.txt"
_NAMES = ("licen", "copying", "notice", "authors", "thirdparty", "third-party", "third_party")


def licence_of(package: Distribution) -> str:
    """What its metadata says, in whichever of the fields it says so."""
    about = package.metadata
    classified = [
        line.rpartition(" :: ")[2]
        for line in about.get_all("Classifier") or []
        if line.startswith("License :: ")
    ]
    expressed, stated = (about.get_all(name) or [""] for name in ("License-Expression", "License"))
    return expressed[0] or ", ".join(classified) or stated[0].strip().partition("\n")[0]


def texts_of(package: Distribution) -> Iterator[Path]:
    """Files beside its metadata, or in it, that are called as licences are."""
    for file in package.files or ():
        path = Path(str(package.locate_file(file)))
        if path.name.lower().startswith(_NAMES) and path.suffix not in {".py", ".pyc"}:
            yield path


def written(packages: Path) -> str:
    """All of it as a text."""
    found = sorted(distributions(path=[str(packages)]), key=lambda each: each.name.lower())
    parts = [f"{each.name} {each.version}: {licence_of(each) or 'see below'}" for each in found]
    for each in found:
        for path in texts_of(each):
            text = path.read_text(errors="replace").strip()
            parts.append(f"{'=' * 79}\n{each.name} {each.version}, {path.name}\n\n{text}\n")
    return "\n".join(parts) + "\n"


def main(prefix: Path) -> None:
    """Write the file."""
    (packages,) = prefix.glob("lib/python3*/site-packages")
    place = prefix / PLACE
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(written(packages))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
