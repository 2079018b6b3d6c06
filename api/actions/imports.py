"""What ``onemap imports`` does: list and remove profiles, list the last imports."""

from __future__ import annotations

import json

import typer
from rich.console import Console

from api.actions.tables import folded_table
from api.cli import cli_lang
from api.settings import Settings
from geo.ingest.profiles import Profile, read_profiles, remove_profile
from geo.ingest.runs import Run, read_runs
from layers.text import Lang, Text

__all__ = ["list_profiles", "list_runs"]

_STATES = {
    "waiting": Text("排队中", "waiting"),
    "running": Text("进行中", "under way"),
    "done": Text("完成", "done"),
    "failed": Text("未导入", "failed"),
    "cancelled": Text("已取消", "cancelled"),
}


def _profile_row(each: Profile) -> tuple[str, ...]:
    declared = ", ".join(f"{name}={value}" for name, value in each.declared.items())
    mapping = "\n".join(f"{header} → {field}" for header, field in each.mapping.items())
    used = each.used_at.date().isoformat() if each.used_at else "—"
    return each.name, each.layer, each.source, declared or "—", mapping or "—", used


def list_profiles(*, remove: str | None, as_json: bool) -> None:
    """Print the saved profiles, when ``remove`` is gone.

    Raises:
        NotFound: no such profile.
    """
    dsn, lang = Settings().dsn(), cli_lang()
    if remove is not None:
        remove_profile(dsn, remove)
    found = read_profiles(dsn)
    if as_json:
        typer.echo(json.dumps({"profiles": [each.as_dict() for each in found]}, ensure_ascii=False))
        return
    heads = ("方案", "图层", "来源", "声明", "列 → 字段", "上次使用")
    if lang == "en":
        heads = ("profile", "layer", "source", "declared", "column → field", "last used")
    Console().print(folded_table(heads, [_profile_row(each) for each in found]))


def _run_row(each: Run, lang: Lang) -> tuple[str, ...]:
    counts = each.counts
    loaded = counts.get("inserted", 0) + counts.get("updated", 0) + counts.get("unchanged", 0)
    told = f"{loaded} / {counts['read']}" if counts else each.error.get(lang) if each.error else "—"
    state = _STATES[each.state].get(lang) + (("(试运行)" if lang == "zh" else " (dry run)") if each.dry_run else "")
    when = each.created_at.astimezone().strftime("%Y-%m-%d %H:%M")
    return when, each.file, each.layer, state, str(each.attempts or 1), told, str(each.id)


def list_runs(limit: int, *, as_json: bool) -> None:
    """Print the last imports, the newest first."""
    found, lang = read_runs(Settings().dsn(), limit), cli_lang()
    if as_json:
        typer.echo(json.dumps({"runs": [each.as_dict() for each in found]}, ensure_ascii=False))
        return
    heads = ("时间", "文件", "图层", "状态", "次数", "成功 / 总数", "编号")
    if lang == "en":
        heads = ("time", "file", "layer", "state", "attempts", "loaded / rows", "id")
    Console().print(folded_table(heads, [_run_row(each, lang) for each in found]))
