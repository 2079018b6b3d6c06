"""Check digits of the codes that the demo's enterprises carry."""

from __future__ import annotations

import pytest

from geo.demo.codes import demo_uscc, organisation_check, uscc_check


@pytest.mark.parametrize("code", ["91350100M000100Y43", "91110000101623741K", "911101066976941872"])
def test_published_codes_end_in_their_check_character(code: str) -> None:
    assert uscc_check(code[:17]) == code[17]


def test_a_published_but_invalid_code_ends_in_another() -> None:
    assert uscc_check("91310115MA1H8R7C6") == "7"


@pytest.mark.parametrize(("body", "check"), [("D2143569", "X"), ("00000000", "0")])
def test_organisation_codes_end_in_x_for_ten_and_0_for_eleven(body: str, check: str) -> None:
    assert organisation_check(body) == check


def test_a_demo_code_is_valid_and_says_that_it_is_invented() -> None:
    code = demo_uscc("360702", 12)
    assert code.startswith("91360702DEM00012")
    assert len(code) == 18
    assert uscc_check(code[:17]) == code[17]
    assert organisation_check(code[8:16]) == code[16]
