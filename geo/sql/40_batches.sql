-- Batches of sites as jobs: what was asked, how far it is, and the file at the end; gone a week after. Idempotent.
CREATE TABLE IF NOT EXISTS batch_runs (
    id uuid PRIMARY KEY,
    state text NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
    format text NOT NULL,
    options jsonb NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    done bigint NOT NULL DEFAULT 0,
    total bigint,
    error jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    finished_at timestamptz
);
CREATE INDEX IF NOT EXISTS batch_runs_open ON batch_runs (created_at) WHERE state IN ('waiting', 'running');

CREATE TABLE IF NOT EXISTS batch_files (
    run uuid NOT NULL REFERENCES batch_runs ON DELETE CASCADE,
    role text NOT NULL CHECK (role IN ('sites', 'answers')),
    part integer NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (run, role, part)
);
ALTER TABLE batch_files ALTER COLUMN content SET STORAGE EXTERNAL;
