"""The columns that every layer's table shares, and how a table is made of them and the layer's own fields."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from geoalchemy2 import Geometry
from sqlalchemy import Boolean, CheckConstraint, Column, Date, DateTime, Index, MetaData, Table, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB

from layers.field import Field
from layers.severity import RiskGrade

__all__ = ["LONGEST_ID", "LONGEST_NAME", "METADATA", "SHARED_COLUMNS", "SRID", "GeometryKind", "feature_table"]

SRID = 4490
"""CGCS2000, the legal datum. PostGIS stores x = longitude, y = latitude whatever the authority's axis order."""

LONGEST_ID = 200
"""Characters. The key's index holds ids, that of tiles (``geo/sql/21_places.sql``) ids and names: no entry of a B-tree
may pass 2,704 bytes, of which a character takes up to four."""

LONGEST_NAME = 300
"""Characters."""

METADATA = MetaData()

SHARED_COLUMNS = (
    "source",
    "source_id",
    "name",
    "geom",
    "grade",
    "grade_basis",
    "division_code",
    "address",
    "responsible_person",
    "responsible_phone",
    "data_date",
    "demo",
    "extra",
    "imported_at",
    "retired_at",
)
"""Names of the columns of every layer's table, in order; the layer's own fields follow."""


class GeometryKind(StrEnum):
    """What a layer's geometry column takes. Lines and polygons are always stored as multi-geometries."""

    POINT = "POINT"
    LINE = "MULTILINESTRING"
    POLYGON = "MULTIPOLYGON"
    ANY = "GEOMETRY"

    @property
    def word(self) -> str:
        """The word of the catalogue: point, line, polygon or any."""
        return {"POINT": "point", "MULTILINESTRING": "line", "MULTIPOLYGON": "polygon", "GEOMETRY": "any"}[self.value]


def _shared_columns(geometry: GeometryKind) -> list[Column[object]]:
    return [
        Column("source", Text, primary_key=True),
        Column("source_id", Text, primary_key=True),
        Column("name", Text),
        # The indexes are declared below: GeoAlchemy2's own would be made a second time by Alembic.
        Column("geom", Geometry(geometry.value, srid=SRID, spatial_index=False), nullable=False),
        Column("grade", Text),
        Column("grade_basis", JSONB, nullable=False),
        Column("division_code", Text),
        Column("address", Text),
        Column("responsible_person", Text),
        Column("responsible_phone", Text),
        Column("data_date", Date),
        Column("demo", Boolean, nullable=False, server_default=text("false")),
        Column("extra", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
        Column("imported_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        # Since when its source holds it no more (销号, or gone from a full delivery): kept, read only when asked.
        Column("retired_at", DateTime(timezone=True)),
    ]


def feature_table(name: str, geometry: GeometryKind, fields: Iterable[Field]) -> Table:
    """A layer's table: the shared columns, one column per field, and the indexes that every layer has.

    The index on ``(geom::geography)``, for distances, is made where the triggers are (``geo/sql/01_layers.sql``):
    Alembic compares expression indexes as text, and would make it anew in every revision.

    The primary key is ``(source, source_id)``: a feature keeps its id through every re-import, and the table can be
    distributed by ``source_id`` as it is.
    """
    table = Table(name, METADATA, *_shared_columns(geometry), *(field.column() for field in fields))
    grades = ", ".join(f"'{grade.value}'" for grade in RiskGrade)
    table.append_constraint(CheckConstraint(text(f"grade IN ({grades})"), name=f"{name}_grade_known"))
    Index(f"{name}_geom", table.c.geom, postgresql_using="gist")
    Index(f"{name}_division", table.c.division_code, postgresql_ops={"division_code": "text_pattern_ops"})
    return table
