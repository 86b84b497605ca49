"""What came of quantizing a model, in words."""

from model.int8.report import LEAST_SAME_IDS, MOST_LOSS, Report


def verdict(report: Report) -> str:
    """What is left out, and whether `auto` takes it; two lines."""
    left, every = report.left_out, report.convolutions
    names = f": {', '.join(left)}" if left else ""
    if report.is_faithful:
        auto = "SEG_PRECISION=auto takes int8 on cores with VNNI"
    else:
        least = f"{LEAST_SAME_IDS:.0%} of ids as in f32"
        wants = f"{least} and a loss of mIoU of at most {MOST_LOSS}"
        auto = f"SEG_PRECISION=auto does not take int8, which needs {wants}; int8 does"
    return f"left out, not quantized: {len(left)} of {every} convolutions{names}\n{auto}"
