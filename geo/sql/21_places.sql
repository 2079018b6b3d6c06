-- Indexes of a layer for tiles: its points by stripes of longitude, with all that a tile tells of them, so that a tile is
-- read from the index alone; and the few shapes among its points.
-- Idempotent: runs after every migration.

-- A stripe is a ninetieth of a degree: a tile of zoom 12 and its buffer lie in ten of them. Within one, points are
-- ordered by latitude: what a tile asks of a stripe lies together.
CREATE OR REPLACE FUNCTION onemap_index_places(layer regclass, told text[], points boolean, shapes boolean)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name text := (SELECT relname FROM pg_class WHERE oid = layer);
    columns text := (SELECT string_agg(format('%I', each), ', ' ORDER BY place)
                     FROM unnest('{geom}'::text[] || told) WITH ORDINALITY AS t (each, place));
BEGIN
    IF points THEN
        EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON %s ((floor(ST_X(geom) * 90)::int), ST_Y(geom)) INCLUDE (%s)
            WHERE retired_at IS NULL AND GeometryType(geom) = ''POINT''', name || '_places', layer, columns);
    END IF;
    IF shapes THEN
        EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON %s USING gist (geom) WHERE GeometryType(geom) <> ''POINT''',
            name || '_shapes', layer);
    END IF;
    EXECUTE format('DROP INDEX IF EXISTS %I', name || '_wide');
END $$;
DROP FUNCTION IF EXISTS onemap_index_places(regclass, text[]);
