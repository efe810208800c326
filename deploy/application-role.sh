#!/bin/sh
# Run once by the image of PostgreSQL, when it makes the database.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    --set password="$APPLICATION_PASSWORD" <<'SQL'
CREATE ROLE greenroom_app LOGIN PASSWORD :'password';
SQL
