-- +goose Up
-- When a wish left the list: from then on it is counted how long its name is kept.
ALTER TABLE lecture_wishes ADD COLUMN done_at TIMESTAMPTZ;
UPDATE lecture_wishes SET done_at = created_at WHERE state <> 'open';

-- +goose Down
ALTER TABLE lecture_wishes DROP COLUMN done_at;
