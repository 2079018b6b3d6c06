-- Imports as runs: what was asked, how far it is, what became of it, and the rows that were refused or flagged. Idempotent.
CREATE TABLE IF NOT EXISTS import_runs (
    id uuid PRIMARY KEY,
    layer text NOT NULL,
    file text NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
    dry_run boolean NOT NULL,
    options jsonb NOT NULL,
    mends uuid,
    upload uuid,
    attempts integer NOT NULL DEFAULT 0,
    progress jsonb,
    report jsonb,
    error jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    finished_at timestamptz
);
CREATE INDEX IF NOT EXISTS import_runs_open ON import_runs (created_at) WHERE state IN ('waiting', 'running');
COMMENT ON COLUMN import_runs.mends IS 'the run whose mended rows this one took';

-- The quarantine: the row as the file had it, with the reasons, the places that it may have meant, and where it was put.
CREATE TABLE IF NOT EXISTS import_rows (
    run uuid NOT NULL REFERENCES import_runs ON DELETE CASCADE,
    "row" bigint NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('rejected', 'flagged')),
    source_id text,
    reasons jsonb NOT NULL,
    candidates jsonb,
    cells jsonb NOT NULL,
    geom geometry(Geometry, 4490),
    PRIMARY KEY (run, "row")
);

-- A file on its way from the door to the worker, in parts; gone when its run has ended and none needs it any more.
CREATE TABLE IF NOT EXISTS import_uploads (
    upload uuid NOT NULL,
    part integer NOT NULL,
    content bytea NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (upload, part)
);
ALTER TABLE import_uploads ALTER COLUMN content SET STORAGE EXTERNAL;

-- What is said of a source's files once and for all: into which layer, by which datum, which column is which field.
CREATE TABLE IF NOT EXISTS import_profiles (
    name text PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 80),
    layer text NOT NULL,
    source text NOT NULL,
    options jsonb NOT NULL,
    saved_at timestamptz NOT NULL DEFAULT now(),
    used_at timestamptz
);
