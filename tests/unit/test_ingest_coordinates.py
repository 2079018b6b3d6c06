"""One point in every costume is one place within a centimetre, or is doubted; nothing is ever silently elsewhere."""

from __future__ import annotations

import math

import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.crs import CRS84, Crs
from geo.ingest.coordinates import read_points
from geo.ingest.geometry import Judged
from geo.ingest.named import Area, Division, NamedAreas
from geo.ingest.notation import read_number, read_pair
from geo.ingest.placing import Habits
from geo.ingest.reasons import REASONS, Effect

LON, LAT = 115.944, 28.545
GEOD = pyproj.Geod(ellps="GRS80")
COUNTY = Area("南昌县", shapely.box(115.6, 28.2, 116.3, 28.9))
CGCS2000 = Crs.parse("EPSG:4490")
XY = Habits(either_order=True)


def _one(
    x: object,
    y: object = None,
    crs: Crs = CGCS2000,
    habits: Habits | None = None,
    area: Area | None = None,
    known: NamedAreas | None = None,
) -> Judged:
    return read_points([x], [] if y is None else [y], crs, habits, None if area is None else [area], known)


def _off_m(judged: Judged) -> float:
    assert judged.problem[0] is None, judged.problem[0]
    return float(GEOD.inv(LON, LAT, judged.geometry[0].x, judged.geometry[0].y)[2])


PLAINLY = [
    ("115.944", "28.545"),
    (115.944, 28.545),
    ("115°56′38.4″", "28°32′42″"),
    ("115度56分38.4秒", "28度32分42秒"),
    ("115-56-38.4", "28-32-42"),
    ("E115°56'38.4\"", "N28°32'42\""),
    ("东经115°56′38.4″", "北纬28°32′42″"),
    ("東經115度56分38.4秒", "北緯28度32分42秒"),
    ("115：56：38.4", "28：32：42"),
    ("１１５．９４４", "２８．５４５"),
    ("115°56.64′", "28°32.7′"),
    ("115º 56' 38.4''", "28º 32' 42''"),
    ("115°56’38.4”E", "28°32’42”N"),
    ("115 56 38.4", "28 32 42"),
    ("115d56m38.4s", "28d32m42s"),
    ("115。944", "28。545"),
    ("115.944°", "28.545 °"),
    ("经度:115.944", "纬度:28.545"),
    ("115. 944", "28 .545"),
    (" 115.9440 ", "\u3000 28.545\u200b"),
]

PAIRS = [
    "115.944，28.545",
    "28.545,115.944",
    "115.944 28.545",
    "POINT(115.944 28.545)",
    "SRID=4490;POINT (115.944 28.545)",
    "(115.944, 28.545)",
    "115.944;28.545",
    "东经115°56′38.4″，北纬28°32′42″",
    "北纬28°32′42″东经115°56′38.4″",
    "E115.944 N28.545",
    "28°32′42″N 115°56′38.4″E",
    "115-56-38.4,28-32-42",
]

SURVEYED = [
    ("3159295.875", "39396653.945", "EPSG:4527"),
    ("39396653.945", "3159295.875", "EPSG:4527"),
    ("3160383.518", "38690264.775", "EPSG:4526"),
    ("20396653.945", "3159295.875", "EPSG:4498"),
    ("3159295.875", "20396653.945", "EPSG:4498"),
    ("3,159,295.875", "39,396,653.945", "EPSG:4527"),
    ("X=3159295.875", "Y=39396653.945", "EPSG:4527"),
    ("3159295.875米", "39396653.945米", "EPSG:4527"),
]


@pytest.mark.parametrize(("x", "y"), PLAINLY)
def test_degrees_in_every_notation_are_the_point_without_a_flag(x: object, y: object) -> None:
    judged = _one(x, y)
    assert _off_m(judged) < 0.01
    assert judged.flags == {}


@pytest.mark.parametrize("cell", PAIRS)
def test_a_pair_in_one_cell_is_the_point(cell: str) -> None:
    judged = _one(cell, habits=XY)
    assert _off_m(judged) < 0.01
    assert judged.flags == {}
    assert judged.notes[0]["text"] == cell
    assert _off_m(_one(cell, "", habits=XY)) < 0.01
    assert _off_m(_one(None, cell, habits=XY)) < 0.01


