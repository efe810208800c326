"""The chain over the audit log: what it is made of, that nobody slips in, that a lie is found."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

import psycopg
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal import chain
from portal.log_proof import prove
from portal.models import AuditEntry, AuditSeal, Cohort, User
from portal.services import audit, seals
from tests.embedded import servers
from tests.factories.portal import make_cohort, make_person
from tests.portal.test_audit import REFUSALS

pytestmark = pytest.mark.django_db(transaction=True)


def verify(*arguments: str) -> str:
    out = StringIO()
    call_command("verify_log", *arguments, stdout=out)
    return out.getvalue().strip()


def keeper() -> psycopg.Connection[tuple[object, ...]]:
    """The superuser, in the database of the tests, with every trigger switched off."""
    found = psycopg.connect(
        servers.postgres.keeper_url(connection.settings_dict["NAME"]), autocommit=True
    )
    found.execute("SET session_replication_role = replica")
    return found


@contextmanager
def falsified(statement: str, *values: object) -> Iterator[None]:
    """*statement* as the superuser carries it out; undone afterwards."""
    tables = ("portal_auditentry", "portal_auditseal")
    with keeper() as superuser:
        for table in tables:
            superuser.execute(f"CREATE TEMP TABLE kept_{table} AS TABLE {table}")
        try:
            assert superuser.execute(statement.encode(), values).rowcount > 0
            yield
        finally:
            for table in tables:
                superuser.execute(f"DELETE FROM {table}")  # noqa: S608
                superuser.execute(f"INSERT INTO {table} TABLE kept_{table}")


@pytest.fixture
def entries(cohort: Cohort, artist: User) -> list[AuditEntry]:
    """Sealed: what made two cohorts and their people, and one of words, numbers and a link."""
    other = make_cohort("Elsewhere", actor=make_person(email="other@example.org"))
    for number, of in enumerate((cohort, other, None, cohort)):
        audit.record(
            actor=artist,
            action="test.done",
            target=artist,
            cohort=of,
            before={"é": "«\u2028»", "b": [1, 2.50, 1e30, None, True], "a": {}},
            after={"number": number},
            reason="“Why”\n",
        )
    seals.seal_waiting()
    return list(AuditEntry.objects.order_by("pk"))


def test_anybody_can_repeat_the_arithmetic(entries: list[AuditEntry]) -> None:
    assert AuditSeal.objects.count() == len(entries)
    head, cohorts = bytes(32), dict[int, bytes]()
    for seq, seal in enumerate(AuditSeal.objects.select_related("entry"), start=1):
        entry = seal.entry
        fields = {
            "action": entry.action,
            "actor": entry.actor_id,
            "actor_label": entry.actor_label,
            "after": entry.after,
            "at": entry.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "before": entry.before,
            "cohort": entry.cohort_id,
            "id": entry.pk,
            "key_hint": "",
            "network": None,
            "reason": entry.reason,
            "request_id": "",
            "target_id": entry.target_id,
            "target_type": entry.target_type,
        }
        text = json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        if entry.action == "test.done":
            # As PostgreSQL writes these two; Python would say 2.5 and 1e+30.
            text = text.replace("[1,2.5,1e+30,", f"[1,2.5,1{'0' * 30},")
        hash_ = hashlib.sha256(text.encode()).digest()
        assert (seal.seq, bytes(seal.entry_hash), bytes(seal.previous)) == (seq, hash_, head)
        head = hashlib.sha256(head + hash_).digest()
        assert bytes(seal.head) == head
        if entry.cohort_id is not None:
            before = cohorts.get(entry.cohort_id, bytes(32))
            cohorts[entry.cohort_id] = hashlib.sha256(before + hash_).digest()
            assert (bytes(seal.cohort_previous or b""), bytes(seal.cohort_head or b"")) == (
                before,
                cohorts[entry.cohort_id],
            )
    assert len(cohorts) == 2


def test_a_log_in_order(entries: list[AuditEntry], cohort: Cohort, artist: User) -> None:
    last = AuditSeal.objects.get(seq=len(entries))
    head = bytes(last.head).hex()
    by_rights, whole = verify().splitlines()
    assert by_rights.startswith("Kept by rights: greenroom_app may only add to it, and to ")
    assert whole == (
        f"The log is whole: {len(entries)} entries sealed, 2 cohorts, 0 waiting for their seal. "
        f"Seal {len(entries)}, head {head}"
    )
    assert verify("--head", head, "--from", "4").endswith(head)
    of_cohort = AuditSeal.objects.filter(cohort=cohort).order_by("seq")
    newest = of_cohort.last()
    assert newest is not None
    own = bytes(newest.cohort_head or b"").hex()
    said = verify("--cohort", cohort.slug, "--head", own)
    assert f"{of_cohort.count()} entries sealed, 1 cohorts" in said
    assert said.endswith(f"Seal {newest.seq}, head {own}")
    audit.record(actor=artist, action="test.late", target=artist)
    assert "1 waiting for their seal" in verify()
    assert (seals.seal_waiting(batch=1), seals.seal_waiting()) == (1, 0)
    assert "0 waiting" in verify("--head", head)


def test_nothing_to_prove(db: None) -> None:
    assert seals.seal_waiting() == 0
    assert verify().endswith(f"Seal 0, head {'0' * 64}")


@pytest.mark.parametrize(
    "arguments", [["--head", "abc"], ["--cohort", "nowhere"], ["--from", "0"], ["--head", "a" * 64]]
)
def test_what_cannot_be_proved_is_refused(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        verify(*arguments)


def test_every_lie_is_found_at_its_row(entries: list[AuditEntry], cohort: Cohort) -> None:
    victim = next(entry for entry in entries if entry.cohort_id and entry.action == "test.done")
    seal = AuditSeal.objects.get(entry=victim)
    last = AuditSeal.objects.get(seq=len(entries))
    here = f"seal {seal.seq}, entry {victim.pk}: "
    expected = f"expected the hash {bytes(seal.entry_hash).hex()}, and what stands there gives "
    entry = "UPDATE portal_auditentry SET {} WHERE id = %s"
    # The smallest changes anybody could make.
    edits = [
        entry.format(change)
        for change in (
            "reason = reason || ' '",
            "at = at + interval '1 microsecond'",
            "actor_id = NULL",
            "actor_label = upper(actor_label)",
            "cohort_id = NULL",
            "after = after || '{\"x\": 1.0}'",
            "before = '{\"a\": null}'",
            "network = '203.0.113.0/24'",
            "key_hint = 'x'",
            "request_id = 'x'",
            "target_id = '0'",
            "target_type = 'x'",
            "action = 'x.y'",
        )
    ]
    for edit in edits:
        with falsified(edit, victim.pk):
            fault = prove().fault
            assert fault is not None, edit
            assert str(fault).startswith(here + expected), edit
    assert prove().fault is None
    numbers = entry.format("before = jsonb_set(before, '{b,1}', '2.500000000000000000001')")
    with falsified(numbers, entries[-1].pk):
        assert f"entry {entries[-1].pk}: expected the hash" in str(prove().fault)
    with falsified("DELETE FROM portal_auditentry WHERE id = %s", victim.pk):
        assert (
            str(prove().fault)
            == f"{here}it was sealed as {bytes(seal.entry_hash).hex()} and is gone"
        )
    with falsified("DELETE FROM portal_auditseal WHERE seq = %s", seal.seq):
        assert f"expected number {seal.seq} of the chain, and {seal.seq + 1} stands" in str(
            prove().fault
        )
    forged = "\\x" + "ab" * 32
    rewrite = "UPDATE portal_auditseal SET {} = %s WHERE seq = %s"
    for column in ("entry_hash", "previous", "head", "cohort_previous", "cohort_head"):
        with falsified(rewrite.format(column), forged, seal.seq):
            assert str(prove().fault).startswith(here), column
            assert "abababab" in str(prove().fault), column
    with falsified(
        "UPDATE portal_auditseal SET cohort_seq = cohort_seq + 9 WHERE seq = %s", seal.seq
    ):
        assert f"of the chain of cohort {cohort.pk}" in str(prove().fault)
    with (
        falsified("DELETE FROM portal_auditseal WHERE seq = %s", last.seq),
        pytest.raises(CommandError, match="stands nowhere"),
    ):
        verify("--head", bytes(last.head).hex())
    with (
        falsified("DELETE FROM portal_auditentry WHERE id = %s", victim.pk),
        pytest.raises(CommandError, match=re.escape(f"The log is broken at {here}")),
    ):
        verify("--cohort", cohort.slug)
    assert prove().fault is None


_INSERT = """
    INSERT INTO portal_auditentry (
        id, at, request_id, actor_label, action, target_type, target_id, before, after, reason
        {more}
    ) VALUES (%s, {at}, '', 'system', 'x.y', 'x', '1', '{{}}', '{{}}', '' {value})
