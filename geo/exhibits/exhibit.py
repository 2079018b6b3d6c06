"""An exhibit: from a request to the bytes of its pages, with the recipe to make it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from geo.exhibits.manuscript import compose, prepare
from geo.exhibits.page import pages_of
from geo.exhibits.request import ExhibitRequest
from geo.exhibits.workshop import Workshop

__all__ = ["Exhibit", "compose", "make_exhibit"]


@dataclass(frozen=True, slots=True)
class Exhibit:
    """The PDF, or one PNG a page; and what it was made from."""

    pages: tuple[bytes, ...]
    recipe: Mapping[str, object]

    @property
    def revisions(self) -> Mapping[str, int]:
        """The revisions of the layers when it was made."""
        found = self.recipe["revisions"]
        assert isinstance(found, dict)
        return found


async def make_exhibit(
    workshop: Workshop, request: ExhibitRequest, state_directory: Path, *, png_dpi: float | None = None
) -> Exhibit:
    """Ask the database in short loans, then draw in the studio's threads.

    Raises:
        InputError: see ``compose``. RenderError: the page could not be drawn. FontMissing: no Chinese font.
        Busy, DatabaseUnreachable: see the pool and the render queue.
    """
    manuscript = await prepare(workshop, request, state_directory)
    format, dpi = ("pdf", 200.0) if png_dpi is None else ("png", png_dpi)
    pages = await workshop.studio.queue.run(lambda: pages_of(manuscript, "png" if format == "png" else "pdf", dpi))
    return Exhibit(tuple(pages), manuscript.recipe)
