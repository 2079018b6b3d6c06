"""A missing Chinese font is one clear sentence before anything is drawn, never a map of boxes."""

from __future__ import annotations

import shutil

import pytest

from api.main import create_app
from api.settings import Settings
from geo.cartography.fonts import FONT_BOLD, FONT_REGULAR, FontMissing, find_fonts, require_fonts


def test_a_missing_font_names_the_package_and_where_it_was_looked_for(tmp_path):
    with pytest.raises(FontMissing) as refusal:
        require_fonts([tmp_path])
    for text in (refusal.value.message.zh, refusal.value.message.en):
        assert "fonts-noto-cjk" in text
        assert str(tmp_path) in text


def test_one_missing_weight_is_missed(tmp_path):
    regular = find_fonts()[FONT_REGULAR]
    shutil.copy(regular, tmp_path / "NotoSansCJK-Regular.ttc")
    with pytest.raises(FontMissing, match=FONT_BOLD):
        find_fonts([tmp_path])


def test_a_file_that_is_no_font_is_refused(tmp_path):
    for name in ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc"):
        (tmp_path / name).write_bytes(b"not a font")
    # The process may know the faces already from a good file; the file itself must still be read.
    with pytest.raises(FontMissing):
        require_fonts([tmp_path])


def test_the_system_has_both_weights():
    assert require_fonts() == (FONT_REGULAR, FONT_BOLD)


async def test_a_service_without_its_fonts_does_not_start(monkeypatch, tmp_path):
    def missing() -> None:
        require_fonts([tmp_path])

    monkeypatch.setattr("api.main.require_fonts", missing)
    app = create_app(Settings(state_directory=tmp_path, import_worker=False))
    with pytest.raises(FontMissing):
        async with app.router.lifespan_context(app):
            pytest.fail("it started")
