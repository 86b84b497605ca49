"""docs/settings.md has all that is read from the environment, wherever it is read."""

import re
from pathlib import Path

import pytest

PAGE = Path("docs/settings.md").read_text()
READ = re.compile(r'env(?:iron)?(?:\.get\(|\[)"([A-Z0-9_]+)"')


@pytest.mark.parametrize("room", ["container", "serve", "train", "model"])
def test_every_variable_that_is_read_is_on_the_page(room: str) -> None:
    for path in Path(room).rglob("*.py"):
        for name in READ.findall(path.read_text()):
            assert f"`{name}`" in PAGE, path


def test_they_would_be_found() -> None:
    assert READ.findall(Path("container/train.py").read_text()) == ["SEG_BACKBONE_DIR"]
    assert READ.findall(Path("train/layout.py").read_text()) == ["SAGEMAKER_BASE_DIR"] * 2
