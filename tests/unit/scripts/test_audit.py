from typing import Any

from scripts.audit import verdict

CLEAN: dict[str, Any] = {"name": "a", "version": "1", "vulns": []}
SKIPPED = {"name": "b", "skip_reason": "Dependency not found on PyPI"}
BAD: dict[str, Any] = {
    "name": "c",
    "version": "2",
    "vulns": [
        {"id": "PYSEC-1", "fix_versions": ["2.1"]},
        {"id": "PYSEC-2", "fix_versions": []},
    ],
}


def test_what_was_passed_over_is_not_called_clean() -> None:
    lines, unexplained = verdict({"dependencies": [CLEAN, SKIPPED]}, {})
    assert lines == ["NOT AUDITED: 1 of 2 packages audited; Dependency not found on PyPI"]
    assert unexplained == []


def test_what_is_clean_is_counted() -> None:
    assert verdict({"dependencies": [CLEAN]}, {}) == (["1 of 1 packages audited"], [])


def test_a_vulnerability_needs_a_fix_or_a_reason() -> None:
    lines, unexplained = verdict({"dependencies": [BAD]}, {"PYSEC-2": "in a child that exits"})
    assert lines[1:] == [
        "c 2: PYSEC-1, fixed in 2.1",
        "c 2: PYSEC-2, accepted: in a child that exits",
    ]
    assert unexplained == ["PYSEC-1"]
