"""The tables' history is one line: every migration has one successor, and its file is named by its number."""

from __future__ import annotations

from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

import layers.migrations
from geo.migrate import head_revision


def _scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(Path(layers.migrations.__file__).parent))
    return ScriptDirectory.from_config(config)


def test_there_is_one_newest_migration():
    assert _scripts().get_heads() == [head_revision()]


def test_migrations_are_numbered_one_after_the_other():
    revisions = [each.revision for each in _scripts().walk_revisions()]
    assert revisions == [f"{number:04}" for number in range(len(revisions), 0, -1)]


def test_a_migrations_file_begins_with_its_number():
    for each in _scripts().walk_revisions():
        assert Path(each.path).name.startswith(f"{each.revision}_")
