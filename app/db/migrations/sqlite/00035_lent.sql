-- +goose Up
-- What a slot takes because a team borrows it, and gives back when no team does.
ALTER TABLE contest_claims ADD COLUMN lent BOOLEAN NOT NULL DEFAULT FALSE;

-- +goose Down
ALTER TABLE contest_claims DROP COLUMN lent;
