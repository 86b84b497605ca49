"""How large an answer may be."""

from serve.answers.answer import Asked, Size
from serve.encode.picture import MAX_SIDE
from serve.errors import AnswerTooLarge, PictureTooLong

MAX_SCORES = 2**31 - 1  # engines count a tensor's elements in 32 bits, whatever comes of them


def check_scores(asked: Asked, size: Size, max_pixels: int | None = None) -> None:
    """Refuse a photo with more pixels than fit.

    Args:
        asked: for the words of the refusal.
        size: (height, width) of the photo.
        max_pixels: of the type asked for; None for those that hold no scores.

    Raises:
        AnswerTooLarge: there are more.
    """
    classes = len(asked.labels.names)
    fitting = min(MAX_SCORES // classes, max_pixels or MAX_SCORES)
    if size[0] * size[1] > fitting:
        raise AnswerTooLarge(
            classes=classes,
            height=size[0],
            width=size[1],
            max_pixels=fitting,
            media_type=asked.media_type,
        )


def check_sides(size: Size, file_format: str, media_type: str) -> None:
    """Refuse a picture of (height, width) that a format, by Pillow's name, has no place for.

    Raises:
        PictureTooLong: a side is longer than the format's longest.
    """
    if max(size) > MAX_SIDE[file_format]:
        raise PictureTooLong(
            height=size[0],
            width=size[1],
            max_side=MAX_SIDE[file_format],
            media_type=media_type,
        )