@pytest.mark.parametrize(("x", "y"), [("28.545", "115.944"), ("28°32′42″", "115°56′38.4″"), ("N28.545", "E115.944")])
def test_exchanged_columns_are_put_right_and_flagged(x: str, y: str) -> None:
    judged = _one(x, y)
    assert _off_m(judged) < 0.01
    assert judged.flags == {0: ("coordinate-exchanged",)}
    assert _one(x, y, habits=XY).flags == {}, "X and Y are no promise of an order"


@pytest.mark.parametrize(("x", "y", "code"), SURVEYED)
def test_metres_with_their_zone_are_the_point_in_either_order(x: str, y: str, code: str) -> None:
    declared, undeclared = _one(x, y, Crs.parse(code)), _one(x, y)
    assert _off_m(declared) < 0.01
    assert declared.flags == {}
    assert _off_m(undeclared) < 0.01
    assert undeclared.flags == {0: ("coordinate-crs-inferred",)}
    assert undeclared.notes[0]["crs"] == code
    assert "survey" in str(undeclared.notes[0]["method"]) or x.startswith(("39", "20"))


@pytest.mark.parametrize("code", ["EPSG:4548", "EPSG:4509", "EPSG:4527", "EPSG:4498"])
def test_metres_without_zone_are_of_the_declared_one(code: str) -> None:
    for x, y in (("396653.945", "3159295.875"), ("3159295.875", "396653.945")):
        judged = _one(x, y, Crs.parse(code))
        assert _off_m(judged) < 0.01
        assert judged.flags == {}


def test_metres_without_any_zone_are_settled_by_the_county_and_else_doubted() -> None:
    settled = _one("3159295.875", "396653.945", area=COUNTY)
    assert _off_m(settled) < 0.01
    assert settled.flags == {0: ("coordinate-zone-inferred",)}
    doubted = _one("3159295.875", "396653.945")
    assert doubted.problem[0] == "coordinate-ambiguous"
    places = [(round(each.lon, 3), each.crs) for each in doubted.candidates[0]]
    assert (115.944, "EPSG:4548") in places
    assert (112.944, "EPSG:4547") in places


def test_metres_without_zone_are_settled_by_the_only_known_division_that_they_can_be_in() -> None:
    known = NamedAreas([Division("360121", "南昌县", "", "county", COUNTY.geometry)])
    judged = _one("3159295.875", "396653.945", known=known)
    assert _off_m(judged) < 0.01
    assert judged.flags == {0: ("coordinate-zone-inferred",)}
    wide = NamedAreas([Division("36", "江西", "", "province", shapely.box(112, 28, 117, 29))])
    assert _one("3159295.875", "396653.945", known=wide).problem[0] == "coordinate-ambiguous"


def test_a_row_of_another_zone_than_the_declared_is_read_by_its_prefix_and_flagged() -> None:
    judged = _one("38690264.775", "3160383.518", Crs.parse("EPSG:4527"))
    assert _off_m(judged) < 0.01
    assert judged.flags == {0: ("coordinate-crs-inferred",)}


def test_degrees_in_a_file_of_metres_are_read_and_flagged() -> None:
    judged = _one("115-56-38.4", "28-32-42", Crs.parse("EPSG:4527"))
    assert _off_m(judged) < 0.01
    assert judged.flags == {0: ("coordinate-crs-inferred",)}


def test_dotted_degrees_are_read_only_when_declared() -> None:
    judged = _one("115.56.38.4", "28.32.42", area=COUNTY)
    assert judged.problem[0] == "coordinate-ambiguous"
    (candidate,) = judged.candidates[0]
    assert (candidate.lon, candidate.lat) == pytest.approx((LON, LAT), abs=1e-9)
    assert _off_m(_one("115.56.38.4", "28.32.42", habits=Habits(dms=True))) < 0.01


