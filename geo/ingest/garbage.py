"""Python's cycle collector, paused while a large file is read.

Every cell read makes a tuple, and the collector would walk over millions of living ones again and again: half of an
import's processor time. Nothing here makes cycles to speak of, so only the young are looked at, now and then.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["collect_young", "collector_paused"]

_YOUNG = 1
"""Generations 0 and 1: what was made since the last look."""
_BATCHES = 16
"""Between two looks: each walks over the rows that are alive, a sixth of the time that a batch takes."""


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keep the collector from running by itself; as it was afterwards."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def collect_young(batch: int) -> None:
    """Now and then let cycles that the last batches left behind go; ``batch`` counts them."""
    if batch % _BATCHES == _BATCHES - 1:
        gc.collect(_YOUNG)
