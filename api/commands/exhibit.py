"""``onemap exhibit KIND``: a map page that can be signed, in any format; an atlas of many; the same page once more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from api.cli import cli_lang
from api.exhibit_making import make_atlas_file, make_files, recipe_of, tell_changes
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
    given,
    place_of,
    reach_of,
)
from api.settings import Settings
from geo.cartography.studio import Studio
from geo.crs import Crs
from geo.errors import FileUnreadable, InputError
from geo.exhibits.atlas import AtlasProgress
from geo.exhibits.atlas_request import AtlasRequest, read_atlas
from geo.exhibits.formats.writing import FORMATS, Format, format_of_ending
from geo.exhibits.request import KINDS, KindName, read_request
from geo.exhibits.template import Templates, read_template
from geo.risk.sites import BadSite, read_sites
from layers.registry import discover
from layers.text import Text

__all__ = ["register"]

_SITES_MOST = 20_000
_ENDINGS = " ".join(f".{name}" for name in FORMATS)
OutOption = Annotated[Path | None, typer.Option("--out", "-o", help=f"写入文件 / a file: {_ENDINGS}")]
AtlasOutOption = Annotated[Path, typer.Option("--out", "-o", help="写入 .pdf / a PDF")]
WhereArgument = Annotated[list[str] | None, typer.Argument(help="经度 纬度,或区划代码 / LON LAT, or a division's code")]


def _file(out: Path | None, ending: str = ".pdf") -> tuple[Path, Format]:
    path = out or Path(f"exhibit{ending}")
    return path, format_of_ending(path.suffix or ending)


def _page_command(kind: KindName) -> Callable[..., None]:
    """The command for one kind; all of them take the same options, and the request says which it needs."""

    def page(
        where: WhereArgument = None,
        out: OutOption = None,
        other: Annotated[str | None, typer.Option(help="对比的另一区划 / the division compared with")] = None,
        since: Annotated[str | None, typer.Option(help="对比的较早日期 YYYY-MM-DD / the earlier date")] = None,
        period: Annotated[str | None, typer.Option(help="研判时段 2026-10、2026-Q3、2026 / period")] = None,
        by: Annotated[str | None, typer.Option(help="统计单元 county | township | village")] = None,
        radius: RadiusOption = None,
        layers: LayersOption = None,
        grades: GradesOption = None,
        reach: ReachOption = None,
        most: MostOption = None,
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
        path, form = _file(out)
        values = given(
            {
                "kind": kind,
                "other_division": other,
                "since": since,
                "period": period,
                "by": by,
                "radius_m": tuple(radius or ()),
                "layers": layers,
                "grades": grades,
                "reach_m": reach_of(reach),
                "features_max": most,
                "title": title,
                "place": place,
                "maker": maker,
                "number": number,
                "approval": approval,
                "secrecy": secrecy,
                "paper": paper,
                "orientation": orientation,
                "scale": scale,
                "template": template,
                "made_on": made_on,
                "lang": lang,
            }
            | place_of(kind, where or [], crs)
        )
        make_files(Settings(), read_request(values), form, path, dpi)

    page.__doc__ = f"{KINDS[kind].zh} / {KINDS[kind].en}."
    return page


def atlas(
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
    radius: RadiusOption = None,
    layers: LayersOption = None,
    grades: GradesOption = None,
    reach: ReachOption = None,
    most: MostOption = None,
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
    if out.suffix.lower() != ".pdf":
        raise InputError(
            Text("图集写成 PDF:-o 应以 .pdf 结尾", "an atlas is a PDF: -o should end in .pdf"), field="out"
        )
    of = {
        "level": level,
        "layer": layer,
        "sites": _sites(sites, crs) if sites is not None else None,
        "division": division,
        "grades": tuple(of_grades.split(",")) if of_grades else None,
        "title": atlas_title,
    }
    values = given(
        {
            "kind": kind,
            "radius_m": tuple(radius or ()),
            "layers": layers,
            "grades": grades,
            "reach_m": reach_of(reach),
            "features_max": most,
            "maker": maker,
            "number": number,
            "approval": approval,
            "secrecy": secrecy,
            "paper": paper,
            "orientation": orientation,
            "scale": scale,
            "template": template,
            "made_on": made_on,
            "lang": lang,
        }
    )
    _bind(read_atlas({**values, "atlas": {name: value for name, value in of.items() if value is not None}}), out)


def _bind(order: AtlasRequest, out: Path) -> dict[str, object]:
    with _bar(out.name) as told:
        return dict(make_atlas_file(Settings(), order, out, told))


def _sites(path: Path, crs: str) -> list[dict[str, object]]:
    """The sites of a list; a wrong row is refused: an atlas must not lack a page without a word."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FileUnreadable(
            Text(f"读不到 {path}:{error.strerror}", f"{path} cannot be read: {error.strerror}"), field="sites"
        ) from error
    found = []
    limits = Settings().risk_limits()
    for site in read_sites(content, _kind_of_list(path), Crs.parse(crs), 1000.0, limits, _SITES_MOST):
        if isinstance(site, BadSite):
            raise InputError(site.why, field="sites")
        found.append({"name": site.key, "lon": site.lon, "lat": site.lat})
    return found


