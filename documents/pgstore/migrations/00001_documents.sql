-- +goose Up

-- Records end in a checksum of their key and their bytes (documents/value). They
-- hold what nothing in SQL asks for.

CREATE TABLE documents (
	id       text COLLATE "C" PRIMARY KEY,
	revision bigint NOT NULL,
	record   bytea NOT NULL
);

-- Whoever writes about a document's drafts locks its row here first, so that what
-- is the latest revision stays so until the commit.
CREATE TABLE draft_heads (
	document text COLLATE "C" PRIMARY KEY,
	latest   bigint NOT NULL
);

CREATE TABLE drafts (
	document text COLLATE "C",
	revision bigint,
	record   bytea NOT NULL, -- without sources
	standing bytea NOT NULL, -- what moves after the save: state and comment
	PRIMARY KEY (document, revision)
);

CREATE TABLE draft_texts (
	document text COLLATE "C",
	revision bigint,
	lang     text COLLATE "C",
	source   bytea NOT NULL,
	PRIMARY KEY (document, revision, lang)
);

CREATE TABLE approvals (
	document text COLLATE "C",
	revision bigint,
	n        bigint GENERATED ALWAYS AS IDENTITY, -- drawn under the lock of draft_heads, so in order
	record   bytea NOT NULL,
	PRIMARY KEY (document, revision, n)
);

-- The end of the log: one row, locked until the commit of whoever appends. A
-- sequence would let a reader see an event before an earlier one.
CREATE TABLE log_head (
	one    boolean PRIMARY KEY DEFAULT true CHECK (one),
	seq    bigint NOT NULL DEFAULT 0,
	time   timestamptz, -- of the last event
	origin text NOT NULL DEFAULT ''
);
INSERT INTO log_head DEFAULT VALUES;

CREATE TABLE events (
	seq      bigint PRIMARY KEY CHECK (seq > 0),
	document text COLLATE "C" NOT NULL, -- '' of none
	origin   text NOT NULL,             -- which restart_log asks
	record   bytea NOT NULL
);
CREATE INDEX events_of_document ON events (document, seq);

CREATE TABLE versions (
	document text COLLATE "C",
	number   bigint,
	record   bytea NOT NULL, -- without sources and clause maps
	PRIMARY KEY (document, number)
);

CREATE TABLE texts (
	document text COLLATE "C",
	number   bigint,
	lang     text COLLATE "C",
	source   bytea NOT NULL,
	clauses  bytea NOT NULL,
	PRIMARY KEY (document, number, lang)
);

CREATE TABLE publication_audits (
	first  bigint PRIMARY KEY, -- seq of the batch's first event
	record bytea NOT NULL
);

CREATE TABLE publication_keys (
	key    bytea PRIMARY KEY,
	record bytea NOT NULL
);

-- The service role may add to the log, but only at its end, and an audit only
-- together with the event that it is of: an event beyond the end would be followed
-- before those in between, and who published a version is not said afterwards.
-- +goose StatementBegin
CREATE FUNCTION event_is_next() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM events) THEN
		RAISE EXCEPTION 'event % is not the next one of the log', NEW.seq;
	END IF;
	RETURN NEW;
END
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION audit_is_of_now() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM events WHERE seq = NEW.first AND xmin = pg_current_xact_id()::xid) THEN
		RAISE EXCEPTION 'event % was not appended by this transaction', NEW.first;
	END IF;
	RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER event_is_next BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION event_is_next();
CREATE TRIGGER audit_is_of_now BEFORE INSERT ON publication_audits FOR EACH ROW EXECUTE FUNCTION audit_is_of_now();

-- restart_log empties a rehearsal's log and what belongs to it, which the service
-- role may not do by itself, and tells whether it did. The log may be begun again
-- only if every event says so: none that was ever written can be taken back.
-- +goose StatementBegin
CREATE FUNCTION restart_log() RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
	PERFORM FROM log_head FOR UPDATE;
	IF EXISTS (SELECT FROM events WHERE origin NOT LIKE '%/rehearsal') THEN
		RETURN false;
	END IF;
	DELETE FROM events;
	DELETE FROM versions;
	DELETE FROM texts;
	DELETE FROM publication_audits;
	DELETE FROM publication_keys;
	UPDATE log_head SET seq = 0, time = NULL, origin = '';
	RETURN true;
END
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION restart_log() FROM PUBLIC;
-- +goose StatementBegin
DO $$
BEGIN
	EXECUTE format('ALTER FUNCTION restart_log() SET search_path = %I, pg_temp', current_schema());
	EXECUTE format('ALTER FUNCTION event_is_next() SET search_path = %I, pg_temp', current_schema());
	EXECUTE format('ALTER FUNCTION audit_is_of_now() SET search_path = %I, pg_temp', current_schema());
END
$$;
-- +goose StatementEnd
