-- +goose Up

-- Keys are bytea: what people typed need not be text, and bytes have one order.
-- A record is JSON that ends in the CRC-32C of its key and itself.

-- Counts the changes of staff and tokens; locked by whoever makes one.
CREATE TABLE server_roster (
	one      boolean PRIMARY KEY DEFAULT true CHECK (one),
	revision bigint NOT NULL
);
INSERT INTO server_roster (revision) VALUES (0);

CREATE TABLE server_staff (
	id       bytea PRIMARY KEY,
	revision bigint NOT NULL,
	record   bytea NOT NULL
);

CREATE TABLE server_tokens (
	hash   bytea PRIMARY KEY,
	record bytea NOT NULL
);

CREATE TABLE server_sessions (
	hash    bytea PRIMARY KEY,
	expires timestamptz NOT NULL,
	record  bytea NOT NULL
);
CREATE INDEX server_sessions_expires ON server_sessions (expires);

CREATE TABLE server_links (
	hash    bytea PRIMARY KEY,
	expires timestamptz NOT NULL,
	record  bytea NOT NULL
);
CREATE INDEX server_links_expires ON server_links (expires);

-- What Allow keeps: until when a key has used up what it may do.
CREATE TABLE server_limits (
	key   bytea PRIMARY KEY,
	until timestamptz NOT NULL
) WITH (fillfactor = 70);

CREATE TABLE server_settings (
	one      boolean PRIMARY KEY DEFAULT true CHECK (one),
	revision bigint NOT NULL,
	record   bytea NOT NULL
);

-- The last numbers given out, each locked until commit, so that what has a number
-- becomes visible in order.
CREATE TABLE server_heads (
	of   text COLLATE "C" PRIMARY KEY,
	last bigint NOT NULL
);
INSERT INTO server_heads (of, last) VALUES ('trail', 0), ('mail', 0);

CREATE TABLE server_trail (
	id     bigint PRIMARY KEY,
	record bytea NOT NULL
);

CREATE TABLE server_mail (
	id     bigint PRIMARY KEY,
	record bytea NOT NULL,
	raw    bytea NOT NULL
);
