-- +goose Up
-- When a screening that was moved was to begin before, why and when it was moved:
-- tickets that are older say so.
ALTER TABLE screenings ADD COLUMN moved_from TEXT;
ALTER TABLE screenings ADD COLUMN moved_why TEXT NOT NULL DEFAULT '';
ALTER TABLE screenings ADD COLUMN moved_at TEXT;

-- +goose Down
ALTER TABLE screenings DROP COLUMN moved_at;
ALTER TABLE screenings DROP COLUMN moved_why;
ALTER TABLE screenings DROP COLUMN moved_from;
