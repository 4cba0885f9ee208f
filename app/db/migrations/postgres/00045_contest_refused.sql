-- +goose Up
-- A place that the partner who lends it has refused: the slot still names it, and does
-- not have its time until it is moved.
ALTER TABLE contest_claims ADD COLUMN refused BOOLEAN NOT NULL DEFAULT FALSE;

-- +goose Down
ALTER TABLE contest_claims DROP COLUMN refused;
