"""Photos meant to hurt, by name, each beside what it is answered where SEG_MAX_PIXELS is 1,000,000.

A new attack is one new entry, in the file of its format. Files are made anew each time, under 20 kB
each and 400 kB in all.
"""

from tests.hostile.photos import bmp, jpeg, others, png, tiff, webp

MAX_PIXELS = 1_000_000

CASES = {
    f"{format_}, {name}": case
    for format_, cases in (
        ("jpeg", jpeg.CASES),
        ("png", png.CASES),
        ("webp", webp.CASES),
        ("tiff", tiff.CASES),
        ("bmp", bmp.CASES),
        ("other", others.CASES),
    )
    for name, case in cases.items()
}