def test_packed_degrees_are_read_when_the_column_is_or_the_county_says_so() -> None:
    assert _off_m(_one("1155638.4", "283242", habits=Habits(packed=True))) < 0.01
    assert _off_m(_one("1155638.4", "283242", habits=Habits(dms=True))) < 0.01
    settled = _one("1155638.4", "283242", area=COUNTY)
    assert _off_m(settled) < 0.01
    assert settled.flags == {0: ("coordinate-notation-inferred",)}
    assert _one("1155638.4", "283242").problem[0] == "coordinate-ambiguous"
    assert _one("1159638.4", "283242").problem[0] == "coordinate-out-of-range"


def test_decimals_that_may_be_ddd_mmss_go_by_the_county() -> None:
    county = Area("另县", shapely.box(115.9, 28.5, 116.0, 28.6))
    judged = _one("115.56384", "28.3242", area=county)
    assert _off_m(judged) < 0.01
    assert judged.flags == {0: ("coordinate-notation-inferred",)}
    suspected = _one("115.56384", "28.3242", habits=Habits(sexagesimal=True))
    assert suspected.problem[0] == "coordinate-ambiguous"
    assert {each.method for each in suspected.candidates[0]} == {"degrees", "ddd.mmss"}
    assert _off_m(_one("115.56384", "28.3242", habits=Habits(dms=True))) < 0.01


@pytest.mark.parametrize(
    ("code", "x", "y"), [("GCJ02", "115.9488547", "28.5416024"), ("BD09", "115.9553336", "28.5476193")]
)
def test_obfuscated_coordinates_are_undone_when_declared(code: str, x: str, y: str) -> None:
    judged = _one(x, y, Crs.parse(code))
    assert _off_m(judged) < 0.01
    assert judged.notes[0] == {"text": f"{x}, {y}", "method": "decimal", "crs": code}
    assert _off_m(_one(x, y)) > 500, "and never when not: that is for the whole file to suspect"


@pytest.mark.parametrize(
    ("x", "y", "code"),
    [
        ("0", "0", "coordinate-zero"),
        ("0.0", "28.5", "coordinate-zero"),
        ("/", "/", "coordinate-missing"),
        ("无", "无", "coordinate-missing"),
        (None, None, "coordinate-missing"),
        ("", "28.5", "coordinate-missing"),
        ("未测量", "#N/A", "coordinate-missing"),
        ("1900", "1900", "coordinate-out-of-range"),
        ("1900-01-00", "28.5", "coordinate-unreadable"),
        ("村委会旁", "28.5", "coordinate-unreadable"),
        ("115..944", "28.545", "coordinate-unreadable"),
        ("115°61′38″", "28°32′42″", "coordinate-unreadable"),
        ("115,944", "28,545", "coordinate-unreadable"),
        ("1.15944E+02", "28.545", "coordinate-unreadable"),
        (True, "28.5", "coordinate-unreadable"),
        ("215.944", "28.545", "coordinate-out-of-range"),
        ("99396653.9", "3159295.8", "coordinate-out-of-range"),
    ],
)
def test_what_is_no_place_has_none(x: object, y: object, code: str) -> None:
    judged = _one(x, y)
    assert judged.problem[0] == code
    assert judged.geometry[0] is None
    assert REASONS[code].effect is Effect.REJECTED


def test_a_pair_that_fits_both_ways_in_the_far_west_is_doubted_unless_named() -> None:
    urumqi = Area("乌鲁木齐市", shapely.box(87, 43, 88.5, 44.5))
    assert _one("43.82", "87.61").problem[0] == "coordinate-ambiguous"
    settled = _one("43.8212", "87.6134", area=urumqi)
    assert (settled.geometry[0].x, settled.geometry[0].y) == (87.6134, 43.8212)
    assert settled.flags == {0: ("coordinate-exchanged",)}
    ordered = _one("43.8212", "87.6134", habits=XY)
    assert (ordered.geometry[0].x, ordered.geometry[0].y) == (87.6134, 43.8212)


