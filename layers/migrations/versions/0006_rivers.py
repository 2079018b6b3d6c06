"""rivers

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "rivers",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="MULTILINESTRING",
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("grade", sa.Text(), nullable=True),
        sa.Column("grade_basis", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("division_code", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("responsible_person", sa.Text(), nullable=True),
        sa.Column("responsible_phone", sa.Text(), nullable=True),
        sa.Column("data_date", sa.Date(), nullable=True),
        sa.Column("demo", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "extra", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("imported_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("river_code", sa.Text(), nullable=True),
        sa.Column("river_class", sa.Text(), nullable=True),
        sa.Column("flow_direction", sa.Text(), nullable=True),
        sa.Column("basin", sa.Text(), nullable=True),
        sa.Column("flows_into", sa.Text(), nullable=True),
        sa.Column("length_m", sa.Double(), nullable=True),
        sa.Column("basin_area_m2", sa.Double(), nullable=True),
        sa.CheckConstraint("grade IN ('red', 'orange', 'yellow', 'blue')", name="rivers_grade_known"),
        sa.PrimaryKeyConstraint("source", "source_id"),
    )
    op.create_index(
        "rivers_division",
        "rivers",
        ["division_code"],
        unique=False,
        postgresql_ops={"division_code": "text_pattern_ops"},
    )
    op.create_index("rivers_geom", "rivers", ["geom"], unique=False, postgresql_using="gist")


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("rivers_geom", table_name="rivers", postgresql_using="gist")
    op.drop_index("rivers_division", table_name="rivers", postgresql_ops={"division_code": "text_pattern_ops"})
    op.drop_table("rivers")
