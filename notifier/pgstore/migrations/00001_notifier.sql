-- +goose Up

-- What is a key, compared or counted has a column. All else lies in record, which
-- is sealed by documents/value. Keys that people wrote are bytes: they have no
-- collation, and whatever somebody asks for is there or not, but never an error.

-- Numbers that are taken in order: whoever takes one holds the row until commit.
CREATE TABLE counters (
	name text COLLATE "C" PRIMARY KEY,
	n    bigint NOT NULL
) WITH (fillfactor = 50);
INSERT INTO counters VALUES ('cursor', 0), ('recipients', 0), ('letters', 0), ('imports', 0);

CREATE TABLE recipients (
	number      bigint PRIMARY KEY,
	external_id bytea NOT NULL UNIQUE,
	revision    bigint NOT NULL,
	record      bytea NOT NULL
);

CREATE TABLE imports (
	id     bigint PRIMARY KEY,
	record bytea NOT NULL
);

CREATE TABLE notices (
	seq      bigint PRIMARY KEY,
	sends    boolean NOT NULL,
	revision bigint NOT NULL,
	record   bytea NOT NULL
);

-- next is NULL unless the delivery is due by itself at some time. detail is what
-- the state is counted by: the language of what was accepted, the reason of what
-- failed or is excluded.
CREATE TABLE deliveries (
	notice    bigint NOT NULL,
	recipient bigint NOT NULL,
	state     text COLLATE "C" NOT NULL,
	detail    bytea NOT NULL,
	next      timestamptz,
	revision  bigint NOT NULL,
	record    bytea NOT NULL,
	PRIMARY KEY (recipient, notice)
) PARTITION BY LIST (notice);

-- The few that people look for among a million, and the million: each delivery
-- stands in one of the two, and the first stays small. What is due has no index:
-- chunks lead to it.
CREATE INDEX deliveries_few ON deliveries (state, recipient)
	WHERE state IN ('deferred', 'in-doubt', 'failed', 'excluded', 'covered');
CREATE INDEX deliveries_many ON deliveries (state, recipient) WHERE state IN ('waiting', 'accepted');

-- A part of a notice that one sender has at a time. Nothing in it is due before
-- due, but something may be due later than that; NULL: nothing is due by itself.
CREATE TABLE chunks (
	notice bigint NOT NULL,
	chunk  bigint NOT NULL,
	owner  bytea NOT NULL DEFAULT '',
	epoch  bigint NOT NULL DEFAULT 0,
	until  timestamptz NOT NULL DEFAULT '-infinity',
	due    timestamptz,
	PRIMARY KEY (notice, chunk)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX chunks_due ON chunks (notice, due, chunk);

-- Epochs grow for ever, so that a lease from before a Clear holds nothing.
CREATE SEQUENCE epochs;

-- How many deliveries of a notice stand in a state, in several slots: one row
-- would make every sender wait for the commit of every other one.
CREATE TABLE tallies (
	notice bigint NOT NULL,
	slot   int NOT NULL,
	state  text COLLATE "C" NOT NULL,
	detail bytea NOT NULL,
	n      bigint NOT NULL,
	PRIMARY KEY (notice, slot, state, detail)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);

CREATE TABLE forms (
	digest bytea PRIMARY KEY,
	record bytea NOT NULL
);

CREATE TABLE tokens (
	hash   bytea PRIMARY KEY,
	record bytea NOT NULL
);

CREATE TABLE letters (
	id       bigint PRIMARY KEY,
	open     boolean NOT NULL,
	next     timestamptz,
	revision bigint NOT NULL,
	record   bytea NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX letters_due ON letters (next, id) WHERE next IS NOT NULL;
CREATE INDEX letters_open ON letters (id) WHERE open;

CREATE TABLE marks (
	name   bytea PRIMARY KEY,
	record bytea NOT NULL
);

-- The end of the time that is taken under a name.
CREATE TABLE paces (
	name  bytea PRIMARY KEY,
	until timestamptz NOT NULL
) WITH (fillfactor = 50);

-- Makes room for the deliveries of a notice that is there, so that the role of the
-- service need not be able to make tables. A table is made and then attached: to
-- make it as a partition would wait for every reader of any notice.
-- +goose StatementBegin
CREATE FUNCTION make_deliveries(notice bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
	part text := 'deliveries_' || notice;
BEGIN
	IF NOT EXISTS (SELECT FROM notices WHERE seq = notice) THEN
		RAISE EXCEPTION 'there is no notice %', notice;
	END IF;
	IF to_regclass(format('%I.%I', current_schema(), part)) IS NOT NULL THEN
		RETURN;
	END IF;
	EXECUTE format('CREATE TABLE %I (LIKE deliveries INCLUDING ALL) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05)', part);
	EXECUTE format('ALTER TABLE deliveries ATTACH PARTITION %I FOR VALUES IN (%L)', part, notice);
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
DO $$
BEGIN
	EXECUTE format('ALTER FUNCTION make_deliveries(bigint) SET search_path = %I, pg_temp', current_schema());
END $$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION make_deliveries(bigint) FROM PUBLIC;
