"""A database that an earlier version made, migrated forward, holds what a new one holds: no more and no less."""

from __future__ import annotations

import psycopg
from psycopg import sql

from geo.migrate import migrate

NO_EXTENSION = "NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = {} AND d.deptype = 'e')"
PICTURE = {
    "functions": f"""SELECT oid::regprocedure || ' ' || md5(prosrc) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND {NO_EXTENSION.format("oid")}""",
    "relations": f"""SELECT concat_ws(' ', relkind, oid::regclass) FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND {NO_EXTENSION.format("oid")}""",
    "columns": """SELECT concat_ws(' ', table_name, column_name, udt_name, is_nullable, column_default)
        FROM information_schema.columns WHERE table_schema = 'public'""",
    "constraints": """SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid))
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    "indexes": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "triggers": "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
}


def picture(dsn: str) -> dict[str, list[str]]:
    """All that a migration makes, by kind."""
    with psycopg.connect(dsn) as connection:
        return {kind: sorted(row[0] for row in connection.execute(query)) for kind, query in PICTURE.items()}


def log_as_before(dsn: str, layer: str) -> None:
    """The log of changes as it was when one function told of features that came, and another of those that went."""
    with psycopg.connect(dsn) as connection:
        for name, event, rows in (("inserted", "INSERT", "NEW"), ("deleted", "DELETE", "OLD")):
            words = {
                "function": sql.Identifier(f"onemap_log_{name}"),
                "trigger": sql.Identifier(f"onemap_with_log_{name}"),
                "layer": sql.Identifier(layer),
                "event": sql.SQL(event),
                "rows": sql.SQL(rows),
            }
            connection.execute(
                sql.SQL(
                    "CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
                ).format(**words)
            )
            connection.execute(
                sql.SQL(
                    "CREATE OR REPLACE TRIGGER {trigger} AFTER {event} ON {layer} REFERENCING {rows} TABLE AS "
                    "changed_rows FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
                ).format(**words)
            )


def test_migrating_again_changes_nothing(database_url: str) -> None:
    new = picture(database_url)
    assert all(new.values())
    migrate(database_url)
    assert picture(database_url) == new


def test_functions_of_an_earlier_log_are_gone_and_their_triggers_call_those_of_today(database_url: str) -> None:
    new = picture(database_url)
    log_as_before(database_url, "shelters")
    old = picture(database_url)
    assert len(old["functions"]) == len(new["functions"]) + 2
    assert old["triggers"] != new["triggers"]
    migrate(database_url)
    assert picture(database_url) == new
