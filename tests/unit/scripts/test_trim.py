"""What is taken out of the image's packages."""

from pathlib import Path

import pytest

from scripts import trim


@pytest.fixture
def prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(trim, "UNUSED", ("big/lib*.so", "big/**/tests"))
    packages = tmp_path / "lib/python3.11/site-packages"
    for name in ("big/libgpu.so", "big/cpu.so", "big/tests/deep/tests/a.py", "big/sub/tests/b.py"):
        (packages / name).parent.mkdir(parents=True, exist_ok=True)
        (packages / name).write_bytes(bytes(1 << 20))
    return tmp_path


def test_what_is_listed_goes_and_the_rest_stays(
    prefix: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trim.main(prefix)
    assert [path.name for path in prefix.rglob("*") if path.is_file()] == ["cpu.so"]
    assert capsys.readouterr().out == "removed 3 MB\n"


def test_a_line_that_fits_nothing_is_an_error(
    prefix: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trim, "UNUSED", ("big/lib*.so", "gone"))
    with pytest.raises(FileNotFoundError, match="nothing is called gone"):
        trim.main(prefix)
    assert (prefix / "lib/python3.11/site-packages/big/libgpu.so").exists()


def test_every_line_fits_what_is_installed_here() -> None:
    import openvino  # noqa: PLC0415

    assert trim.unused(Path(openvino.__file__).parents[1])
