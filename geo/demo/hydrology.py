"""Which way water runs on a grid: priority-flood from the edge, and the area that drains through each cell.

Barnes, Lehman, Mulla (2014), "Priority-flood: an optimal depression-filling and watershed-labeling algorithm for
digital elevation models", Computers & Geosciences 62.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Drainage", "drain"]


@dataclass(frozen=True)
class Drainage:
    """``downstream``: the flat index of the cell that each cell drains to, -1 at the edge; ``upstream_cells``: how many
    cells drain through a cell, itself included. Both have the grid's shape."""

    downstream: npt.NDArray[np.int64]
    upstream_cells: npt.NDArray[np.int64]


def _flood(elevation: npt.NDArray[np.float64]) -> tuple[list[int], list[int]]:
    """Each cell's downstream cell, and all cells in the order in which rising water reaches them from the edge."""
    rows, columns = elevation.shape
    height = elevation.ravel().tolist()
    downstream = [-2] * len(height)
    heap: list[tuple[float, int]] = []
    for cell in range(len(height)):
        row, column = divmod(cell, columns)
        if row in (0, rows - 1) or column in (0, columns - 1):
            downstream[cell] = -1
            heap.append((height[cell], cell))
    heapq.heapify(heap)
    around = (-columns - 1, -columns, -columns + 1, -1, 1, columns - 1, columns, columns + 1)
    order: list[int] = []
    while heap:
        level, cell = heapq.heappop(heap)
        order.append(cell)
        row, column = divmod(cell, columns)
        if row in (0, rows - 1) or column in (0, columns - 1):
            inner = [
                c for c in (cell + step for step in around) if 0 <= c < len(height) and abs(c % columns - column) <= 1
            ]
        else:
            inner = [cell + step for step in around]
        for next_cell in inner:
            if downstream[next_cell] == -2:
                downstream[next_cell] = cell
                heapq.heappush(heap, (max(level, height[next_cell]), next_cell))
    return downstream, order


def drain(elevation: npt.NDArray[np.float64]) -> Drainage:
    """The drainage of a grid of elevations; hollows are filled, so that every cell drains to the grid's edge."""
    downstream, order = _flood(elevation)
    upstream = [1] * len(downstream)
    for cell in reversed(order):
        if downstream[cell] >= 0:
            upstream[downstream[cell]] += upstream[cell]
    shape = elevation.shape
    return Drainage(np.array(downstream).reshape(shape), np.array(upstream).reshape(shape))
