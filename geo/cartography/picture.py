"""The picture: a Selection drawn in a frame, with rings, names, legend, scale and notes, as PNG, WebP, PDF or SVG."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

from geo.cartography.engine import DrawImage, Drawing, DrawLayer, ImageFormat
from geo.cartography.frame import Frame
from geo.cartography.furniture import Furniture, lay_out, metres
from geo.cartography.graticule import graticule_layers
from geo.cartography.legend import Counts, LegendEntry, grid_entries, legend_entries
from geo.cartography.picture_cells import Crowd, fetch_crowd, merged, plate_layers
from geo.cartography.picture_features import PictureFeatures, fetch_features
from geo.cartography.steady import draw_steadily
from geo.cartography.studio import Studio
from geo.cartography.style_mapnik import mapnik_style, with_halo
from geo.cartography.symbology import LayerSymbology
from geo.cartography.theme import Theme
from geo.cartography.underlay import NO_BASEMAP, OWN_GROUND, DrawnUnderlay, Underlay
from geo.database import Database
from geo.risk.rings import ring_coordinates, ring_shape
from geo.risk.where import Where
from geo.selection import Selection
from layers.layer import Family
from layers.text import Lang, Text

__all__ = ["Picture", "PictureSpec", "Question", "draw_picture"]


@dataclass(frozen=True, slots=True)
class Question:
    """The asked place (CGCS2000 degrees) and the radii (metres on the ellipsoid) whose rings are drawn.

    ``where`` is the asked shape when it is more than a point; (lon, lat) then lies in it.
    """

    lon: float
    lat: float
    rings_m: tuple[float, ...] = ()
    where: Where | None = None

    @staticmethod
    def about(where: Where, rings_m: tuple[float, ...] = ()) -> Question:
        """The question about any shape."""
        plain = where.is_point and where.sector is None
        return Question(*where.centre, rings_m, None if plain else where)

    def ring(self, radius_m: float) -> BaseGeometry:
        """The drawn ring of a radius, a polygon in degrees."""
        if self.where is None:
            return shapely.Polygon(ring_coordinates(self.lon, self.lat, radius_m))
        return ring_shape(self.where, radius_m)


@dataclass(frozen=True)
class PictureSpec:
    """What is to be drawn. The selection's area is not used: the frame says what is shown."""

    selection: Selection
    frame: Frame
    theme: str = "light"
    lang: Lang = "zh"
    question: Question | None = None
    labels: bool = True
    image_format: ImageFormat = "png"
    scale: float = 1.0
    graticule: bool = False
    underlay: Underlay = OWN_GROUND


@dataclass(frozen=True, slots=True)
class Picture:
    """The bytes, by layer how many features were left out of how many (absent: none), and the same of tiles."""

    content: bytes
    left_out: dict[str, tuple[int, int]]
    missing_tiles: tuple[int, int] = (0, 0)

    @property
    def weight_bytes(self) -> int:
        """Of the picture."""
        return len(self.content)


async def draw_picture(studio: Studio, database: Database, spec: PictureSpec) -> Picture:
    """Read the features in one short loan, then draw in a thread.

    Raises:
        ThemeError: no such theme. FontMissing: no Chinese font. Busy, DatabaseUnreachable: see pool and render queue.
        RenderError: a layer could not be drawn.
    """
    theme = studio.themes.get(spec.theme)
    own = spec.underlay.basemap != NO_BASEMAP
    base = tuple(layer for layer in studio.registry.values() if own and layer.family is Family.BASE)
    chosen = tuple(layer for layer in spec.selection.layers if layer.family is not Family.BASE)
    selection = Selection((*base, *chosen), None, spec.selection.grades, spec.selection.division, spec.selection.reader)
    symbologies = studio.symbologies(theme, selection.layers)
    crowd = await fetch_crowd(database, symbologies, selection, spec.frame)
    features = await fetch_features(database, symbologies, selection, spec.frame, counted=crowd.names)
    return await studio.queue.run(lambda: _drawn(studio, theme, symbologies, features, crowd, spec))


def _drawn(
    studio: Studio,
    theme: Theme,
    symbologies: Sequence[LayerSymbology],
    features: PictureFeatures,
    crowd: Crowd,
    spec: PictureSpec,
) -> Picture:
    faces = studio.faces(spec.image_format)
    under = studio.grounds.draw(spec.underlay, spec.frame, spec.scale, theme)
    furniture = lay_out(
        spec.frame,
        _legend(symbologies, merged(features.counts, crowd)),
        spec.lang,
        demo=features.demo or crowd.demo,
        cut=bool(features.left_out),
        grids=grid_entries(spec.underlay.grids),
        notes=_notes(under, spec.lang),
    )
    plates = plate_layers(crowd, spec.frame, theme, symbologies)
    layers = _layers(features, under, plates, furniture, theme, spec)
    folder = studio.icon_folder(theme)
    hatches = {grade: folder / f"hatch-{grade}.svg" for grade in ("red", "orange", "yellow", "blue")}
    drawing = Drawing(
        spec.frame.width,
        spec.frame.height,
        spec.frame.srs,
        spec.frame.extent,
        mapnik_style(theme, spec.frame.zoom, folder, hatches, faces),
        tuple(layers),
        theme.surface.outside if features.ground else theme.surface.land,
    )
    content = draw_steadily(drawing, spec.image_format, spec.scale)
    return Picture(content, features.left_out, (under.missing, under.asked))


