"""WMS, WMTS, tiles, legends and basemaps asked with whatever comes to mind: refused in their own words, never a 5xx."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote
from xml.etree import ElementTree

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.seeding import insert
from tests.wall.driving import serving

ODD = st.sampled_from(
    ["", " ", "0", "-1", "99", "1.5", "1e308", "-1e400", "nan", "inf", "0x10", "1_0", "٣", "１", "9" * 30, "\x00",
     "%00", "null", "[]", "'", "'; DROP TABLE shelters; --", "..", "../../etc/passwd", "𬇙", "\u202e", ",", "*",
     "x" * 3000]
)  # fmt: skip
NUMBER = st.one_of(ODD, st.floats(allow_nan=True).map(repr), st.integers(-(10**20), 10**20).map(str))
LAYER = st.sampled_from(
    [
        "hazard_points",
        "forest_zones",
        "shelters",
        "divisions",
        "rivers",
        "risk",
        "base",
        "onemap",
        "hillshade",
        "nowhere",
    ]
)
LAYERS = st.lists(st.one_of(LAYER, LAYER, LAYER, ODD), min_size=1, max_size=4).map(",".join)
CRS = st.sampled_from(
    ["EPSG:4490", "EPSG:4326", "CRS:84", "EPSG:3857", "EPSG:4513", "EPSG:4547", "EPSG:1", "", "x\x00"]
)
STYLE = st.sampled_from(["", "light", "dark", "print", ",", "light,dark", "nowhere", "../light"])
MEDIA = st.sampled_from(
    ["image/png", "image/png; mode=8bit", "image/jpeg", "image/webp", "image/svg+xml", "application/pdf", "text/html",
     "application/json", "text/plain", "image/gif", ""]
)  # fmt: skip
SIZE = st.one_of(st.sampled_from(["1", "2", "17", "64", "200"]), ODD)
PIXEL = st.one_of(st.sampled_from(["0", "1", "63"]), ODD)
GRADES = st.sampled_from(["red", "red,none", "purple", "", "'"])
DIVISION = st.one_of(st.sampled_from(["36", "360721", "360721101"]), ODD)
LEVEL = st.one_of(st.integers(0, 22).map(str), ODD)


@st.composite
def boxes(draw: st.DrawFn) -> str:
    """Four numbers of any size, mostly in order; or anything."""
    if draw(st.integers(0, 4)) == 0:
        return ",".join(draw(st.lists(NUMBER, max_size=5)))
    scale = 10.0 ** draw(st.integers(-12, 300))
    x, y = draw(st.sampled_from([(115.0, 25.0), (25.0, 115.0), (500_000.0, 2_700_000.0), (0.0, 0.0), (180.0, 90.0)]))
    return f"{x!r},{y!r},{x + scale!r},{y + scale * draw(st.sampled_from([1.0, 1e-9, 1e9]))!r}"


WMS = st.fixed_dictionaries(
    {
        "SERVICE": st.just("WMS"),
        "VERSION": st.sampled_from(["1.3.0", "1.3.0", "1.1.1", "1.0.0", "", "x"]),
        "REQUEST": st.sampled_from(["GetMap", "GetMap", "GetFeatureInfo", "GetLegendGraphic", "GetCapabilities", "x"]),
        "LAYERS": LAYERS, "LAYER": LAYER, "QUERY_LAYERS": LAYERS, "CRS": CRS, "SRS": CRS, "BBOX": boxes(),
        "WIDTH": SIZE, "HEIGHT": SIZE, "FORMAT": MEDIA, "INFO_FORMAT": MEDIA, "I": PIXEL, "J": PIXEL, "X": PIXEL,
        "Y": PIXEL,
    },
    optional={
        "STYLES": STYLE, "STYLE": STYLE, "EXCEPTIONS": st.sampled_from(["XML", "INIMAGE", "BLANK", "x"]),
        "BGCOLOR": ODD, "TRANSPARENT": st.sampled_from(["TRUE", "FALSE", "x"]), "DPI": NUMBER, "FORMAT_OPTIONS": ODD,
        "TIME": ODD, "GRADES": GRADES, "DIVISION": DIVISION, "FEATURE_COUNT": NUMBER, "BUFFER": NUMBER, "lang": ODD,
    },
)  # fmt: skip
WMTS = st.fixed_dictionaries(
    {
        "SERVICE": st.just("WMTS"), "VERSION": st.just("1.0.0"),
        "REQUEST": st.sampled_from(["GetTile", "GetTile", "GetFeatureInfo", "GetCapabilities", "x"]),
        "LAYER": st.one_of(LAYER, ODD), "FORMAT": MEDIA,
        "TILEMATRIXSET": st.one_of(st.sampled_from(["WebMercatorQuad", "CGCS2000Quad", "w", "c"]), ODD),
        "TILEMATRIX": LEVEL, "TILEROW": NUMBER, "TILECOL": NUMBER,
    },
    optional={
        "STYLE": STYLE, "I": PIXEL, "J": PIXEL, "INFOFORMAT": MEDIA, "GRADES": GRADES, "DIVISION": DIVISION,
        "BUFFER": NUMBER, "FEATURE_COUNT": NUMBER, "ACCEPTVERSIONS": ODD,
    },
)  # fmt: skip
PLAIN = st.tuples(
    st.sampled_from(
        ["/tiles/{}/{}/{}.mvt", "/tiles/hazard_points/{}/{}/{}.mvt", "/basemap/{}/{}/{}",
         "/rasters/hillshade/{}/{}/{}.png", "/wmts/1.0.0/hazard_points/light/WebMercatorQuad/{}/{}/{}.png",
         "/legend.png", "/legend.json", "/tiles.json"]
    ),
    st.tuples(LEVEL, NUMBER, NUMBER),
    st.fixed_dictionaries(
        {},
        optional={"layers": LAYERS, "grades": GRADES, "most": NUMBER, "v": ODD, "bbox": boxes(), "theme": STYLE},
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def client(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    for number in range(12):
        place = f"POINT({115 + number / 100} 25)"
        insert(
            module_database_url, "hazard_points", place, f"h-{number}", name="㙍" * number, division_code="360721101"
        )
    insert(module_database_url, "hazard_points", "MULTILINESTRING((115 24.9, 115.1 25.1))", "line", grade="red")
    insert(
        module_database_url, "forest_zones", "MULTIPOLYGON(((60 0, 150 0, 150 50, 60 50, 60 0)))", "wide", grade="blue"
    )
    insert(module_database_url, "shelters", "POINT(180 90)", "pole")
    with (
        serving(module_database_url, tmp_path_factory.mktemp("fuzzed")) as address,
        httpx.Client(base_url=address, timeout=60) as asking,
    ):
        yield asking


def check(answer: httpx.Response) -> None:
    """No failure; 501 is what WMTS says of an operation it does not have; XML can be read."""
    assert answer.status_code < 500 or b"OperationNotSupported" in answer.content, f"{answer.url}: {answer.text[:300]}"
    if "xml" in answer.headers.get("content-type", "") and answer.content.startswith(b"<?xml"):
        ElementTree.fromstring(answer.content)


def fuzzed(examples: int):
    return settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def test_whatever_wms_is_asked(client: httpx.Client) -> None:
    @fuzzed(250)
    @given(parameters=WMS)
    def ask(parameters: dict[str, str]) -> None:
        check(client.get("/wms", params=parameters))

    ask()


def test_whatever_wmts_is_asked(client: httpx.Client) -> None:
    @fuzzed(150)
    @given(parameters=WMTS)
    def ask(parameters: dict[str, str]) -> None:
        check(client.get("/wmts", params=parameters))

    ask()


def test_whatever_tiles_and_legends_are_asked(client: httpx.Client) -> None:
    @fuzzed(250)
    @given(asked=PLAIN)
    def ask(asked: tuple[str, tuple[str, str, str], dict[str, str]]) -> None:
        template, place, parameters = asked
        path = template.format(*(quote(part, safe="") or "-" for part in place))
        check(client.get(path, params=parameters))

    ask()
