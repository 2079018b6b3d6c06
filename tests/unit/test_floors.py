"""The house has three floors, api → geo → layers, and imports only ever point down."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FLOORS = {"layers": 0, "geo": 1, "api": 2}
OUTSIDE = {"asyncpg", "psycopg", "pathlib", "os", "io", "socket", "urllib", "httpx", "requests", "sqlite3", "tempfile"}


def imported(path: Path) -> set[str]:
    """The modules that a file imports, wherever in it the statement stands."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import hides which floor it comes from"
            found.add(node.module or "")
    return found


def climbing(path: Path, floor: str) -> list[str]:
    """The imports of a file on ``floor`` that lead to a higher one."""
    return [name for name in imported(path) if FLOORS.get(name.split(".")[0], -1) > FLOORS[floor]]


SOURCES = [
    (path, floor)
    for floor in FLOORS
    for path in sorted((ROOT / floor).rglob("*.py"))
    if "node_modules" not in path.parts
]


@pytest.mark.parametrize(("path", "floor"), SOURCES, ids=lambda value: str(value).removeprefix(str(ROOT) + "/"))
def test_imports_point_down(path, floor):
    assert climbing(path, floor) == []


def test_the_check_sees_an_import_that_climbs(tmp_path):
    wrong = tmp_path / "wrong.py"
    wrong.write_text("def late():\n    from api.settings import Settings\n    return Settings\n")
    assert climbing(wrong, "geo") == ["api.settings"]


@pytest.mark.parametrize("path", sorted((ROOT / "layers").glob("*.py")), ids=lambda path: path.name)
def test_layers_touch_no_database_file_or_network(path):
    assert {name.split(".")[0] for name in imported(path)} & OUTSIDE == set()
