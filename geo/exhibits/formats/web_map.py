"""A map of the web page: folium's map, without tiles, over the shapes and marks of the exhibit's own panel."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import folium
import shapely
from branca.element import Figure

from geo.cartography.drawing import draw_mark
from geo.cartography.theme import Theme
from geo.exhibits.content import LegendEntry, MapPart
from geo.exhibits.design import BORDERS, GAP, REACH_OPACITY, REACH_OTHER, REACHES, RINGS, Stroke
from geo.exhibits.formats.facts import facts_of
from geo.exhibits.manuscript import Manuscript
from geo.exhibits.marks import Item
from geo.exhibits.sheet import PX_PER_MM
from geo.exhibits.wording import printable
from layers.text import Lang

__all__ = ["WebMap", "web_map"]

_DECIMALS = 6
_SCREEN_PX = 1.3 * 96 / 25.4
"""Of a millimetre on paper: a screen is read from farther away."""
_MARK_PX = {"red": 1.2, "orange": 1.1}


class _OfflineMap(folium.Map):
    """Folium's map without the addresses of scripts and styles on the internet: the page brings its own."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 - folium declares them so
    default_css: list[tuple[str, str]] = []  # noqa: RUF012 - the same


@dataclass(frozen=True)
class WebMap:
    """What a map needs of the page: its element, the script that makes it, the data that ours shows on it."""

    div: str
    script: str
    data: Mapping[str, object]


def web_map(manuscript: Manuscript, part: MapPart, name: str) -> WebMap:
    """The map of a part; ``name`` is ``map_N``."""
    sheet = part.panel.sheet
    made = _OfflineMap(location=(sheet.lat, sheet.lon), zoom_start=11, tiles=None, control_scale=True, zoom_snap=0.25)
    root = made.get_root()
    assert isinstance(root, Figure)
    # Folium numbers its elements by chance; the page is the same on every making.
    made._name, made._id = name.partition("_")[::2]
    root.render()
    lang, theme = manuscript.request.lang, manuscript.theme
    icons: dict[str, dict[str, object]] = {}
    data = {
        "map": name,
        "bounds": _seen(part),
        "ground": _ground(part, theme),
        "items": [_item(item, theme, lang, icons) for item in part.items],
        "drawn": _drawn(part, manuscript, icons),
        "names": _names(part),
        "icons": icons,
    }
    return WebMap(root.html.render(), root.script.render(), data)


def _round(value: float) -> float:
    return round(value, _DECIMALS)


def _rounded(geometry: object) -> object:
    if isinstance(geometry, float):
        return _round(geometry)
    if isinstance(geometry, list | tuple):
        return [_rounded(each) for each in geometry]
    if isinstance(geometry, dict):
        return {key: _rounded(value) for key, value in geometry.items()}
    return geometry


def _stroke(stroke: Stroke) -> dict[str, object]:
    """A printed line as a screen shows it."""
    dash = " ".join(f"{length * _SCREEN_PX:.1f}" for length in stroke.dash_mm)
    return _line(stroke.colour, round(stroke.width_mm * _SCREEN_PX, 1), dash or None)


def _line(colour: str, width: float, dash: str | None = None, **more: object) -> dict[str, object]:
    return {"color": colour, "weight": width, "fill": False, **({"dashArray": dash} if dash else {}), **more}


def _fill(colour: str, opacity: float, edge: str | None = None, width: float = 0.0) -> dict[str, object]:
    return {
        "stroke": edge is not None,
        "color": edge or colour,
        "weight": width,
        "fill": True,
        "fillColor": colour,
        "fillOpacity": opacity,
    }


def _ground(part: MapPart, theme: Theme) -> list[dict[str, object]]:
    """What lies under the marks, bottom to top, with the style of the printed map."""
    bounds = part.panel.sheet.outline.bounds
    steps = {entry.key: entry for group in part.legend for entry in group.entries}
    found: list[dict[str, object]] = []
    for style, shapes in part.panel.features.items():
        for feature in shapes:
            properties = feature["properties"]
            assert isinstance(properties, Mapping)
            painted = _style(style, properties, steps, theme)
            if painted is not None:
                found.append(
                    {"order": _ORDER.index(style), "style": painted, "shapes": _cut(feature["geometry"], style, bounds)}
                )
    found.sort(key=lambda each: int(str(each["order"])))
    return _gathered(found)


def _gathered(shapes: list[dict[str, object]]) -> list[dict[str, object]]:
    """Neighbours of one style as one layer."""
    layers: list[dict[str, object]] = []
    for each in shapes:
        feature = {"type": "Feature", "properties": {}, "geometry": each["shapes"]}
        last = layers[-1] if layers else None
        if last is not None and last["style"] == each["style"]:
            gathered = last["shapes"]
            assert isinstance(gathered, list)
            gathered.append(feature)
        else:
            layers.append({"style": each["style"], "shapes": [feature]})
    return [
        {"style": each["style"], "shapes": {"type": "FeatureCollection", "features": each["shapes"]}} for each in layers
    ]


_ORDER = ("choropleth", "waters", "outside", "reach", "gap", "borders", "subject", "rings", "columns")
"""The panel's styles that the page shows, bottom to top; marks, names and numbers are shown apart."""
_SEEN = 0.45
"""Borders are kept to this share of a frame beyond it: the panel's are cut a little further out."""