def _kind_of_list(path: Path) -> str:
    return {".geojson": "geojson", ".json": "geojson", ".ndjson": "ndjson"}.get(path.suffix.lower(), "csv")


@contextmanager
def _bar(name: str) -> Iterator[Callable[[AtlasProgress], None]]:
    """A progress bar on stderr; where that is no terminal, a line now and then."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    stages = {"drawing": Text("绘图", "drawing"), "binding": Text("装订", "binding"), "done": Text("完成", "done")}
    with Bar(
        *columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task(name, total=None)

        def told(progress: AtlasProgress) -> None:
            stage = stages[progress.stage].get(cli_lang())
            bar.update(task, description=f"{name} {stage}", total=progress.plates, completed=progress.done)
            if not console.is_terminal and (progress.stage != "drawing" or progress.done % 50 == 0):
                console.print(f"{name} {stage} {progress.done}/{progress.plates}")

        yield told


def templates() -> None:
    """列出种类和本单位模板 / The kinds, and a bureau's own templates."""
    lang = cli_lang()
    for name, title in KINDS.items():
        typer.echo(f"{name}  {title.get(lang)}")
    own = Templates(Settings().templates)
    for named in own.names:
        typer.echo("\n".join(own.get(named).told(lang)))


def check(file: Annotated[Path, typer.Argument(help="模板文件 / a template: TOML")]) -> None:
    """检查一个模板,指出每一处错误 / Check a template: every wrong field is named."""
    template, registry = read_template(file), discover()
    studio = Studio(registry, threads=1)
    try:
        template.check(registry, studio.themes.names)
    finally:
        studio.close()
    typer.echo("\n".join(template.told(cli_lang())))


def _main(
    ctx: typer.Context,
    again: Annotated[
        Path | None, typer.Option("--again", help="按一份成品里的参数重做 / made again from a finished file")
    ] = None,
    out: OutOption = None,
    dpi: DpiOption = 200.0,
) -> None:
    """专题图:可以签发的地图页 / Map pages that can be signed."""
    if again is None:
        if ctx.invoked_subcommand is None:
            typer.echo(ctx.get_help())
        return
    recipe = recipe_of(again)
    values = recipe.get("request")
    asked: dict[str, object] = values if isinstance(values, dict) else {}
    path, form = _file(out, again.suffix or ".pdf")
    if "atlas" in asked:
        now: dict[str, object] = _bind(read_atlas(asked), path)
    else:
        now = dict(make_files(Settings(), read_request(asked), form, path, dpi))
    tell_changes(recipe, now, cli_lang())


def register(app: typer.Typer) -> None:
    """Add the group: a command for each kind, the atlas, the templates; LON may be negative."""
    group = typer.Typer(invoke_without_command=True, no_args_is_help=True, callback=_main)
    for kind in KINDS:
        group.command(kind, context_settings={"ignore_unknown_options": True})(_page_command(kind))
    group.command("atlas")(atlas)
    group.command("templates")(templates)
    group.command("check")(check)
    app.add_typer(group, name="exhibit")
