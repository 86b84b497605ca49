"""`make fuzz`: every target for its share of an hour, or what the arguments say."""

import argparse
import sys
import time

from fuzz.run import FOUND, TARGETS, Limit, run


def main() -> int:
    """Run the targets one after another; 1 if an input broke one."""
    parser = _parser()
    arguments = parser.parse_args()
    names = arguments.targets or TARGETS
    if unknown := set(names) - set(TARGETS):
        parser.error(f"no target {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}")
    limit = Limit(arguments.runs, max(1, arguments.seconds // len(names)))
    return max([_report(name, limit) for name in names])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--runs", type=int, default=0, help="inputs of each, always the same ones")
    parser.add_argument("--seconds", type=int, default=3600, help="of all targets together")
    return parser


def _report(name: str, limit: Limit) -> int:
    start = time.monotonic()
    said = run(TARGETS[name], limit)
    print(f"{name}: {'broken' if said else 'stood'}, {time.monotonic() - start:.0f} s", flush=True)
    if said:
        print(f"{said}\nthe input is in {FOUND}", file=sys.stderr)
    return bool(said)


if __name__ == "__main__":
    sys.exit(main())
