"""The licences of what is in the image."""

from pathlib import Path

from scripts import licences


def package(packages: Path, name: str, metadata: str, files: dict[str, str]) -> None:
    info = packages / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {name}\nVersion: 1.0\n{metadata}")
    for file, text in files.items():
        (info / file).parent.mkdir(parents=True, exist_ok=True)
        (info / file).write_text(text)
    (info / "RECORD").write_text("".join(f"{info.name}/{file},,\n" for file in files))


def test_each_is_named_with_its_licence_and_the_texts_follow(tmp_path: Path) -> None:
    packages = tmp_path / "lib/python3.11/site-packages"
    package(packages, "new", "License-Expression: MIT\n", {"licenses/LICENSE": "As you like.\n"})
    package(packages, "old", "Classifier: License :: OSI Approved :: BSD License\n", {})
    package(packages, "older", "License: Zlib\n", {"NOTICE.txt": "Nobody's.", "licence.py": "no"})
    package(packages, "silent", "", {"COPYING": "Copy it."})
    licences.main(tmp_path)
    names, *texts = (tmp_path / licences.PLACE).read_text().split("=" * 79)
    assert names.split("\n")[:4] == [
        "new 1.0: MIT",
        "old 1.0: BSD License",
        "older 1.0: Zlib",
        "silent 1.0: see below",
    ]
    assert [text.strip() for text in texts] == [
        "new 1.0, LICENSE\n\nAs you like.",
        "older 1.0, NOTICE.txt\n\nNobody's.",
        "silent 1.0, COPYING\n\nCopy it.",
    ]
