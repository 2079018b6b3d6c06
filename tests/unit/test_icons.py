"""Folders of icons: shared by processes, whole or not there, and never someone else's."""

from __future__ import annotations

from geo.cartography.drawing import Svg
from geo.cartography.icons import IconFolder

DRAWN = {"one": Svg(10.0, "<svg/>"), "other": Svg(12.0, "<svg></svg>")}


def test_every_process_finds_the_same_folder_and_leaves_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    one, other = IconFolder().folder(DRAWN), IconFolder().folder(DRAWN)
    assert one == other
    assert (one / "other.svg").read_text("utf-8") == "<svg></svg>"
    assert [path.name for path in one.parent.iterdir()] == [one.name]
    assert [path.name for path in tmp_path.iterdir()] == [one.parent.name]


def test_another_drawing_has_another_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    folders = IconFolder()
    assert folders.folder(DRAWN) != folders.folder({**DRAWN, "one": Svg(10.0, "<svg />")})


def test_a_folder_that_others_may_write_to_is_not_used(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    shared = IconFolder().folder(DRAWN).parent
    shared.chmod(0o777)
    assert IconFolder().folder(DRAWN).parent != shared
