"""Write the pictures anew, and a sheet of all of them to look at."""

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from tests.golden.cases import PICTURES, photo
from tests.golden.client import post

HERE = Path(__file__).parent
SHEET = Path("demo/out/golden.png")
_SCALE, _CELL = 2, (500, 190)


def main() -> None:
    """Write PNGs beside this file."""
    columns = 4
    rows = -(-len(PICTURES) // columns)
    sheet = Image.new("RGB", (columns * _CELL[0], rows * _CELL[1]), "#808080")
    draw = ImageDraw.Draw(sheet)
    for index, (name, accept) in enumerate(PICTURES.items()):
        picture = Image.open(io.BytesIO(post(photo(), accept)))
        kept = picture if picture.format == "PNG" else Image.fromarray(np.asarray(picture))
        kept.save(HERE / f"{name}.png", optimize=True)
        left, top = _CELL[0] * (index % columns), _CELL[1] * (index // columns)
        shown = picture.convert("RGBA").resize(
            (picture.width * _SCALE, picture.height * _SCALE), Image.Resampling.NEAREST
        )
        sheet.paste(shown, (left + 4, top + 18), shown)
        draw.text((left + 4, top + 2), name, "#ffffff")
    sheet.save(SHEET)
    print(f"wrote {len(PICTURES)} pictures; look at {SHEET}")


if __name__ == "__main__":
    main()
