"""Which axis comes first, by the authority's definitions (EPSG as pyproj has it), in every CRS and both versions."""

from __future__ import annotations

import numpy as np
from pyproj import CRS, Transformer

from geo.cartography.ogc_crs import MAP_CRSS
from geo.cartography.theme import Themes
from tests.pixels import of_colour
from tests.seeding import insert
from tests.wms import MAP, WMS, capabilities, pixels

RED = Themes().get("light").grades["red"].fill
LATITUDE = 30.0
SIZE = {"WIDTH": "120", "HEIGHT": "80"}
BEFORE, AFTER = 0.25, 0.75
"""Of the box: the mark lies a quarter from its west and a quarter from its south, so that no exchange goes unseen."""


def authority(code: str) -> CRS:
    return CRS("OGC:CRS84" if code == "CRS:84" else code)


def meridian(code: str) -> float:
    """A zone's own, and 115.2° E for what is no zone."""
    projection = authority(code).coordinate_operation
    if projection is None or "Mercator" not in projection.method_name or code == "EPSG:3857":
        return 115.2
    (found,) = [each.value for each in projection.params if each.name == "Longitude of natural origin"]
    return float(found)


def box_around(code: str, longitude: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """A box in the authority's order of axes, and the same x first."""
    place = Transformer.from_crs("OGC:CRS84", authority(code), always_xy=True).transform(longitude, LATITUDE)
    metre = 1 / 111_320 if authority(code).is_geographic else 1.0
    wide, high = 6000 * metre, 4000 * metre
    west, south = place[0] - BEFORE * wide, place[1] - BEFORE * high
    by_x = (west, south, west + wide, south + high)
    north_first = authority(code).axis_info[0].direction == "north"
    return (south, west, south + high, west + wide) if north_first else by_x, by_x


def mark(drawn: np.ndarray) -> tuple[float, float]:
    rows, columns = np.nonzero(of_colour(drawn, RED))
    assert len(rows) > 20, "no mark"
    return (columns.min() + columns.max()) / 2, (rows.min() + rows.max()) / 2


async def test_a_mark_is_at_the_same_pixel_in_every_crs_and_both_versions(client, small_city):
    meridians = {code: meridian(code) for code in MAP_CRSS}
    for number, longitude in enumerate(sorted(set(meridians.values()))):
        insert(small_city, "reservoirs", f"POINT({longitude} {LATITUDE})", f"m-{number}", grade="red")
    plain = MAP | SIZE | {"LAYERS": "reservoirs"}
    assert len(MAP_CRSS) == 4 + 42
    for code in MAP_CRSS:
        by_authority, by_x = box_around(code, meridians[code])
        new = await pixels(client, plain, CRS=code, BBOX=",".join(map(repr, by_authority)))
        x, y = mark(new)
        assert abs(x - BEFORE * 120) < 2, code
        assert abs(y - AFTER * 80) < 2, code
        older = plain | {"VERSION": "1.1.1", "CRS": None, "SRS": code, "BBOX": ",".join(map(repr, by_x))}
        assert np.array_equal(new, await pixels(client, older)), code


async def test_the_capabilities_write_boxes_in_the_same_order(client):
    new, older = await capabilities(client), await capabilities(client, "1.1.1")
    (layer,) = [each for each in new.iter(f"{WMS}Layer") if each.findtext(f"{WMS}Name") == "hazard_points"]
    (before,) = [each for each in older.iter("Layer") if each.findtext("Name") == "hazard_points"]
    for code in ("EPSG:4490", "EPSG:4326", "CRS:84", "EPSG:3857"):
        (told,) = [each for each in layer.findall(f"{WMS}BoundingBox") if each.get("CRS") == code]
        (by_x,) = [each for each in before.findall("BoundingBox") if each.get("SRS") == code]
        names = ("miny", "minx") if authority(code).axis_info[0].direction == "north" else ("minx", "miny")
        assert [told.get(name) for name in names] == [by_x.get(name) for name in ("minx", "miny")]
        west, south = Transformer.from_crs("OGC:CRS84", authority(code), always_xy=True).transform(115.004, 24.9)
        assert abs(float(by_x.get("minx")) - west) < 1e-3
        assert abs(float(by_x.get("miny")) - south) < 1e-3
