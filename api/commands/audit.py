"""``onemap audit NAME``: one audit as a table, JSON or a file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["register"]


def audit(
    name: Annotated[
        str | None, typer.Argument(help="审查名称;不给则列出全部 / the audit; without one all are listed")
    ] = None,
    division: Annotated[str | None, typer.Option(help="行政区划代码 / division code")] = None,
    today: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="截至日期,缺省为今天 / as of this date")
    ] = None,
    reach: Annotated[float | None, typer.Option("--reach", help="隐患点影响范围(米)/ reach of hazards, metres")] = None,
    sample_share: Annotated[float, typer.Option(help="一般风险抽查比例 / share drawn at random")] = 0.1,
    seed: Annotated[str, typer.Option(help="抽样种子,缺省为年份 / seed of the sample")] = "",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="写入文件(.xlsx .csv .geojson .gpkg .parquet)/ write a file")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")] = False,
) -> None:
    """审查:避难场所选址、起降点覆盖、重大危险源 α、尾矿库下游、检查到期 / Audits of the map, each row explained."""
    from api.actions.audit import list_audits, run_audit

    if name is None:
        list_audits()
        return
    run_audit(
        name,
        division=division,
        as_of=today.date() if today else None,
        reach_m=reach,
        sample_share=sample_share,
        seed=seed,
        output=output,
        as_json=as_json,
    )


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("audit")(audit)
