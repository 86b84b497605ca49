"""Which files of a folder are photos, by their names: those that `predict` sends and others read.

Knows names alone; whether a photo can be decoded is seen where it is opened.
"""

import os
from pathlib import Path

SUFFIXES = (".bmp", ".jpeg", ".jpg", ".mpo", ".png", ".tif", ".tiff", ".webp")
"""Of photos, in lower case; files may have them in any."""


def photo_files(folder: Path) -> list[Path]:
    """All of a folder and of those in it, sorted.

    What is hidden, or in a hidden folder, is no photo: macOS puts a `._cat.jpg` of its own beside
    a `cat.jpg`. A link that leads nowhere is one, for whoever opens it to say so.
    """
    named = (path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    shown = (path for path in named if not _is_hidden(path.relative_to(folder)))
    return sorted(path for path in shown if os.path.isfile(path) or not os.path.exists(path))


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
