"""``onemap import`` as its user meets it: in a sandbox, with profiles, and leaving nothing behind a Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import Result
from typer.testing import CliRunner

from api.cli import build
from geo.errors import FileTooLarge, InputError, NotFound
from tests.conftest import ROOT

CONTENT = """号码,点名,经度,纬度,威胁人口（人）
360721001,王家屋后滑坡,114.93512,25.83117,120
360721002,李屋崩塌,暂无,,3
"""
DECLARED = ("--crs", "CRS84", "--source", "某局", "--map", "号码=source_id", "--map", "点名=name")


def _run(dsn: str, *words: str, **further: str) -> Result:
    environment = {"ONEMAP_DATABASE_URL": dsn, "ONEMAP_LANG": "en", "COLUMNS": "200", **further}
    return CliRunner(env=environment).invoke(build(), words)


def _json(result: Result) -> Any:
    assert result.exception is None, result.exception
    return json.loads(result.stdout)


def _rows(dsn: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(query.encode()).fetchall()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "隐患点.csv"
    path.write_text(CONTENT, encoding="utf-8")
    return path


def _large(folder: Path, rows_n: int = 200_000) -> Path:
    path = folder / "large.csv"
    rows = (f"A{n},x,{100 + n % 9973 * 0.001:.4f}1,{25 + n % 9967 * 0.0007:.5f},1" for n in range(rows_n))
    path.write_text("编号,名称,经度,纬度,威胁人口\n" + "\n".join(rows), encoding="utf-8")
    return path


def test_a_profile_is_saved_used_listed_and_removed(database_url: str, path: Path) -> None:
    words = ("import", str(path), "--layer", "hazard_points", *DECLARED, "--save-profile", "monthly")
    assert _run(database_url, *words, "--dry-run").exit_code == 0
    assert _json(_run(database_url, "imports", "profiles", "--json")) == {"profiles": []}
    assert _run(database_url, *words).exit_code == 0
    report = _json(_run(database_url, "import", str(path), "--profile", "monthly", "--json"))
    assert (report["profile"], report["source"], report["crs"]) == ("monthly", "某局", "CRS84")
    assert (report["counts"]["unchanged"], report["counts"]["rejected"]) == (1, 1)
    (listed,) = _json(_run(database_url, "imports", "profiles", "--json"))["profiles"]
    assert (listed["layer"], listed["mapping"]["点名"]) == ("hazard_points", "name")
    assert listed["used_at"] is not None
    assert "monthly" in _run(database_url, "imports", "profiles").stdout
    assert "monthly" not in _run(database_url, "imports", "profiles", "--remove", "monthly").stdout


def test_a_profile_of_another_layer_or_none_is_refused(database_url: str, path: Path) -> None:
    words = ("import", str(path), "--layer", "hazard_points", *DECLARED, "--save-profile", "monthly")
    assert _run(database_url, *words).exit_code == 0
    other = _run(database_url, "import", str(path), "--profile", "monthly", "--layer", "shelters")
    assert isinstance(other.exception, InputError)
    assert "of layer hazard_points" in str(other.exception)
    none = _run(database_url, "import", str(path), "--profile", "weekly")
    assert isinstance(none.exception, NotFound)
    assert "there are: monthly" in str(none.exception)
    assert _run(database_url, "import", str(path)).exit_code == 2


def test_what_is_declared_with_the_file_stands_above_the_profile(database_url: str, path: Path) -> None:
    words = ("import", str(path), "--layer", "hazard_points", *DECLARED)
    assert _run(database_url, *words, "--save-profile", "p").exit_code == 0
    own = ("--profile", "p", "--datum", "gcj02", "--source", "另一局", "--map", "点名=address", "--json")
    report = _json(_run(database_url, "import", str(path), *own))
    assert (report["crs"], report["source"]) == ("GCJ02", "另一局")
    fields = {each["header"]: each["field"] for each in report["columns"]}
    assert (fields["号码"], fields["点名"]) == ("source_id", "address")


@pytest.mark.parametrize(
    ("limit", "words"),
    [({"ONEMAP_IMPORT_CPU_S": "1"}, "1 s of processor time"), ({"ONEMAP_IMPORT_MEMORY_MB": "256"}, "256 MB of memory")],
)
def test_the_file_is_read_within_the_limits_of_the_service(
    database_url: str, tmp_path: Path, limit: dict[str, str], words: str
) -> None:
    result = _run(
        database_url, "import", str(_large(tmp_path, 600_000)), "--layer", "hazard_points", "--crs", "CRS84", **limit
    )
    assert isinstance(result.exception, FileTooLarge)
    assert words in str(result.exception)
    assert _rows(database_url, "SELECT count(*) FROM hazard_points") == [(0,)]


def test_the_last_imports_are_listed_with_what_became_of_them(database_url: str, path: Path) -> None:
    assert _run(database_url, "import", str(path), "--layer", "hazard_points", *DECLARED).exit_code == 0
    (listed,) = _json(_run(database_url, "imports", "list", "--json"))["runs"]
    assert (listed["file"], listed["state"], listed["counts"]["inserted"]) == ("隐患点.csv", "done", 1)
    assert "1 / 2" in _run(database_url, "imports", "list").stdout


def test_the_report_says_by_which_profile_and_folds_its_cells(database_url: str, path: Path) -> None:
    words = ("import", str(path), "--layer", "hazard_points", *DECLARED, "--save-profile", "p")
    assert _run(database_url, *words).exit_code == 0
    shown = _run(database_url, "import", str(path), "--profile", "p", COLUMNS="70").stdout
    assert "profile p" in shown
    assert "…" not in shown


def _begun(dsn: str) -> None:
    """Wait until the import is in its transaction."""
    deadline = time.monotonic() + 120
    query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'onemap import' AND xact_start IS NOT NULL"
    while _rows(dsn, query + " AND datname = current_database()") == [(0,)]:
        assert time.monotonic() < deadline, "the import does not begin"
        time.sleep(0.02)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL])
def test_a_command_that_is_broken_off_leaves_nothing(database_url: str, tmp_path: Path, sign: signal.Signals) -> None:
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from api.cli import main; main()",
            "import",
            str(_large(tmp_path)),
            "--layer",
            "hazard_points",
            "--crs",
            "CRS84",
        ],
        cwd=ROOT,
        env=os.environ | {"ONEMAP_DATABASE_URL": database_url, "ONEMAP_LANG": "en"},
        stderr=subprocess.PIPE,
        text=True,
    )
    _begun(database_url)
    process.send_signal(sign)
    _, err = process.communicate(timeout=120)
    if sign is signal.SIGINT:
        assert (process.returncode, err.strip().splitlines()[-1]) == (130, "cancelled; nothing was written")
        assert _rows(database_url, "SELECT state FROM import_runs") == [("cancelled",)]
    deadline = time.monotonic() + 60
    while _rows(
        database_url,
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'onemap import' "
        "AND datname = current_database()",
    ) != [(0,)]:
        assert time.monotonic() < deadline, "the reader lives on"
        time.sleep(0.1)
    assert _rows(database_url, "SELECT count(*) FROM hazard_points") == [(0,)]
