"""From a batch of cells to rows of stock: the depot found, the item, its quantity in its unit; or why not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from geo.ingest.columns import ColumnMap
from geo.ingest.extra import Extras
from geo.ingest.fields import FieldReader
from geo.ingest.headers import read_header
from geo.ingest.options import ImportOptions
from geo.ingest.reading import Batch, Cell
from geo.ingest.reasons import REASONS, Effect
from geo.ingest.report import SAMPLES_KEPT, Report
from geo.ingest.stock.cells import Amount, AmountReader, read_supply_code
from geo.ingest.stock.depots import Depots
from geo.ingest.values import Reading, tidy
from layers.supply_stock import STOCK

__all__ = ["STAGED", "StockPreparer", "StockRows"]

STAGED = ("source_id", "item_code", "item_name", "quantity", "unit", "counted_on", "extra")
"""The staged columns of a row of stock, beside the number of its row."""
_OWN = ("quantity", "item_code")
"""Fields that are read here; the others as those of any layer."""

Columns = dict[str, list[object]]


@dataclass(slots=True)
class StockRows:
    """Accepted rows of one batch."""

    rows: list[int]
    columns: Columns = field(default_factory=dict)


class StockPreparer:
    """Prepares a file's batches one after the other, and tells the report what becomes of each row."""

    def __init__(self, columns: ColumnMap, depots: Depots, options: ImportOptions, report: Report) -> None:
        self._columns, self._depots, self._options, self._report = columns, depots, options, report
        fields = {each.name: each for each in STOCK.importable_fields()}
        shared = {name: found for name, found in columns.fields.items() if name not in _OWN}
        self._reader = FieldReader(
            fields, ColumnMap(shared, sensitive=columns.sensitive, places=columns.places), frozenset(), report
        )
        self._amounts = AmountReader(fields["quantity"])
        depot = (each.header for each in columns.fields.get("depot", ()))
        self._kept = (*columns.unmapped, *columns.ordinals, *columns.places.roles(), *depot)
        self._first: dict[tuple[str, str, str], tuple[int, object]] = {}

    def prepare(self, batch: Batch) -> StockRows:
        """The accepted rows of ``batch``."""
        report = self._report
        report.counts.read += len(batch)
        for code, rows in batch.skipped.items():
            report.finding(code).add(rows)
        extras, flagged = Extras(batch, list(dict.fromkeys(self._kept)), self._columns.sensitive), set[int]()
        values = self._reader.read(batch, extras, flagged)
        amounts = self._amounts_of(batch, extras, flagged)
        values["quantity"] = [_whole(each.reading.value) for each in amounts]
        values["unit"] = self._units(batch, values.get("unit"), amounts, extras, flagged)
        codes = self._read("item_code", batch, read_supply_code, extras, flagged)
        values["item_code"] = [each.value for each in codes]
        ids, problems = self._depots_of(batch, values.pop("depot", None))
        self._judge(batch, ids, values, problems)
        unknown = [at for at, own in enumerate(ids) if own is not None and own not in self._depots]
        self._flag("depot-unknown", "source_id", batch, unknown, extras, flagged)
        accepted = [at for at in range(len(batch)) if at not in problems]
        self._reject(batch, problems)
        report.counts.flagged += len(flagged.intersection(accepted))
        dates = values.get("counted_on", [None] * len(batch))
        values["counted_on"] = [self._options.data_date if date is None else date for date in dates]
        values["source_id"] = list(ids)
        columns = {name: [values[name][at] for at in accepted] for name in STAGED if name != "extra"}
        columns["extra"] = extras.as_json(accepted)
        return StockRows([int(batch.rows[at]) for at in accepted], columns)

    def _header(self, name: str) -> str | None:
        sources = self._columns.fields.get(name)
        return sources[0].header if sources else None

    def _cells(self, name: str, batch: Batch) -> list[Cell]:
        header = self._header(name)
        return batch.cells[header] if header is not None else [None] * len(batch)

    def _read(
        self, name: str, batch: Batch, reader: Callable[[object], Reading], extras: Extras, flagged: set[int]
    ) -> list[Reading]:
        """A column by a reader of its own; what cannot be read is kept and told."""
        readings = [reader(cell) for cell in self._cells(name, batch)]
        self._tell(name, batch, readings, extras, flagged)
        return readings

    def _tell(self, name: str, batch: Batch, readings: list[Reading], extras: Extras, flagged: set[int]) -> None:
        header = self._header(name)
        found: dict[str, list[int]] = defaultdict(list)
        for at, reading in enumerate(readings):
            if header is not None and (reading.problem is not None or reading.keep):
                extras.keep(at, header, batch.cells[header][at])
            if reading.problem is not None:
                found[reading.problem].append(at)
        for code, positions in found.items():
            self._flag(code, name, batch, positions, extras, flagged)

    def _flag(
        self, code: str, name: str, batch: Batch, positions: list[int], extras: Extras, flagged: set[int]
    ) -> None:
        if not positions:
            return
        if REASONS[code].effect is Effect.FLAGGED:
            for at in positions:
                extras.flag(at, name, code)
            flagged.update(positions)
        self._report.finding(code, name, self._header(name)).add(
            (int(batch.rows[at]) for at in positions), self._samples(name, batch, positions)
        )

    def _samples(self, name: str, batch: Batch, positions: list[int]) -> Iterable[str]:
        cells = self._cells(name, batch)
        return (str(cells[at]) for at in positions[: 10 * SAMPLES_KEPT] if cells[at] is not None)

    def _amounts_of(self, batch: Batch, extras: Extras, flagged: set[int]) -> list[Amount]:
        amounts = [self._amounts(cell) for cell in self._cells("quantity", batch)]
        self._tell("quantity", batch, [each.reading for each in amounts], extras, flagged)
        return amounts

    def _units(
        self, batch: Batch, given: list[object] | None, amounts: list[Amount], extras: Extras, flagged: set[int]
    ) -> list[object]:
        """The unit that stands with the quantity, else its column's, else the one in the quantity's header."""
        header = self._header("quantity")
        remarks = read_header(header).remarks if header is not None else ()
        column = given if given is not None else [None] * len(batch)
        differ = [
            at
            for at, (own, amount) in enumerate(zip(column, amounts, strict=True))
            if own is not None and amount.unit is not None and str(own) != amount.unit
        ]
        for at in differ:
            if (unit_header := self._header("unit")) is not None:
                extras.keep(at, unit_header, batch.cells[unit_header][at])
        self._flag("stock-unit-differs", "unit", batch, differ, extras, flagged)
        common = tidy(remarks[0]) if len(remarks) == 1 else None
        return [amount.unit or own or common for own, amount in zip(column, amounts, strict=True)]

    def _depots_of(self, batch: Batch, names: list[object] | None) -> tuple[list[str | None], dict[int, str]]:
        """Each row's depot by its id, else by its name; and why there is none."""
        readings = self._reader.source_ids(batch) or [Reading(None)] * len(batch)
        ids: list[str | None] = []
        problems: dict[int, str] = {}
        for at, (reading, name) in enumerate(zip(readings, names or [None] * len(batch), strict=True)):
            found = [str(reading.value)] if reading.value is not None else []
            if not found and name is not None:
                found = self._depots.named(str(name))
                if len(found) != 1:
                    problems[at] = "depot-ambiguous" if found else "depot-not-found"
            elif not found:
                problems[at] = "id-unreadable" if reading.problem in ("code-mangled", "code-unreadable") else ""
                problems[at] = problems[at] or "depot-missing"
            ids.append(found[0] if len(found) == 1 else None)
        return ids, problems

    def _judge(self, batch: Batch, ids: list[str | None], values: Columns, problems: dict[int, str]) -> None:
        """What else keeps a row out: no item, no unit, or a second row of the same item."""
        items = values.get("item_name", [None] * len(batch))
        values["item_name"] = items
        for at, (own, item, unit) in enumerate(zip(ids, items, values["unit"], strict=True)):
            if at in problems or own is None:
                continue
            if item is None or unit is None:
                problems[at] = "item-missing" if item is None else "stock-unit-missing"
                continue
            row, key = int(batch.rows[at]), (own, str(item), str(unit))
            first, quantity = self._first.setdefault(key, (row, values["quantity"][at]))
            if first != row:
                problems[at] = "duplicate-row" if quantity == values["quantity"][at] else "stock-repeated"
                self._report.finding(problems[at], *self._place(problems[at])).first_row(row, first)

    def _place(self, code: str) -> tuple[str, str | None]:
        """Field and column where a reason to refuse a row lies."""
        name = {"item-missing": "item_name", "stock-unit-missing": "unit", "id-unreadable": "source_id"}.get(code)
        if name is None:
            name = "item_name" if code in ("duplicate-row", "stock-repeated") else "depot"
        if name == "depot" and self._header("depot") is None:
            name = "source_id"
        if name == "unit" and self._header("unit") is None:
            name = "quantity"
        return name, self._header(name)

    def _reject(self, batch: Batch, problems: dict[int, str]) -> None:
        found: dict[str, list[int]] = defaultdict(list)
        for at, code in problems.items():
            found[code].append(at)
        for code, positions in found.items():
            self._report.counts.rejected += len(positions)
            name, column = self._place(code)
            self._report.finding(code, name, column).add(
                (int(batch.rows[at]) for at in positions), self._samples(name, batch, positions)
            )


def _whole(value: object) -> object:
    """120, not 120.0: a numeric column shows what it was given."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
