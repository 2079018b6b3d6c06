"""Cells are read as what they say, or not at all: never 0, never 1900-01-01, never a guess."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.ingest.headers import read_header
from geo.ingest.reasons import REASONS
from geo.ingest.units import FieldUnits
from geo.ingest.values import Reading, cell_reader, read_cells
from geo.ingest.values.quantities import chinese_number
from layers.field import Field, FieldKind
from layers.registry import discover
from layers.severity import GEOHAZARD_DANGER
from layers.text import Text

FIELDS = {f"{layer.name}.{each.name}": each for layer in discover().values() for each in layer.importable_fields()}
PEOPLE = FIELDS["hazard_points.threatened_people"]
MONEY = FIELDS["hazard_points.threatened_property_cny"]
STORAGE = FIELDS["reservoirs.storage_m3"]
DATE = FIELDS["hazard_points.data_date"]
CODE = FIELDS["hazard_points.division_code"]
PARK = FIELDS["enterprises.chemical_park"]
KINDS = FIELDS["shelters.disaster_kinds"]
TYPE = FIELDS["hazard_points.hazard_type"]


def _read(field: Field, cell: object, header: str | None = None) -> Reading:
    _, factor = FieldUnits(field).of_column(read_header(header or field.title.zh))
    return cell_reader(field, factor)(cell)


@pytest.mark.parametrize(
    ("field", "header", "cell", "value"),
    [
        (PEOPLE, None, "120", 120),
        (PEOPLE, None, "１２０", 120),
        (PEOPLE, None, " 1,200 ", 1200),
        (PEOPLE, None, "120人", 120),
        (PEOPLE, None, "120.0", 120),
        (PEOPLE, None, 120.0, 120),
        (PEOPLE, None, "0", 0),
        (MONEY, None, "800", 8_000_000.0),
        (MONEY, "威胁财产（元）", "800", 800.0),
        (MONEY, "威胁财产(亿元)", "1.5", 150_000_000.0),
        (MONEY, None, "800元", 800.0),
        (STORAGE, "总库容", "1200", 1200.0),
        (STORAGE, "总库容（万m³）", "11.707", 117_070.0),
        (STORAGE, "总库容\n(万立方米)", "11.707", 117_070.0),
        (STORAGE, None, "11.707万方", 117_070.0),
        (STORAGE, None, "1.2 亿 m³", 120_000_000.0),
        (STORAGE, "storage_m3", "5", 5.0),
        (FIELDS["helipads.elevation_m"], "elevation_ft", "1000", 304.8),
        (FIELDS["reservoirs.dam_crest_m"], None, "-12.5", -12.5),
    ],
)
def test_numbers_are_in_the_stored_unit(field: Field, header: str | None, cell: object, value: float) -> None:
    assert _read(field, cell, header) == Reading(value)


@pytest.mark.parametrize(
    ("field", "header", "cell", "problem"),
    [
        (PEOPLE, None, "1~4戶", "number-range"),
        (PEOPLE, None, "20到49戶", "number-range"),
        (PEOPLE, None, "≥50", "number-range"),
        (PEOPLE, None, "12.5", "not-whole"),
        (PEOPLE, None, "-3", "out-of-bounds"),
        (PEOPLE, None, "1,2", "number-unreadable"),
        (PEOPLE, None, True, "number-unreadable"),
        (PEOPLE, None, "1_000", "number-unreadable"),
        (PEOPLE, None, "nan", "missing-mark"),
        (PEOPLE, None, "inf", "number-unreadable"),
        (PEOPLE, None, "无", "missing-mark"),
        (PEOPLE, None, "/", "missing-mark"),
        (STORAGE, None, "12加仑", "unit-unknown"),
        (STORAGE, "总库容(吨)", "12", "unit-unknown"),
        (FIELDS["forest_zones.canopy_density"], None, "1.7", "out-of-bounds"),
    ],
)
def test_what_is_no_number_is_unknown_with_a_reason(
    field: Field, header: str | None, cell: object, problem: str
) -> None:
    assert _read(field, cell, header) == Reading(None, problem)


@pytest.mark.parametrize(
    ("field", "cell", "value"),
    [
        (PEOPLE, "三百", 300),
        (PEOPLE, "三百二十人", 320),
        (PEOPLE, "12户45人", 45),
        (PEOPLE, "12户，45人", 45),
        (PEOPLE, "12户(45人)", 45),
        (FIELDS["hazard_points.threatened_households"], "12户45人", 12),
        (PEOPLE, "1.2万", 12_000),
        (PEOPLE, "1.2万人", 12_000),
        (PEOPLE, "共45人", 45),
        (MONEY, "1.2亿", 1.2e12),
        (STORAGE, "11.707万方", 117_070.0),
    ],
)
def test_quantities_in_words_are_read_and_their_originals_kept(field: Field, cell: str, value: float) -> None:
    found = _read(field, cell)
    assert (found.value, found.problem) == (value, None)


ESTIMATES = {"约300": 300, "300余人": 300, "约300余人": 300, "近百人": 100, "50人左右": 50, "约1.2万人": 12_000}
NUMERALS = {"十": 10, "二十五": 25, "一万二千": 12_000, "两百零三": 203, "壹佰": 100}
SERIALS = [(45413, "date-serial"), ("45413", "date-serial"), (45413.5, "date-serial"), ("二〇二四年五月一日", None)]
DAYS = ["2024.5.1", "2024/5/1", "2024-05-01", "2024年5月1日", "2024 年 5 月 1 日", "20240501", "2024-05-01T08:00:00Z"]


@pytest.mark.parametrize(("cell", "value"), ESTIMATES.items())
def test_an_estimate_is_stored_as_written_and_says_that_it_is_one(cell: str, value: int) -> None:
    assert _read(PEOPLE, cell) == Reading(value, "number-approximate")


@pytest.mark.parametrize("cell", ["32~40", "32-40人", "不足50", "超过50人", "50以上", "几十人", "至少3人", "12人45人"])
def test_a_range_is_no_number(cell: str) -> None:
    assert _read(PEOPLE, cell).value is None
    assert _read(PEOPLE, cell).problem in ("number-range", "number-unreadable")


@pytest.mark.parametrize(
    ("cell", "value"), [("十", 10), ("二十五", 25), ("一万二千", 12_000), ("两百零三", 203), ("壹佰", 100)]
)
def test_chinese_numerals(cell: str, value: int) -> None:
    assert chinese_number(cell) == value


@given(st.text("零一二三四五六七八九十百千万亿两〇", max_size=12))
def test_no_numeral_breaks_the_reading(text: str) -> None:
    assert chinese_number(text) is None or chinese_number(text) >= 0


@pytest.mark.parametrize(
    ("code", "reading"),
    [
        ("91350100M000100Y43", Reading("91350100M000100Y43")),
        ("91110000101623741k", Reading("91110000101623741K")),
        ("911101066976941872", Reading("911101066976941872")),
        ("91310115MA1H8R7C6D", Reading("91310115MA1H8R7C6D", "code-doubtful")),
        ("91350211M0000XUF46", Reading("91350211M0000XUF46", "code-doubtful")),
        (9.11101066976941e17, Reading(None, "code-mangled")),
        ("9.11101E+17", Reading(None, "code-mangled")),
        ("911101066976941000", Reading(None, "code-mangled")),
    ],
)
def test_a_credit_code_is_checked_warned_of_and_kept(code: object, reading: Reading) -> None:
    """Vectors: domain brief 2.9. A code that fails its check exists in reality, so it is kept."""
    assert _read(FIELDS["enterprises.uscc"], code) == reading


@pytest.mark.parametrize(("cell", "problem"), SERIALS)
def test_a_spreadsheets_serial_and_numerals_are_a_date(cell: object, problem: str | None) -> None:
    assert _read(DATE, cell) == Reading(datetime.date(2024, 5, 1), problem)


@pytest.mark.parametrize("cell", DAYS)
def test_a_day_in_every_spelling(cell: str) -> None:
    assert _read(DATE, cell) == Reading(datetime.date(2024, 5, 1))


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("2024.5", datetime.date(2024, 5, 1)),
        ("2024年5月", datetime.date(2024, 5, 1)),
        ("2024", datetime.date(2024, 1, 1)),
        (2024, datetime.date(2024, 1, 1)),
    ],
)
def test_a_month_or_a_year_says_that_it_is_no_day(cell: object, value: datetime.date) -> None:
    assert _read(DATE, cell) == Reading(value, "date-precision")


@pytest.mark.parametrize("cell", ["2024-13-01", "2024-02-30", "昨天", "24.5.1", "2024-5.1", 12.5, True])
def test_what_is_no_date_is_unknown(cell: object) -> None:
    assert _read(DATE, cell) == Reading(None, "date-unreadable")


@pytest.mark.parametrize("cell", ["1900-01-01", datetime.date(1900, 1, 1), datetime.datetime(1900, 1, 1)])
def test_the_date_that_software_writes_for_none_is_none(cell: object) -> None:
    assert _read(DATE, cell) == Reading(None, "missing-mark")


@pytest.mark.parametrize(
    ("cell", "reading"),
    [
        ("360721", Reading("360721")),
        ("036072", Reading("036072")),
        (360721, Reading("360721")),
        (360721.0, Reading("360721")),
        ("360121000000.0", Reading("360121000000", keep=True)),
        ("3.60121E+11", Reading(None, "code-mangled")),
        (9.13607210000001e17, Reading(None, "code-mangled")),
        (12.5, Reading(None, "code-unreadable")),
    ],
)
def test_codes_stay_text_and_mangled_ones_are_never_guessed(cell: object, reading: Reading) -> None:
    assert _read(CODE, cell) == reading


@pytest.mark.parametrize(
    ("cell", "value"), [("是", True), ("否", False), ("Y", True), (True, True), ("√", True), ("0", False)]
)
def test_yes_and_no(cell: object, value: bool) -> None:
    assert _read(PARK, cell) == Reading(value)
    assert _read(PARK, "也许") == Reading(None, "boolean-unreadable")


def test_a_word_of_a_vocabulary_is_its_code_and_another_spelling_is_kept() -> None:
    assert _read(TYPE, "泥石流 ") == Reading("debris_flow")
    assert _read(TYPE, "土石流") == Reading("debris_flow", keep=True)
    assert _read(TYPE, "塌方") == Reading(None, "choice-unknown")


def test_lists_are_split_and_an_unknown_word_in_them_is_told() -> None:
    assert _read(KINDS, "洪涝、地震，洪涝") == Reading(["flood", "earthquake"])
    assert _read(KINDS, "地震;怪兽") == Reading(["earthquake"], "choice-unknown")
    assert _read(KINDS, "无") == Reading(None, "missing-mark")


def test_a_bare_integer_is_never_a_level() -> None:
    level = Field("danger", Text("险情", "danger"), FieldKind.CHOICE, choices=GEOHAZARD_DANGER)
    assert _read(level, "1") == Reading(None, "choice-unknown")
    assert _read(level, 1) == Reading(None, "choice-unknown")


ONE_OF_EACH_KIND = {field.kind.value: field for field in FIELDS.values()}


@pytest.mark.parametrize("kind", ONE_OF_EACH_KIND)
@given(
    cell=st.one_of(
        st.none(),
        st.text(max_size=40),
        st.text("0123456789.,-+eE年月日/~约万 人", max_size=12),
        st.integers(),
        st.floats(),
        st.booleans(),
        st.dates(),
        st.datetimes(),
    )
)
def test_no_cell_breaks_a_reader(kind: str, cell: object) -> None:
    (reading,) = read_cells([cell], cell_reader(ONE_OF_EACH_KIND[kind]))
    assert reading.problem is None or reading.problem in REASONS


@given(value=st.integers(min_value=0, max_value=10**9), form=st.sampled_from(["{}", "{}人", " {} ", "{}.0", "{:,}"]))
def test_a_count_is_read_back_from_every_form(value: int, form: str) -> None:
    assert _read(PEOPLE, form.format(value)).value == value
