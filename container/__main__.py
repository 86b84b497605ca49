"""`python -m container COMMAND`: what the image can do."""

import argparse
import io
import signal
import sys

_INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    from container import (  # noqa: PLC0415  # Ctrl-C may end it
        convert,
        evaluate,
        inspect,
        package,
        quantize,
        serve,
        train,
    )
    from container.deploy import command as deploy  # noqa: PLC0415
    from container.exits import EXIT_CODES  # noqa: PLC0415
    from container.predict import command as predict  # noqa: PLC0415

    parser = argparse.ArgumentParser(
        prog="python -m container",
        description="Serves and trains models of SageMaker's Semantic Segmentation algorithm.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in (serve, train, inspect, convert, package, quantize, predict, evaluate, deploy):
        command.add_parser(commands)
    chosen = parser.parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a class may be called what a terminal cannot say
            stream.reconfigure(errors="backslashreplace")
    try:
        return int(chosen.run(chosen))
    except tuple(EXIT_CODES) as err:
        line = " ".join(str(err).split())
        print(f"error: {line}", file=sys.stderr)
        return EXIT_CODES[type(err)]


if __name__ == "__main__":
    # Until gunicorn takes the signals over: leave by way of `finally`, children and copies gone.
    # Process 1 of a container has no reaction to SIGTERM without a handler, nor has a shell's
    # background job to SIGINT.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
