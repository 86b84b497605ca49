"""What is no photo of an accepted format, or is two things at once."""

import struct

from PIL import Image

from tests.hostile.photos.case import NO_FORMAT, Case, refused
from tests.photos import noise, saved

_GIF = saved(Image.new("P", (20, 30)), "GIF")


def _heif(brand: bytes) -> bytes:
    """The head of an ISO base media file (ISO/IEC 14496-12, 4.3)."""
    return struct.pack(">I", 24) + b"ftyp" + brand + bytes(4) + b"mif1" + brand + bytes(600)


CASES = {
    "nothing": Case(b"", 400, "empty-body", "the body is empty"),
    "one byte": refused(NO_FORMAT, b"\xff"),
    "zeros": refused(NO_FORMAT, bytes(9000)),
    "text": refused(NO_FORMAT, b"a cat on a sofa"),
    "JSON under the label of a photo": refused(NO_FORMAT, b'{"instances": [1]}'),
    "base64 of a photo": refused(NO_FORMAT, b"/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcGBQgH"),
    "data URI": refused(NO_FORMAT, b"data:image/png;base64,iVBORw0KGgo="),
    "GIF": refused(NO_FORMAT, _GIF),
    "GIF bomb": refused(NO_FORMAT, _GIF[:6] + b"\xff\xff\xff\xff" + _GIF[10:]),
    "GIF that is JavaScript": refused(NO_FORMAT, b"GIF89a=1/*" + bytes(99) + b"*/;alert(1)//"),
    "SVG": refused(NO_FORMAT, b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'),
    "SVG that names a file": refused(
        NO_FORMAT, b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>'
    ),
    "PDF": refused(NO_FORMAT, b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"),
    "PostScript": refused(NO_FORMAT, b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"),
    "ImageMagick script": refused(NO_FORMAT, b"push graphic-context\nimage over 0,0 0,0 '|id'\n"),
    "HEIC": refused(NO_FORMAT, _heif(b"heic")),
    "AVIF": refused(NO_FORMAT, _heif(b"avif")),
    "JPEG 2000": refused(NO_FORMAT, saved(noise(20, 30, 3), "JPEG2000")),
    "JPEG XL": refused(NO_FORMAT, b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(99)),
    "PSD": refused(
        NO_FORMAT, b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 30000, 30000, 8, 3)
    ),
    "ICO with a PNG in it": refused(NO_FORMAT, saved(noise(32, 32, 3), "ICO")),
    "RIFF that is sound": refused(NO_FORMAT, b"RIFF\x24\0\0\0WAVEfmt " + bytes(99)),
    "ZIP with a JPEG behind it": refused(NO_FORMAT, b"PK\3\4" + saved(noise(9, 9, 3), "JPEG")),
    "line feed before a PNG": refused(NO_FORMAT, b"\n" + saved(noise(9, 9, 3), "PNG")),
    "gzip": refused(NO_FORMAT, b"\x1f\x8b\x08" + bytes(99)),
    "ELF": refused(NO_FORMAT, b"\x7fELF\2\1\1" + bytes(99)),
}
