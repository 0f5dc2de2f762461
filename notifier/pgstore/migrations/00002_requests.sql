-- +goose Up

-- What registered users asked for or did. erases: an erasure that is done.
CREATE TABLE requests (
	id        bigint PRIMARY KEY,
	code      bytea NOT NULL UNIQUE CHECK (code <> ''),
	recipient bigint NOT NULL,
	state     bytea NOT NULL,
	erases    boolean NOT NULL,
	revision  bigint NOT NULL,
	record    bytea NOT NULL
);
CREATE INDEX requests_of ON requests (recipient, id);
CREATE INDEX requests_in ON requests (state, id);
CREATE INDEX requests_that_erase ON requests (id) WHERE erases;
INSERT INTO counters VALUES ('requests', 0);

-- Links that act. They end soon, and stand in no dump.
CREATE TABLE links (
	hash   bytea PRIMARY KEY,
	until  timestamptz NOT NULL,
	record bytea NOT NULL
);
CREATE INDEX links_end ON links (until);

-- What the release before knows nothing of lies beside what it reads and writes,
-- so that none of its nodes forgets a key of a person, or sends a letter for which
-- it has no words: of a letter that is of a later kind, when it is due is in later.
ALTER TABLE recipients ADD COLUMN personal bytea;
ALTER TABLE letters ADD COLUMN later timestamptz;
CREATE INDEX letters_due_later ON letters (later, id) WHERE later IS NOT NULL;
