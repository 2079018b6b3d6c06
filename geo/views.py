"""Saved views of the wall: a name, the duty that it belongs to, and the link that opens it; the same on every wall."""

from __future__ import annotations

import re
from dataclasses import dataclass

from geo.database import Database, Statement
from geo.errors import InputError, NotFound
from layers.text import Text

__all__ = ["MOST_VIEWS", "SavedView", "forget_view", "read_views", "save_view"]

MOST_VIEWS = 500
_NAME = 40
_LINK = 8000
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class SavedView:
    """One view; ``link`` is the fragment of the wall's address, ``#map=…``."""

    name: str
    link: str
    duty: str = ""
    place: int = 0

    def __post_init__(self) -> None:
        _check("name", self.name, 1, _NAME)
        _check("duty", self.duty, 0, _NAME)
        _check("link", self.link, 1, _LINK)
        if not self.link.startswith("#"):
            raise InputError(Text("link 应以 # 开头", "link should start with #"), field="link")


def _check(field: str, value: str, least: int, most: int) -> None:
    if not least <= len(value) <= most or value != value.strip() or _CONTROL.search(value):
        raise InputError(
            Text(
                f"{field} 应为 {least} 到 {most} 个字,首尾无空格,不含控制字符",
                f"{field} should be {least} to {most} characters, without spaces at its ends or control characters",
            ),
            field=field,
        )


async def read_views(database: Database) -> list[SavedView]:
    """Every view, by duty, then in the order in which they are shown."""
    rows = await database.fetch(
        Statement('SELECT name, link, duty, place FROM onemap_views ORDER BY duty, place, name COLLATE "C"')
    )
    return [SavedView(row["name"], row["link"], row["duty"], row["place"]) for row in rows]


async def save_view(database: Database, view: SavedView) -> None:
    """Keep a view under its name; a new one comes last of its duty, one that is there keeps its place.

    Raises:
        InputError: there are too many.
    """
    rows = await database.fetch(
        Statement(
            "INSERT INTO onemap_views AS v (name, link, duty, place) "
            "SELECT $1, $2, $3, (SELECT coalesce(max(place), 0) + 1 FROM onemap_views WHERE duty = $3) "
            "WHERE (SELECT count(*) FROM onemap_views WHERE name <> $1) < $4 "
            "ON CONFLICT (name) DO UPDATE SET link = excluded.link, duty = excluded.duty, saved_at = now(), "
            "place = CASE WHEN v.duty = excluded.duty THEN v.place ELSE excluded.place END RETURNING name",
            (view.name, view.link, view.duty, MOST_VIEWS),
        )
    )
    if not rows:
        raise InputError(
            Text(f"已有 {MOST_VIEWS} 个视图,请先删去不用的", f"there are {MOST_VIEWS} views: remove some first"),
            field="name",
        )


async def forget_view(database: Database, name: str) -> None:
    """Remove a view.

    Raises:
        NotFound: there is none of that name.
    """
    rows = await database.fetch(Statement("DELETE FROM onemap_views WHERE name = $1 RETURNING name", (name,)))
    if not rows:
        raise NotFound(
            Text(f"没有名为 {name[:_NAME]!r} 的视图", f"there is no view named {name[:_NAME]!r}"), field="name"
        )
