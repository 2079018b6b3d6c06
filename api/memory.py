"""How the C library keeps memory that was freed: the pixels of a large picture go back to the system at once."""

from __future__ import annotations

import ctypes

__all__ = ["give_back_what_is_free", "give_large_blocks_back"]

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
"""Of glibc's ``malloc.h``."""
_LARGE_BYTES = 8 * 2**20
"""More than the pixels of a usual picture (1200 × 800: 3.7 MB), which stay, and less than those of one for print."""
_SPARE_BYTES = 16 * 2**20


def give_large_blocks_back() -> bool:
    """Map blocks of 8 MB and more each for itself; False where the C library is not glibc, and all stays as it is.

    By itself glibc maps such blocks only until the first was freed, then it keeps up to 32 MB of each in its arenas:
    after eight pictures of 30 MB a service held 95 MB more than before.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return False
    return bool(mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES) and mallopt(_M_TRIM_THRESHOLD, _SPARE_BYTES))


def give_back_what_is_free() -> None:
    """Return what lies free between blocks in use, after work that took hundreds of MB; some 10 ms, for a thread."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError):
        # Another C library, which keeps its memory in its own way.
        return
