"""``onemap render``: a map as a picture file, by the same engine as ``/maps/image``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["register"]


def render(
    out: Annotated[Path, typer.Option("--out", "-o", help="图片文件 .png .webp .pdf .svg / the picture file")],
    bbox: Annotated[str | None, typer.Option(help="西,南,东,北 / west,south,east,north in degrees")] = None,
    lon: Annotated[float | None, typer.Option(help="经度 / longitude of the asked place")] = None,
    lat: Annotated[float | None, typer.Option(help="纬度 / latitude of the asked place")] = None,
    radius: Annotated[list[float] | None, typer.Option(help="半径(米),可重复 / metres, may be repeated")] = None,
    crs: Annotated[str, typer.Option(help="CRS84, EPSG:4490, EPSG:4513…4554, GCJ02, BD09")] = "CRS84",
    shape: Annotated[Path | None, typer.Option(help="GeoJSON 图形文件 / a file with the asked shape")] = None,
    feature: Annotated[str | None, typer.Option(help="图层/来源/编号 / layer/source/id, drawn around it")] = None,
    layers: Annotated[str | None, typer.Option(help="图层名,逗号分隔 / layer names, comma-separated")] = None,
    grades: Annotated[str | None, typer.Option(help="red,orange,yellow,blue,none")] = None,
    division: Annotated[str | None, typer.Option(help="行政区划代码 / division code")] = None,
    size: Annotated[str, typer.Option(help="宽x高,像素 / width×height in px")] = "1200x800",
    scale: Annotated[float, typer.Option(help="像素倍率 / device pixels per pixel", min=0.5, max=4)] = 1.0,
    dpi: Annotated[float | None, typer.Option(help="分辨率,代替 --scale / instead of --scale", min=48, max=384)] = None,
    theme: Annotated[str, typer.Option(help="light, dark, print")] = "light",
    labels: Annotated[bool, typer.Option(help="注记 / names")] = True,
    legend: Annotated[bool, typer.Option(help="图例 / legend")] = True,
    strip: Annotated[bool, typer.Option(help="比例尺与说明 / scale bar and notes")] = True,
    graticule: Annotated[bool, typer.Option(help="经纬网 / graticule")] = False,
    basemap: Annotated[str, typer.Option(help="own, none, tiles, tianditu")] = "own",
    rasters: Annotated[str | None, typer.Option(help="栅格名,逗号分隔,下层在前 / grids, the lowest first")] = None,
    hillshade: Annotated[bool, typer.Option(help="地形晕渲 / hillshade")] = False,
    azimuth: Annotated[float, typer.Option(help="光源方位角 / of the light", min=0, max=360)] = 315.0,
    altitude: Annotated[float, typer.Option(help="光源高度角 / of the light", min=5, max=85)] = 45.0,
) -> None:
    """绘制地图 / draw a map of a box, of a division, a feature or a shape, or of rings around a place."""
    from api.actions.render import About, Looks, draw_map
    from geo.rasters import Light

    draw_map(
        out,
        About(lon, lat, tuple(radius or ()), crs, shape, feature, division, bbox),
        Looks(
            layers=layers.split(",") if layers is not None else None,
            grades=grades,
            size=size,
            scale=scale if dpi is None else dpi / 96,
            theme=theme,
            labels=labels,
            legend=legend,
            strip=strip,
            graticule=graticule,
            basemap=basemap,
            rasters=tuple(name.strip() for name in (rasters or "").split(",") if name.strip()),
            light=Light(azimuth, altitude) if hillshade else None,
        ),
    )


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("render")(render)
