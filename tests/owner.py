"""What only the owner of the tables can do, or whoever has got hold of the owner's password."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import dj_database_url
import psycopg
from django.conf import settings
from django.db import connection, transaction
from psycopg import sql

from tests.embedded import servers


def owner_url() -> str:
    """Where the owner reaches the database of the tests."""
    return psycopg.conninfo.make_conninfo(
        os.environ["GREENROOM_OWNER_DATABASE_URL"], dbname=connection.settings_dict["NAME"]
    )


@contextmanager
def as_owner() -> Iterator[None]:
    """In the test's own transaction, statements are the owner's."""
    names = {
        "owner": sql.Identifier(
            dj_database_url.parse(os.environ["GREENROOM_OWNER_DATABASE_URL"])["USER"]
        ),
        "application": sql.Identifier(settings.DATABASE_ROLE),
    }
    with psycopg.connect(servers.postgres.keeper_url("postgres"), autocommit=True) as keeper:
        keeper.execute(sql.SQL("GRANT {owner} TO {application}").format(**names))
        try:
            with connection.cursor() as cursor:
                # A session hears of memberships when it locks a table it had not locked.
                with transaction.atomic():
                    cursor.execute("SELECT FROM pg_auth_members")
                    transaction.set_rollback(True)
                cursor.execute(sql.SQL("SET ROLE {owner}").format(**names))
                yield
                cursor.execute("RESET ROLE")
        finally:
            keeper.execute(sql.SQL("REVOKE {owner} FROM {application}").format(**names))