"""


def test_a_row_put_in_afterwards_is_found(entries: list[AuditEntry]) -> None:
    between = 1_000_000
    # As if a transaction of long ago had written it: no seal will ever reach it.
    past = _INSERT.format(more=", xid", value=", 3", at="now() - interval '2 hours'")
    with falsified(past, between):
        seals.seal_waiting()
        assert (
            str(prove().fault)
            == f"entry {between}: expected a seal within a minute, and there is none"
        )
    # As if it had just been written: it is sealed last, and says that it is older.
    dated = _INSERT.format(more="", value="", at="now() - interval '2 hours'")
    with falsified(dated, between):
        seals.seal_waiting()
        assert f"entry {between}: it says " in str(prove().fault)


def test_the_database_refuses(entries: list[AuditEntry]) -> None:
    rows = AuditSeal.objects.filter(seq=1)
    with pytest.raises(REFUSALS, match="permission denied"):
        rows.update(head=bytes(32))
    with pytest.raises(REFUSALS, match="permission denied"):
        rows.delete()
    zero = bytes(32)
    unsealed = audit.record(actor=None, action="test.done", target=entries[0])

    def make(**fields: object) -> None:
        whole = {"seq": 900, "entry": unsealed, "entry_hash": zero, "previous": zero, "head": zero}
        with transaction.atomic():
            AuditSeal.objects.create(**{**whole, **fields})

    for wrong in (
        {"seq": 1},
        {"seq": 0},
        {"entry": entries[0]},
        {"head": b"short"},
        {"cohort": entries[-1].cohort},
        {"cohort_seq": 1},
        {
            "cohort": entries[-1].cohort,
            "cohort_seq": 1,
            "cohort_previous": zero,
            "cohort_head": zero,
        },
    ):
        with pytest.raises(IntegrityError):
            make(**wrong)


def test_one_seals_while_the_other_leaves_it(entries: list[AuditEntry], artist: User) -> None:
    audit.record(actor=artist, action="test.done", target=artist)
    results: list[int] = []

    def other() -> None:
        results.append(seals.seal_waiting())
        connection.close()

    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [seals.LOCK])
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert (results, seals.seal_waiting()) == ([0], 1)


def test_entries_of_another_server_are_sealed_first(artist: User) -> None:
    """After a restore from a dump the transactions of old entries lie in the future."""
    for number in range(4):
        audit.record(actor=artist, action="test.done", target=artist, after={"number": number})
    old, sealed = AuditEntry.objects.order_by("-pk")[1:3]
    with keeper() as superuser:
        superuser.execute("UPDATE portal_auditentry SET xid = 1 << 40 WHERE id <= %s", [old.pk])
    assert seals.seal_waiting(batch=2) > 2
    assert not AuditEntry.objects.filter(seal=None).exists()
    assert AuditSeal.objects.get(entry=old).seq > AuditSeal.objects.get(entry=sealed).seq
    audit.record(actor=artist, action="test.done", target=artist)
    assert seals.seal_waiting() == 1
    assert prove().fault is None


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["write", "write in a step", "commit", "roll back", "seal"]),
            st.integers(0, 3),
        ),
        max_size=40,
    )
)
def test_whoever_writes_and_whenever_they_commit(
    cohort: Cohort, admin: User, steps: list[tuple[str, int]]
) -> None:
    """Four writers, each on a connection; nothing committed is missed, nothing else sealed."""
    url = servers.postgres.keeper_url(connection.settings_dict["NAME"])
    writers = [psycopg.connect(url) for _ in range(4)]
    insert = _INSERT.format(more=", cohort_id", value=", %s", at="statement_timestamp()").replace(
        "VALUES (%s", "VALUES (nextval(pg_get_serial_sequence('portal_auditentry', 'id'))"
    )
    try:
        for what, number in steps:
            writer = writers[number]
            of = cohort.pk if number % 2 else None
            if what == "write":
                writer.execute(insert.encode(), [of])
            elif what == "write in a step":
                with writer.transaction():
                    writer.execute(insert.encode(), [of])
            elif what == "commit":
                writer.commit()
            elif what == "roll back":
                writer.rollback()
            else:
                seals.seal_waiting(batch=3)
                assert prove().fault is None
        for writer in writers:
            writer.commit()
        seals.seal_waiting(batch=7)
        proof = prove()
        assert (proof.fault, proof.waiting) == (None, 0)
        assert proof.sealed == AuditEntry.objects.count()
        assert prove(cohort_id=cohort.pk).fault is None
    finally:
        for writer in writers:
            writer.close()


def test_where_from(admin_client: Client, admin: User) -> None:
    admin_client.post("/settings/", {"name": "Alba", "language": "en"}, REMOTE_ADDR="203.0.113.9")
    entry = AuditEntry.objects.get(action="person.updated")
    assert (str(entry.network), entry.key_hint) == ("203.0.113.0/24", "")


def test_the_start_of_a_chain_is_no_hash_of_anything() -> None:
    assert bytes(32) == chain.START
