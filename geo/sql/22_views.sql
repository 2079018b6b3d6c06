-- Saved views of the wall, by name, so that every wall sees them: what a link keeps, and the duty that it belongs to.
-- They have a revision like a layer (named "wall:views"), which tells open walls. Idempotent: runs after every migration.
CREATE TABLE IF NOT EXISTS onemap_views (
    name text PRIMARY KEY CHECK (char_length(name) BETWEEN 1 AND 40),
    duty text NOT NULL DEFAULT '' CHECK (char_length(duty) <= 40),
    link text NOT NULL CHECK (char_length(link) <= 8000),
    place integer NOT NULL DEFAULT 0,
    saved_at timestamptz NOT NULL DEFAULT now()
);
SELECT onemap_watch('onemap_views'::regclass, 'wall:views');
-- Known from the start, so that an open wall takes the first saved view for news.
INSERT INTO onemap_revisions (layer) VALUES ('wall:views') ON CONFLICT DO NOTHING;
