-- +goose Up
-- Who waits is the person, no longer the account that keeps them: each of a family has a
-- turn. Where a desk and the account had let the same person wait, both turns stay as they are.
UPDATE waitlist_entries SET holder = 'person:' || person_id WHERE ended_at IS NULL AND org_id IS NULL AND holder LIKE 'account:%'
  AND person_id IN (SELECT id FROM people WHERE relation <> 'self')
  AND NOT EXISTS (SELECT 1 FROM waitlist_entries x WHERE x.event_id = waitlist_entries.event_id AND x.ended_at IS NULL
    AND x.holder = 'person:' || waitlist_entries.person_id);

-- +goose Down
UPDATE waitlist_entries SET holder = 'account:' || holder_id WHERE ended_at IS NULL AND org_id IS NULL AND holder LIKE 'person:%'
  AND holder_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM waitlist_entries x WHERE x.event_id = waitlist_entries.event_id AND x.ended_at IS NULL
    AND x.id <> waitlist_entries.id AND x.holder_id = waitlist_entries.holder_id);
