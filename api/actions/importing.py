"""What ``onemap import`` does: a file into a layer.

The file is read in a process of its own, with the limits of the service: whatever it does to its reader, the command
says what happened. Ctrl-C ends that process, and nothing of the import is left.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import typer
from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from api.actions.import_report import print_report
from api.cli import cli_lang, write_atomically
from api.import_limits import limits_of
from api.settings import Settings
from geo.errors import ImportCancelled, ImporterLost
from geo.ingest import ImportOptions, Progress, ProgressCallback, Report
from geo.ingest.into import target_named
from geo.ingest.mending import mending_workbook
from geo.ingest.profiles import Profile, lay_under, read_profile
from geo.ingest.runs import record_cancelled
from geo.ingest.sandbox import import_in_sandbox
from geo.ingest.told import report_from
from layers.text import Text

__all__ = ["import_file"]

NOTHING_ACCEPTED = 1


@contextmanager
def _bar(name: str) -> Iterator[ProgressCallback]:
    """A progress bar on stderr, so that stdout holds the report alone."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[rows]:,}"), TimeElapsedColumn())
    console = Console(stderr=True)
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(name, total=1.0, rows=0)

        def tell(progress: Progress) -> None:
            bar.update(task, completed=progress.fraction, rows=progress.rows, description=f"{name} {progress.stage}")

        yield tell


def _write(path: Path, report: Report, dsn: str) -> None:
    """The report as a file: the workbook to mend, or JSON."""
    if path.suffix.lower() == ".json":
        write_atomically(path, json.dumps(report.as_dict(), ensure_ascii=False, default=str).encode())
    elif report.run is not None:
        write_atomically(path, mending_workbook(dsn, UUID(report.run), cli_lang()))


def _target(layer: str | None, profile: Profile | None) -> str:
    if layer is not None:
        return target_named(layer).name
    if profile is None:
        raise typer.BadParameter(
            "请给出图层(见 onemap layers)或 --profile / name a layer, or a --profile", param_hint="--layer"
        )
    return profile.layer


def _import(settings: Settings, file: Path, target: str, options: ImportOptions) -> Report:
    """The import in its sandbox; when it is broken off, what the database says became of it.

    Raises:
        ImportCancelled: by Ctrl-C, before it was done.
        OnemapError: whatever the import raises.
    """
    dsn, run = settings.dsn(), uuid4()
    try:
        with _bar(file.name) as progress:
            return report_from(
                import_in_sandbox(dsn, file, target, options, progress, run=run, limits=limits_of(settings))
            )
    except (KeyboardInterrupt, ImporterLost) as broken:
        done = record_cancelled(dsn, run, target, file.name, options)
        if done is not None:  # it was committed in the same moment
            return done
        if isinstance(broken, ImporterLost):
            raise
        raise ImportCancelled(Text("已取消,没有写入任何数据", "cancelled; nothing was written")) from None


def _tell(report: Report, as_json: bool) -> None:
    """The report on stdout; exit code 1 when not a row of the file could be taken."""
    if as_json:
        typer.echo(json.dumps(report.as_dict(), ensure_ascii=False, default=str))
    else:
        print_report(report, cli_lang())
    if report.counts.read and report.counts.rejected == report.counts.read:
        raise typer.Exit(NOTHING_ACCEPTED)


def import_file(
    file: Path, layer: str | None, options: ImportOptions, *, profile: str | None, report_to: Path | None, as_json: bool
) -> None:
    """Import the file into the layer (or that of the profile), print the report, write it to ``report_to``.

    Raises:
        typer.BadParameter: neither layer nor profile is named. typer.Exit: not a row could be taken.
        OnemapError: whatever the import raises.
    """
    settings = Settings()
    saved = read_profile(settings.dsn(), profile) if profile else None
    if saved is not None:
        options = lay_under(options, saved, layer)
    report = _import(settings, file, _target(layer, saved), options)
    if report_to is not None:
        _write(report_to, report, settings.dsn())
    _tell(report, as_json)
