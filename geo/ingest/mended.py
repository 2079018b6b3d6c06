"""A mended workbook come back: it is known by its marked columns, and taken as the run that it mends was declared."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

import psycopg

from geo.errors import DatabaseUnreachable, InputError
from geo.ingest.columns import Target
from geo.ingest.options import ImportOptions
from geo.ingest.reading import Batch, Table
from layers.text import Text

__all__ = ["ID_MARK", "ROW_MARK", "TODO_MARK", "WHY_MARK", "Mended", "marked", "take_mended"]

ROW_MARK, WHY_MARK, TODO_MARK, ID_MARK = "行号", "原因", "处理办法", "编号"
"""What our own columns of a mending workbook hold; each header is ``〔onemap RUN〕`` and one of these."""

_MARKED = re.compile(r"〔onemap ([0-9a-f-]{36})〕(\S+)")


def marked(run: UUID, mark: str) -> str:
    """The header of one of our own columns."""
    return f"〔onemap {run}〕{mark}"


@dataclass(frozen=True, slots=True)
class Mended:
    """A mending workbook: the run whose rows it holds, and the column of ids where the source has none of its own."""

    run: UUID
    id_header: str | None


@dataclass(frozen=True, slots=True)
class _Origin:
    layer: str
    crs: str | None
    options: ImportOptions


def _find(table: Table) -> tuple[Mended | None, tuple[str, ...]]:
    found = {header: match for header in table.headers if (match := _MARKED.fullmatch(header))}
    if not found:
        return None, ()
    id_header = next((header for header, match in found.items() if match.group(2) == ID_MARK), None)
    run = UUID(next(iter(found.values())).group(1))
    return Mended(run, id_header), tuple(header for header in found if header != id_header)


def _without(table: Table, headers: tuple[str, ...]) -> Table:
    def batches() -> Iterator[Batch]:
        for batch in table.batches():
            yield replace(batch, cells={name: cells for name, cells in batch.cells.items() if name not in headers})

    return replace(table, headers=tuple(each for each in table.headers if each not in headers), batches=batches)


def _origin(dsn: str, run: UUID) -> _Origin | None:
    try:
        with psycopg.connect(dsn) as connection:
            row = connection.execute(
                "SELECT layer, report->>'crs', report->>'source', options FROM import_runs WHERE id = %s", (run,)
            ).fetchone()
    except psycopg.OperationalError as error:
        raise DatabaseUnreachable(Text(f"连不上数据库:{error}", f"the database cannot be reached: {error}")) from error
    if row is None:
        return None
    layer, crs, source, options = row
    assert isinstance(options, Mapping)
    return _Origin(str(layer), crs, replace(ImportOptions.from_dict(options), source=source))


def _inherit(options: ImportOptions, origin: _Origin, headers: tuple[str, ...]) -> ImportOptions:
    """What the user did not say anew is as it was said of the run that is mended."""
    before = origin.options
    mapping = {header: field for header, field in before.mapping.items() if header in headers}
    declared = options.crs is not None or options.datum is not None
    return replace(
        options,
        source=options.source or before.source,
        crs=options.crs if declared else (before.crs if before.datum else origin.crs),
        datum=options.datum if declared else before.datum,
        notation=options.notation or before.notation,
        profile=options.profile or before.profile,
        usual=dict(before.usual) | dict(options.usual),
        mapping=mapping | dict(options.mapping),
        data_date=options.data_date or before.data_date,
        demo=options.demo or before.demo,
    )


def take_mended(
    dsn: str, table: Table, layer: Target, options: ImportOptions
) -> tuple[Table, ImportOptions, Mended | None]:
    """The table without our own columns and with the options of its run, when it is a mended workbook; else as it is.

    Raises:
        InputError: it mends a run of another layer, or is said to be a full delivery.
    """
    mended, ours = _find(table)
    if mended is None:
        return table, options, None
    if options.full:
        raise InputError(
            Text(
                "修正表只含部分行,不能与 --full 同用",
                "a mended workbook holds some of the rows only; it cannot go with --full",
            ),
            field="full",
        )
    table = _without(table, ours)
    if mended.id_header is not None:
        options = replace(options, mapping={mended.id_header: "source_id"} | dict(options.mapping))
    origin = _origin(dsn, mended.run)
    if origin is None:
        return table, options, mended
    if origin.layer != layer.name:
        raise InputError(
            Text(
                f"该修正表属于图层 {origin.layer},不是 {layer.name}",
                f"this workbook mends rows of layer {origin.layer}, not of {layer.name}",
            ),
            field="layer",
        )
    return table, _inherit(options, origin, table.headers), mended
