"""The log of changes: who edits, whatever edits, is told feature by feature; a bulk load is one line."""

from __future__ import annotations

import psycopg
import pytest

from tests.seeding import insert

Row = tuple[object, ...]


def log(url: str, columns: str = "layer, kind, source_id, grade_before, grade, n") -> list[Row]:
    with psycopg.connect(url) as connection:
        return connection.execute(f"SELECT {columns} FROM onemap_changes ORDER BY at, source_id").fetchall()


def run(url: str, *statements: str) -> None:
    with psycopg.connect(url) as connection:
        for statement in statements:
            connection.execute(statement)


ONE = (
    "INSERT INTO {} (source, source_id, geom, grade_basis) VALUES ('s', '{}', ST_SetSRID(ST_MakePoint(115, 25), 4490), "
    "'{{}}')"
)
MANY = (
    "INSERT INTO hazard_points (source, source_id, geom, grade, grade_basis) SELECT 'bulk', 'b' || i, "
    "ST_SetSRID(ST_MakePoint(115 + i / 1000.0, 25), 4490), CASE WHEN i % 2 = 0 THEN 'red' END, '{}' "
    "FROM generate_series(1, 100) AS i"
)


def test_each_kind_of_edit_is_one_line_with_its_grades(database_url: str) -> None:
    insert(database_url, "hazard_points", "POINT(115 25)", "h-1", grade="blue", name="滑坡")
    update = "UPDATE hazard_points SET "
    run(database_url, update + "grade = 'red'")
    run(database_url, update + "name = '下坝组滑坡'")
    run(database_url, update + "retired_at = now()")
    run(database_url, update + "name = 'nobody sees this'")
    run(database_url, update + "retired_at = NULL")
    run(database_url, "DELETE FROM hazard_points")
    layer = "hazard_points"
    assert log(database_url) == [
        (layer, "inserted", "h-1", None, "blue", 1),
        (layer, "regraded", "h-1", "blue", "red", 1),
        (layer, "updated", "h-1", "red", "red", 1),
        (layer, "retired", "h-1", "red", "red", 1),
        (layer, "restored", "h-1", "red", "red", 1),
        (layer, "removed", "h-1", "red", None, 1),
    ]


def test_what_an_update_writes_as_it_was_is_no_news(database_url: str) -> None:
    insert(database_url, "hazard_points", "POINT(115 25)", "h-1", grade="blue")
    run(database_url, "UPDATE hazard_points SET imported_at = now(), grade = 'blue'")
    assert [row[1] for row in log(database_url)] == ["inserted"]


def test_a_bulk_load_is_one_line_that_says_what_each_grade_gained(database_url: str) -> None:
    run(database_url, MANY)
    assert log(database_url, "kind, n, kinds, gained, source_id") == [
        ("bulk", 100, {"inserted": 100}, {"red": 50, "": 50}, None)
    ]


def test_a_delivery_that_adds_changes_and_retires_is_one_line(database_url: str) -> None:
    run(database_url, MANY)
    run(
        database_url,
        "UPDATE hazard_points SET grade = 'orange' WHERE grade = 'red'",
        "UPDATE hazard_points SET retired_at = now() WHERE grade IS NULL",
        "DELETE FROM hazard_points WHERE source_id = 'b2'",
    )
    assert log(database_url, "kind, n, kinds, gained")[-1] == (
        "bulk",
        101,
        {"regraded": 50, "retired": 50, "removed": 1},
        {"red": -50, "orange": 49, "": -50},
    )
    assert len(log(database_url)) == 2


def test_single_statements_of_one_transaction_become_a_bulk_line_when_they_are_many(database_url: str) -> None:
    run(database_url, *(ONE.format("shelters", f"{at:02}") for at in range(20)))
    assert len(log(database_url)) == 20
    run(database_url, *(ONE.format("shelters", f"x{at:02}") for at in range(30)))
    assert log(database_url, "kind, n")[-1] == ("bulk", 30)
    assert len(log(database_url)) == 21


def test_the_outlines_of_divisions_are_no_news(database_url: str) -> None:
    square = "MULTIPOLYGON(((114 24, 116 24, 116 26, 114 26, 114 24)))"
    insert(database_url, "divisions", square, "360721", name="赣县区", level="county")
    assert log(database_url) == []


@pytest.mark.parametrize(
    ("layer", "wkt"),
    [
        ("forest_zones", "MULTIPOLYGON(((115 25,115.01 25,115.01 25.01,115 25)))"),
        ("hazard_points", "POINT(115 25)"),
    ],
)
def test_a_place_is_kept_to_fly_to_also_for_what_is_gone(database_url: str, layer: str, wkt: str) -> None:
    insert(database_url, layer, wkt, "f-1")
    run(database_url, f"DELETE FROM {layer}")
    assert log(database_url, "ST_GeometryType(place), kind") == [("ST_Point", "inserted"), ("ST_Point", "removed")]


def test_a_week_later_a_line_is_forgotten(database_url: str) -> None:
    insert(database_url, "hazard_points", "POINT(115 25)", "h-1")
    run(database_url, "UPDATE onemap_changes SET at = now() - interval '8 days'")
    insert(database_url, "hazard_points", "POINT(115 25)", "h-2")
    assert [row[2] for row in log(database_url)] == ["h-2"]


def test_two_editors_of_two_layers_do_not_wait_for_each_other(database_url: str) -> None:
    insert(database_url, "hazard_points", "POINT(115 25)", "old")
    run(database_url, "UPDATE onemap_changes SET at = now() - interval '8 days'")
    with psycopg.connect(database_url) as first, psycopg.connect(database_url) as second:
        add = (
            "INSERT INTO {} (source, source_id, geom, grade_basis) VALUES ('s', '1', 'SRID=4490;POINT(115 25)', '{{}}')"
        )
        first.execute(add.format("shelters"))
        second.execute("SET lock_timeout = '2s'")
        second.execute(ONE.format("helipads", 1))
        second.commit()
        first.commit()
    assert [row[0] for row in log(database_url)] == ["shelters", "helipads"]
