import pytest

from model.engines.engine import is_out_of_memory


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MemoryError(), True),
        (RuntimeError("[CPU] Check 'ptr' failed\nFailed to allocate 48000000 bytes"), True),
        (RuntimeError("Status Message: std::bad_alloc"), True),
        (RuntimeError("cudaMalloc failed: out of memory"), True),
        (RuntimeError("loading the model crashed (exit code 1): MemoryError"), True),
        (RuntimeError("the shapes differ"), False),
        (ValueError("out of memory"), False),
        (KeyboardInterrupt(), False),
    ],
)
def test_an_error_says_whether_memory_ran_out(error: BaseException, said: bool) -> None:
    assert is_out_of_memory(error) is said
