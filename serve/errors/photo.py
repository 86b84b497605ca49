"""What is wrong with a photo, or with what would come of it."""

from collections.abc import Sequence

from serve.errors.base import ClientError, listed, shown


class UndecodableImage(ClientError):
    """The body is no photo, a damaged one, or one of a kind not accepted."""

    status, code = 400, "undecodable-image"

    def __init__(self, *, reason: str, allowed: Sequence[str]) -> None:
        reason = shown(reason)
        super().__init__(
            f"the photo cannot be decoded: {reason}; accepted formats: {listed(allowed)}",
            reason=reason,
            allowed=list(allowed),
        )


class BodyTooLarge(ClientError):
    """The body has too many bytes."""

    status, code = 413, "body-too-large"

    def __init__(self, *, max_body_bytes: int) -> None:
        super().__init__(
            f"the body is too large; at most {max_body_bytes} bytes are allowed",
            max_body_bytes=max_body_bytes,
        )


class ImageTooLarge(ClientError):
    """The photo has too many pixels, in all or along a side."""

    status, code = 413, "image-too-large"

    def __init__(self, *, height: int, width: int, max_pixels: int, max_side: int) -> None:
        super().__init__(
            f"the photo is {width} wide and {height} high ({height * width} pixels);"
            f" at most {max_pixels} pixels are allowed (SEG_MAX_PIXELS), {max_side} along a side",
            height=height,
            width=width,
            max_pixels=max_pixels,
            max_side=max_side,
        )


class AnswerTooLarge(ClientError):
    """The photo may come in, but its answer in this type may not go out."""

    status, code = 413, "answer-too-large"

    def __init__(
        self, *, classes: int, height: int, width: int, max_pixels: int, media_type: str
    ) -> None:
        media_type = shown(media_type)
        super().__init__(
            f"{classes} classes of {height * width} pixels ({width} wide and {height} high) are too"
            f" large an answer as {media_type}; at most {max_pixels} pixels fit in this type"
            " (most fit in image/png)",
            classes=classes,
            height=height,
            width=width,
            max_pixels=max_pixels,
            media_type=media_type,
        )


class OutlinesTooLong(ClientError):
    """The photo is too busy for its classes to be told as polygons."""

    status, code = 413, "outlines-too-long"

    def __init__(self, *, points: int, max_points: int) -> None:
        super().__init__(
            f"the polygons of one class have {points} points; at most {max_points} are told"
            " (regions=rle takes any)",
            points=points,
            max_points=max_points,
        )


class PictureTooLong(ClientError):
    """The photo may come in, but a picture of its size has no place in this type."""

    status, code = 413, "picture-too-long"

    def __init__(self, *, height: int, width: int, max_side: int, media_type: str) -> None:
        media_type = shown(media_type)
        super().__init__(
            f"a picture {width} wide and {height} high is too long for {media_type}; at most"
            f" {max_side} pixels a side fit in this type (more fit in image/png-overlay)",
            height=height,
            width=width,
            max_side=max_side,
            media_type=media_type,
        )
