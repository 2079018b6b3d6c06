"""A delivered file, opened for the layer or the stock it is to fill: its rows, its columns, and what they mean."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from geo.ingest.columns import ColumnMap, KnownHeaders, Target, match_columns
from geo.ingest.guards import check_columns, check_file
from geo.ingest.mended import take_mended
from geo.ingest.options import ImportOptions
from geo.ingest.profiles import take_profile
from geo.ingest.reading import Table, open_table
from geo.ingest.report import Report

__all__ = ["Delivery", "open_delivery"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """The rows of a file under the options that hold for them; ``mends`` is the run whose rows they mend."""

    path: Path
    target: Target
    table: Table
    options: ImportOptions
    columns: ColumnMap
    mends: UUID | None

    def report(self, run: UUID) -> Report:
        """An empty report of the import of this file."""
        return Report(
            file=self.path.name,
            layer=self.target.name,
            source=self.options.source or self.path.stem,
            run=str(run),
            dry_run=self.options.dry_run,
            full=self.options.full,
            format=self.table.format,
            encoding=self.table.encoding,
            delimiter=self.table.delimiter,
            sheet=self.table.sheet,
            header_row=self.table.header_row,
            profile=self.options.profile,
            columns=list(self.columns.report),
            warnings=list(self.table.warnings),
        )


def open_delivery(dsn: str, path: Path, target: Target, options: ImportOptions) -> Delivery:
    """Open a file; a mended workbook and a profile add to ``options`` what they know.

    Raises:
        FileUnreadable, FileTooLarge: no such file, one that cannot be read, or one beyond the limits.
        InputError: a mended workbook of another layer, a profile or a mapping that does not fit.
        DatabaseUnreachable: the run or the profile it names cannot be looked up.
    """
    check_file(path)
    known = KnownHeaders(target)
    table = open_table(path, encoding=options.encoding, sheet=options.sheet, is_known=known.__contains__)
    check_columns(path, len(table.headers))
    table, options, mended = take_mended(dsn, table, target, options)
    table, options = take_profile(table, options)
    columns = match_columns(target, table.headers, options.mapping)
    return Delivery(path, target, table, options, columns, mended.run if mended is not None else None)
