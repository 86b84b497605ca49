"""Programs on PATH that only note how they were called, and answer as they are told."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PROGRAM = """#!{python} -SE
import json, pathlib, sys
folder = pathlib.Path({folder!r})
call = [{name!r}, *sys.argv[1:]]
if "--password-stdin" in call:
    call.append("<" + sys.stdin.read())
with open(folder / "calls.jsonl", "a") as calls:
    calls.write(json.dumps(call) + "\\n")
answers = json.loads((folder / "answers.json").read_text())
said = " ".join(call)
code, out, err = next((a for start, a in answers.items() if said.startswith(start)), (0, "", ""))
print(out, end="")
print(err, end="", file=sys.stderr)
sys.exit(code)
"""

Answer = tuple[int, str, str]
"""Exit code, stdout, stderr."""


@dataclass(frozen=True)
class StandIns:
    """Programs in a folder of their own."""

    folder: Path

    @classmethod
    def of(cls, folder: Path, names: Sequence[str]) -> "StandIns":
        """Write them; they succeed and say nothing until told otherwise."""
        folder.mkdir()
        for name in names:
            path = folder / name
            path.write_text(_PROGRAM.format(python=sys.executable, folder=str(folder), name=name))
            path.chmod(0o755)
        stand_ins = cls(folder)
        stand_ins.answer({})
        return stand_ins

    def answer(self, answers: Mapping[str, Answer]) -> None:
        """By how a call begins: `aws sts`; the first that fits counts."""
        (self.folder / "answers.json").write_text(json.dumps(answers))

    @property
    def calls(self) -> list[list[str]]:
        """Each call's words so far, the program's name first; stdin's text is last, behind a <."""
        path = self.folder / "calls.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    @property
    def said(self) -> list[str]:
        """The same, each as one line."""
        return [" ".join(call) for call in self.calls]
