"""What may be asked of a picture or a tile, and what is refused, in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.studio import parse_box
from geo.cartography.picture import Question
from geo.cartography.picture_request import make_frame, read_format, read_radii, read_size
from geo.cartography.tiles import MAX_ZOOM, TileAddress
from geo.errors import InputError


def test_sizes_are_width_times_height():
    assert read_size("1200x800", 4096) == (1200, 800)
    assert read_size(" 64×4096 ", 4096) == (64, 4096)


@pytest.mark.parametrize("size", ["", "1200", "1200x", "x800", "63x800", "4097x800", "1e3x800", "-5x800", "99999999x1"])
def test_other_sizes_are_refused(size):
    with pytest.raises(InputError):
        read_size(size, 4096)


def test_the_scale_counts_towards_the_size():
    assert read_size("2048x100", 4096, 2.0)
    with pytest.raises(InputError):
        read_size("2049x100", 4096, 2.0)


@pytest.mark.parametrize("radii", [[0.0], [-1.0], [float("nan")], [float("inf")], [200_001.0], [1.0] * 11])
def test_wrong_radii_are_refused(radii):
    with pytest.raises(InputError):
        read_radii(radii, 200_000)


def test_radii_come_out_smallest_first_and_once():
    assert read_radii([5000, 1000, 5000], 200_000) == (1000, 5000)


def test_a_picture_needs_a_box_or_rings():
    for question in (None, Question(115, 25)):
        with pytest.raises(InputError):
            make_frame(None, question, (800, 600), legend=True, strip=True)


@pytest.mark.parametrize("word", ["gif", "", "PNG ", "png/../..", "html"])
def test_other_formats_are_refused(word):
    with pytest.raises(InputError):
        read_format(word)


@given(st.text(max_size=60))
def test_any_text_as_a_box_is_a_box_or_a_refusal(text):
    try:
        box = parse_box(text)
    except InputError:
        return
    assert -180 <= box.west < box.east <= 180
    assert -90 <= box.south < box.north <= 90


@pytest.mark.parametrize(
    ("z", "x", "y"), [(-1, 0, 0), (99, 0, 0), (0, 1, 0), (3, 0, 8), (5, -1, 3), (MAX_ZOOM + 1, 0, 0)]
)
def test_a_tile_that_does_not_exist_is_refused(z, x, y):
    with pytest.raises(InputError):
        TileAddress(z, x, y)


@given(st.integers(0, MAX_ZOOM), st.data())
def test_a_tile_searches_its_own_ground_and_more(z, data):
    x = data.draw(st.integers(0, 2**z - 1))
    y = data.draw(st.integers(0, 2**z - 1))
    box = TileAddress(z, x, y).box()
    assert box.west <= max(x / 2**z * 360 - 180, -180)
    assert box.east >= min((x + 1) / 2**z * 360 - 180, 180)
    assert box.west < box.east
    assert box.south < box.north
