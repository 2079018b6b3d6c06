"""The report in words: rows of texts in either language, for a terminal, a page or a workbook."""

from __future__ import annotations

from geo.ingest.reasons import REASONS, Effect
from geo.ingest.report import Finding, Report
from layers.text import Lang, Text

__all__ = ["change_rows", "column_rows", "count_words", "effect_word", "finding_rows", "row_list"]

_ROWS_SHOWN = 12

_EFFECTS = {
    Effect.REJECTED: Text("失败", "rejected"),
    Effect.FLAGGED: Text("存疑", "flagged"),
    Effect.NOTED: Text("说明", "noted"),
}
_ROLES = {
    "longitude": Text("经度", "longitude"),
    "latitude": Text("纬度", "latitude"),
    "longitude_minutes": Text("经度的分", "minutes of the longitude"),
    "longitude_seconds": Text("经度的秒", "seconds of the longitude"),
    "latitude_minutes": Text("纬度的分", "minutes of the latitude"),
    "latitude_seconds": Text("纬度的秒", "seconds of the latitude"),
    "grid_x": Text("坐标 X", "coordinate X"),
    "grid_y": Text("坐标 Y", "coordinate Y"),
    "coordinates": Text("坐标(一格两值)", "coordinates (both in one cell)"),
    "division": Text("所在行政区划(用于核对坐标)", "division (coordinates are checked against it)"),
    "ordinal": Text("序号(不是编号)", "ordinal (no id)"),
    "extra": Text("原样保留", "kept verbatim"),
}


def effect_word(effect: Effect, lang: Lang) -> str:
    """失败, 存疑 or 说明."""
    return _EFFECTS[effect].get(lang)


def row_list(finding: Finding, lang: Lang) -> str:
    """The first row numbers; of duplicates each with the row that was kept."""
    shown = [
        f"{row} (= {finding.first_rows[row]})" if row in finding.first_rows else str(row)
        for row in finding.rows[:_ROWS_SHOWN]
    ]
    more = finding.count - len(shown)
    listed = "、".join(shown) if lang == "zh" else ", ".join(shown)
    if more <= 0:
        return listed
    return f"{listed} 等 {finding.count} 行" if lang == "zh" else f"{listed} and {more} more"


def finding_rows(report: Report, lang: Lang) -> list[tuple[str, str, str, str, str, str]]:
    """Effect, reason with its code, column, count with rows, samples, what to do; rejections first."""
    rows = []
    for effect in Effect:
        for each in report.of(effect):
            reason = REASONS[each.code]
            column = each.column or each.field or ""
            what = f"{reason.what.get(lang)} [{each.code}]"
            samples = " | ".join(sample[:40] for sample in each.samples)
            rows.append((effect_word(effect, lang), what, column, row_list(each, lang), samples, reason.todo.get(lang)))
    return rows


def column_rows(report: Report, lang: Lang) -> list[tuple[str, str, str]]:
    """Header, what it is taken for, its unit."""
    rows = []
    for each in report.columns:
        if each.role == "field" and each.title is not None:
            meaning = f"{each.title.get(lang)} ({each.field})"
        else:
            meaning = _ROLES[each.role].get(lang)
        rows.append((each.header, meaning, each.unit or ""))
    return rows


_KINDS = {
    "updated": Text("更新", "updated"),
    "restored": Text("恢复", "restored"),
    "retired": Text("停用", "retired"),
    "removed": Text("删去", "removed"),
}


def change_rows(report: Report, lang: Lang, most: int = 20) -> list[tuple[str, str, str, str]]:
    """Kind, id, name, and each changed column before and after, of the first features that change."""
    rows = []
    for each in report.changes[:most]:
        told = [f"{name}: {_short(old)} → {_short(new)}" for name, (old, new) in each.columns.items()]
        if each.moved_m:
            told.append(f"{each.moved_m:,.1f} m")
        rows.append((_KINDS[each.kind].get(lang), each.source_id, each.name or "", "\n".join(told)))
    return rows


def _short(value: object) -> str:
    return "—" if value is None else str(value)[:60]


def count_words(report: Report, lang: Lang) -> str:
    """总条数, 成功, 存疑, 失败, as users know them."""
    counts = report.counts
    loaded = counts.loaded
    if lang == "zh":
        prefix = "试运行(未写入):" if report.dry_run else ""
        return (
            f"{prefix}总条数 {counts.read},成功 {loaded}(新增 {counts.inserted}、更新 {counts.updated}、"
            f"未变 {counts.unchanged}),其中存疑 {counts.flagged};失败 {counts.rejected}"
            + (f";停用 {counts.retired}" if counts.retired else "")
        )
    prefix = "dry run, nothing written: " if report.dry_run else ""
    return (
        f"{prefix}{counts.read} rows read, {loaded} loaded ({counts.inserted} inserted, {counts.updated} updated, "
        f"{counts.unchanged} unchanged), {counts.flagged} of them flagged; {counts.rejected} rejected"
        + (f"; {counts.retired} features retired" if counts.retired else "")
    )
