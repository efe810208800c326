"""The application's role in the database: what it may not do, whatever it says."""

from __future__ import annotations

from io import StringIO

import pgtrigger
import psycopg
import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction
from pytest_django import Settings

from portal import rights
from portal.checks import log_is_kept_by_rights
from portal.models import AuditEntry, User
from tests.owner import as_owner

pytestmark = pytest.mark.django_db

# Declared by their triggers; that one of these loses its own must not pass unseen.
ONLY_ADDED_TO = {
    "portal_auditentry",
    "portal_auditseal",
    "portal_agreementversion",
    "portal_consent",
    "portal_signature",
    "review_decision",
    "review_download",
    "payments_account",
    "payments_entry",
    "payments_payoutexport",
    "payments_posting",
    "payments_ratecard",
    "payments_triage",
    "payments_workitem",
}


def refusal(statement: str) -> str:
    """The SQLSTATE that *statement* fails with."""
    with (
        pytest.raises(DatabaseError) as caught,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert isinstance(caught.value.__cause__, psycopg.Error)
    return caught.value.__cause__.sqlstate or ""


@pytest.mark.parametrize(("table", "never"), sorted(rights.refused().items()))
def test_rights_refuse_what_a_model_refuses(table: str, never: frozenset[str]) -> None:
    column = "seq" if table == "portal_auditseal" else "id"
    statements = {
        "UPDATE": f"UPDATE {table} SET {column} = {column}",  # noqa: S608
        "DELETE": f"DELETE FROM {table}",  # noqa: S608
    }
    refused = [statements[operation] for operation in never]
    for statement in refused:
        assert refusal(statement) == "42501", statement
    with pgtrigger.ignore():
        for statement in refused:
            assert refusal(statement) == "42501", f"{statement}, triggers ignored"
    for statement in (
        f"TRUNCATE {table} CASCADE",
        f"ALTER TABLE {table} DISABLE TRIGGER ALL",
        f"ALTER TABLE {table} OWNER TO current_user",
        f"DROP TABLE {table} CASCADE",
        f"CREATE RULE nothing AS ON INSERT TO {table} DO INSTEAD NOTHING",
        f"CREATE TRIGGER other BEFORE INSERT ON {table} EXECUTE FUNCTION tsvector_update_trigger()",
        "SET session_replication_role = replica",
        "SET ROLE greenroom",
    ):
        assert refusal(statement) == "42501", statement
    names = [
        trigger.get_pgid(model)
        for model in apps.get_models()
        if model._meta.db_table == table
        for trigger in model._meta.triggers  # type: ignore[attr-defined]
    ]
    with connection.cursor() as cursor:
        # Where the application owns its tables, triggers are all there is.
        cursor.execute(
            "SELECT count(*) FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname = ANY(%s)"
            " AND tgenabled = 'O'",
            [table, names],
        )
        assert cursor.fetchone() == (len(names),)


def test_what_is_only_added_to() -> None:
    found = {table for table, never in rights.refused().items() if never >= {"UPDATE", "DELETE"}}
    assert found >= ONLY_ADDED_TO
    assert rights.rights().gaps == ()
    assert log_is_kept_by_rights(None) == []
    assert refusal("CREATE TABLE mine (id int)") == "42501"
    assert refusal("CREATE TEMP TABLE mine (id int)") == "42501"
    assert refusal("CREATE SCHEMA mine") == "42501"
    assert refusal("DELETE FROM django_migrations") == "42501"


def test_rights_that_somebody_gave_are_named_and_taken_back(settings: Settings) -> None:
    role = settings.DATABASE_ROLE
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE portal_new (id int)")
        cursor.execute(f"GRANT UPDATE (reason) ON portal_auditentry TO {role}")
        cursor.execute(f"GRANT ALL ON payments_posting TO {role}")
        cursor.execute("GRANT DELETE ON portal_consent TO PUBLIC")
        cursor.execute(f"REVOKE INSERT ON portal_signature FROM {role}")
    assert rights.rights().gaps == (
        f"{role} may DELETE payments_posting",
        f"{role} may REFERENCES payments_posting",
        f"{role} may TRIGGER payments_posting",
        f"{role} may TRUNCATE payments_posting",
        f"{role} may UPDATE payments_posting",
        f"{role} may UPDATE portal_auditentry",
        f"{role} may DELETE portal_consent",
    )
    out = StringIO()
    settings.AS_OWNER = True
    with as_owner():
        call_command("grant_rights", stdout=out)
        call_command("grant_rights", stdout=out)
    changed, same = out.getvalue().splitlines()
    assert changed.endswith("; 4 had other rights.")
    assert same.endswith("; 0 had other rights.")
    assert rights.rights().gaps == ()
    assert refusal("SELECT FROM portal_new") == "42501"


def test_who_owns_the_tables_is_told_so(settings: Settings, artist: User) -> None:
    with as_owner():
        [gap] = rights.rights().gaps
        [warning] = log_is_kept_by_rights(None)
        out = StringIO()
        call_command("verify_log", stdout=out)
        with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
            AuditEntry.objects.update(reason="nothing happened")
        settings.AS_OWNER, settings.DATABASE_ROLE = True, "greenroom"
        with pytest.raises(CommandError, match="greenroom owns the tables"):
            call_command("grant_rights")
        settings.DATABASE_ROLE = "nobody-here"
        with pytest.raises(CommandError, match="no role nobody-here"):
            call_command("grant_rights")
    assert gap.startswith("greenroom owns ")
    assert (warning.id, gap in warning.msg) == ("portal.W001", True)
    assert out.getvalue().startswith(f"Not kept by rights: {gap}. See docs/how-to/")
    settings.AS_OWNER = False
    with pytest.raises(CommandError, match="GREENROOM_OWNER_DATABASE_URL is not set"):
        call_command("grant_rights")
