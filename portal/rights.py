"""What the application's own role may do in the database: less than whoever owns the tables.

The owner migrates and gives the rights; the application, which serves people, connects as another
role. What a model refuses by an unconditional ``pgtrigger.Protect``, its role has no right to, so
neither a trigger that was switched off nor a ``TRUNCATE`` helps whoever speaks in its name.
"""

from __future__ import annotations

from typing import NamedTuple

import pgtrigger
from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from django.db.migrations.recorder import MigrationRecorder
from psycopg import sql

_ORDINARY = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})
_EVERY = sorted(_ORDINARY | {"TRUNCATE", "TRIGGER", "REFERENCES"})

_HELD = """
    SELECT c.relname, array_agg(DISTINCT a.privilege_type) FILTER (WHERE a.grantee = r.oid),
        bool_or(a.grantee = 0)
            OR EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attacl IS NOT NULL)
    FROM pg_class c
    JOIN pg_roles r ON r.rolname = %(role)s
    LEFT JOIN LATERAL aclexplode(c.relacl) a ON true
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
      AND pg_has_role(c.relowner, 'USAGE')
    GROUP BY c.oid, c.relname
"""
_WHO = """
    SELECT current_user, rolsuper, has_schema_privilege(current_schema(), 'CREATE'),
        ARRAY(SELECT relname FROM pg_class WHERE relname = ANY(%(tables)s)
            AND relnamespace = current_schema()::regnamespace
            AND pg_has_role(relowner, 'MEMBER') ORDER BY relname)
    FROM pg_roles WHERE rolname = current_user
"""
_MAY = """
    SELECT c.relname, p.name
    FROM pg_class c, unnest(%(every)s::text[]) p(name)
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = ANY(%(tables)s)
      AND CASE WHEN p.name IN ('INSERT', 'UPDATE', 'SELECT', 'REFERENCES')
        THEN has_any_column_privilege(c.oid, p.name)
        ELSE has_table_privilege(c.oid, p.name) END
    ORDER BY c.relname, p.name
"""


class NoSuchRole(RuntimeError):
    """The role that is to get rights is not there, or is the one that gives them."""


class Rights(NamedTuple):
    """What keeps the log and the books from being rewritten in the application's name.

    Attributes:
        role: who is connected.
        tables: to how many tables the application may only add.
        gaps: what more this role may do, in words; empty where rights alone keep them.
    """

    role: str
    tables: int
    gaps: tuple[str, ...]


def refused() -> dict[str, frozenset[str]]:
    """By table, what is never done to its rows: ``UPDATE``, ``DELETE`` or both."""
    found = {
        model._meta.db_table: frozenset(
            operation
            for trigger in getattr(model._meta, "triggers", ())
            if _is_unconditional(trigger)
            for operation in str(trigger.operation).split(" OR ")
        )
        for model in _models()
    }
    return {table: operations for table, operations in found.items() if operations}


def wanted() -> dict[str, frozenset[str]]:
    """By table, what the application may; a table that is not named is closed to it."""
    never = refused()
    rights = {
        model._meta.db_table: _ORDINARY - never.get(model._meta.db_table, frozenset())
        for model in _models()
    }
    return {**rights, MigrationRecorder.Migration._meta.db_table: frozenset({"SELECT"})}


@transaction.atomic
def grant(role: str) -> int:
    """Give *role* exactly the rights of ``wanted``; answers how many tables had others.

    Run as the owner of the tables.

    Raises:
        NoSuchRole: when it cannot be given any.
    """
    rights = wanted()
    changed = 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, to_regrole(quote_ident(%(role)s)) IS NOT NULL,"
            " has_schema_privilege(to_regrole(quote_ident(%(role)s)), current_schema(), 'USAGE'),"
            " (SELECT pg_has_role(datdba, 'USAGE') FROM pg_database"
            "  WHERE datname = current_database()), current_database(), current_schema()",
            {"role": role},
        )
        owner, is_known, may_enter, owns_database, database, schema = cursor.fetchone()
        if not is_known:
            raise NoSuchRole(f"There is no role {role} in the database: make it first.")
        if owner == role:
            raise NoSuchRole(f"{role} owns the tables, so rights do not bind it.")
        cursor.execute(_HELD, {"role": role})
        for table, held, is_open in cursor.fetchall():
            may = rights.get(table, frozenset())
            if frozenset(held or ()) == may and not is_open:
                continue
            changed += 1
            names = {"table": sql.Identifier(table), "role": sql.Identifier(role)}
            cursor.execute(sql.SQL("REVOKE ALL ON {table} FROM {role}, PUBLIC").format(**names))
            if may:
                cursor.execute(
                    sql.SQL("GRANT {may} ON {table} TO {role}").format(
                        may=sql.SQL(", ").join(map(sql.SQL, sorted(may))), **names
                    )
                )
        if not may_enter:
            cursor.execute(
                sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(
                    sql.Identifier(schema), sql.Identifier(role)
                )
            )
        if owns_database:
            cursor.execute(
                sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC").format(
                    sql.Identifier(database)
                )
            )
    return changed


def rights() -> Rights:
    """What this connection's role may beyond what the application is given."""
    given, gaps = wanted(), []
    with connection.cursor() as cursor:
        cursor.execute(_WHO, {"tables": list(given)})
        role, is_superuser, may_create, owned = cursor.fetchone()
        if is_superuser:
            gaps.append(f"{role} is a superuser")
        elif owned:
            gaps.append(f"{role} owns {len(owned)} tables, {owned[0]} among them")
        else:
            cursor.execute(_MAY, {"tables": list(given), "every": _EVERY})
            gaps += [
                f"{role} may {privilege} {table}"
                for table, privilege in cursor.fetchall()
                if privilege not in given[table]
            ]
            if may_create:
                gaps.append(f"{role} may make tables")
    added_to = [table for table, never in refused().items() if never >= {"UPDATE", "DELETE"}]
    return Rights(role=role, tables=len(added_to), gaps=tuple(gaps))


def grant_after_migrate(*, using: str, **kwargs: object) -> None:
    """Whoever migrates gives the application its rights, unless it is the application itself."""
    migrating, application = connection.settings_dict["USER"], settings.DATABASE_ROLE
    if using == connection.alias and migrating != application:
        grant(application)


def _models() -> list[type[models.Model]]:
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    ]


def _is_unconditional(trigger: object) -> bool:
    return (
        isinstance(trigger, pgtrigger.Protect)
        and not isinstance(trigger, pgtrigger.ReadOnly)
        and trigger.condition is None
    )
