"""The options that the commands for exhibits and atlases share, each declared once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated

import typer

from api.cli import cli_lang
from geo.errors import InputError
from layers.text import Text

__all__ = [
    "ApprovalOption",
    "CrsOption",
    "DateOption",
    "DpiOption",
    "GradesOption",
    "LangOption",
    "LayersOption",
    "MakerOption",
    "MostOption",
    "NumberOption",
    "OrientationOption",
    "PaperOption",
    "RadiusOption",
    "ReachOption",
    "ScaleOption",
    "SecrecyOption",
    "TemplateOption",
    "asked",
]

RadiusOption = Annotated[list[float] | None, typer.Option("--radius", help="圈层半径(米),可多次 / rings, metres")]
LayersOption = Annotated[str | None, typer.Option(help="图层,逗号分隔 / layers, comma-separated")]
GradesOption = Annotated[str | None, typer.Option(help="等级,逗号分隔 / red,orange,yellow,blue,none")]
ReachOption = Annotated[
    list[str] | None, typer.Option("--reach", help="保障半径:图层=米,可多次 / reach of resources: LAYER=METRES")
]
MostOption = Annotated[int | None, typer.Option("--most", help="清单最多列出的要素 / most features listed")]
MakerOption = Annotated[str | None, typer.Option(help="制图单位 / made by")]
NumberOption = Annotated[str | None, typer.Option(help="编号 / document number")]
ApprovalOption = Annotated[str | None, typer.Option(help="审图号 / approval number of the map")]
SecrecyOption = Annotated[str | None, typer.Option(help="密级,默认 内部 / secrecy")]
PaperOption = Annotated[str | None, typer.Option(help="A4(默认)… A0 / paper")]
OrientationOption = Annotated[str | None, typer.Option(help="portrait(默认)| landscape")]
ScaleOption = Annotated[float | None, typer.Option(help="比例尺分母 / denominator of the scale")]
TemplateOption = Annotated[str | None, typer.Option(help="本单位模板 / a bureau's template, see: templates")]
DateOption = Annotated[str | None, typer.Option("--date", help="制图日期 YYYY-MM-DD,默认今天 / today")]
CrsOption = Annotated[str, typer.Option(help="LON LAT 的坐标系 / CRS of LON LAT")]
LangOption = Annotated[str | None, typer.Option(help="zh | en")]
DpiOption = Annotated[float, typer.Option(min=72, max=600, help="PNG 与文档中地图的分辨率 / of pictures")]


def asked(ctx: typer.Context, *others: str) -> dict[str, object]:
    """What the options of a command say of an exhibit, by the names of the request; all options but ``others``.

    Comma-separated lists are split; the day and the language are filled in.

    Raises:
        InputError: a reach that is no number.
    """
    said = {name: value for name, value in ctx.params.items() if name not in others and value not in (None, (), [])}
    for name in ("layers", "grades"):
        if name in said:
            said[name] = tuple(part.strip() for part in said[name].split(",") if part.strip())
    if "radius_m" in said:
        said["radius_m"] = tuple(said["radius_m"])
    if "reach_m" in said:
        said["reach_m"] = _reach_of(said["reach_m"])
    return {"made_on": date.today().isoformat(), "lang": cli_lang(), **said}


def _reach_of(pairs: Iterable[str]) -> dict[str, float]:
    """``shelters=2000`` … as a mapping."""
    found = {}
    for pair in pairs:
        name, _, metres = pair.partition("=")
        try:
            found[name.strip()] = float(metres)
        except ValueError as error:
            raise InputError(
                Text(f"--reach {pair!r} 应为 图层=米", f"--reach {pair!r} should be LAYER=METRES"), field="reach"
            ) from error
    return found
