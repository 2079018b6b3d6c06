"""The demo city in the database: what is loaded, what is left alone, and what a cancelled run leaves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from typer.testing import CliRunner

from api.cli import build
from geo.demo import loading
from geo.demo.city import PARTS
from geo.demo.loading import DemoProgress, DemoState, demo_state, load_demo, remove_demo
from geo.errors import DatabaseUnreachable
from geo.rasters import list_rasters
from layers.registry import discover

TOTALS = {
    "divisions": 1 + 1 + 18 + 295,
    "hazard_points": 2201,
    "reservoirs": 1016,
    "forest_zones": 486,
    "enterprises": 289,
    "tailings_ponds": 32,
    "flood_spots": 436,
    "water_works": 390,
    "shelters": 3946,
    "helipads": 312,
    "rescue_teams": 374,
    "supply_depots": 341,
    "schools": 2204,
    "hospitals": 402,
    "rivers": 2343,
}


@pytest.fixture(scope="module")
def demo_database_url(module_database_url: str) -> str:
    """A database with the demo city, which no test changes."""
    load_demo(module_database_url)
    return module_database_url


@pytest.fixture
def connection(demo_database_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(demo_database_url) as opened:
        yield opened


def grades_of(connection: psycopg.Connection, layer: str) -> dict[str, int]:
    query = sql.SQL("SELECT coalesce(grade, 'none'), count(*) FROM {} GROUP BY 1").format(sql.Identifier(layer))
    return {str(grade): int(count) for grade, count in connection.execute(query)}


def number(connection: psycopg.Connection, query: sql.SQL | sql.Composed) -> int:
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def counts(dsn: str, condition: str = "true") -> dict[str, int]:
    with psycopg.connect(dsn) as opened:
        query = "SELECT count(*) FROM {} WHERE " + condition
        return {name: number(opened, sql.SQL(query).format(sql.Identifier(name))) for name in discover()}


def add_own_shelter(dsn: str) -> None:
    with psycopg.connect(dsn) as opened:
        opened.execute(
            "INSERT INTO shelters (source, source_id, name, geom, grade_basis)"
            " VALUES ('bureau', '1', '一中', ST_SetSRID(ST_MakePoint(114.9, 25.8), 4490), '{}')"
        )


def test_every_layer_is_filled_and_all_but_the_outlines_is_marked(demo_database_url: str) -> None:
    assert {name: count for name, count in counts(demo_database_url).items() if count} == TOTALS
    assert {name: count for name, count in counts(demo_database_url, "NOT demo").items() if count} == {"divisions": 20}
    assert sum(counts(demo_database_url, "demo AND source <> 'demo'").values()) == 0


def test_hazards_are_graded_by_the_layers_rule_and_say_why(connection: psycopg.Connection) -> None:
    grades = grades_of(connection, "hazard_points")
    assert 0 < grades["red"] < grades["orange"] < grades["yellow"] < grades["blue"]
    assert grades["none"] > 0
    row = connection.execute(
        "SELECT grade_basis::text FROM hazard_points WHERE grade = 'red' ORDER BY source_id LIMIT 1"
    ).fetchone()
    assert row is not None
    assert "险情等级" in json.dumps(json.loads(row[0]), ensure_ascii=False)


def test_the_enterprises_are_the_reports_289_with_one_not_graded(connection: psycopg.Connection) -> None:
    grades = grades_of(connection, "enterprises")
    assert grades == {"red": 57, "orange": 102, "yellow": 113, "blue": 16, "none": 1}


@pytest.mark.parametrize("layer", [name for name in TOTALS if name not in ("divisions", "rivers")])
def test_postgis_finds_every_feature_in_the_township_that_its_code_names(
    connection: psycopg.Connection, layer: str
) -> None:
    astray = number(
        connection,
        sql.SQL(
            "SELECT count(*) FROM {} f LEFT JOIN divisions d ON d.source_id = f.division_code AND d.level = 'township' "
            "WHERE d.geom IS NULL OR NOT ST_Covers(d.geom, f.geom)"
        ).format(sql.Identifier(layer)),
    )
    assert astray == 0


def test_every_township_has_a_helipad(connection: psycopg.Connection) -> None:
    without = sql.SQL(
        "SELECT count(*) FROM divisions d WHERE level = 'township' AND NOT EXISTS "
        "(SELECT FROM helipads h WHERE h.status = 'open' AND ST_Covers(d.geom, h.geom))"
    )
    assert number(connection, without) == 0


def test_every_depot_comes_with_its_stock_and_no_stock_is_without_its_depot(connection: psycopg.Connection) -> None:
    key = "(d.source, d.source_id) = (s.source, s.source_id)"
    empty = sql.SQL(f"SELECT count(*) FROM supply_depots d WHERE NOT EXISTS (SELECT FROM supply_stock s WHERE {key})")
    lost = sql.SQL(f"SELECT count(*) FROM supply_stock s WHERE NOT EXISTS (SELECT FROM supply_depots d WHERE {key})")
    assert number(connection, empty) == 0
    assert number(connection, lost) == 0
    assert number(connection, sql.SQL("SELECT count(*) FROM supply_stock")) > 2000


def test_a_second_run_leaves_the_database_as_it_is(demo_database_url: str) -> None:
    revisions = "SELECT string_agg(layer || revision, ',' ORDER BY layer) FROM onemap_revisions"
    with psycopg.connect(demo_database_url) as opened:
        before = opened.execute(revisions).fetchone()
        report = load_demo(demo_database_url)
        assert opened.execute(revisions).fetchone() == before
    assert report.found is DemoState.COMPLETE
    assert report.loaded == {}


def test_a_database_with_other_data_is_left_alone(database_url: str) -> None:
    add_own_shelter(database_url)
    report = load_demo(database_url)
    assert report.found is DemoState.OWN
    assert sum(counts(database_url).values()) == 1


def test_replacing_touches_only_what_is_marked_as_demonstration_data(database_url: str) -> None:
    load_demo(database_url)
    add_own_shelter(database_url)
    with psycopg.connect(database_url) as opened:
        opened.execute("UPDATE hazard_points SET name = 'changed' WHERE source_id = '360781010001'")
    report = load_demo(database_url, replace=True)
    assert report.removed == sum(TOTALS.values()) - 20
    assert counts(database_url)["shelters"] == TOTALS["shelters"] + 1
    assert counts(database_url, "name = 'changed'")["hazard_points"] == 0
    remove_demo(database_url)
    assert {name: count for name, count in counts(database_url).items() if count} == {"shelters": 1, "divisions": 20}
    with psycopg.connect(database_url) as opened:
        assert number(opened, sql.SQL("SELECT count(*) FROM supply_stock")) == 0


def test_a_cancelled_run_leaves_nothing(database_url: str) -> None:
    def cancel(progress: DemoProgress) -> None:
        if progress.layer == "forest_zones":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_demo(database_url, cancel)
    assert demo_state(database_url) is DemoState.EMPTY


def test_what_a_killed_run_left_is_completed_by_the_next(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "PARTS", PARTS[:3])
    load_demo(database_url)
    monkeypatch.undo()
    assert demo_state(database_url) is DemoState.PARTIAL
    report = load_demo(database_url)
    assert report.found is DemoState.PARTIAL
    assert demo_state(database_url) is DemoState.COMPLETE


def test_the_command_says_what_it_loaded_and_then_that_it_does_nothing(
    database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ONEMAP_DATABASE_URL", database_url)
    monkeypatch.setenv("ONEMAP_STATE_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("ONEMAP_LANG", "en")
    first = CliRunner().invoke(build(), ["demo", "--json"])
    assert first.exit_code == 0
    assert json.loads(first.stdout)["loaded"] == TOTALS
    rasters = list_rasters(database_url)
    assert [(each.kind.value, each.demo) for each in rasters] == [("elevation", True), ("population", True)]
    assert all((tmp_path / "rasters" / each.file).is_file() for each in rasters)
    second = CliRunner().invoke(build(), ["demo"])
    assert second.exit_code == 0
    assert "nothing was changed" in second.stdout


def test_a_database_that_cannot_be_reached_is_said_to_be(tmp_path: object) -> None:
    with pytest.raises(DatabaseUnreachable):
        demo_state(f"postgresql:///onemap?host={tmp_path}")
