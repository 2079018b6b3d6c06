"""A large load into an empty layer builds the indexes anew: the same ones, or none of it happened."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import psycopg
import pytest
import shapely

from geo.ingest import FeatureRow, load_rows
from geo.ingest.indexes import LEAST_ROWS, indexes_aside
from layers.registry import discover

SHELTERS = discover()["shelters"]


def _rows(prefix: str = "S") -> Iterator[FeatureRow]:
    for n in range(LEAST_ROWS):
        place = shapely.Point(114 + n % 100 * 0.01, 25 + n // 100 * 0.01)
        yield {"source_id": f"{prefix}{n}", "name": f"安置点{n}", "geom": place}


def _indexes(dsn: str) -> dict[str, int]:
    """Every index of the layer as it is declared, and the number of the file it is in."""
    query = "SELECT pg_get_indexdef(indexrelid), indexrelid::int FROM pg_index WHERE indrelid = 'shelters'::regclass"
    with psycopg.connect(dsn) as connection:
        return {str(definition): int(number) for definition, number in connection.execute(query)}


def _counts(dsn: str) -> tuple[int, int, int]:
    """Features, features that the cells count, revision."""
    query = (
        "SELECT (SELECT count(*) FROM shelters), "
        "(SELECT coalesce(sum(n), 0) FROM onemap_cells WHERE layer = 'shelters'), "
        "(SELECT revision FROM onemap_revisions WHERE layer = 'shelters')"
    )
    with psycopg.connect(dsn) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0]), int(row[1]), int(row[2])


def test_an_empty_layer_gets_its_indexes_back_as_they_were_declared(database_url: str) -> None:
    before = _indexes(database_url)
    report = load_rows(database_url, SHELTERS, _rows(), "甲")
    after = _indexes(database_url)
    assert report.counts.inserted == LEAST_ROWS
    assert after.keys() == before.keys()
    anew = set(after.values()) - set(before.values())
    assert len(anew) == len(before) - 1, "they were built anew, the primary key aside"
    assert _counts(database_url) == (LEAST_ROWS, LEAST_ROWS, 1)
    with psycopg.connect(database_url) as connection:
        connection.execute("SET enable_seqscan = off")
        for column in ("geom", "(geom::geography)"):
            row = connection.execute(
                f"SELECT count(*) FROM shelters WHERE {column} && ST_MakeEnvelope(114, 25, 114.055, 25.055, 4490)"
                + ("::geography" if "geography" in column else "")
            ).fetchone()
            assert row is not None
            assert row[0] >= 36


def test_a_layer_that_holds_something_keeps_its_indexes_and_its_readers(database_url: str) -> None:
    load_rows(database_url, SHELTERS, islice(_rows(), 1), "乙")
    before = _indexes(database_url)
    with psycopg.connect(database_url) as reader:
        reader.execute("SELECT count(*) FROM shelters")
        load_rows(database_url, SHELTERS, _rows(), "甲")
    assert _indexes(database_url) == before
    assert _counts(database_url) == (LEAST_ROWS + 1, LEAST_ROWS + 1, 2)


def test_a_reader_at_work_in_an_empty_layer_is_not_waited_for(database_url: str) -> None:
    before = _indexes(database_url)
    with psycopg.connect(database_url) as reader:
        reader.execute("SELECT count(*) FROM shelters")
        report = load_rows(database_url, SHELTERS, _rows(), "甲")
    assert report.counts.inserted == LEAST_ROWS
    assert _indexes(database_url) == before


def test_a_dry_run_leaves_rows_and_indexes_as_they_were(database_url: str) -> None:
    before = _indexes(database_url)
    report = load_rows(database_url, SHELTERS, _rows(), "甲", dry_run=True)
    assert report.counts.inserted == LEAST_ROWS
    assert _indexes(database_url) == before
    assert _counts(database_url) == (0, 0, 0)


def test_a_load_that_fails_leaves_the_indexes(database_url: str) -> None:
    before = _indexes(database_url)
    rows = [dict(row) for row in _rows()]
    rows[-1]["grade"] = "purple"
    with pytest.raises(psycopg.errors.CheckViolation):
        load_rows(database_url, SHELTERS, rows, "甲")
    assert _indexes(database_url) == before
    assert _counts(database_url) == (0, 0, 0)


def test_indexes_that_somebody_has_plans_with_stay(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("CREATE UNIQUE INDEX one_name ON shelters (source, name)")
        connection.execute("CREATE INDEX told ON shelters (address)")
        connection.execute("COMMENT ON INDEX told IS 'asked for by the bureau'")
        connection.execute('CREATE INDEX "sharp""ly named" ON shelters USING gist (geom) WITH (fillfactor = 80)')
    before = _indexes(database_url)
    with psycopg.connect(database_url) as connection, indexes_aside(connection, "shelters", LEAST_ROWS) as is_alone:
        assert is_alone
        left = connection.execute(
            "SELECT relname FROM pg_index JOIN pg_class c ON c.oid = indexrelid "
            "WHERE indrelid = 'shelters'::regclass ORDER BY 1"
        ).fetchall()
    assert left == [("one_name",), ("shelters_pkey",), ("told",)]
    assert _indexes(database_url).keys() == before.keys()
