#!/bin/sh
# Makes the database and its two roles; the image of PostgreSQL runs it once, when
# its volume is empty. vestnik_owner owns the schema and migrates it. vestnik is
# what the nodes are: `migrate` gives it what it needs and no more.
set -eu
owner=$(cat /run/secrets/owner-password)
service=$(cat /run/secrets/service-password)
psql -v ON_ERROR_STOP=1 -v owner="$owner" -v service="$service" <<'SQL'
CREATE ROLE vestnik_owner LOGIN PASSWORD :'owner';
CREATE ROLE vestnik LOGIN PASSWORD :'service';
CREATE DATABASE vestnik OWNER vestnik_owner ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE vestnik FROM PUBLIC;
GRANT CONNECT ON DATABASE vestnik TO vestnik;
SQL
