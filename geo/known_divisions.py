"""Whether a division is known at all: of a code that nothing bears, no answer can say that nothing is there."""

from __future__ import annotations

from geo.database import Database, StatementBuilder
from geo.errors import InputError
from geo.selection import Reader, Selection, quote
from layers.registry import Registry
from layers.text import Text

__all__ = ["require_division"]


async def require_division(database: Database, registry: Registry, code: str | None, reader: Reader) -> None:
    """Accept no code, and one that an outline or any feature lies in: 0 of it is then a count.

    赣县 was 360721 and is 360704: asked for by its old code it would seem to have no hazards.

    Raises:
        InputError: not a code, or one that nothing which the reader may see bears.
    """
    if code is None:
        return
    sql = StatementBuilder()
    borne = " OR ".join(
        f"EXISTS (SELECT FROM {quote(layer.name)} WHERE "
        f"{Selection((layer,), division=code, reader=reader).where(layer, sql)})"
        for layer in registry.values()
    )
    ((known,),) = await database.fetch(sql.build(f"SELECT {borne}"))
    if not known:
        raise InputError(
            Text(
                f"没有代码为 {code} 的行政区划:图中没有它的边界,也没有属于它的要素;代码是否写错,或区划已撤并?",
                f"no division with code {code}: neither an outline nor a feature bears it; mistyped, or merged?",
            ),
            field="division",
        )
