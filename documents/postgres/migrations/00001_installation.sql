-- +goose Up
CREATE TABLE installation (
	one     boolean PRIMARY KEY DEFAULT true CHECK (one),
	log_key text NOT NULL,
	tokens  text NOT NULL
);

-- The oldest version of each room's schema that a program must know to work with
-- this one: a migration that an older program cannot live with raises it.
CREATE TABLE needs (
	room    text COLLATE "C" PRIMARY KEY,
	version bigint NOT NULL
);

-- The service roles that were granted something, so that a migration can grant
-- them what it brings.
CREATE TABLE services (
	role text COLLATE "C" PRIMARY KEY
);
