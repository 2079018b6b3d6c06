"""``onemap exhibit KIND``: a map page that can be signed, in any format; an atlas of many; the same page once more."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from api.exhibit_options import (
    ApprovalOption,
    CrsOption,
    DateOption,
    DpiOption,
    GradesOption,
    LangOption,
    LayersOption,
    MakerOption,
    MostOption,
    NumberOption,
    OrientationOption,
    PaperOption,
    RadiusOption,
    ReachOption,
    ScaleOption,
    SecrecyOption,
    TemplateOption,
    asked,
)
from geo.exhibits.request import KINDS, KindName

__all__ = ["ENDINGS", "register"]

ENDINGS = ".pdf .png .svg .docx .pptx .html .xlsx"
"""As ``geo.exhibits.formats.writing.FORMATS``."""

OutOption = Annotated[Path | None, typer.Option("--out", "-o", help=f"写入文件 / a file: {ENDINGS}")]
AtlasOutOption = Annotated[Path, typer.Option("--out", "-o", help="写入 .pdf / a PDF")]
WhereArgument = Annotated[list[str] | None, typer.Argument(help="经度 纬度,或区划代码 / LON LAT, or a division's code")]


def _page_command(kind: KindName) -> Callable[..., None]:
    """The command for one kind; all of them take the same options, and the request says which it needs.

    Options that the request holds are named as there, and taken from the context: see ``asked``.
    """

    def page(
        ctx: typer.Context,
        where: WhereArgument = None,
        out: OutOption = None,
        other_division: Annotated[
            str | None, typer.Option("--other", help="对比的另一区划 / the division compared with")
        ] = None,
        since: Annotated[str | None, typer.Option(help="对比的较早日期 YYYY-MM-DD / the earlier date")] = None,
        period: Annotated[str | None, typer.Option(help="研判时段 2026-10、2026-Q3、2026 / period")] = None,
        by: Annotated[str | None, typer.Option(help="统计单元 county | township | village")] = None,
        radius_m: RadiusOption = None,
        layers: LayersOption = None,
        grades: GradesOption = None,
        reach_m: ReachOption = None,
        features_max: MostOption = None,
        title: Annotated[str | None, typer.Option(help="图名,不超过 30 字 / title")] = None,
        place: Annotated[str | None, typer.Option(help="中心点名称 / what the place is called")] = None,
        maker: MakerOption = None,
        number: NumberOption = None,
        approval: ApprovalOption = None,
        secrecy: SecrecyOption = None,
        paper: PaperOption = None,
        orientation: OrientationOption = None,
        scale: ScaleOption = None,
        template: TemplateOption = None,
        made_on: DateOption = None,
        crs: CrsOption = "CRS84",
        lang: LangOption = None,
        dpi: DpiOption = 200.0,
    ) -> None:
        from api.actions.exhibit import make_page

        make_page(kind, asked(ctx, "where", "out", "crs", "dpi"), where or [], crs, out, dpi)

    page.__doc__ = f"{KINDS[kind].zh} / {KINDS[kind].en}."
    return page


def atlas(
    ctx: typer.Context,
    kind: Annotated[str, typer.Argument(help=" | ".join(KINDS))],
    out: AtlasOutOption = Path("atlas.pdf"),
    level: Annotated[
        str | None, typer.Option(help="每个区划一幅 / a plate a division: county | township | village")
    ] = None,
    layer: Annotated[str | None, typer.Option(help="每个要素一幅 / a plate a feature of this layer")] = None,
    sites: Annotated[Path | None, typer.Option(help="每个地点一幅:CSV、GeoJSON / a plate a site of this list")] = None,
    division: Annotated[str | None, typer.Option(help="只取此区划以内 / only within this division")] = None,
    of_grades: Annotated[
        str | None, typer.Option("--of-grades", help="只取这些等级的要素 / only features of these grades")
    ] = None,
    atlas_title: Annotated[str | None, typer.Option("--atlas-title", help="图集名 / title of the atlas")] = None,
    radius_m: RadiusOption = None,
    layers: LayersOption = None,
    grades: GradesOption = None,
    reach_m: ReachOption = None,
    features_max: MostOption = None,
    maker: MakerOption = None,
    number: NumberOption = None,
    approval: ApprovalOption = None,
    secrecy: SecrecyOption = None,
    paper: PaperOption = None,
    orientation: OrientationOption = None,
    scale: ScaleOption = None,
    template: TemplateOption = None,
    made_on: DateOption = None,
    crs: CrsOption = "CRS84",
    lang: LangOption = None,
) -> None:
    """图集:每个区划、企业或地点一幅,带目录和书签;中断后接着做 / An atlas; it goes on where it was stopped."""
    from api.actions.exhibit_atlas import make_atlas_pages

    of = {
        "level": level,
        "layer": layer,
        "division": division,
        "grades": tuple(of_grades.split(",")) if of_grades else None,
        "title": atlas_title,
    }
    values = asked(ctx, "out", "level", "layer", "sites", "division", "of_grades", "atlas_title", "crs")
    make_atlas_pages(values, of, sites, crs, out)


def templates() -> None:
    """列出种类和本单位模板 / The kinds, and a bureau's own templates."""
    from api.actions.exhibit import list_templates

    list_templates()


def check(file: Annotated[Path, typer.Argument(help="模板文件 / a template: TOML")]) -> None:
    """检查一个模板,指出每一处错误 / Check a template: every wrong field is named."""
    from api.actions.exhibit import check_template

    check_template(file)


def _main(
    ctx: typer.Context,
    again: Annotated[
        Path | None, typer.Option("--again", help="按一份成品里的参数重做 / made again from a finished file")
    ] = None,
    out: OutOption = None,
    dpi: DpiOption = 200.0,
) -> None:
    """专题图:可以签发的地图页 / Map pages that can be signed."""
    if again is not None:
        from api.actions.exhibit import make_again

        make_again(again, out, dpi)
    elif ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


def register(app: typer.Typer) -> None:
    """Add the group: a command for each kind, the atlas, the templates; LON may be negative."""
    group = typer.Typer(invoke_without_command=True, no_args_is_help=True, callback=_main)
    for kind in KINDS:
        group.command(kind, context_settings={"ignore_unknown_options": True})(_page_command(kind))
    group.command("atlas")(atlas)
    group.command("templates")(templates)
    group.command("check")(check)
    app.add_typer(group, name="exhibit")
