"""Statements prepared by the server, on Django's connection."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from django.db import IntegrityError, NotSupportedError, transaction
from django.db.transaction import TransactionManagementError

from generation.models import Clip
from portal.models import Cohort, User
from portal.prepared import prepared, prepared_rows
from tests.factories.generation import make_ready_clip
from tests.owner import owner_url

CLIP = "SELECT * FROM generation_clip WHERE id = %(id)s"


@pytest.mark.django_db
def test_rows_are_what_the_orm_reads(artist: User, cohort: Cohort) -> None:
    kept = make_ready_clip(artist=artist, cohort=cohort)
    [read] = prepared_rows(Clip, CLIP, {"id": kept.pk})
    asked = Clip.objects.get(pk=kept.pk)
    names = [field.attname for field in Clip._meta.concrete_fields]
    assert [getattr(read, name) for name in names] == [getattr(asked, name) for name in names]
    assert isinstance(read.manifest, dict)
    assert read._state.db == "default"
    assert not read._state.adding


@pytest.mark.django_db
def test_nothing_found_is_an_empty_list(artist: User) -> None:
    assert prepared_rows(Clip, CLIP, {"id": "00000000-0000-0000-0000-000000000000"}) == []


MAKE = "INSERT INTO generation_pool (key, clock) VALUES (%(key)s, 0)"
COUNT = "SELECT count(*) FROM generation_pool WHERE key = 'mine'"


@pytest.mark.django_db
def test_it_is_part_of_the_transaction() -> None:
    with transaction.atomic():
        prepared(MAKE, {"key": "mine"})
        assert prepared(COUNT, {}) == [(1,)]
        transaction.set_rollback(True)
    assert prepared(COUNT, {}) == [(0,)]


@pytest.mark.django_db
def test_errors_are_djangos_and_a_broken_transaction_says_so() -> None:
    prepared(MAKE, {"key": "mine"})
    with transaction.atomic():
        with pytest.raises(IntegrityError):
            prepared(MAKE, {"key": "mine"})
        transaction.set_rollback(True)
        with pytest.raises(TransactionManagementError):
            prepared(COUNT, {})
    assert prepared(COUNT, {}) == [(1,)]


@pytest.mark.django_db
def test_the_server_keeps_the_plan() -> None:
    kept = "SELECT count(*) FROM pg_prepared_statements WHERE statement = %(text)s"
    assert prepared(kept, {"text": COUNT}) == [(0,)]
    prepared(COUNT, {})
    assert prepared(kept, {"text": COUNT}) == [(1,)]
    prepared(COUNT, {})
    assert prepared(kept, {"text": COUNT}) == [(1,)]


ALL = "SELECT * FROM scratch"


@pytest.fixture
def owner(transactional_db: None) -> Iterator[psycopg.Connection]:
    """Who migrates, from elsewhere; the table ``scratch`` is there meanwhile."""
    with psycopg.connect(owner_url(), autocommit=True) as made:
        made.execute("CREATE TABLE scratch AS SELECT 1 AS one")
        made.execute("GRANT SELECT ON scratch TO PUBLIC")
        try:
            yield made
        finally:
            made.execute("DROP TABLE scratch")


def test_a_table_that_got_another_column_is_planned_anew(owner: psycopg.Connection) -> None:
    assert prepared(ALL, {}) == [(1,)]
    owner.execute("ALTER TABLE scratch ADD COLUMN two integer")
    assert prepared(ALL, {}) == [(1, None)]


def test_in_a_transaction_its_rollback_forgets_the_plan(owner: psycopg.Connection) -> None:
    assert prepared(ALL, {}) == [(1,)]
    owner.execute("ALTER TABLE scratch ADD COLUMN two integer")
    with pytest.raises(NotSupportedError), transaction.atomic():
        prepared(ALL, {})
    assert prepared(ALL, {}) == [(1, None)]
