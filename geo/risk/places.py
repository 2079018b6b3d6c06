"""Places that the database knows: a division by its code, a feature by its id, as the asked shape."""

from __future__ import annotations

from dataclasses import replace

import shapely
from shapely.geometry.base import BaseGeometry

from geo.crs import Crs
from geo.database import Database, StatementBuilder
from geo.errors import InputError, NotFound
from geo.limits import WhereLimits
from geo.risk.where import Where, around_geometry
from geo.selection import Reader, Selection, choose_layers, division_prefix, quote
from layers.layer import Layer
from layers.registry import Registry
from layers.text import Text

__all__ = ["around_division", "around_feature"]

_STORED = Crs("EPSG:4490")


async def around_division(
    database: Database, registry: Registry, code: str, reader: Reader, limits: WhereLimits
) -> Where:
    """The outline of a division, whether its code is written with 2, 4, 6, 9 or 12 digits.

    Raises:
        InputError: not a code, or an outline over a limit.
        NotFound: no outline of that division is loaded.
    """
    prefix = division_prefix(code)
    codes = sorted({code, prefix, prefix.ljust(6, "0"), prefix.ljust(9, "0"), prefix.ljust(12, "0")})
    sql = StatementBuilder()
    layer = registry["divisions"]
    where = Selection((layer,), reader=reader).where(layer, sql)
    found = await _one_shape(database, layer, f"{where} AND source_id = ANY ({sql.value(codes, 'text[]')})", sql)
    if found is None:
        raise NotFound(
            Text(
                f"没有代码为 {code} 的行政区划边界;请核对代码,或先把它导入 divisions 图层",
                f"no outline of division {code} is loaded; check the code, or import it into the layer divisions",
            ),
            field="division",
        )
    shape, name = found
    return replace(around_geometry(shape, _STORED, limits, kind="division"), label=Text(name or code, name or code))


async def around_feature(
    database: Database, registry: Registry, feature_id: str, reader: Reader, limits: WhereLimits
) -> Where:
    """A feature by ``{layer}/{source}/{source_id}``: "within 500 m of this plant's boundary".

    Raises:
        InputError: not an id.
        UnknownLayer, NotFound: no such layer or feature, or the reader may not see it.
    """
    layer_name, _, key = feature_id.partition("/")
    source, slash, source_id = key.partition("/")
    if not slash:
        raise InputError(
            Text(
                f"要素编号 {feature_id!r} 应为 图层/来源/编号",
                f"feature {feature_id!r} should be layer/source/source_id",
            ),
            field="feature",
        )
    (layer,) = choose_layers(registry, [layer_name])
    sql = StatementBuilder()
    where = Selection((layer,), reader=reader).where(layer, sql)
    key_matches = f"source = {sql.value(source, 'text')} AND source_id = {sql.value(source_id, 'text')}"
    found = await _one_shape(database, layer, f"{where} AND {key_matches}", sql)
    if found is None:
        raise NotFound(Text(f"没有要素 {feature_id}", f"there is no feature {feature_id}"), field="feature")
    shape, name = found
    return replace(
        around_geometry(shape, _STORED, limits, kind="feature"), label=Text(name or source_id, name or source_id)
    )


async def _one_shape(
    database: Database, layer: Layer, condition: str, sql: StatementBuilder
) -> tuple[BaseGeometry, str | None] | None:
    """The first matching feature's shape and name; several sources of one division: the first by name of source."""
    rows = await database.fetch(
        sql.build(
            f"SELECT ST_AsBinary(geom) AS shape, name FROM {quote(layer.name)} WHERE {condition} "
            "ORDER BY source, source_id LIMIT 1"
        )
    )
    return (shapely.from_wkb(bytes(rows[0]["shape"])), rows[0]["name"]) if rows else None
