"""`python -m container COMMAND`: what the image can do."""

import argparse
import sys

from container import inspect, serve
from container.exits import StartError


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m container",
        description="Serve models of SageMaker's built-in Semantic Segmentation algorithm.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in (serve, inspect):
        command.add_parser(commands)
    chosen = parser.parse_args(arguments)
    try:
        return int(chosen.run(chosen))
    except StartError as err:
        print(f"error: {err}", file=sys.stderr)
        return err.exit_code


if __name__ == "__main__":
    sys.exit(main())
