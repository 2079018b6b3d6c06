"""The relief under a map: a shaded picture of the ground that fills the frame."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Relief"]


@dataclass(frozen=True, slots=True)
class Relief:
    """A picture of the whole frame, opaque, and what it was made from."""

    picture: bytes
    ending: str
    """``jpg`` or ``png``."""
    source: str
    heights: str | None
    """The vertical datum of the elevation grid, as registered."""
