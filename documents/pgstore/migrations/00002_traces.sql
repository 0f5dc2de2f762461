-- +goose Up

-- What follows from source and clauses; NULL of texts that were there before.
ALTER TABLE texts ADD COLUMN trace bytea;
