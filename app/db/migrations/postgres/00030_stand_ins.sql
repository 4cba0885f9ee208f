-- +goose Up
-- A role for a time, for who stands in during a leave: it counts from starts_at
-- until ends_at; a role with neither counts until it is taken back.
ALTER TABLE grants ADD COLUMN starts_at TIMESTAMPTZ;
ALTER TABLE grants ADD COLUMN ends_at TIMESTAMPTZ CONSTRAINT grants_term CHECK ((starts_at IS NULL) = (ends_at IS NULL) AND (ends_at IS NULL OR starts_at < ends_at));

-- +goose Down
ALTER TABLE grants DROP COLUMN ends_at;
ALTER TABLE grants DROP COLUMN starts_at;
