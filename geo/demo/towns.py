"""The towns of the demo as places: one in each township, and the county seats."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from geo.demo.ground import Ground, Places
from geo.demo.seats import SEATS

__all__ = ["at_towns", "numbered", "seat_townships"]


def at_towns(ground: Ground, township: Sequence[int] | npt.NDArray[np.int64]) -> Places:
    """The towns of these townships, a township once for each time it is named."""
    chosen = np.asarray(township, np.int64)
    centres = np.array([ground.townships[i].centre for i in chosen.tolist()])
    return Places(centres[:, 0], centres[:, 1], chosen)


def seat_townships(ground: Ground) -> list[int]:
    """The township of each county's seat, in the order of the counties' codes."""
    seats = np.array([SEATS[code] for code in sorted(SEATS)])
    return [int(each) for each in ground.locate(seats[:, 0], seats[:, 1])]


def numbered(codes: Sequence[str], mark: str) -> list[str]:
    """Ids of the form ``360781101-XX01``: counted within each division, in order."""
    serial: dict[str, int] = {}
    found = []
    for code in codes:
        serial[code] = serial.get(code, 0) + 1
        found.append(f"{code}-{mark}{serial[code]:02d}")
    return found
