-- How many features of each grade lie in each cell of a fixed grid: what maps of a province show of crowded layers.
-- Kept by statement triggers in the transaction of the edit, so that the counts are those of the rows at any moment.
-- Idempotent: runs after every migration.

-- A cell is a tile of zoom 12. sum_x and sum_y are sums of places in 2^-31 of the world's edge (7 mm at 30° N),
-- whole numbers, so that taking a feature away leaves exactly what was there without it.
CREATE TABLE IF NOT EXISTS onemap_cells (
    layer text NOT NULL,
    x integer NOT NULL,
    y integer NOT NULL,
    division_code text NOT NULL,  -- its first six digits: the county; '' where unknown
    grade text NOT NULL,          -- '' where not graded
    n bigint NOT NULL,
    sum_x numeric NOT NULL,
    sum_y numeric NOT NULL,
    PRIMARY KEY (layer, x, y, division_code, grade)
);

-- A place as (x, y), each 0 to 1 from the north-west corner of the Web Mercator world, whole features by a point on them.
-- The cells and the indexes of places (21_places.sql) hold what these give: whoever changes them makes both anew.
-- Their bodies are parsed here and not when they are called: to build an index, or restore one from a dump, PostgreSQL
-- looks for nothing outside its own catalogue.
CREATE OR REPLACE FUNCTION onemap_world_x(geom geometry) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN least(greatest((ST_X(geom) + 180) / 360, 0), 0.9999999999);
CREATE OR REPLACE FUNCTION onemap_world_y(geom geometry) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN least(greatest(
        0.5 - ln(tan(pi() / 4 + radians(least(greatest(ST_Y(geom), -85.06), 85.06)) / 2)) / (2 * pi()), 0), 0.9999999999);
-- 0 to 1 in 2^-31; its upper 12 bits are the cell.
CREATE OR REPLACE FUNCTION onemap_grid(world float8) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT floor(world * 2147483648)::integer
$$;
CREATE OR REPLACE FUNCTION onemap_anchor(geom geometry) RETURNS geometry LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN GeometryType(geom) = 'POINT' THEN geom ELSE ST_PointOnSurface(geom) END
$$;

-- Add what a statement brought and take away what it removed. Rows that end with nothing in them go.
-- A million rows end in a few thousand cells: hashed at once, where the planner, which has no statistics, would sort.
CREATE OR REPLACE FUNCTION onemap_count_changes() RETURNS trigger LANGUAGE plpgsql SET enable_sort = off AS $$
DECLARE
    gone text := 'SELECT -1 AS sign, geom, grade, division_code, retired_at FROM old_rows';
    come text := 'SELECT 1 AS sign, geom, grade, division_code, retired_at FROM new_rows';
    changed text;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        DELETE FROM onemap_cells WHERE layer = TG_ARGV[0];
        RETURN NULL;
    END IF;
    changed := CASE TG_OP WHEN 'INSERT' THEN come WHEN 'DELETE' THEN gone ELSE gone || ' UNION ALL ' || come END;
    EXECUTE format($sql$
WITH places AS (
    SELECT sign, coalesce(grade, '') AS grade, coalesce(left(division_code, 6), '') AS division_code,
           onemap_grid(onemap_world_x(anchor)) AS gx, onemap_grid(onemap_world_y(anchor)) AS gy
    FROM (SELECT *, onemap_anchor(geom) AS anchor FROM (%s) AS c WHERE retired_at IS NULL) AS a
    WHERE NOT ST_IsEmpty(anchor) OFFSET 0  -- a fence: else each place is computed once for every use of it
), delta AS MATERIALIZED (
    -- Sums of offsets within a cell fit in a bigint, which adds up much faster than numeric does.
    SELECT gx >> 19 AS x, gy >> 19 AS y, division_code, grade, sum(sign) AS n,
           sum(sign * (gx & 524287)) + sum(sign) * ((gx >> 19)::bigint << 19) AS sum_x,
           sum(sign * (gy & 524287)) + sum(sign) * ((gy >> 19)::bigint << 19) AS sum_y
    FROM places GROUP BY gx >> 19, gy >> 19, division_code, grade
), counted AS (
    INSERT INTO onemap_cells AS c (layer, x, y, division_code, grade, n, sum_x, sum_y)
    SELECT %L, x, y, division_code, grade, n, sum_x, sum_y FROM delta WHERE (n, sum_x, sum_y) <> (0, 0, 0)
    ORDER BY x, y, division_code, grade
    ON CONFLICT (layer, x, y, division_code, grade) DO UPDATE
        SET n = c.n + excluded.n, sum_x = c.sum_x + excluded.sum_x, sum_y = c.sum_y + excluded.sum_y
    RETURNING c.n
) SELECT 1 FROM counted WHERE n = 0 LIMIT 1$sql$, changed, TG_ARGV[0]);
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM onemap_cells WHERE layer = TG_ARGV[0] AND n = 0;
    END IF;
    RETURN NULL;
END $$;

CREATE INDEX IF NOT EXISTS onemap_cells_empty ON onemap_cells (layer) WHERE n = 0;

-- Keep the cells of a layer; at the first time, count what is there. The triggers' names put them after the revision's
-- own: whoever bumps the revision has the layer to itself until its transaction ends, so cells never deadlock.
CREATE OR REPLACE FUNCTION onemap_keep_cells(layer regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name text := (SELECT relname FROM pg_class WHERE oid = layer);
    known boolean := EXISTS (SELECT FROM pg_trigger WHERE tgrelid = layer AND tgname = 'onemap_with_cells_truncated');
BEGIN
    EXECUTE format('CREATE OR REPLACE TRIGGER onemap_with_cells_inserted AFTER INSERT ON %s REFERENCING NEW TABLE AS
        new_rows FOR EACH STATEMENT EXECUTE FUNCTION onemap_count_changes(%L)', layer, name);
    EXECUTE format('CREATE OR REPLACE TRIGGER onemap_with_cells_updated AFTER UPDATE ON %s REFERENCING OLD TABLE AS
        old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION onemap_count_changes(%L)', layer, name);
    EXECUTE format('CREATE OR REPLACE TRIGGER onemap_with_cells_deleted AFTER DELETE ON %s REFERENCING OLD TABLE AS
        old_rows FOR EACH STATEMENT EXECUTE FUNCTION onemap_count_changes(%L)', layer, name);
    EXECUTE format('CREATE OR REPLACE TRIGGER onemap_with_cells_truncated AFTER TRUNCATE ON %s
        FOR EACH STATEMENT EXECUTE FUNCTION onemap_count_changes(%L)', layer, name);
    IF NOT known THEN
        DELETE FROM onemap_cells c WHERE c.layer = name;
        EXECUTE format($sql$
INSERT INTO onemap_cells (layer, x, y, division_code, grade, n, sum_x, sum_y)
SELECT %L, floor(wx * 4096)::int, floor(wy * 4096)::int, coalesce(left(division_code, 6), ''), coalesce(grade, ''),
       count(*), sum(floor(wx * 2147483648)::bigint), sum(floor(wy * 2147483648)::bigint)
FROM (SELECT division_code, grade, onemap_world_x(anchor) AS wx, onemap_world_y(anchor) AS wy
      FROM (SELECT division_code, grade, onemap_anchor(geom) AS anchor FROM %s WHERE retired_at IS NULL) AS a
      WHERE NOT ST_IsEmpty(anchor)) AS p
GROUP BY 2, 3, 4, 5$sql$, name, layer);
    END IF;
END $$;
