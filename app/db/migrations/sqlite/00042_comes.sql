-- +goose Up
-- changed_at: when a session was last moved or cancelled. Who had signed up by then is
-- asked whether they come all the same; comes is what they said last, and said_at when.
ALTER TABLE activity_sessions ADD COLUMN changed_at TEXT;
ALTER TABLE activity_signups ADD COLUMN comes TEXT NOT NULL DEFAULT '';
ALTER TABLE activity_signups ADD COLUMN said_at TEXT;

-- +goose Down
ALTER TABLE activity_signups DROP COLUMN said_at;
ALTER TABLE activity_signups DROP COLUMN comes;
ALTER TABLE activity_sessions DROP COLUMN changed_at;
