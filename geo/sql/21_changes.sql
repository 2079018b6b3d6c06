-- What changed lately: the wall's log. Statement triggers write it in the transaction of the edit, whoever edits (the
-- importer, QGIS, psql). A few features are told one by one; a bulk load is one line with its counts, not a million.
-- Kept for a week and 50,000 lines. Idempotent: runs after every migration.
CREATE TABLE IF NOT EXISTS onemap_changes (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    tx bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
    layer text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('inserted', 'updated', 'regraded', 'retired', 'restored', 'removed', 'bulk')),
    -- One feature: its id, name, place and grades; NULL in a bulk line.
    source text,
    source_id text,
    name text,
    division_code text,
    grade text,
    grade_before text,
    place geometry(Point, 4490),
    -- How many features; of each kind where they are many; and what each grade gained ('' is 未分级).
    n bigint NOT NULL DEFAULT 1,
    kinds jsonb NOT NULL DEFAULT '{}'::jsonb,
    gained jsonb NOT NULL DEFAULT '{}'::jsonb
);
CREATE INDEX IF NOT EXISTS onemap_changes_at ON onemap_changes (at DESC);
CREATE INDEX IF NOT EXISTS onemap_changes_tx ON onemap_changes (tx, layer);

-- {"red": 2} + {"red": -1, "blue": 3} → {"red": 1, "blue": 3}
CREATE OR REPLACE FUNCTION onemap_add_counts(a jsonb, b jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(jsonb_object_agg(key, n), '{}'::jsonb) FROM (
        SELECT key, sum(value::text::bigint) AS n
        FROM (SELECT * FROM jsonb_each(a) UNION ALL SELECT * FROM jsonb_each(b)) AS each GROUP BY key) AS summed
    WHERE n <> 0
$$;

-- What is older than a week goes, and what is beyond the most lines; never waiting for another transaction.
CREATE OR REPLACE FUNCTION onemap_forget_changes() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM onemap_changes WHERE id IN (
        SELECT id FROM onemap_changes WHERE at < now() - interval '7 days' LIMIT 5000 FOR UPDATE SKIP LOCKED);
    IF pg_current_xact_id()::text::bigint % 256 = 0 THEN
        DELETE FROM onemap_changes WHERE id IN (
            SELECT id FROM onemap_changes
            WHERE at < (SELECT at FROM onemap_changes ORDER BY at DESC OFFSET 50000 LIMIT 1)
            LIMIT 5000 FOR UPDATE SKIP LOCKED);
    END IF;
END $$;

-- One bulk line per layer and transaction: the lines that the transaction wrote before become part of it.
CREATE OR REPLACE FUNCTION onemap_log_bulk(changed text, of_kinds jsonb, of_grades jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    mine bigint := pg_current_xact_id()::text::bigint;
    many bigint := (SELECT coalesce(sum(value::text::bigint), 0) FROM jsonb_each(of_kinds));
    earlier record;
BEGIN
    UPDATE onemap_changes SET n = n + many, kinds = onemap_add_counts(kinds, of_kinds),
        gained = onemap_add_counts(gained, of_grades), at = clock_timestamp()
        WHERE tx = mine AND layer = changed AND kind = 'bulk';
    IF FOUND THEN
        RETURN;
    END IF;
    FOR earlier IN DELETE FROM onemap_changes WHERE tx = mine AND layer = changed RETURNING kind, n, gained LOOP
        many := many + earlier.n;
        of_kinds := onemap_add_counts(of_kinds, jsonb_build_object(earlier.kind, earlier.n));
        of_grades := onemap_add_counts(of_grades, earlier.gained);
    END LOOP;
    INSERT INTO onemap_changes (layer, kind, n, kinds, gained) VALUES (changed, 'bulk', many, of_kinds, of_grades);
END $$;

-- Whether a transaction that has written so many lines of a layer goes on one by one.
CREATE OR REPLACE FUNCTION onemap_is_bulk(changed text, many bigint) RETURNS boolean LANGUAGE sql AS $$
    SELECT many + (SELECT count(*) FROM (
        SELECT FROM onemap_changes WHERE tx = pg_current_xact_id()::text::bigint AND layer = changed LIMIT 20) AS mine
    ) > 20 OR EXISTS (
        SELECT FROM onemap_changes
        WHERE tx = pg_current_xact_id()::text::bigint AND layer = changed AND kind = 'bulk')
$$;

-- Features that came or went: changed_rows are the new rows of an INSERT, the old ones of a DELETE. The variables'
-- names are long, so that no layer has a column of such a name.
CREATE OR REPLACE FUNCTION onemap_log_come_or_gone() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    change_kind text := CASE TG_OP WHEN 'INSERT' THEN 'inserted' ELSE 'removed' END;
    change_sign int := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
    change_count bigint := (SELECT count(*) FROM changed_rows WHERE retired_at IS NULL);
BEGIN
    IF change_count = 0 THEN
        RETURN NULL;
    END IF;
    PERFORM onemap_forget_changes();
    IF onemap_is_bulk(TG_ARGV[0], change_count) THEN
        PERFORM onemap_log_bulk(TG_ARGV[0], jsonb_build_object(change_kind, change_count),
            (SELECT jsonb_object_agg(grade, change_sign * n) FROM (
                SELECT coalesce(grade, '') AS grade, count(*) AS n FROM changed_rows WHERE retired_at IS NULL GROUP BY 1
            ) AS counted));
        RETURN NULL;
    END IF;
    INSERT INTO onemap_changes (layer, kind, source, source_id, name, division_code, grade, grade_before, place, gained)
    SELECT TG_ARGV[0], change_kind, source, source_id, name, division_code, CASE change_sign WHEN 1 THEN grade END,
           CASE change_sign WHEN -1 THEN grade END, onemap_anchor(geom), jsonb_build_object(coalesce(grade, ''), change_sign)
    FROM changed_rows WHERE retired_at IS NULL ORDER BY source, source_id;
    RETURN NULL;
END $$;

-- What an update was: gone, back, of another grade, or merely told otherwise; NULL where nothing is to be seen of it.
CREATE OR REPLACE FUNCTION onemap_kind_of_update(was_retired boolean, is_retired boolean, before text, after text)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN was_retired AND is_retired THEN NULL WHEN is_retired THEN 'retired' WHEN was_retired THEN 'restored'
        WHEN before IS DISTINCT FROM after THEN 'regraded' ELSE 'updated' END
$$;

CREATE OR REPLACE FUNCTION onemap_log_updated() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    many bigint := (SELECT count(*) FROM new_rows);
BEGIN
    IF many = 0 THEN
        RETURN NULL;
    END IF;
    PERFORM onemap_forget_changes();
    IF onemap_is_bulk(TG_ARGV[0], many) THEN
        PERFORM onemap_log_bulk(TG_ARGV[0], kinds, gained) FROM (
            WITH pairs AS (
                SELECT onemap_kind_of_update(o.retired_at IS NOT NULL, w.retired_at IS NOT NULL, o.grade, w.grade) AS kind,
                       CASE WHEN o.retired_at IS NULL THEN coalesce(o.grade, '') END AS lost,
                       CASE WHEN w.retired_at IS NULL THEN coalesce(w.grade, '') END AS won
                FROM old_rows o JOIN new_rows w USING (source, source_id)
            ), moved AS (
                SELECT grade, sum(n) AS n FROM (
                    SELECT won AS grade, count(*) AS n FROM pairs WHERE won IS NOT NULL GROUP BY 1
                    UNION ALL SELECT lost, -count(*) FROM pairs WHERE lost IS NOT NULL GROUP BY 1) AS each
                GROUP BY grade HAVING sum(n) <> 0
            ) SELECT coalesce((SELECT jsonb_object_agg(kind, n) FROM (
                         SELECT kind, count(*) AS n FROM pairs WHERE kind IS NOT NULL GROUP BY 1) AS k), '{}') AS kinds,
                     coalesce((SELECT jsonb_object_agg(grade, n) FROM moved), '{}') AS gained
        ) AS told WHERE kinds <> '{}';
        RETURN NULL;
    END IF;
    INSERT INTO onemap_changes
        (layer, kind, source, source_id, name, division_code, grade, grade_before, place, gained)
    SELECT TG_ARGV[0], change_kind, source, source_id, name, division_code, grade, grade_before, onemap_anchor(geom), gained
    -- Not "kind": a layer may have a column of that name (supply_depots has).
    FROM (SELECT w.*, o.grade AS grade_before,
                 onemap_kind_of_update(o.retired_at IS NOT NULL, w.retired_at IS NOT NULL, o.grade, w.grade) AS change_kind,
                 onemap_add_counts(
                     CASE WHEN w.retired_at IS NULL THEN jsonb_build_object(coalesce(w.grade, ''), 1) ELSE '{}' END,
                     CASE WHEN o.retired_at IS NULL THEN jsonb_build_object(coalesce(o.grade, ''), -1) ELSE '{}' END
                 ) AS gained
          FROM old_rows o JOIN new_rows w USING (source, source_id)
          -- An import that writes what was there already is no news.
          WHERE to_jsonb(o) - 'imported_at' <> to_jsonb(w) - 'imported_at') AS changed
    WHERE change_kind IS NOT NULL ORDER BY source, source_id;
    RETURN NULL;
END $$;

-- What earlier forms of this file made: with them go their triggers, which the next function attaches anew.
DROP FUNCTION IF EXISTS onemap_log_inserted() CASCADE;
DROP FUNCTION IF EXISTS onemap_log_deleted() CASCADE;

-- Log a layer's edits. The triggers' names put them after those of the revision, which serialise writers of a layer.
CREATE OR REPLACE FUNCTION onemap_log_changes(layer regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name text := (SELECT relname FROM pg_class WHERE oid = layer);
BEGIN
    EXECUTE format('CREATE OR REPLACE TRIGGER onemap_with_log_inserted AFTER INSERT ON %s REFERENCING NEW TABLE AS
        changed_rows FOR EACH STATEMENT EXECUTE FUNCTION onemap_log_come_or_gone(%L)', layer, name);
    EXECUTE format('CREATE OR REPLACE TRIGGER onemap_with_log_updated AFTER UPDATE ON %s REFERENCING OLD TABLE AS
        old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION onemap_log_updated(%L)', layer, name);
    EXECUTE format('CREATE OR REPLACE TRIGGER onemap_with_log_deleted AFTER DELETE ON %s REFERENCING OLD TABLE AS
        changed_rows FOR EACH STATEMENT EXECUTE FUNCTION onemap_log_come_or_gone(%L)', layer, name);
END $$;
