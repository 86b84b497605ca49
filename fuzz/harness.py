"""One target under atheris, in a process of its own, for libFuzzer ends the process it runs in.

    python -m fuzz.harness MODULE [libFuzzer's flags] CORPUS

Only our modules are instrumented; Pillow's, libtiff's and Werkzeug's branches do not count as
progress. A warning is an error here: decoding promises none.
"""

import importlib
import sys
import warnings

import atheris

_OURS = ["model", "serve", "train"]


def main() -> None:
    """Run until a crash or the limit that the flags name; never returns."""
    _, module, *flags = sys.argv
    with atheris.instrument_imports(include=_OURS):
        target = importlib.import_module(module)
    warnings.simplefilter("error")
    atheris.Setup([module, *flags], target.check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
