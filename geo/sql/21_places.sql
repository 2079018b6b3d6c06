-- Indexes of a layer for tiles: its points by stripes of the world, with all that a tile tells of them, so that a tile is
-- read from the index alone; and the few shapes among its points.
-- Idempotent: runs after every migration.

-- A stripe is a column of tiles of zoom 15: a tile of zoom 12 and its margin lie in ten of them. Within one, points are
-- ordered from north to south: what a tile asks of a stripe lies together. Their places in the world's square (20_cells.sql)
-- are in the index too: a tile takes them as they are, without looking into a geometry.
-- An index of an earlier form, told by the number of its keys and by what it includes, is built anew.
CREATE OR REPLACE FUNCTION onemap_index_places(layer regclass, told text[], points boolean, shapes boolean)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name text := (SELECT relname FROM pg_class WHERE oid = layer);
    included text[] := '{geom}'::text[] || told;
    is_present boolean := EXISTS (
        SELECT FROM pg_index i
        WHERE i.indexrelid = to_regclass(quote_ident(name || '_places')) AND i.indnkeyatts = 3 AND included = (
            SELECT array_agg(attname::text ORDER BY attnum) FROM pg_attribute
            WHERE attrelid = i.indexrelid AND attnum > i.indnkeyatts));
BEGIN
    IF NOT (points AND is_present) THEN
        EXECUTE format('DROP INDEX IF EXISTS %I', name || '_places');
    END IF;
    IF points AND NOT is_present THEN
        EXECUTE format(
            'CREATE INDEX %I ON %s
                ((floor(onemap_world_x(geom) * 32768)::int), onemap_world_y(geom), onemap_world_x(geom)) INCLUDE (%s)
            WHERE retired_at IS NULL AND GeometryType(geom) = ''POINT''',
            name || '_places', layer,
            (SELECT string_agg(quote_ident(each), ', ' ORDER BY place)
             FROM unnest(included) WITH ORDINALITY AS t (each, place)));
    END IF;
    IF shapes THEN
        EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON %s USING gist (geom) WHERE GeometryType(geom) <> ''POINT''',
            name || '_shapes', layer);
    ELSE
        EXECUTE format('DROP INDEX IF EXISTS %I', name || '_shapes');
    END IF;
    EXECUTE format('DROP INDEX IF EXISTS %I', name || '_wide');
END $$;
DROP FUNCTION IF EXISTS onemap_index_places(regclass, text[]);