def _notes(under: DrawnUnderlay, lang: Lang) -> list[str]:
    """What is to be said of the basemap: which tiles are not there, and whose the others are."""
    gaps = Text(
        f"底图缺 {under.missing}/{under.asked} 幅瓦片", f"{under.missing} of {under.asked} basemap tiles missing"
    )
    return [*([gaps.get(lang)] if under.missing else []), *([under.attribution] if under.attribution else [])]


def _legend(symbologies: Sequence[LayerSymbology], counts: Counts) -> tuple[LegendEntry, ...]:
    """What is drawn and no more: the counts are those of the picture's own features."""
    return legend_entries([each for each in symbologies if each.layer.name in counts], counts)


def _layers(
    features: PictureFeatures,
    under: DrawnUnderlay,
    plates: Sequence[DrawLayer],
    furniture: Furniture,
    theme: Theme,
    spec: PictureSpec,
) -> list[DrawLayer | DrawImage]:
    """Bottom to top; text is placed in this order too, so what comes first finds its place first.

    Names come last: they keep off the furniture, and the engine draws them apart.
    """
    names = spec.labels
    question = spec.question
    stack = [
        *furniture.layers(["obstacles"]),
        _layer("land", ("land",), features.ground),
        *under.images,
        _layer("waters", ("waters",), features.ground),
        _layer("boundaries", ("boundaries",), features.ground),
        _layer("areas", ("areas",), features.areas),
        *(_question_layers(question) if question else []),
        _layer("marks", ("marks",), features.marks, csv=True),
        *plates,
        *(graticule_layers(spec.frame) if spec.graticule else []),
        *(_question_signs(question, spec.frame) if question else []),
        *furniture.layers(["panels", "furniture-lines", "swatches", "furniture-icons", "furniture-texts"]),
    ]
    named = [
        _layer("ground-names", ("ground-names",), features.ground_names if names else None),
        _layer("names", ("names",), features.names if names else None),
    ]
    return [
        *(layer for layer in stack if layer is not None),
        *(with_halo(layer, theme) for layer in named if layer is not None),
    ]


def _layer(name: str, styles: tuple[str, ...], features: str | None, *, csv: bool = False) -> DrawLayer | None:
    return None if features is None else DrawLayer(name, styles, features, csv=csv)


def _collection(features: list[dict[str, object]]) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


def _outline(geometry: BaseGeometry, **properties: object) -> dict[str, object]:
    return {"type": "Feature", "properties": properties, "geometry": json.loads(shapely.to_geojson(geometry))}


def _question_layers(question: Question) -> list[DrawLayer]:
    """The rings, largest first, and the asked shape over them."""
    rings = [
        _outline(question.ring(radius), innermost=radius == min(question.rings_m))
        for radius in sorted(question.rings_m, reverse=True)
    ]
    layers = [DrawLayer("rings", ("rings",), _collection(rings))] if rings else []
    if question.where is not None and not question.where.is_point:
        layers.append(DrawLayer("asked-shape", ("asked-shape",), _collection([_outline(question.where.shape)])))
    return layers


def _question_signs(question: Question, frame: Frame) -> list[DrawLayer]:
    """The asked point, and each ring's radius where the ring passes farthest north inside the map."""
    made = Furniture(frame)
    if question.where is None or question.where.is_point:
        made.icon(*frame.pixel(question.lon, question.lat), "question", 1.0)
    labels = []
    for radius in question.rings_m:
        places = shapely.get_coordinates(question.ring(radius)).tolist()
        from_north = sorted(places, key=lambda place: -place[1])
        inside = next((place for place in from_north if _is_inside(frame, *place)), from_north[-1])
        labels.append(_outline(shapely.Point(inside), name=metres(radius)))
    names = [DrawLayer("ring-names", ("ring-names",), _collection(labels))] if labels else []
    return [*names, *made.layers(["furniture-icons"])]


def _is_inside(frame: Frame, lon: float, lat: float, margin_px: float = 14.0) -> bool:
    x, y = frame.pixel(lon, lat)
    right, bottom = frame.width - frame.inset.right, frame.height - frame.inset.bottom
    return margin_px * 2 <= x <= right - margin_px * 2 and margin_px <= y <= bottom - margin_px