def _style(
    style: str, properties: Mapping[str, object], entries: Mapping[str, LegendEntry], theme: Theme
) -> dict[str, object] | None:
    if style == "choropleth":
        entry = entries.get(f"step-{properties.get('step')}")
        return _fill(entry.colour if entry else "#F1D8B8", 0.85)
    if style == "waters":
        return _stroke(Stroke(theme.rivers.color, float(str(properties["width"])) / PX_PER_MM))
    if style == "outside":
        return _fill("#FFFFFF", 0.5)
    if style == "reach":
        reach = REACHES.get(str(properties.get("layer")), REACH_OTHER)
        return {**_stroke(reach), "fill": reach.fill is not None, "fillColor": reach.fill, "fillOpacity": REACH_OPACITY}
    if style == "gap":
        return _stroke(GAP)
    if style == "borders":
        return _stroke(BORDERS[str(properties["level"])])
    if style == "subject":
        return _stroke(BORDERS["subject"])
    if style == "rings":
        turn = int(str(properties["turn"]))
        return _stroke(Stroke(theme.surface.question, *RINGS[min(turn, len(RINGS) - 1)]))
    if style == "columns":
        fills = {str(name): paint.fill for name, paint in theme.grades.items()}
        return _fill(fills[str(properties["grade"])], 1.0, "#1B2733", 0.5)
    return None


def _cut(geometry: object, style: str, bounds: tuple[float, float, float, float]) -> object:
    if style != "borders":
        return _rounded(geometry)
    west, south, east, north = bounds
    wide, high = (east - west) * _SEEN, (north - south) * _SEEN
    whole = shapely.from_geojson(json.dumps(geometry))
    return _rounded(
        json.loads(
            shapely.to_geojson(whole.intersection(shapely.box(west - wide, south - high, east + wide, north + high)))
        )
    )


def _seen(part: MapPart) -> list[list[float]]:
    """South-west and north-east of what the map is about: the frame, or less where its features take less."""
    west, south, east, north = part.panel.sheet.outline.bounds
    subject = [
        shapely.from_geojson(json.dumps(each["geometry"])).bounds
        for style in ("choropleth", "subject", "rings")
        for each in part.panel.features.get(style, [])
    ]
    found = [*subject, *((item.lon, item.lat, item.lon, item.lat) for item in part.items)]
    if found:
        lefts, lows, rights, highs = zip(*found, strict=True)
        west, south = max(west, min(lefts)), max(south, min(lows))
        east, north = min(east, max(rights)), min(north, max(highs))
    return [[_round(south), _round(west)], [_round(north), _round(east)]]


_TEXTS = (
    ("names", ""),
    ("water-names", "water"),
    ("column-names", "county"),
    ("column-figures", ""),
    ("ring-names", "ring"),
    ("titles", "title"),
)


def _names(part: MapPart) -> list[dict[str, object]]:
    found = []
    for style, kind in _TEXTS:
        for feature in part.panel.features.get(style, []):
            geometry, properties = feature["geometry"], feature["properties"]
            assert isinstance(geometry, Mapping)
            assert isinstance(properties, Mapping)
            place = _middle(geometry)
            lon, lat = place.x, place.y
            where = {"lon": _round(lon), "lat": _round(lat)}
            kind_of = kind or str(properties.get("level", ""))
            found.append({**where, "text": str(properties.get("name", "")), "kind": kind_of})
    return found


def _middle(geometry: Mapping[str, object]) -> shapely.Point:
    """Where the text of a point or a line stands."""
    shape = shapely.from_geojson(json.dumps(geometry))
    if isinstance(shape, shapely.Point):
        return shape
    longest = max(getattr(shape, "geoms", [shape]), key=lambda each: float(each.length))
    return shapely.Point(longest.interpolate(0.5, normalized=True))


def _drawn(part: MapPart, manuscript: Manuscript, known: dict[str, dict[str, object]]) -> list[dict[str, object]]:
    """Marks of the panel that are no feature's: the asked place."""
    own = {item.mark.icon for item in part.items}
    found = []
    for feature in part.panel.features.get("marks", []):
        geometry, properties = feature["geometry"], feature["properties"]
        assert isinstance(geometry, Mapping)
        assert isinstance(properties, Mapping)
        icon = str(properties["icon"])
        if icon in own or geometry["type"] != "Point":
            continue
        lon, lat = geometry["coordinates"]
        if icon not in known:
            svg = manuscript.content.signs.get(icon) or (manuscript.icons / f"{icon}.svg").read_text("utf-8")
            known[icon] = _icon(svg, 26)
        found.append({"lon": _round(lon), "lat": _round(lat), "icon": icon})
    return found


def _icon(svg: str, edge: int) -> dict[str, object]:
    """A drawing at ``edge`` pixels: the size of its first tag is replaced."""
    head, rest = svg.split(">", 1)
    words = [word for word in head.split(" ") if not word.startswith(("width=", "height="))]
    return {"svg": f'{" ".join(words)} width="{edge}" height="{edge}">{rest}', "edge": edge}


def _item(item: Item, theme: Theme, lang: Lang, icons: dict[str, dict[str, object]]) -> dict[str, object]:
    drawing = draw_mark(item.mark)
    grade = item.grade.value if item.grade else ""
    if item.mark.icon not in icons:
        icons[item.mark.icon] = _icon(drawing.text, round(23 * _MARK_PX.get(grade, 1.0)))
    paint = item.symbology.paint(item.grade)
    shape = None
    if item.shape.geom_type != "Point":
        shape = _rounded(json.loads(shapely.to_geojson(item.shape.simplify(0.00005))))
    return {
        "lon": _round(item.lon),
        "lat": _round(item.lat),
        "icon": item.mark.icon,
        "number": item.number,
        "name": printable(item.properties.get("name")) or printable(item.properties.get("source_id")),
        "layer": item.symbology.layer.title.get(lang),
        "facts": facts_of(item, lang),
        "weight": (5 - item.grade.rank) * 1000 if item.grade else 0,
        "shape": shape,
        "style": {"color": paint.text, "weight": 2, "fillColor": paint.fill, "fillOpacity": 0.25},
    }
