"""CSV and TSV: encoding and delimiter found, records streamed with their spreadsheet row numbers."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from io import TextIOWrapper
from itertools import islice
from pathlib import Path

import numpy as np

from geo.errors import FileUnreadable
from geo.ingest.reading.encoding import SAMPLE_BYTES, canonical_encoding, detect_encoding
from geo.ingest.reading.header import RowJudge, find_table
from geo.ingest.reading.table import BATCH_ROWS, Batch, Cell, Table, unique_headers
from layers.text import Text

__all__ = ["read_text_table"]

_FIELD_LIMIT = 1 << 20
_LOOKED_AT = 30
"""Rows among which the header is looked for."""
_DELIMITERS = (",", "\t", ";", "|")


def _is_utf8(path: Path) -> bool:
    """Whether every byte of the file decodes as UTF-8."""
    try:
        with path.open(encoding="utf-8") as file:
            while file.read(SAMPLE_BYTES):
                pass
    except UnicodeDecodeError:
        return False
    return True


def _encoding_of(path: Path, declared: str | None) -> str:
    if declared is not None:
        known = canonical_encoding(declared)
        if known is None:
            raise FileUnreadable(
                Text(
                    f"不认识的编码 {declared!r};例如 gb18030、utf-8、big5",
                    f"unknown encoding {declared!r}; for example gb18030",
                ),
                field="encoding",
            )
        return known
    with path.open("rb") as file:
        sample = file.read(SAMPLE_BYTES)
    if not sample.strip(b" \t\r\n\0"):
        raise FileUnreadable(Text(f"{path.name} 是空文件", f"{path.name} is empty"))
    whole = len(sample) < SAMPLE_BYTES
    found = detect_encoding(sample, whole, None if whole else lambda: _is_utf8(path))
    if found is None:
        raise FileUnreadable(
            Text(
                f"无法判断 {path.name} 的文字编码;请用 --encoding 声明,例如 --encoding gb18030",
                f"the encoding of {path.name} cannot be told; declare it, for example --encoding gb18030",
            ),
            field="encoding",
        )
    return found


def _delimiter_of(lines: list[str]) -> str:
    """The delimiter that most of the first lines hold the most of."""
    return max(_DELIMITERS, key=lambda each: (sum(line.count(each) for line in lines), each == ","))


class _TextTable:
    """One CSV file, opened anew for each reading."""

    def __init__(self, path: Path, encoding: str, errors: str) -> None:
        self.path, self.encoding, self.errors = path, encoding, errors
        self.size = max(1, path.stat().st_size)
        with path.open(encoding=encoding, errors=errors, newline="") as file:
            lines = list(islice(file, 20))
        self.delimiter = _delimiter_of(lines)

    def chunks(self, rows: int, first_row: int = 1) -> Iterator[tuple[int, list[list[str]], float]]:
        """From a row on: number of the first row, the rows, fraction read.

        Blank lines count as rows, as they do in a spreadsheet.
        """
        csv.field_size_limit(_FIELD_LIMIT)
        with self.path.open("rb") as raw, TextIOWrapper(raw, self.encoding, self.errors, newline="") as file:
            reader, number = csv.reader(file, delimiter=self.delimiter), first_row
            try:
                for _ in islice(reader, first_row - 1):
                    pass
                while chunk := list(islice(reader, rows)):
                    yield number, chunk, min(1.0, raw.tell() / self.size)
                    number += len(chunk)
            except csv.Error as error:
                raise FileUnreadable(
                    Text(
                        f"{self.path.name} 第 {reader.line_num} 行不是有效的 CSV:{error}",
                        f"{self.path.name}, line {reader.line_num}, is not valid CSV: {error}",
                    )
                ) from error
            except UnicodeDecodeError as error:
                raise FileUnreadable(
                    Text(
                        f"{self.path.name} 不是 {self.encoding} 编码(第 {reader.line_num} 行附近);请用 --encoding 声明",
                        f"{self.path.name} is not {self.encoding} (near line {reader.line_num}); "
                        "declare it with --encoding",
                    ),
                    field="encoding",
                ) from error

    def batches(self, headers: tuple[str, ...], first_row: int, judge: RowJudge) -> Iterator[Batch]:
        """The records below the header, as columns; rows without any content are passed over."""
        ready: Batch | None = None  # kept back, for what is skipped behind the last rows is told with them
        skipped: dict[str, list[int]] = {}
        for first, chunk, fraction in self.chunks(BATCH_ROWS, first_row):
            passed: set[int] = set()
            for at in judge.doubtful(chunk):
                if not any(chunk[at]):
                    passed.add(at)
                elif (code := judge(chunk[at])) is not None:
                    skipped.setdefault(code, []).append(first + at)
                    passed.add(at)
            places = [at for at in range(len(chunk)) if at not in passed]
            if not places:
                continue
            if ready is not None:
                yield ready
            columns, beyond = _columns([chunk[at] for at in places] if passed else chunk, len(headers))
            rows = first + np.array(places, dtype=np.int64)
            ready = Batch(rows, dict(zip(headers, columns, strict=True)), None, beyond, fraction, skipped)
            skipped = {}
        if ready is not None:
            for code, numbers in skipped.items():
                ready.skipped.setdefault(code, []).extend(numbers)
            yield ready


def _columns(rows: list[list[str]], width: int) -> tuple[list[list[Cell]], dict[int, list[Cell]]]:
    """Rows as columns of one length, empty cells as None; by position what stands beyond the last header."""
    beyond: dict[int, list[Cell]] = {}
    if set(map(len, rows)) != {width}:
        surplus = ((at, cells[width:]) for at, cells in enumerate(rows) if len(cells) > width)
        beyond = {at: [cell or None for cell in cells] for at, cells in surplus if any(cells)}
        rows = [cells if len(cells) == width else (cells + [""] * width)[:width] for cells in rows]
    columns = zip(*rows, strict=True)
    return [list(column) if all(column) else [cell or None for cell in column] for column in columns], beyond


def read_text_table(path: Path, encoding: str | None, is_known: Callable[[str], bool]) -> Table:
    """The table of a CSV or TSV file. ``is_known`` tells which words are headers of the layer.

    Raises:
        FileUnreadable: empty, not text, or of an encoding that cannot be told or does not fit.
    """
    name = _encoding_of(path, encoding)
    source = _TextTable(path, name, "strict")
    first = next((chunk for _, chunk, _ in source.chunks(_LOOKED_AT)), [])
    found = find_table(first, is_known)
    headers = unique_headers(found.names)
    judge = RowJudge(headers, first[: found.body])
    return Table(
        format="TSV" if source.delimiter == "\t" else "CSV",
        headers=headers,
        batches=lambda: source.batches(headers, found.body + 1, judge),
        header_row=found.last + 1,
        encoding=name,
        delimiter=source.delimiter,
    )
