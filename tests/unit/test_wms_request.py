"""The key-value rules of WMS: names in any case, versions negotiated, every value checked (OGC 06-042, 01-068r3)."""

from __future__ import annotations

import pytest

from geo.cartography.kvp import Kvp
from geo.cartography.ogc_errors import OgcError
from geo.cartography.theme import Themes
from geo.cartography.wms_names import Offered, read_layers
from geo.cartography.wms_request import negotiate, read_info, read_map, read_version
from layers.registry import discover

REGISTRY, THEMES = discover(), Themes()
OFFERED = Offered(REGISTRY, {})

NEW = {
    "VERSION": "1.3.0",
    "LAYERS": "hazard_points",
    "STYLES": "",
    "CRS": "EPSG:4490",
    "BBOX": "24,114,26,116",
    "WIDTH": "200",
    "HEIGHT": "100",
    "FORMAT": "image/png",
}
OLD = NEW | {"VERSION": "1.1.1", "SRS": "EPSG:4490", "BBOX": "114,24,116,26"}
del OLD["CRS"]


def asked(**changes: str | None):
    parameters = {name: value for name, value in (NEW | changes).items() if value is not None}
    return read_map(Kvp(parameters.items()), "1.3.0", OFFERED, THEMES, 4096)


def refused(code: str, **changes: str | None) -> OgcError:
    with pytest.raises(OgcError) as error:
        asked(**changes)
    assert error.value.exception_code == code
    return error.value


def test_names_of_parameters_are_read_in_any_case():
    lower = read_map(Kvp((name.lower(), value) for name, value in NEW.items()), "1.3.0", OFFERED, THEMES, 4096)
    assert lower == asked()


@pytest.mark.parametrize(
    ("word", "version"),
    [
        (None, "1.3.0"), ("1.3.0", "1.3.0"), ("1.1.1", "1.1.1"), ("1.1.0", "1.1.1"), ("1.0.0", "1.1.1"),
        ("0.0.0", "1.1.1"), ("1.2.0", "1.1.1"), ("1.3.1", "1.3.0"), ("2.0.0", "1.3.0"), ("1.3", "1.3.0"),
        ("100.0.0", "1.3.0"),
    ],
)  # fmt: skip
def test_capabilities_come_in_the_nearest_version(word, version):
    assert negotiate(word) == version


@pytest.mark.parametrize("word", ["x", "1.3.0.0", "1,3,0", "-1.3.0"])
def test_a_version_that_is_none_is_refused(word):
    with pytest.raises(OgcError):
        negotiate(word)


@pytest.mark.parametrize(("word", "code"), [(None, "MissingParameterValue"), ("1.2.0", "InvalidParameterValue")])
def test_a_map_needs_a_version_that_exists_since_it_decides_the_axes(word, code):
    with pytest.raises(OgcError) as error:
        read_version(Kvp([] if word is None else [("VERSION", word)]))
    assert error.value.exception_code == code


@pytest.mark.parametrize("code", ["EPSG:4490", "EPSG:4326"])
def test_degrees_come_latitude_first_in_1_3_0_and_longitude_first_in_1_1_1(code):
    new = asked(CRS=code)
    old = read_map(Kvp((OLD | {"SRS": code}).items()), "1.1.1", OFFERED, THEMES, 4096)
    assert new.extent == old.extent == (114, 24, 116, 26)


def test_crs84_and_web_mercator_come_x_first_and_zones_northing_first():
    assert asked(CRS="CRS:84", BBOX="114,24,116,26").extent == (114, 24, 116, 26)
    assert asked(CRS="EPSG:3857", BBOX="100,200,300,400").extent == (100, 200, 300, 400)
    assert asked(CRS="EPSG:4547", BBOX="2700000,500000,2800000,600000").extent == (500000, 2700000, 600000, 2800000)
    zone = OLD | {"SRS": "EPSG:4547", "BBOX": "500000,2700000,600000,2800000"}
    assert read_map(Kvp(zone.items()), "1.1.1", OFFERED, THEMES, 4096).extent == (500000, 2700000, 600000, 2800000)


@pytest.mark.parametrize("name", ["LAYERS", "CRS", "BBOX", "WIDTH", "HEIGHT", "FORMAT"])
def test_what_is_mandatory_is_missed(name):
    assert refused("MissingParameterValue", **{name: None}).field == name
    assert refused("MissingParameterValue", **{name: ""}).field == name


@pytest.mark.parametrize(
    "box",
    ["24,116,26,114", "26,114,24,116", "24,114,24,116", "24,114,26,114", "24,114,26", "24,114,26,116,0", "a,b,c,d",
     "nan,114,26,116", "24,114,inf,116", "24;114;26;116", "24,114,26,116,", "1_0,1,20,20", "1e999,1,2,3"],
)  # fmt: skip
def test_a_box_is_four_numbers_with_each_minimum_below_its_maximum(box):
    assert refused("InvalidParameterValue", BBOX=box).field == "BBOX"


def test_a_box_without_size_is_refused_in_either_direction():
    # A rendering of it would draw the dashes of a border one by one, for hours.
    for box in ("24,114,24.0000000001,114.5", "24,114,24.5,114.0000000001", "24,114,24.000001,114.000001"):
        assert refused("InvalidParameterValue", BBOX=box).field == "BBOX"
    assert asked(BBOX="24,114,24.0001,114.0001").extent == (114, 24, 114.0001, 24.0001)
    for box in ("2700000,500000,2700000.0001,500010", "2700000,500000,2700010,500000.0001"):
        assert refused("InvalidParameterValue", CRS="EPSG:4547", BBOX=box).field == "BBOX"


