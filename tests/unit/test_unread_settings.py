"""A variable that no setting is named by is told, with the name that may have been meant, and without its value."""

from __future__ import annotations

from api.settings import Settings
from api.unread_settings import unread_variables


def test_a_typing_error_is_told_with_what_may_have_been_meant():
    (told,) = unread_variables({"ONEMAP_RULSET": "/secret/rules.toml", "PATH": "/bin"})
    assert "ONEMAP_RULSET" in told.zh
    assert "was ONEMAP_RULESET meant?" in told.en
    assert "secret" not in told.zh + told.en


def test_a_name_that_is_like_no_setting_is_told_alone():
    (told,) = unread_variables({"ONEMAP_XYZZY": "1"})
    assert told.en == "There is no setting ONEMAP_XYZZY: nothing reads it"


def test_settings_and_what_others_read_are_passed_over():
    settings = {f"ONEMAP_{name.upper()}": "1" for name in Settings.model_fields}
    assert unread_variables({**settings, "ONEMAP_LANG": "en", "ONEMAP_PORT": "8123"}) == []
