"""The tables' history (Alembic). One generated file per change of a declaration."""
