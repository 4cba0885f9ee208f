-- +goose Up
-- A resource that is retired is never taken again: the kernel looks at it under the
-- lock. Rooms and venues keep their own archived_at, by which they leave the lists.
ALTER TABLE resources ADD COLUMN retired_at TEXT;
UPDATE resources SET retired_at = (SELECT COALESCE(m.archived_at, v.archived_at) FROM rooms m JOIN venues v ON v.id = m.venue_id WHERE m.id = resources.id)
  WHERE id IN (SELECT m.id FROM rooms m JOIN venues v ON v.id = m.venue_id WHERE m.archived_at IS NOT NULL OR v.archived_at IS NOT NULL);

-- +goose Down
ALTER TABLE resources DROP COLUMN retired_at;
