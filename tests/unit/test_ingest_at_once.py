"""What is read or written a whole column at a time says what it would say cell by cell."""

from __future__ import annotations

import datetime
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.ingest.copytext import _cell, copy_column, is_constant
from geo.ingest.identity import FirstRows
from geo.ingest.values import Reading, cell_reader, is_missing, plain_decimals, read_column, tidy
from geo.ingest.values.reading import begins_like_a_mark
from layers.field import Field, FieldKind
from layers.registry import discover
from layers.text import Text

TITLE = Text("列", "column")
LAYERS = discover()
FIELDS = {f"{layer}.{field.name}": field for layer in LAYERS.values() for field in layer.importable_fields()} | {
    "bounded": Field("bounded", TITLE, FieldKind.INTEGER, minimum=0, maximum=100)
}
"""Every field that any layer declares, by its own reader."""
READERS = {
    f"{field.kind.value} {factor}": cell_reader(field, factor)
    for field in {(f.kind, f.minimum): f for f in FIELDS.values()}.values()
    for factor in ((1.0, 10_000.0, 0.1, None) if field.kind in (FieldKind.INTEGER, FieldKind.NUMBER) else (1.0,))
}

PLAIN = ("12", "3.50", "-7", "0", "第12号避难场所(东)", "S0000123", "360121001", "2024-05-01", "是", "某路12号", "红色")
AWKWARD = (
    *(
        "",
        " ",
        "无",
        "暂无",
        "不详情况",
        "—",
        "null",
        "N/A",
        "#N/A",
        "1.",
        ".5",
        "-.5",
        "1-2",
        "--1",
        "1_0",
        "1e3",
        "٣",
    ),
    *("１２", "1,200人", "约300", "9" * 400, "1" + "0" * 18, "9223372036854775808", "1.5", "-0", "101", "3.60121E+11"),
    *("NaN", "inf", "\0", "无\0", " 两头空 ", "\u3000无\u3000", "\u200b12", "A1", "E12", "红", "一级", "2024.5.32"),
)
CELLS = st.one_of(
    st.none(),
    st.sampled_from(PLAIN),
    st.sampled_from(AWKWARD),
    st.text(max_size=12),
    st.integers(-5, 2**70),
    st.floats(),
    st.booleans(),
    st.dates(),
)
COLUMNS = st.one_of(
    st.lists(st.sampled_from(PLAIN), max_size=8),
    st.lists(st.sampled_from(("12", "7", "0", "100")), max_size=8),
    st.lists(st.one_of(st.none(), st.sampled_from(PLAIN)), max_size=8),
    st.lists(st.one_of(st.sampled_from(PLAIN), st.sampled_from(AWKWARD)), max_size=8),
    st.lists(CELLS, max_size=8),
)


def _same(one: object, other: object) -> bool:
    both_nan = isinstance(one, float) and isinstance(other, float) and math.isnan(one) and math.isnan(other)
    return both_nan or (type(one) is type(other) and one == other and repr(one) == repr(other))


@pytest.mark.parametrize("reader", READERS)
@given(cells=COLUMNS)
def test_a_column_is_read_as_its_cells_are(reader: str, cells: list[object]) -> None:
    read = READERS[reader]
    one_by_one = [Reading(None) if cell is None else read(cell) for cell in cells]
    at_once = read_column(cells, read)
    assert len(at_once.values) == len(cells)
    assert all(_same(a, b.value) for a, b in zip(at_once.values, one_by_one, strict=True))
    assert {at: (each.problem, each.keep) for at, each in at_once.troubled.items()} == {
        at: (each.problem, each.keep) for at, each in enumerate(one_by_one) if each.problem is not None or each.keep
    }
    assert all(map(_same, at_once.readings(), one_by_one))


@pytest.mark.parametrize(
    "word", [*PLAIN, *AWKWARD, "無", "暫無", "空", "未知", "待定", "待查", "unknown", "无名村", "未庄"]
)
def test_a_glance_never_overlooks_a_mark_of_absence(word: str) -> None:
    assert begins_like_a_mark(word.strip()) or not is_missing(tidy(word.strip()))


@given(st.text(max_size=4))
def test_a_glance_never_overlooks_any_text_that_is_one(word: str) -> None:
    assert begins_like_a_mark(word) or not is_missing(tidy(word))


@given(st.lists(st.one_of(st.sampled_from(AWKWARD), st.floats(-1e6, 1e6).map(str)), max_size=6))
def test_decimals_are_read_at_once_or_not_at_all(texts: list[str]) -> None:
    found = plain_decimals(texts)
    if found is not None:
        assert found.tolist() == [float(text) for text in texts]
        assert set("".join(texts)) <= set("0123456789.-")


@given(
    st.lists(
        st.one_of(
            st.none(),
            st.text(st.sampled_from('a路\\\t\n\r\b\v\f\0"{},'), max_size=6),
            st.integers(),
            st.floats(),
            st.booleans(),
            st.dates(),
            st.datetimes(),
            st.lists(st.text(max_size=3), max_size=2),
        ),
        max_size=6,
    )
)
def test_a_column_is_written_as_its_cells_are(values: list[object]) -> None:
    assert copy_column(values) == [_cell(value) for value in values]


@pytest.mark.parametrize(
    "values",
    [
        ["甲", "乙"],
        ["甲\t", None, "乙"],
        [1, 2, 3],
        [True, None, False],
        [0.1, -0.0, 1e300],
        [datetime.date(2025, 1, 2), None, datetime.date(2025, 1, 2)],
        [None, None],
        [],
        [1, True, 1.0],
    ],
)
def test_columns_of_one_kind_are_written_as_their_cells_are(values: list[object]) -> None:
    assert copy_column(values) == [_cell(value) for value in values]


@given(st.lists(st.lists(st.sampled_from("abcdef"), max_size=4), max_size=6))
def test_ids_are_claimed_as_one_by_one(batches: list[list[str]]) -> None:
    together, alone, row = FirstRows(), FirstRows(), 0
    for batch in batches:
        rows = np.arange(row, row + len(batch))
        row += len(batch)
        told = {}
        for at, own in enumerate(batch):
            if (first := alone.claim(own, int(rows[at]))) is not None:
                told[at] = first
        assert together.claim_all(dict(enumerate(batch)), rows) == told


@pytest.mark.parametrize(
    ("values", "is_one"),
    [
        (["甲"] * 3, True),
        ([None, None], True),
        ([], True),
        (["甲", "乙", "甲"], False),
        (["甲", None], False),
        ([None, "甲", None], False),
        (["甲\0"] * 2, False),
        ([1, 1], False),
        ([1, True], False),
    ],
)
def test_a_column_is_constant_when_it_holds_one_text_or_nothing(values: list[object], is_one: bool) -> None:
    assert is_constant(values) is is_one