def test_a_box_may_be_written_with_exponents_and_signs():
    assert asked(BBOX="-2.4e1,+1.14E2,26,116").extent == (114, -24, 116, 26)


@pytest.mark.parametrize("value", ["0", "-5", "4097", "1.5", "1e3", "abc", "99999999999999999999", "٣"])
@pytest.mark.parametrize("name", ["WIDTH", "HEIGHT"])
def test_a_size_is_a_whole_number_within_the_limits(name, value):
    assert refused("InvalidParameterValue", **{name: value}).field == name


def test_unknown_layers_styles_formats_and_crss_have_the_standards_codes():
    refused("LayerNotDefined", LAYERS="hazard_points,nowhere")
    refused("LayerNotDefined", LAYERS="Hazard_Points")
    refused("LayerNotDefined", LAYERS="hazard_points,")
    refused("StyleNotDefined", STYLES="purple")
    refused("StyleNotDefined", LAYERS="hazard_points,shelters", STYLES="light,dark")
    refused("InvalidFormat", FORMAT="image/tiff")
    refused("InvalidCRS", CRS="EPSG:4610")
    with pytest.raises(OgcError) as error:
        read_map(Kvp((OLD | {"SRS": "EPSG:1"}).items()), "1.1.1", OFFERED, THEMES, 4096)
    assert error.value.exception_code == "InvalidSRS"


def test_styles_are_themes_and_empty_ones_are_the_default():
    assert asked(STYLES=None).theme == asked(STYLES="").theme == asked(STYLES="default").theme == "light"
    assert asked(LAYERS="hazard_points,shelters", STYLES=",").theme == "light"
    assert asked(LAYERS="hazard_points,shelters", STYLES="dark,dark").theme == "dark"
    refused("InvalidParameterValue", STYLES="light,light")


def test_layers_keep_the_clients_order_and_groups_put_risks_on_top():
    def names(word: str) -> list[str]:
        return [layer.name for layer in read_layers(Kvp([("LAYERS", word)]), "LAYERS", OFFERED).layers]

    assert names("hazard_points,shelters") == ["hazard_points", "shelters"]
    assert names("shelters,hazard_points,shelters") == ["hazard_points", "shelters"]
    every = names("onemap")
    assert set(every) == set(REGISTRY)
    assert every[:2] == ["rivers", "divisions"]
    assert every[-1] == next(iter(REGISTRY))
    assert set(names("risk,resource")) == {n for n, each in REGISTRY.items() if each.family in ("risk", "resource")}


def test_transparency_colour_and_resolution_are_read():
    assert asked().background == "#FFFFFF"
    assert asked(TRANSPARENT="TRUE", BGCOLOR="0x112233").background is None
    assert asked(TRANSPARENT="false", BGCOLOR="0x11aaFF").background == "#11AAFF"
    assert asked(TRANSPARENT="TRUE", FORMAT="image/jpeg").background == "#FFFFFF"
    refused("InvalidParameterValue", BGCOLOR="red")
    refused("InvalidParameterValue", TRANSPARENT="maybe")
    assert asked(DPI="192").scale == asked(MAP_RESOLUTION="192").scale == asked(FORMAT_OPTIONS="dpi:192").scale == 2
    assert asked().scale == 1
    refused("InvalidParameterValue", DPI="0")


def test_time_is_reserved_and_never_answered_with_the_present():
    asked(TIME="current")
    refused("InvalidDimensionValue", TIME="2020-01-01")
    refused("OperationNotSupported", SLD="http://example.org/x.sld")


def test_grades_and_division_filter_as_everywhere():
    assert asked(GRADES="red,none").grades == {"red", None}
    assert asked(DIVISION="360721").division == "360721"
    refused("InvalidParameterValue", GRADES="purple")


INFO = NEW | {"QUERY_LAYERS": "hazard_points", "I": "10", "J": "20"}


def info(version: str = "1.3.0", **changes: str | None):
    base = INFO if version == "1.3.0" else OLD | {"QUERY_LAYERS": "hazard_points", "X": "10", "Y": "20"}
    parameters = {name: value for name, value in (base | changes).items() if value is not None}
    return read_info(Kvp(parameters.items()), version, OFFERED, THEMES, 4096)


def test_the_pixel_is_called_i_j_in_1_3_0_and_x_y_in_1_1_1():
    assert (info().x, info().y) == (info("1.1.1").x, info("1.1.1").y) == (10, 20)


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("InvalidPoint", {"I": "200"}), ("InvalidPoint", {"J": "100"}), ("InvalidPoint", {"I": "-1"}),
        ("InvalidPoint", {"I": "1.5"}), ("MissingParameterValue", {"I": None}),
        ("MissingParameterValue", {"QUERY_LAYERS": None}), ("LayerNotDefined", {"QUERY_LAYERS": "x"}),
        ("LayerNotQueryable", {"QUERY_LAYERS": "divisions"}), ("InvalidParameterValue", {"FEATURE_COUNT": "0"}),
    ],
)  # fmt: skip
def test_a_wrong_question_about_a_pixel_has_the_standards_code(code, changes):
    with pytest.raises(OgcError) as error:
        info(**changes)
    assert error.value.exception_code == code


def test_info_does_not_need_a_format_and_bounds_its_count():
    assert info(FORMAT=None).most == 1
    assert info(FEATURE_COUNT="999999").most == 200
