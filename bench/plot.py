"""The table as a picture: seconds a request, a bar each."""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from bench.measure import Row
from bench.report import title

_WIDTH, _LEFT, _RIGHT, _BAR, _GAP, _TOP = 1000, 120, 150, 24, 14, 84
_COLORS = {"stock": "#9aa0a6", "f32": "#4c8bd6", "bf16": "#1a4f9c", "int8": "#e8933a"}
_INK, _FAINT, _PAPER = "#202124", "#5f6368", "#ffffff"


def plot(rows: list[Row], path: Path) -> None:
    """Write a PNG; every network and size has its own scale, to its slowest bar."""
    heading = _BAR + 8
    most = max(len(_bars(row)) for row in rows)
    block = heading + most * (_BAR + 4) + _GAP
    picture = Image.new("RGB", (_WIDTH, _TOP + block * len(rows) + _GAP), _PAPER)
    draw = ImageDraw.Draw(picture)
    draw.text((20, 18), "Seconds for a whole image/png request", _INK, _font(24))
    draw.text(
        (20, 50), "stock: Flask + GluonCV + MXNet; same photo, weights and cores", _FAINT, _font(16)
    )
    for index, row in enumerate(rows):
        top = _TOP + index * block
        draw.text((20, top), title(row), _INK, _font(18))
        _draw_bars(draw, _bars(row), top + heading)
    picture.save(path)


def _bars(row: Row) -> list[tuple[str, float, str]]:
    """(name, seconds, label)."""
    stock_s = row.stock.png.seconds if row.stock else None
    bars = [("stock", stock_s, f"{stock_s:.3g} s")] if stock_s else []
    for precision, ours in row.ours.items():
        taken = ours.png.seconds
        ratio = f", {stock_s / taken:.1f} x" if stock_s else ""
        bars.append((precision, taken, f"{taken:.3g} s{ratio}"))
    return bars


def _draw_bars(draw: ImageDraw.ImageDraw, bars: list[tuple[str, float, str]], top: int) -> None:
    longest = max(seconds for _, seconds, _ in bars)
    for place, (name, seconds, label) in enumerate(bars):
        y = top + place * (_BAR + 4)
        length = round((_WIDTH - _LEFT - _RIGHT) * seconds / longest)
        draw.text((_LEFT - 12, y + _BAR // 2), name, _INK, _font(16), anchor="rm")
        draw.rectangle((_LEFT, y, _LEFT + length, y + _BAR), _COLORS[name])
        draw.text((_LEFT + length + 10, y + _BAR // 2), label, _INK, _font(16), anchor="lm")


def _font(size: int) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    return ImageFont.load_default(size)