def test_a_place_outside_the_named_county_is_kept_and_flagged() -> None:
    judged = _one("151.944", "28.545", area=COUNTY)
    assert judged.flags == {0: ("coordinate-outside-division",)}
    assert _one("115.944", "28.545", area=COUNTY).flags == {}
    assert _one("116.3015", "28.545", area=COUNTY).flags == {}, "the outline is not that sharp"


def test_coordinates_that_are_rounded_to_a_kilometre_say_so() -> None:
    assert _one("115.94", "28.5").flags == {0: ("coordinate-coarse",)}
    assert _one("115.94", "28.545").flags == {}


def test_the_original_text_the_method_and_the_datum_stay() -> None:
    assert _one("115-56-38.4", "28-32-42").notes[0] == {
        "text": "115-56-38.4, 28-32-42",
        "method": "dms",
        "crs": "EPSG:4490",
    }
    assert _one("115.944", "28.545").notes == {}


CODES = ["EPSG:4490", "GCJ02", "BD09", "EPSG:4527", "EPSG:4548"]
FORMS = ["{d}°{m}′{s}″", "{d}-{m}-{s}", "{d}度{m}分{s}秒", "{d}:{m}:{s}", "{d} {m} {s}", "{d}°{m}'{s}\""]
CELLS = st.one_of(
    st.none(),
    st.text(max_size=30),
    st.text("0123456789.-,°′″'\"度分秒东经北纬EN NSW:;/()POINTxX= ", max_size=24),
    st.floats(),
    st.integers(),
    st.booleans(),
    st.dates(),
)


@given(x=CELLS, y=CELLS, dms=st.booleans(), code=st.sampled_from(CODES))
def test_no_cell_breaks_the_reading_and_what_is_placed_is_a_place(x: object, y: object, dms: bool, code: str) -> None:
    for area in (None, COUNTY):
        judged = _one(x, y, Crs.parse(code), Habits(dms=dms), area)
        point = judged.geometry[0]
        assert (point is None) == (judged.problem[0] in REASONS)
        if point is not None:
            assert abs(point.x) <= 180
            assert abs(point.y) <= 90


@given(cell=CELLS)
def test_no_cell_breaks_the_notation(cell: object) -> None:
    assert isinstance(read_number(cell).value, float)
    pair = read_pair(cell)
    assert pair is None or all(math.isfinite(each.value) for each in pair)


@given(
    lon=st.floats(73.5, 135.0),
    lat=st.floats(18.2, 53.5),
    form=st.sampled_from(
        ["{d}°{m}′{s}″", "{d}-{m}-{s}", "{d}度{m}分{s}秒", "{d}:{m}:{s}", "{d} {m} {s}", "{d}°{m}'{s}\""]
    ),
)
def test_degrees_minutes_seconds_are_read_back(lon: float, lat: float, form: str) -> None:
    def written(value: float) -> str:
        ticks = round(value * 3600 * 10_000)
        degrees, rest = divmod(ticks, 3600 * 10_000)
        minutes, seconds = divmod(rest, 60 * 10_000)
        return form.format(d=degrees, m=minutes, s=seconds / 10_000)

    judged = _one(written(lon), written(lat))
    assert judged.problem[0] is None
    assert GEOD.inv(lon, lat, judged.geometry[0].x, judged.geometry[0].y)[2] < 0.01


@given(lon=st.floats(76.6, 133.4), lat=st.floats(18.2, 53.5), six=st.booleans(), swap=st.booleans())
def test_metres_with_zone_are_read_back_all_over_china(lon: float, lat: float, six: bool, swap: bool) -> None:
    zone = int(lon // 6) + 1 if six else round(lon / 3)
    code = zone + (4478 if six else 4488)
    x, y = pyproj.Transformer.from_crs(4490, code, always_xy=True).transform(lon, lat)
    first, second = (f"{y:.4f}", f"{x:.4f}") if swap else (f"{x:.4f}", f"{y:.4f}")
    judged = _one(first, second, CRS84)
    assert judged.problem[0] is None
    assert GEOD.inv(lon, lat, judged.geometry[0].x, judged.geometry[0].y)[2] < 0.01
