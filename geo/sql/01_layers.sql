-- What every layer's table carries beside its columns: a revision with its triggers, and the indexes for distances and
-- for the worst.
-- The revision is the version of a layer's data in every cache key and ETag.
-- A statement trigger bumps it, so edits by any tool (the importer, QGIS, psql) make tiles and pictures new.
-- Idempotent: runs after every migration.
CREATE TABLE IF NOT EXISTS onemap_revisions (
    layer text PRIMARY KEY,
    revision bigint NOT NULL DEFAULT 0,
    changed_at timestamptz NOT NULL DEFAULT now()
);

-- TG_ARGV[0] is the layer. A statement that touched no row changes nothing and bumps nothing.
CREATE OR REPLACE FUNCTION onemap_bump_revision() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    bumped bigint;
BEGIN
    IF TG_OP <> 'TRUNCATE' THEN
        IF NOT EXISTS (SELECT 1 FROM changed_rows) THEN
            RETURN NULL;
        END IF;
    END IF;
    INSERT INTO onemap_revisions AS r (layer, revision) VALUES (TG_ARGV[0], 1)
        ON CONFLICT (layer) DO UPDATE SET revision = r.revision + 1, changed_at = now()
        RETURNING revision INTO bumped;
    PERFORM pg_notify('onemap_layers', json_build_object('layer', TG_ARGV[0], 'revision', bumped)::text);
    RETURN NULL;
END $$;

-- The triggers of a table whose rows are shown with a layer: its own, or a child table's (the stock of a depot).
CREATE OR REPLACE FUNCTION onemap_watch(watched regclass, name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE OR REPLACE TRIGGER onemap_inserted AFTER INSERT ON %s REFERENCING NEW TABLE AS changed_rows
        FOR EACH STATEMENT EXECUTE FUNCTION onemap_bump_revision(%L)', watched, name);
    EXECUTE format('CREATE OR REPLACE TRIGGER onemap_updated AFTER UPDATE ON %s REFERENCING NEW TABLE AS changed_rows
        FOR EACH STATEMENT EXECUTE FUNCTION onemap_bump_revision(%L)', watched, name);
    EXECUTE format('CREATE OR REPLACE TRIGGER onemap_deleted AFTER DELETE ON %s REFERENCING OLD TABLE AS changed_rows
        FOR EACH STATEMENT EXECUTE FUNCTION onemap_bump_revision(%L)', watched, name);
    EXECUTE format('CREATE OR REPLACE TRIGGER onemap_truncated AFTER TRUNCATE ON %s
        FOR EACH STATEMENT EXECUTE FUNCTION onemap_bump_revision(%L)', watched, name);
END $$;

CREATE OR REPLACE FUNCTION onemap_equip_layer(layer regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name text := (SELECT relname FROM pg_class WHERE oid = layer);
BEGIN
    PERFORM onemap_watch(layer, name);
    EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON %s USING gist ((geom::geography))', name || '_geography', layer);
    -- The worst are found first, nearest to a place, however few of them there are among the rest (geo/worst.py).
    EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON %s USING gist (geom) WHERE grade IN (''red'', ''orange'')
        AND retired_at IS NULL', name || '_worst', layer);
    INSERT INTO onemap_revisions (layer) VALUES (name) ON CONFLICT DO NOTHING;
END $$;
