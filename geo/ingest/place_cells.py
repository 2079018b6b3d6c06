"""The cells of a batch that say where its rows are; degrees, minutes and seconds in three columns made one text."""

from __future__ import annotations

from collections.abc import Sequence

from geo.ingest.place_columns import PlaceColumns
from geo.ingest.reading.table import Batch, Cell
from geo.ingest.values import is_missing, tidy

__all__ = ["place_cells"]


def place_cells(places: PlaceColumns, batch: Batch) -> tuple[Sequence[Cell], Sequence[Cell]]:
    """The cells of both axes; those of one column of pairs with nothing beside them.

    Where both columns of a row are empty, the column that holds pairs may help.
    """
    longitude, latitude, pair = places.longitude, places.latitude, places.coordinates
    if longitude is None or latitude is None:
        return (batch.cells[pair] if pair else [None] * len(batch)), ()
    x = _whole(batch, longitude, places.longitude_parts)
    y = _whole(batch, latitude, places.latitude_parts)
    if pair is not None:
        x = [
            both if lon is None and lat is None else lon for lon, lat, both in zip(x, y, batch.cells[pair], strict=True)
        ]
    return x, y


def _whole(batch: Batch, degrees: str, parts: Sequence[str]) -> Sequence[Cell]:
    if not parts:
        return batch.cells[degrees]
    columns = (batch.cells[degrees], *(batch.cells[header] for header in parts))
    return [_angle(*cells) for cells in zip(*columns, strict=True)]


def _angle(degrees: Cell, *rest: Cell) -> Cell:
    """115, 56, 38.4 as 115°56′38.4″; a cell of degrees with nothing beside it is left as it stands."""
    texts = [_text(each) for each in rest]
    while texts and not texts[-1]:
        texts.pop()
    if not texts:
        return degrees
    # Without minutes, seconds say nothing: the text is then none of an angle, and the row is refused for it.
    return f"{_text(degrees)}°" + "".join(f"{text}{sign}" for text, sign in zip(texts, "′″", strict=False))


def _text(cell: Cell) -> str:
    """A part as it would be written; nothing for what is missing."""
    if isinstance(cell, float):
        return f"{cell:.9f}".rstrip("0").rstrip(".")
    text = "" if cell is None else tidy(str(cell))
    return "" if is_missing(text) else text.rstrip("°度′'分″\"秒")
