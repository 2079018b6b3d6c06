"""what a row of stock brings beside its columns

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Make the change."""
    nothing, now = sa.text("'{}'"), sa.text("now()")
    op.add_column("supply_stock", sa.Column("extra", postgresql.JSONB(), server_default=nothing, nullable=False))
    op.add_column(
        "supply_stock", sa.Column("imported_at", sa.DateTime(timezone=True), server_default=now, nullable=False)
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_column("supply_stock", "imported_at")
    op.drop_column("supply_stock", "extra")
