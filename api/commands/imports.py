"""``onemap imports``: the saved profiles of sources, and what became of the last imports."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console

from api.cli import cli_lang
from api.import_report import report_table
from api.settings import Settings
from geo.ingest.profiles import Profile, read_profiles, remove_profile
from geo.ingest.runs import Run, read_runs
from layers.text import Lang, Text

__all__ = ["register"]

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


def profiles(
    remove: Annotated[str | None, typer.Option(help="删除该方案 / remove this profile")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")] = False,
) -> None:
    """已保存的导入方案 / The saved profiles: layer, source, datum, encoding and mapping of a source's files."""
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
    Console().print(report_table(heads, [_profile_row(each) for each in found]))


def _run_row(each: Run, lang: Lang) -> tuple[str, ...]:
    counts = each.counts
    loaded = counts.get("inserted", 0) + counts.get("updated", 0) + counts.get("unchanged", 0)
    told = f"{loaded} / {counts['read']}" if counts else each.error.get(lang) if each.error else "—"
    state = _STATES[each.state].get(lang) + (("(试运行)" if lang == "zh" else " (dry run)") if each.dry_run else "")
    when = each.created_at.astimezone().strftime("%Y-%m-%d %H:%M")
    return when, each.file, each.layer, state, str(each.attempts or 1), told, str(each.id)


def runs(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="最多列出 / most listed")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")] = False,
) -> None:
    """最近的导入 / The last imports: their state, how often they were begun, and what became of them."""
    found, lang = read_runs(Settings().dsn(), limit), cli_lang()
    if as_json:
        typer.echo(json.dumps({"runs": [each.as_dict() for each in found]}, ensure_ascii=False))
        return
    heads = ("时间", "文件", "图层", "状态", "次数", "成功 / 总数", "编号")
    if lang == "en":
        heads = ("time", "file", "layer", "state", "attempts", "loaded / rows", "id")
    Console().print(report_table(heads, [_run_row(each, lang) for each in found]))


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="导入的方案与记录 / profiles and records of imports", no_args_is_help=True)
    group.command("profiles")(profiles)
    group.command("list")(runs)
    app.add_typer(group, name="imports")
