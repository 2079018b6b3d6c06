"""The plates of an atlas: which divisions, features or sites it has a page of, in a stable order."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from geo.database import StatementBuilder
from geo.errors import InputError
from geo.exhibits.atlas_request import AtlasOf, AtlasRequest
from geo.exhibits.request import ExhibitRequest
from geo.exhibits.wording import printable
from geo.exhibits.workshop import Workshop
from geo.selection import Selection, choose_layers
from layers.severity import RiskGrade
from layers.text import Text

__all__ = ["Plate", "find_plates"]

_PLACE_CHARACTERS = 30


@dataclass(frozen=True, slots=True)
class Plate:
    """One exhibit of an atlas: its number from 1, what it is of, and its request."""

    number: int
    code: str
    """Division code or source id; empty for a site."""
    name: str
    request: ExhibitRequest


async def find_plates(workshop: Workshop, order: AtlasRequest, most: int) -> tuple[Plate, ...]:
    """The plates in the order of their codes (sites as listed).

    Raises:
        InputError: none is found, there are more than ``most``, or the kind of exhibit cannot be made of such places.
        UnknownLayer: a layer that is not declared.
    """
    places = await _places(workshop, order.atlas, most)
    if not places:
        raise InputError(
            Text("图集没有图幅:没有符合条件的区划、要素或地点", "the atlas has no plate: nothing meets its conditions"),
            field="atlas",
        )
    if len(places) > most:
        raise InputError(
            Text(
                f"图集多于 {most} 幅;请缩小范围(区划、等级),或由管理员调高 ONEMAP_ATLAS_PLATES_MAX",
                f"the atlas has more than {most} plates; narrow it (division, grades) or raise ONEMAP_ATLAS_PLATES_MAX",
            ),
            field="atlas",
        )
    return tuple(
        Plate(number, code, name, order.plate(values)) for number, (code, name, values) in enumerate(places, start=1)
    )


_Place = tuple[str, str, dict[str, object]]


async def _places(workshop: Workshop, atlas: AtlasOf, most: int) -> Sequence[_Place]:
    if atlas.sites is not None:
        return [("", printable(site.name), _point(site.name, site.lon, site.lat)) for site in atlas.sites]
    if atlas.level is not None:
        return await _divisions(workshop, atlas, most)
    return await _features(workshop, atlas, most)


def _point(name: str, lon: float, lat: float) -> dict[str, object]:
    return {"lon": lon, "lat": lat, "place": printable(name, _PLACE_CHARACTERS) or None}


async def _divisions(workshop: Workshop, atlas: AtlasOf, most: int) -> list[_Place]:
    layer = workshop.extras.registry["divisions"]
    sql = StatementBuilder()
    where = Selection((layer,), None, division=atlas.division, reader=workshop.reader).where(layer, sql)
    text = (
        "SELECT source_id, coalesce(name, '') AS name FROM divisions t "
        f"WHERE {where} AND level = {sql.value(atlas.level, 'text')} "
        f"ORDER BY source_id, source LIMIT {sql.value(most + 1, 'int')}"
    )
    rows = await workshop.database.fetch(sql.build(text))
    return [(row["source_id"], printable(row["name"]), {"division": row["source_id"]}) for row in rows]


async def _features(workshop: Workshop, atlas: AtlasOf, most: int) -> list[_Place]:
    assert atlas.layer is not None
    (layer,) = choose_layers(workshop.extras.registry, (atlas.layer,))
    grades = None
    if atlas.grades is not None:
        grades = frozenset(None if name == "none" else RiskGrade(name) for name in atlas.grades)
    sql = StatementBuilder()
    selection = Selection((layer,), None, grades, atlas.division, workshop.reader)
    text = (
        "SELECT source_id, coalesce(name, '') AS name, ST_AsGeoJSON(ST_PointOnSurface(geom), 7) AS place "
        f'FROM "{layer.name}" t WHERE {selection.where(layer, sql)} '
        f"ORDER BY division_code, source, source_id LIMIT {sql.value(most + 1, 'int')}"
    )
    found: list[_Place] = []
    for row in await workshop.database.fetch(sql.build(text)):
        lon, lat = json.loads(row["place"])["coordinates"]
        name = printable(row["name"]) or printable(row["source_id"])
        found.append((row["source_id"], name, _point(name, lon, lat)))
    return found
