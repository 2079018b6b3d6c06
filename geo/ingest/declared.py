"""What a file must say, or its user: its CRS, where its rows are; and what is worth a warning when it does not."""

from __future__ import annotations

from pathlib import Path

from geo.crs import CRS84, Crs
from geo.errors import CrsUnknown, InputError
from geo.ingest.columns import ColumnMap
from geo.ingest.options import ImportOptions
from geo.ingest.reading import Table
from geo.ingest.report import Report
from layers.feature import GeometryKind
from layers.layer import Layer
from layers.text import Text

__all__ = ["crs_of", "require_places", "require_shapes", "source_of", "warn_of_ids", "warn_of_units"]

_LONGEST_SOURCE = 200
"""Characters; it is a part of every key."""
_DEGREES = ("CRS84", "EPSG:4490", "EPSG:4326")


def crs_of(table: Table, options: ImportOptions, report: Report) -> Crs:
    """The CRS of the file's coordinates: declared, else embedded; never assumed.

    Raises:
        CrsUnknown: neither the file nor the options declare it.
        InputError: a datum that does not go with the CRS.
    """
    declared = Crs.parse(options.crs) if options.crs else None
    if options.datum:
        datum = Crs.parse(options.datum)
        if declared is not None and declared.code not in (*_DEGREES, datum.code):
            raise InputError(
                Text(
                    f"--datum {options.datum} 只能用于经纬度,不能与 --crs {options.crs} 同用",
                    f"--datum {options.datum} is for longitudes and latitudes; it cannot go with --crs {options.crs}",
                ),
                field="datum",
            )
        return datum
    embedded = Crs.from_file(table.crs) if table.crs and declared is None else None
    if declared is not None and table.crs and Crs.from_file(table.crs) != declared:
        report.warn(
            f"文件自带坐标系 {table.crs[:60]},按 --crs 采用 {declared.code}",
            f"the file says {table.crs[:60]}; {declared.code} was used, as --crs declares",
        )
    found = declared or embedded
    if found is None:
        raise CrsUnknown(
            Text(
                "文件没有声明坐标系;请用 --crs 声明,例如 --crs CRS84(WGS84/CGCS2000 经纬度)或 --datum gcj02",
                "the file does not declare its CRS; declare it, for example --crs CRS84 (WGS 84/CGCS2000 degrees)",
            ),
            field="crs",
        )
    return CRS84 if table.format == "GeoJSON" and found.code == "EPSG:4326" else found


def source_of(named: str | None, path: Path) -> str:
    """The name of the source: as declared, else the file's.

    Raises:
        InputError: a name that no address can hold (``{layer}/{source}/{source_id}``), or a very long one.
    """
    own = "".join(filter(str.isprintable, path.stem.replace("/", " ")))[:_LONGEST_SOURCE]
    source = " ".join((named or own).split())
    if not source or "/" in source or len(source) > _LONGEST_SOURCE or not source.isprintable():
        told = source[:60]
        raise InputError(
            Text(
                f"来源名 {told!r} 应为 1 到 {_LONGEST_SOURCE} 个字,不含 /(它是要素编号的分隔符);请用 --source 另取",
                f"the source {told!r} should be 1 to {_LONGEST_SOURCE} characters without /, which parts the ids of "
                "features; give another with --source",
            ),
            field="source",
        )
    return source


def require_places(table: Table, columns: ColumnMap) -> None:
    """Raise InputError when nothing in the file says where its rows are."""
    if table.has_geometry or columns.coordinates or (columns.longitude and columns.latitude):
        return
    missing_zh, missing_en = ("纬度", "latitude") if columns.longitude else ("经度", "longitude")
    listed = "、".join(table.headers)
    raise InputError(
        Text(
            f"找不到{missing_zh}列;现有列:{listed};可用 --map 列名={missing_en} 指定",
            f"no column of {missing_en}s; there are: {listed}; name it with --map HEADER={missing_en}",
        ),
        field="map",
    )


def require_shapes(table: Table, layer: Layer) -> None:
    """Raise InputError when the layer takes lines or polygons, and the file has coordinates in columns at most."""
    if table.has_geometry or layer.geometry in (GeometryKind.POINT, GeometryKind.ANY):
        return
    raise InputError(
        Text(
            f"图层 {layer.title.zh} 需要线或面,表格中的坐标只能给出点;请导入 Shapefile、GeoPackage 或 GeoJSON",
            f"layer {layer.name} takes lines or polygons; columns of a table give points only: import a Shapefile, "
            "GeoPackage or GeoJSON",
        ),
        field="layer",
    )


def warn_of_ids(columns: ColumnMap, report: Report) -> None:
    """Say what it means that the file has no ids."""
    if "source_id" in columns.fields:
        return
    report.warn(
        "没有编号列:以每行内容的摘要作编号,内容一改即成为另一要素;如有编号请用 --map 列名=source_id",
        "no id column: a digest of each row's content is its id, so a changed row becomes another feature; "
        "if there is an id, say --map HEADER=source_id",
    )


def warn_of_units(columns: ColumnMap, report: Report) -> None:
    """Say which columns are in a unit that cannot be converted."""
    for name, sources in columns.fields.items():
        for source in sources:
            if source.factor is None:
                report.warn(
                    f"列 {source.header!r} 的单位 {source.unit!r} 不能换算为字段 {name} 的单位,未读取",
                    f"column {source.header!r} is in {source.unit!r}, no unit of field {name}; it was not read",
                )
