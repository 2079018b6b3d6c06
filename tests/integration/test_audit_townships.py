"""Townships without a usable helipad, held to shapely and geodesics, over 1,600 townships and 500 helipads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pytest
import shapely

from geo.audits import AUDITS, AuditAnswer, AuditQuery
from geo.database import Database
from layers.registry import discover
from tests.independent import GRS80
from tests.seeding import insert_many

SIDE, WEST, SOUTH, STEP = 40, 114.0, 25.0, 0.05


@dataclass(frozen=True)
class Pad:
    place: shapely.Point
    status: str | None
    name: str | None
    retired: bool = False

    @property
    def usable(self) -> bool:
        return self.status != "closed"


def _townships(rng: np.random.Generator) -> dict[str, shapely.MultiPolygon]:
    """A net of crooked quadrangles that share their borders; some have a hole with a town in it, some two parts."""
    corners = np.stack(np.meshgrid(np.arange(SIDE + 1), np.arange(SIDE + 1), indexing="ij"), axis=-1) * STEP
    corners = corners + rng.uniform(-0.012, 0.012, corners.shape) + (WEST, SOUTH)
    found = {}
    for i in range(SIDE):
        for j in range(SIDE):
            ring = [corners[i, j], corners[i + 1, j], corners[i + 1, j + 1], corners[i, j + 1]]
            shape = shapely.Polygon(ring)
            code = f"36{(i * SIDE + j) // 100:02}{(i * SIDE + j) % 100:02}{100 + j:03}"
            if (i + j) % 9 == 0:
                middle = shape.centroid.buffer(0.006)
                found[code + "001"] = shapely.MultiPolygon([middle])
                found[code] = shapely.MultiPolygon([shape.difference(middle)])
            elif (i + j) % 11 == 0:
                island = shapely.box(117 + i * 0.02, 24 + j * 0.02, 117.01 + i * 0.02, 24.01 + j * 0.02)
                found[code] = shapely.MultiPolygon([shape, island])
            else:
                found[code] = shapely.MultiPolygon([shape])
    found["369999100"] = shapely.MultiPolygon([shapely.box(112.0, 24.0, 112.01, 24.01)])
    return found


def _pads(rng: np.random.Generator, townships: dict[str, shapely.MultiPolygon]) -> dict[str, Pad]:
    places = rng.uniform((WEST - 0.1, SOUTH - 0.1), (WEST + 1.6, SOUTH + 1.6), (480, 2))
    kinds = ("open", "open", "closed", "closed", None)
    pads = {
        f"pad-{n:03}": Pad(shapely.Point(place), kinds[n % 5], None if n % 13 == 0 else f"{n}号起降点")
        for n, place in enumerate(places)
    }
    shapes = list(townships.values())
    # On a corner that townships share: it stands in all of them.
    pads["on-corner"] = Pad(shapely.Point(shapes[-45].geoms[0].exterior.coords[0]), "open", "交界处")
    pads["retired-only"] = Pad(shapely.point_on_surface(shapes[-2]), "open", "已撤销", retired=True)
    pads["closed-only"] = Pad(shapely.point_on_surface(shapes[-4]), "closed", "已停用")
    # As far from a township's middle as another, by the ellipsoid a metre nearer, by a sphere farther.
    middle = shapely.point_on_surface(townships["369999100"])
    for name, azimuth, metres in (("north", 0.0, 9000.0), ("east", 90.0, 9005.0)):
        lon, lat, _ = GRS80.fwd(middle.x, middle.y, azimuth, metres)
        pads[name] = Pad(shapely.Point(lon, lat), "open", name)
    return pads


@pytest.fixture(scope="module")
def county(module_database_url: str) -> tuple[str, dict[str, shapely.MultiPolygon], dict[str, Pad]]:
    rng = np.random.default_rng(312)
    townships = _townships(rng)
    pads = _pads(rng, townships)
    insert_many(
        module_database_url,
        "divisions",
        [
            (shapely.to_wkt(shape, rounding_precision=17), code,
             {"level": "township", "name": None if code.endswith("7") else f"{code}镇", "division_code": code})
            for code, shape in townships.items()
        ],
    )  # fmt: skip
    whole = {"level": "county", "name": "全县", "division_code": "360000"}
    insert_many(module_database_url, "divisions", [("MULTIPOLYGON(((1 1, 2 1, 2 2, 1 1)))", "360000", whole)])
    unknown = {"level": None, "name": "未登记级别", "division_code": "350000"}
    insert_many(module_database_url, "divisions", [("MULTIPOLYGON(((3 1, 4 1, 4 2, 3 1)))", "350000", unknown)])
    insert_many(
        module_database_url,
        "helipads",
        [
            (shapely.to_wkt(pad.place, rounding_precision=17), key,
             {"status": pad.status, "name": pad.name, "retired_at": "2026-01-01" if pad.retired else None})
            for key, pad in pads.items()
        ],
    )  # fmt: skip
    return module_database_url, townships, pads


async def _audit(dsn: str, division: str | None = None) -> AuditAnswer:
    database = Database(dsn, pool_size=1)
    try:
        return await AUDITS["townships-without-helipad"].run(
            database, AuditQuery(discover(), date(2026, 11, 22), division)
        )
    finally:
        await database.close()


def _expected(townships: dict[str, shapely.MultiPolygon], pads: dict[str, Pad]) -> dict[str, tuple[int, str, float]]:
    """By code: how many pads stand there and may not be used, the nearest that may, and its metres."""
    live = {key: pad for key, pad in pads.items() if not pad.retired}
    usable = {key: pad for key, pad in live.items() if pad.usable}
    keys = list(usable)
    lons = np.array([pad.place.x for pad in usable.values()])
    lats = np.array([pad.place.y for pad in usable.values()])
    found = {}
    for code, shape in townships.items():
        inside = [pad for pad in live.values() if shape.covers(pad.place)]
        if any(pad.usable for pad in inside):
            continue
        middle = shapely.point_on_surface(shape)
        _, _, metres = GRS80.inv(np.full(len(keys), middle.x), np.full(len(keys), middle.y), lons, lats)
        best = int(np.argmin(metres))
        found[code] = len(inside), usable[keys[best]].name or f"test/{keys[best]}", float(metres[best])
    return found


async def test_every_township_without_a_usable_helipad_is_named_with_its_nearest(county):
    dsn, townships, pads = county
    answer = await _audit(dsn)
    expected = _expected(townships, pads)
    found = {str(each.feature["properties"]["source_id"]): each.values for each in answer.findings}
    assert len(found) == len(answer.findings)
    assert set(found) == set(expected)
    for code, (unusable, nearest, metres) in expected.items():
        assert found[code]["unusable_helipads"] == unusable
        assert found[code]["nearest_helipad"] == nearest
        assert found[code]["nearest_m"] == pytest.approx(metres, abs=0.51)
    assert answer.audited == len(townships)
    assert f"{len(townships):,} 个乡镇中,{len(expected):,} 个没有" in answer.summary.zh
    assert "1 个行政区划没有登记级别" in answer.notes[0].zh
    codes = [str(each.feature["properties"]["division_code"]) for each in answer.findings]
    assert codes == sorted(codes)


async def test_the_hard_cases_are_what_they_should_be(county):
    dsn, townships, pads = county
    found = {str(each.feature["properties"]["source_id"]): each for each in (await _audit(dsn)).findings}
    codes = list(townships)
    assert found[codes[-2]].values["unusable_helipads"] == 0, "a retired helipad is none at all"
    assert found[codes[-4]].values["unusable_helipads"] >= 1
    assert "已停用" in found[codes[-4]].why.zh
    touching = [code for code, shape in townships.items() if shape.covers(pads["on-corner"].place)]
    assert len(touching) >= 2
    assert not set(touching) & set(found)
    assert found["369999100"].values["nearest_helipad"] == "north"


async def test_of_a_division_only_its_own_townships_are_audited_and_help_may_come_from_elsewhere(county):
    dsn, townships, pads = county
    answer = await _audit(dsn, "3605")
    expected = {code: row for code, row in _expected(townships, pads).items() if code.startswith("3605")}
    found = {str(each.feature["properties"]["source_id"]): each.values["nearest_helipad"] for each in answer.findings}
    assert found == {code: nearest for code, (_, nearest, _) in expected.items()}
    assert answer.audited == sum(code.startswith("3605") for code in townships)
