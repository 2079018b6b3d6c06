"""Colour tables: each value has the colour of its class, what is not known has none, and a wrong table is refused."""

from __future__ import annotations

import numpy as np
import pytest

from geo.rasters import ColourTableError, RasterEntry, RasterKind, read_colours
from geo.rasters.colours import UNLISTED_COLOUR, sidecar_of

CLASSES = """
title = { zh = "易发性", en = "Susceptibility" }
opacity = 0.6
[[class]]
value = 2
color = "#B2182B"
title = { zh = "高", en = "high" }
[[class]]
value = 1
color = "#67A9CF"
title = { zh = "低", en = "low" }
"""
DEPTHS = """
title = { zh = "淹没水深", en = "Flood depth" }
unit = { zh = "米", en = "m" }
opacity = 1.0
[[class]]
below = 0.5
color = "#C6DBEF"
title = { zh = "不足 0.5", en = "below 0.5" }
[[class]]
from = 0.5
below = 2
color = "#4292C6"
title = { zh = "0.5–2", en = "0.5–2" }
"""
RAMP = """
title = { zh = "雨量", en = "Rain" }
unit = { zh = "毫米", en = "mm" }
opacity = 1.0
[[stop]]
value = 0
color = "#000000"
[[stop]]
value = 100
color = "#FF0000"
"""


@pytest.fixture
def table(tmp_path):
    def read(text):
        path = tmp_path / "made.colours.toml"
        path.write_text(text, "utf-8")
        return read_colours(path)

    return read


def hexes(rgba):
    return [f"#{bytes(each[:3]).hex().upper()}" if each[3] else None for each in rgba.reshape(-1, 4).tolist()]


def test_an_exact_value_has_its_class_and_another_is_grey_but_never_a_class(table):
    made = table(CLASSES)
    drawn = made.colour(np.array([2.0, 1.0, 1.5, np.nan]))
    assert hexes(drawn) == ["#B2182B", "#67A9CF", UNLISTED_COLOUR, None]
    assert set(drawn[:3, 3].tolist()) == {round(255 * 0.6)}
    assert made.is_categorical
    assert made.listed(np.array([2.0, 1.5])).tolist() == [True, False]


def test_an_interval_holds_its_lower_end_and_not_its_upper(table):
    made = table(DEPTHS)
    assert hexes(made.colour(np.array([-3.0, 0.499, 0.5, 1.999, 2.0]))) == [
        "#C6DBEF", "#C6DBEF", "#4292C6", "#4292C6", UNLISTED_COLOUR,
    ]  # fmt: skip
    assert made.heading().zh == "淹没水深(米)"


def test_a_ramp_blends_and_stays_beyond_its_ends(table):
    assert hexes(table(RAMP).colour(np.array([-1.0, 60.0, 100.0, 1e9, np.nan]))) == [
        "#000000", "#990000", "#FF0000", "#FF0000", None,
    ]  # fmt: skip


def test_the_legend_says_what_is_unlisted_and_what_is_unknown(table):
    made = table(CLASSES).knowing(unlisted=True)
    rows = made.rows(has_gaps=True)
    assert [row.title.zh for row in rows] == ["高", "低", "未列入色表", "无数据(透明)"]
    assert rows[-1].colour is None
    assert [row.title.en for row in table(RAMP).rows(has_gaps=False)] == ["100 mm", "0 mm"]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("title = 3", "title"),
        (CLASSES.replace('"#B2182B"', '"red"'), "color"),
        (CLASSES.replace("value = 2", "value = 1"), "same value"),
        (DEPTHS.replace("from = 0.5", "from = 0.2"), "overlap"),
        (DEPTHS.replace("from = 0.5\nbelow = 2", "from = 2\nbelow = 0.5"), "not less"),
        (RAMP.replace("value = 100", "value = -1"), "above"),
        (CLASSES + RAMP.partition("opacity = 1.0")[2], "either"),
        ('title = { zh = "空", en = "empty" }', "either"),
        ("[[class]", "wrong"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused_with_its_place(table, wrong, told):
    with pytest.raises(ColourTableError) as refusal:
        table(wrong)
    assert told in refusal.value.message.en
    assert "made.colours.toml" in refusal.value.message.zh


def test_a_table_survives_being_stored(table):
    for text in (CLASSES, DEPTHS, RAMP):
        made = table(text)
        entry = RasterEntry(
            "a", RasterKind.THEMATIC, "f", "EPSG:4490", None, 0, 0, 1, 1, 1, 0, 1, None, 1.0, colours=made.text()
        )
        assert entry.table == made


def test_grids_of_heights_and_people_have_tables_of_their_own():
    for kind in (RasterKind.ELEVATION, RasterKind.POPULATION):
        entry = RasterEntry("a", kind, "f", "EPSG:4490", None, 0, 0, 1, 1, 1, 0, 1, None, 1.0)
        assert np.all(entry.table.listed(np.array([0.0, 5000.0])))
        assert entry.table.unit is not None


def test_the_table_beside_a_file_is_found(tmp_path):
    assert sidecar_of(tmp_path / "易发性.tif") is None
    (tmp_path / "易发性.colours.toml").write_text(CLASSES, "utf-8")
    assert sidecar_of(tmp_path / "易发性.tif") == tmp_path / "易发性.colours.toml"
