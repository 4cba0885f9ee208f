-- +goose Up
-- Two organisations that became one: the closed one says which lives on.
ALTER TABLE orgs ADD COLUMN merged_into BIGINT REFERENCES orgs (id);

-- +goose Down
ALTER TABLE orgs DROP COLUMN merged_into;
