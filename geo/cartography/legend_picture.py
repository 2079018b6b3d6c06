"""The legend as a picture of its own, drawn as it is drawn beside a map."""

from __future__ import annotations

from collections.abc import Sequence

from geo.cartography.engine import Drawing, ImageFormat
from geo.cartography.frame import Inset, frame_around
from geo.cartography.furniture import lay_out, legend_size
from geo.cartography.legend import GridEntry, LegendEntry
from geo.cartography.steady import draw_steadily
from geo.cartography.studio import Studio
from geo.cartography.style_mapnik import mapnik_style
from geo.cartography.theme import Theme
from layers.text import Lang

__all__ = ["draw_legend"]


def draw_legend(
    studio: Studio,
    theme: Theme,
    entries: Sequence[LegendEntry],
    lang: Lang,
    image_format: ImageFormat = "png",
    scale: float = 1.0,
    *,
    counted: bool = True,
    grids: Sequence[GridEntry] = (),
) -> bytes:
    """Every row of the legend; for a thread of the render queue. Without ``counted`` also those with a count of zero.

    Raises:
        FontMissing: no Chinese font. RenderError: it could not be drawn.
    """
    faces = studio.faces(image_format)
    width, height = legend_size(entries, lang, counted=counted, grids=grids)
    # All furniture and no map: where the frame lies does not matter.
    frame = frame_around(0.0, 0.0, 1000.0, width + 1, height, Inset(right=width))
    made = lay_out(frame, entries, lang, demo=False, cut=False, counted=counted, grids=grids)
    folder = studio.icon_folder(theme)
    drawing = Drawing(
        width,
        height,
        frame.srs,
        (frame.extent[0] + frame.unit_per_px, frame.extent[1], frame.extent[2], frame.extent[3]),
        mapnik_style(theme, frame.zoom, folder, {}, faces),
        tuple(made.layers(["panels", "swatches", "furniture-icons", "furniture-texts"])),
        theme.surface.panel,
    )
    return draw_steadily(drawing, image_format, scale)
