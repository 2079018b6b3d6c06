"""What may be asked of a picture: formats, sizes, radii and frames, each with its bounds, for every door alike."""

from __future__ import annotations

import re
from collections.abc import Sequence

import shapely

from geo.cartography.engine import ImageFormat
from geo.cartography.frame import Frame, frame_around, frame_of_box
from geo.cartography.furniture import inset_for
from geo.cartography.picture import Question
from geo.errors import InputError
from geo.selection import Box
from layers.text import Text

__all__ = ["FEATURE_REACH_M", "MEDIA_TYPES", "make_frame", "read_format", "read_radii", "read_size"]

MEDIA_TYPES: dict[ImageFormat, str] = {
    "png": "image/png",
    "webp": "image/webp",
    "pdf": "application/pdf",
    "svg": "image/svg+xml",
}

_RING_MARGIN = 1.07
"""The largest ring keeps off the frame's edge."""

FEATURE_REACH_M = 1000.0
"""What is shown around a point feature for which no radius is given: a point alone has no extent."""

_LEAST_PX = 64
_MOST_RINGS = 10


def read_size(size: str, most_px: int, scale: float = 1.0) -> tuple[int, int]:
    """``1200x800`` as width and height in pixels.

    Raises:
        InputError: not of that form, or an edge (times ``scale``) out of bounds.
    """
    found = re.fullmatch(r"(\d{1,5})[x×*](\d{1,5})", size.strip())
    width, height = (int(found[1]), int(found[2])) if found else (0, 0)
    if min(width, height) < _LEAST_PX or max(width, height) * scale > most_px:
        raise InputError(
            Text(
                f"size={size[:20]!r}(scale={scale:g})应为 宽x高,每边 {_LEAST_PX} 到 {most_px} 像素,如 1200x800",
                f"size={size[:20]!r} (scale={scale:g}) should be width×height, each {_LEAST_PX} to {most_px} px, "
                "such as 1200x800",
            ),
            field="size",
        )
    return width, height


def make_frame(
    box: Box | None, question: Question | None, size: tuple[int, int], *, legend: bool, strip: bool
) -> Frame:
    """The frame of a box, else of the asked shape and its largest ring.

    Raises:
        InputError: neither is given, or a point without a radius.
    """
    width, height = size
    inset = inset_for(width, height, legend=legend, strip=strip)
    if box is not None:
        return frame_of_box(box, width, height, inset)
    if question is not None and (question.where is not None or question.rings_m):
        if question.where is None:
            reach = max(question.rings_m) * _RING_MARGIN
            return frame_around(question.lon, question.lat, reach, width, height, inset)
        return frame_of_box(_box_of(question), width, height, inset)
    raise InputError(
        Text(
            "请给出 bbox=西,南,东,北,或 lon、lat 与 radius_m,或 division,或 feature",
            "give bbox=west,south,east,north, or lon, lat and radius_m, or division, or feature",
        ),
        field="bbox" if question is None else "radius_m",
    )


def _box_of(question: Question) -> Box:
    """The box of a shape and its largest ring, with a margin so that neither touches the frame's edge."""
    assert question.where is not None
    shapes = [question.where.shape, *([question.ring(max(question.rings_m))] if question.rings_m else [])]
    west, south, east, north = (float(edge) for edge in shapely.total_bounds(shapes))
    across, up = (east - west) * (_RING_MARGIN - 1) / 2, (north - south) * (_RING_MARGIN - 1) / 2
    return Box(max(west - across, -180.0), max(south - up, -90.0), min(east + across, 180.0), min(north + up, 90.0))


def read_radii(radii_m: Sequence[float], most_m: float) -> tuple[float, ...]:
    """The radii of rings, smallest first, each once.

    Raises:
        InputError: too many, or one that is not above 0 and up to ``most_m``.
    """
    if len(radii_m) > _MOST_RINGS or not all(0 < radius <= most_m for radius in radii_m):
        given = ",".join(f"{radius:g}" for radius in radii_m)[:80]
        raise InputError(
            Text(
                f"radius_m={given} 应为大于 0、不超过 {most_m:g} 米的数,最多 {_MOST_RINGS} 个",
                f"radius_m={given} should be at most {_MOST_RINGS} numbers above 0 and up to {most_m:g} m",
            ),
            field="radius_m",
        )
    return tuple(sorted(set(radii_m)))


def read_format(word: str) -> ImageFormat:
    """``png``, ``webp``, ``pdf`` or ``svg``.

    Raises:
        InputError: anything else.
    """
    for known in MEDIA_TYPES:
        if known == word:
            return known
    names = ", ".join(MEDIA_TYPES)
    raise InputError(
        Text(f"没有图片格式 {word[:20]!r};可用 {names}", f"no image format {word[:20]!r}; use {names}"), field="format"
    )
