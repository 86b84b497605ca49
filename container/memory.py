"""What keeps a server's memory from creeping up, and gives back what is not needed any more."""

import contextlib
import ctypes
import gc

_M_ARENA_MAX = -8  # glibc, malloc.h


def settle() -> None:
    """One heap for all threads, and what is imported so far never looked through again.

    To be called once, before the server's worker is forked.

    glibc gives threads heaps of their own, and each keeps the largest request it has seen: 40 MB of
    450 after two thousand requests. Python's collector writes into every object it looks at, so the
    first full collection copies what worker and master share until then, 11 MB.
    """
    with contextlib.suppress(AttributeError):  # another C library
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
    gc.collect()
    gc.freeze()


def give_back() -> None:
    """Hand the kernel what lies free in the heap: glibc keeps it for the next who asks."""
    gc.collect()
    with contextlib.suppress(AttributeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)
