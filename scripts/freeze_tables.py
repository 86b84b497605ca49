"""Freeze the tables that rendering looks up: matplotlib's colormaps, four data sets' classes.

    .venv/bin/python -W ignore scripts/freeze_tables.py

writes serve/render/tables. Neither matplotlib nor gluoncv is there when pictures are made.
"""

import json
from pathlib import Path

import matplotlib as mpl
import numpy as np
from gluoncv.data import ADE20KSegmentation, CitySegmentation, COCOInstance, VOCSegmentation
from gluoncv.utils.viz import segmentation

TABLES = Path("serve/render/tables")


def colormaps() -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]:
    """By name (N, 3) RGB, its own N; each byte the fraction times 255 without its decimals."""
    found = {}
    for name in sorted(mpl.colormaps):
        colormap = mpl.colormaps[name]
        entries = colormap(np.arange(colormap.N))[:, :3]
        found[name] = np.trunc(255 * entries).astype(np.uint8)
    return found


def classes() -> dict[str, dict[str, list[str]]]:
    """Names, and colours where they follow no rule (VOC's do)."""
    ade = np.reshape(segmentation.adepallete, (-1, 3))[1:]  # its first is for no class
    city = np.reshape(segmentation.cityspallete, (-1, 3))
    city_names = [name.replace("bicyle", "bicycle") for name in CitySegmentation.CLASSES]
    return {
        "voc": {"classes": list(VOCSegmentation.CLASSES)},
        "cityscapes": {"classes": city_names, "palette": _hex(city)},
        "ade20k": {
            "classes": _different([name.partition(",")[0] for name in ADE20KSegmentation.CLASSES]),
            "palette": _hex(ade),
        },
        "coco": {"classes": list(COCOInstance.CLASSES)},
    }


def _different(names: list[str]) -> list[str]:
    """Where two classes have the same first name, the later is numbered."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return found


def _hex(colors: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> list[str]:
    return ["#{:02x}{:02x}{:02x}".format(*color) for color in colors]


if __name__ == "__main__":
    TABLES.mkdir(parents=True, exist_ok=True)
    maps = colormaps()
    np.savez_compressed(
        TABLES / "colormaps.npz",
        names=np.array(list(maps)),
        lengths=np.array([len(table) for table in maps.values()]),
        entries=np.concatenate(list(maps.values())),
    )
    (TABLES / "classes.json").write_text(json.dumps(classes(), indent=1) + "\n")
