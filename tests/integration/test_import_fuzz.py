"""A short run of the fuzzer (``make fuzz-import`` runs it for ten minutes): random files end in clear errors only."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from geo.errors import FileUnreadable
from geo.ingest import ImportOptions, import_file
from layers.registry import discover
from tests.fuzz_import import fuzz


def test_random_files_end_in_clear_errors_only(database_url: str) -> None:
    outcome = fuzz(database_url, seconds=15, seed=500_000, samples=[])
    assert outcome.findings == []
    assert outcome.files >= 3
    assert sum(outcome.ends.values()) == outcome.files


# What the fuzzer found, made small.


def test_a_name_with_a_nul_is_compared_with_no_known_name(database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "nul.csv"
    path.write_bytes(
        "编号,名称,经度,纬度\n".encode() + b"".join(b"A%d,a\0b%d,114.9%d1,25.8%d1\n" % (n, n, n, n) for n in range(9))
    )
    report = import_file(database_url, path, discover()["hazard_points"], ImportOptions(crs="CRS84"))
    assert (report.counts.inserted, report.counts.rejected) == (9, 0)


def test_an_archive_whose_entry_lies_before_its_beginning_is_said_to_be_broken(
    database_url: str, tmp_path: Path
) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in ("a.shp", "a.dbf"):
            archive.writestr(name, b"x" * 100)
    content = buffer.getvalue()
    path = tmp_path / "a.zip"
    path.write_bytes(content[110:])  # the entries' offsets now count from before the file
    with pytest.raises(FileUnreadable):
        import_file(database_url, path, discover()["hazard_points"], ImportOptions(crs="CRS84"))
