"""Heights put into an answer that the database has written already, without reading it as JSON.

Each listed hazard's text has room for two numbers, marked by a control character that JSON text never holds (it would
be escaped); the places to be measured follow the answer, in the order of their marks. Parsing and writing an answer of
200 kB again took longer than asking the grid.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

__all__ = ["fill_in", "place_sql", "split_places", "with_places", "with_room"]

_MARK, _END = "\x01", "\x02"


def with_room(feature: str) -> str:
    """A SQL text of a GeoJSON feature, its properties last, with room for its heights."""
    return (
        f"concat(left({feature}, -2), ',\"elevation_m\":', chr({ord(_MARK)}), "
        f"',\"height_difference_m\":', chr({ord(_MARK)}), '}}}}')"
    )


def place_sql(point: str) -> str:
    """A point as SQL text: a JSON list of longitude and latitude."""
    return f"concat('[', ST_X({point}), ',', ST_Y({point}), ']')"


def with_places(answer: str, places: str) -> str:
    """A SQL text of an answer followed by the places that are to be measured."""
    return f"concat({answer}, chr({ord(_END)}), {places})"


def split_places(text: str) -> tuple[str, npt.NDArray[np.float64]]:
    """The answer with its room, and the places (n × 2)."""
    answer, _, places = text.rpartition(_END)
    return answer, np.array(json.loads(places), dtype=float).reshape(-1, 2)


def fill_in(answer: str, heights_m: npt.NDArray[np.float64], place_m: float | None, place: Mapping[str, object]) -> str:
    """The answer with each hazard's height and how far it lies above the place, and what ``place`` tells of the place.

    Unknown (NaN) is null.
    """
    parts = answer.split(_MARK)
    assert len(parts) == 2 * len(heights_m) + 1, "as much room as places"
    whole = [parts[0]]
    for at, height in enumerate(heights_m.tolist()):
        known = height == height
        above = str(round(height - place_m, 1)) if known and place_m is not None else "null"
        whole += (str(round(height, 1)) if known else "null", parts[2 * at + 1], above, parts[2 * at + 2])
    opening = '{"place":{'
    text = "".join(whole)
    assert text.startswith(opening), "the place comes first"
    told = json.dumps(place, separators=(",", ":"))[1:-1]
    return f"{opening}{told},{text[len(opening) :]}"
