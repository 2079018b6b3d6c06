"""A short run of the fuzzer (``make fuzz-import`` runs it for ten minutes): random files end in clear errors only."""

from __future__ import annotations

from tests.fuzz_import import fuzz


def test_random_files_end_in_clear_errors_only(database_url: str) -> None:
    outcome = fuzz(database_url, seconds=15, seed=500_000, samples=[])
    assert outcome.findings == []
    assert outcome.files >= 3
    assert sum(outcome.ends.values()) == outcome.files
