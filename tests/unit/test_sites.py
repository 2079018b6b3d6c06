"""Lists of sites as offices have them: each row a place or a reason, never a place that nobody meant."""

from __future__ import annotations

import pytest

from geo.crs import Crs
from geo.errors import InputError
from geo.risk.query import RiskLimits
from geo.risk.sites import BadSite, Site, read_sites


def read(content: str | bytes, kind: str = "csv", crs: str = "CRS84") -> list[Site | BadSite]:
    given = content if isinstance(content, bytes) else content.encode()
    return list(read_sites(given, kind, Crs.parse(crs), 1000.0, RiskLimits(), 100))


@pytest.mark.parametrize(
    "content",
    [
        "名称,经度(°),纬度(°)\n甲,115.3,25.9\n",
        "名称;经度;纬度\n甲;115.3;25.9\n",
        "名称\t东经\t北纬\n甲\t东经115°18′\t北纬25°54′\n",
        "名称,经度,纬度\n甲,１１５．３,２５度５４分\n".encode("gb18030"),
    ],
    ids=["units in the header", "semicolons", "degrees and minutes", "GBK"],
)
def test_a_place_is_read_however_an_office_writes_it(content):
    (site,) = read(content)
    assert isinstance(site, Site)
    assert (site.key, site.lon, site.lat) == ("甲", pytest.approx(115.3), pytest.approx(25.9))


@pytest.mark.parametrize(
    ("row", "crs", "why"),
    [
        ("0,0", "CRS84", "no place"),
        (",", "CRS84", "no lon"),
        ("115_3,25.9", "CRS84", "not a number"),
        ("115.18.00,25.54.00", "CRS84", "not a number"),
        ("N25.9,E115.3", "CRS84", "not a number"),
        ("3159295.875,396653.945", "EPSG:4548", "northing"),
        ("115.3,25.9", "EPSG:4548", "degrees"),
    ],
)
def test_what_is_no_place_or_may_be_several_is_refused_in_its_row(row, crs, why):
    (site,) = read(f"lon,lat\n{row}\n", crs=crs)
    assert isinstance(site, BadSite)
    assert why in site.why.en


def test_a_radius_in_kilometres_is_not_one_in_metres():
    (site,) = read("lon,lat,半径(公里)\n115.3,25.9,5\n")
    assert isinstance(site, Site)
    assert site.radius_m == 5000


def test_a_cell_of_megabytes_costs_its_own_row_alone():
    first, second = read(f"site,lon,lat\na,{'1' * 200_000},25\nb,115.3,25.9\n")
    assert isinstance(first, BadSite)
    assert isinstance(second, Site)


@pytest.mark.parametrize("content", ['{"features": 5}', '{"features": {"a": 1}}', "[" * 100_000, "5"])
def test_what_is_no_collection_is_said_to_be_none(content):
    with pytest.raises(InputError, match="FeatureCollection"):
        read(content, "geojson")


def test_half_a_surrogate_pair_can_be_told():
    (site,) = read('{"site": "\\ud800", "lon": 115.3, "lat": 25.9}', "ndjson")
    assert site.key == "?"
