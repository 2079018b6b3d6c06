"""Every shared real file of the six layers and the divisions imports, its report explained, and again changes nothing.

The command of each is the one that a user would type; the figures are what its README says of the file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

import psycopg
import pytest
from psycopg import sql
from typer.testing import CliRunner

from api.cli import build
from layers.registry import discover


class _Finding(TypedDict):
    code: str
    field: str | None
    column: str | None
    effect: str
    count: int
    rows: list[int]
    first_rows: dict[str, int]


class _Answer(TypedDict):
    counts: dict[str, int]
    findings: list[_Finding]
    crs: str
    encoding: str | None


@dataclass(frozen=True)
class Case:
    """A file, the words of its command, and what the report must say."""

    file: str
    words: str
    read: int
    rejected: dict[str, int] = field(default_factory=dict)
    flags: dict[tuple[str, str], int] = field(default_factory=dict)
    crs: str = "CRS84"
    encoding: str | None = "utf-8"

    @property
    def layer(self) -> str:
        return self.words.split()[1]


CASES = [
    Case("divisions/taiwan_towns.geojson", "--layer divisions", 368),
    Case(
        "hazards/taiwan_debris_flow_torrents.geojson",
        "--layer hazard_points",
        1753,
        # The grades are 高/中/低/持續觀察, another scale; households are "1~4戶"; two lines have parts of no length.
        flags={
            ("scheme-foreign", "grade"): 1753,
            ("number-range", "threatened_households"): 1302,
            ("geometry-repaired", "geom"): 2,
        },
    ),
    Case(
        "hazards/taiwan_large_landslides.geojson",
        "--layer hazard_points",
        94,
        flags={
            ("scheme-foreign", "grade"): 94,
            ("choice-unknown", "hazard_type"): 35,
            ("same-name-place", "name"): 6,
        },
    ),
    Case(
        "shelters/taiwan_shelters_v9.csv",
        "--layer shelters --crs CRS84",
        5973,
        # Three have no longitude but 0; ten are written to two decimals or fewer.
        rejected={"duplicate-row": 5, "coordinate-zero": 3},
        flags={
            ("choice-unknown", "disaster_kinds"): 13,
            ("capacity-none", "capacity_people"): 58,
            ("coordinate-coarse", "geom"): 10,
            ("same-place", "geom"): 523,
            ("same-name-place", "name"): 20,
        },
        encoding="utf-8-sig",
    ),
    Case(
        "reservoirs/takamatsu_reservoir_list.xlsx",
        "--layer reservoirs --crs CRS84",
        841,
        encoding=None,
    ),
    Case(
        "helipads/ourairports_heliports_east_asia.csv",
        "--layer helipads --crs CRS84",
        4090,
        flags={("same-place", "geom"): 107},
    ),
    Case(
        "forest/japan_national_forest_akamatsu.gpkg",
        "--layer forest_zones",
        2336,
        # A45_001 is not unique: 63 compartments come as several polygons of one id.
        rejected={"duplicate-id": 63},
        flags={("geometry-repaired", "geom"): 125},
        crs="EPSG:6668",
    ),
    Case(
        "forest/japan_national_forest_akamatsu.gpkg",
        "--layer forest_zones --map A45_001=- --source by_content",
        2336,
        flags={("geometry-repaired", "geom"): 125},
        crs="EPSG:6668",
    ),
    Case(
        "enterprises/gem_coal_mines_utf16.csv",
        "--layer enterprises --crs CRS84",
        6580,
        # A mine with several phases has a row for each.
        rejected={"duplicate-id": 220},
        # Three of its mines are on Svalbard: 78°N 16°E is no exchanged place.
        flags={("number-range", "workers"): 2, ("coordinate-coarse", "geom"): 51, ("same-place", "geom"): 457},
        encoding="utf-16",
    ),
    Case(
        "enterprises/wri_power_plants_china.csv",
        "--layer enterprises --crs CRS84",
        3137,
        rejected={"coordinate-missing": 11, "duplicate-id": 13},
        flags={("coordinate-coarse", "geom"): 549, ("same-place", "geom"): 67},
    ),
]


def _run(monkeypatch: pytest.MonkeyPatch, dsn: str, path: Path, words: str) -> _Answer:
    monkeypatch.setenv("ONEMAP_DATABASE_URL", dsn)
    result = CliRunner().invoke(build(), ["import", str(path), *words.split(), "--json"])
    assert result.exit_code == 0, result.output
    answer: _Answer = json.loads(result.stdout)
    return answer


def _bytes(dsn: str, layer: str) -> tuple[object, ...]:
    """Everything of a layer: rows, their physical places and versions, and the revision."""
    query = sql.SQL(
        "SELECT (SELECT md5(string_agg(concat(t.ctid, t.xmin, t.xmax, t::text), '|' ORDER BY source, source_id)) "
        "FROM {} t), (SELECT revision FROM onemap_revisions WHERE layer = %s)"
    ).format(sql.Identifier(layer))
    with psycopg.connect(dsn) as connection:
        row = connection.execute(query, (layer,)).fetchone()
    assert row is not None
    return tuple(row)


def _counts(answer: _Answer, effect: str) -> dict[tuple[str, str], int]:
    return {
        (each["code"], each["field"] or ""): each["count"] for each in answer["findings"] if each["effect"] == effect
    }


@pytest.mark.parametrize("case", CASES, ids=[f"{Path(case.file).stem} {case.words}" for case in CASES])
def test_a_real_file_imports_with_its_report_explained_and_again_changes_nothing(
    case: Case, database_url: str, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = _run(monkeypatch, database_url, shared_data / case.file, case.words)

    rejected = sum(case.rejected.values())
    accepted = case.read - rejected
    counts = first["counts"]
    assert {name: counts[name] for name in ("read", "inserted", "updated", "unchanged", "rejected")} == {
        "read": case.read,
        "inserted": accepted,
        "updated": 0,
        "unchanged": 0,
        "rejected": rejected,
    }
    assert {code: count for (code, _), count in _counts(first, "rejected").items()} == case.rejected
    assert _counts(first, "flagged") == case.flags
    assert (first["crs"], first["encoding"]) == (case.crs, case.encoding)

    before = _bytes(database_url, case.layer)
    second = _run(monkeypatch, database_url, shared_data / case.file, case.words)
    assert (second["counts"]["inserted"], second["counts"]["updated"]) == (0, 0)
    assert second["counts"]["unchanged"] == accepted
    assert _bytes(database_url, case.layer) == before


def test_every_shared_table_of_the_layers_is_covered(shared_data: Path) -> None:
    folders = ("divisions", "enterprises", "forest", "hazards", "helipads", "reservoirs", "shelters")
    present = {str(path.relative_to(shared_data)) for each in folders for path in (shared_data / each).iterdir()}
    assert present - {case.file for case in CASES} == {"divisions/china_streets_codes.csv"}


def test_codes_without_shapes_are_refused_by_a_layer_of_polygons(
    database_url: str, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONEMAP_DATABASE_URL", database_url)
    path = shared_data / "divisions/china_streets_codes.csv"
    result = CliRunner().invoke(build(), ["import", str(path), "--layer", "divisions", "--crs", "CRS84"])
    assert result.exception is not None
    assert "points only" in str(result.exception)
    assert _bytes(database_url, "divisions")[0] is None


@pytest.fixture
def taiwan(database_url: str, shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[psycopg.Connection]:
    """Towns, torrents, landslides, shelters and helipads, the towns first."""
    for case in CASES[:4] + CASES[5:6]:
        _run(monkeypatch, database_url, shared_data / case.file, case.words)
    with psycopg.connect(database_url) as connection:
        yield connection


def test_what_real_files_bring_beyond_the_fields_is_kept_verbatim(taiwan: psycopg.Connection) -> None:
    row = taiwan.execute(
        "SELECT name, hazard_type, threatened_households, grade, grade_basis->>'kind', extra, division_code "
        "FROM hazard_points WHERE source_id = '宜縣DF131'"
    ).fetchone()
    assert row is not None
    name, kind, households, grade, basis, extra, division = row
    assert (name, kind, households, grade, basis) == ("翻社坑溪", "debris_flow", None, None, "none")
    assert extra["TRes_Class"] == "1~4戶"
    assert extra["Risk"] == "低"
    assert extra["Type"] == "溪流型"
    assert extra["Mark"] == "德豐農場"
    assert extra["_flags"] == {"grade": "scheme-foreign", "threatened_households": "number-range"}
    towns = taiwan.execute("SELECT name FROM divisions WHERE source_id = %s", (division,)).fetchone()
    assert towns == ("三星鄉",)


def test_a_low_of_another_scale_never_becomes_a_blue_grade(taiwan: psycopg.Connection) -> None:
    assert taiwan.execute("SELECT count(*) FROM hazard_points WHERE grade IS NOT NULL").fetchone() == (0,)


def test_household_counts_are_read_where_they_are_numbers(taiwan: psycopg.Connection) -> None:
    """TRes_Class and Total_Res both claim the field: the readable one fills it, the other is kept."""
    row = taiwan.execute(
        "SELECT threatened_households, extra->>'TRes_Class' FROM hazard_points WHERE source_id = '投縣LL004'"
    ).fetchone()
    assert row == (43, "20到49戶")


def test_shelters_outside_the_town_that_they_name_are_flagged(
    database_url: str, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 170 shelters outside their town 18 were written ddd.mmss, which their town tells; 27 lie outside Taiwan."""
    _run(monkeypatch, database_url, shared_data / CASES[0].file, CASES[0].words)
    answer = _run(monkeypatch, database_url, shared_data / CASES[3].file, CASES[3].words)
    flags = _counts(answer, "flagged")
    assert flags["coordinate-outside-division", "geom"] == 152
    assert flags["coordinate-notation-inferred", "geom"] == 18
    outside = (
        "SELECT count(*), count(*) FILTER (WHERE extra->'_flags'->'geom' ?| "
        "ARRAY['coordinate-outside-division', 'coordinate-notation-inferred'] OR extra->'_flags'->>'geom' "
        "IN ('coordinate-outside-division', 'coordinate-notation-inferred')) FROM shelters s WHERE NOT EXISTS "
        "(SELECT FROM divisions d WHERE ST_DWithin(d.geom, s.geom, 0.003))"
    )
    with psycopg.connect(database_url) as connection:
        far, flagged = connection.execute(outside).fetchone() or (0, 0)
        inferred = connection.execute(
            "SELECT round(ST_X(geom)::numeric, 4)::float8, extra->'_coordinates'->>'text' FROM shelters "
            "WHERE extra->'_coordinates'->>'text' = '120.2857, 22.3931'"
        ).fetchone()
    assert far > 0
    assert flagged == far, "every shelter that lies in no town at all is flagged"
    assert inferred == (120.4825, "120.2857, 22.3931"), "120°28′57″"


def test_feet_become_metres(taiwan: psycopg.Connection) -> None:
    row = taiwan.execute(
        "SELECT count(*), min(elevation_m), max(elevation_m) FROM helipads WHERE elevation_m > 0"
    ).fetchone()
    assert row is not None
    assert row[0] > 100
    assert row[2] < 6000


def test_lists_of_disasters_are_codes(taiwan: psycopg.Connection) -> None:
    row = taiwan.execute("SELECT disaster_kinds, indoor, outdoor FROM shelters WHERE name = '五峰活動中心'").fetchone()
    assert row == (["flood", "earthquake", "geohazard"], True, False)


def test_no_layer_holds_an_invalid_or_misplaced_geometry(taiwan: psycopg.Connection) -> None:
    for name in discover():
        query = sql.SQL(
            "SELECT count(*) FROM {} WHERE NOT ST_IsValid(geom) OR ST_NDims(geom) <> 2 OR ST_SRID(geom) <> 4490 "
            "OR NOT (ST_XMin(geom) >= -180 AND ST_XMax(geom) <= 180 AND ST_YMin(geom) >= -90 AND ST_YMax(geom) <= 90)"
        ).format(sql.Identifier(name))
        assert taiwan.execute(query).fetchone() == (0,), name
