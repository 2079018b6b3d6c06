-- The grids (GeoTIFF) that are loaded: what each holds and where. The files lie in the state directory's rasters/.
-- Idempotent: runs after every migration.
CREATE TABLE IF NOT EXISTS onemap_rasters (
    name text PRIMARY KEY,
    kind text NOT NULL,
    file text NOT NULL,
    crs text NOT NULL,
    nodata double precision,
    west double precision NOT NULL,
    south double precision NOT NULL,
    east double precision NOT NULL,
    north double precision NOT NULL,
    resolution_m double precision NOT NULL,
    minimum double precision NOT NULL,
    maximum double precision NOT NULL,
    total double precision,
    known_share double precision NOT NULL,
    data_date date,
    demo boolean NOT NULL DEFAULT false,
    added_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE onemap_rasters ADD COLUMN IF NOT EXISTS colours text;
ALTER TABLE onemap_rasters DROP CONSTRAINT IF EXISTS onemap_rasters_kind_check;
ALTER TABLE onemap_rasters ADD CONSTRAINT onemap_rasters_kind_check
    CHECK (kind IN ('elevation', 'population', 'thematic') AND (kind <> 'thematic' OR colours IS NOT NULL));
-- Its revision is part of the version of every picture and tile that shows grids.
SELECT onemap_watch('onemap_rasters', 'rasters');
INSERT INTO onemap_revisions (layer) VALUES ('rasters') ON CONFLICT DO NOTHING;
