"""What a request with a key is let do, and what of its use is kept."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from portal import keys
from portal.errors import (
    InvalidKey,
    KeyExpired,
    KeyFrozen,
    KeyRateLimited,
    KeyRefused,
    KeyRevoked,
    KeyWrongNetwork,
    MissingScope,
)
from portal.models import AccessKey, AuditEntry, Cohort, Notification, OutgoingMail, User
from portal.services import access_keys, canaries, key_use
from portal.services.key_rows import NewKey
from portal.services.key_use import KeyGrant, authenticate
from portal.states import Scope
from tests.factories.portal import make_key

HOME = ip_address("203.0.113.9")
ELSEWHERE = ip_address("198.51.100.7")
SECOND = timedelta(seconds=1)


@pytest.fixture
def made(artist: User, cohort: Cohort) -> NewKey:
    return make_key(artist, cohort)


def use(clear: str, **values: Any) -> KeyGrant:
    return authenticate(clear, **{"address": HOME, "client": "openai/3.54", **values})


def test_it_lets_its_owner_in(artist: User, cohort: Cohort, made: NewKey) -> None:
    grant = use(made.clear)
    assert (grant.key, grant.owner, grant.cohort) == (made.row, artist, cohort)
    assert grant.scopes == {Scope.CLIPS_READ, Scope.CLIPS_WRITE}
    assert (grant.spent.most, grant.spent.left) == (1200, 1199)
    grant.require(Scope.CLIPS_READ)
    with pytest.raises(MissingScope) as refused:
        grant.require(Scope.EARNINGS_READ)
    assert (refused.value.code, refused.value.status) == ("missing_scope", 403)
    assert "earnings:read" in str(refused.value.message)


def test_what_cannot_be_a_key_never_reaches_the_database(
    made: NewKey, django_assert_num_queries: Any
) -> None:
    key = made.clear
    spoilt = [
        *("", key[:-1], key + "0", key * 1000, f" {key}", f"{key}\n", key[:-1] + "\0"),
        *(key[:-6] + "000000", key.replace("grk_", "ghp_"), key[:20] + "é" + key[21:]),
        key[:10] + ("a" if key[10] != "a" else "b") + key[11:],
    ]
    with django_assert_num_queries(0):
        for raw in spoilt:
            refused = refusal(raw)
            assert (type(refused), refused.code, refused.status) == (
                InvalidKey,
                "invalid_api_key",
                401,
            )


def test_one_query_and_one_write_a_minute(made: NewKey, django_assert_num_queries: Any) -> None:
    now = timezone.now()
    with django_assert_num_queries(2):
        use(made.clear, now=now)
    with django_assert_num_queries(1):
        use(made.clear, now=now + 59 * SECOND, address=ELSEWHERE, client="curl")
    row = AccessKey.objects.get()
    assert (row.last_used_at, row.last_used_from, row.last_used_client) == (
        now,
        ip_network("203.0.113.0/24"),
        "openai/3.54",
    )
    with django_assert_num_queries(2):
        use(made.clear, now=now + 60 * SECOND, address=ELSEWHERE, client="curl")
    row.refresh_from_db()
    assert (row.last_used_from, row.last_used_client) == (ip_network("198.51.100.0/24"), "curl")


def test_of_many_at_once_the_first_writes(made: NewKey) -> None:
    now = timezone.now()
    one, two = (AccessKey.objects.get() for _ in range(2))
    assert key_use.touch(one, address=HOME, client="", now=now)
    assert not key_use.touch(two, address=ELSEWHERE, client="", now=now)
    assert AccessKey.objects.get().last_used_from == ip_network("203.0.113.0/24")


def test_a_client_is_kept_short_and_clean(made: NewKey) -> None:
    use(made.clear, client=f"evil\r\n\x1b[31m {made.clear} " + "x" * 900, address=None)
    row = AccessKey.objects.get()
    assert row.last_used_client.startswith("evil[31m grk_… xxx")
    assert len(row.last_used_client) == 120
    assert row.last_used_from is None


def refusal(clear: str, **values: Any) -> KeyRefused:
    with pytest.raises(KeyRefused) as refused:
        use(clear, **values)
    return refused.value


def test_one_that_nobody_has(db: None) -> None:
    assert type(refusal(keys.make())) is InvalidKey


def test_revoked_frozen_expired(artist: User, admin: User, made: NewKey) -> None:
    now = timezone.now()
    access_keys.freeze_key(actor=admin, key=made.row, reason="Seen in two countries at once")
    frozen = refusal(made.clear)
    assert type(frozen) is KeyFrozen
    assert (frozen.code, frozen.status, frozen.permanent) == ("key_frozen", 403, False)
    assert frozen.link == f"{settings.BASE_URL}/keys/{made.row.pk}/frozen/"
    assert str(frozen.message) == (
        f"This access key is frozen: Seen in two countries at once. What to do: {frozen.link}"
    )
    access_keys.thaw_key(actor=admin, key=made.row)
    use(made.clear, now=now + timedelta(days=89))
    assert type(refusal(made.clear, now=made.row.expires_at)) is KeyExpired
    access_keys.revoke_key(actor=artist, key=made.row)
    assert type(refusal(made.clear)) is KeyRevoked


def test_a_rotated_key_lives_for_its_overlap(artist: User, made: NewKey) -> None:
    now = timezone.now()
    new = access_keys.rotate_key(actor=artist, key=made.row, overlap=timedelta(hours=1), now=now)
    use(new.clear)
    use(made.clear, now=now + timedelta(minutes=59))
    assert type(refusal(made.clear, now=now + timedelta(hours=1))) is KeyExpired


def test_only_from_its_networks(artist: User, cohort: Cohort) -> None:
    made = make_key(artist, cohort, ip_ranges=[ip_network("203.0.113.0/24")])
    use(made.clear)
    for address in (ELSEWHERE, None, ip_address("2001:db8::7")):
        assert type(refusal(made.clear, address=address)) is KeyWrongNetwork
    assert AccessKey.objects.get().last_used_from == ip_network("203.0.113.0/24")


def test_so_many_requests_a_minute(
    artist: User, cohort: Cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_key(artist, cohort, rate_per_minute=2)
    monkeypatch.setattr("portal.limits.time.time", lambda: 1_000_000_050.0)
    left = [getattr(use(made.clear).spent, "left", None) for _ in range(2)]
    assert left == [1, 0]
    refused = refusal(made.clear)
    assert type(refused) is KeyRateLimited
    # The minute that holds 1,000,000,050 ends 30 seconds later.
    assert (refused.status, refused.retry_after) == (429, 30)
    monkeypatch.setattr("portal.limits.time.time", lambda: 1_000_000_080.0)
    use(made.clear)


def test_an_owner_who_may_not_sign_in(artist: User, made: NewKey) -> None:
    User.objects.filter(pk=artist.pk).update(is_active=False)
    assert type(refusal(made.clear)) is InvalidKey


def test_a_canary_alarms_once_and_says_nothing(
    admin: User, second_admin: User, artist: User, cohort: Cohort
) -> None:
    made = canaries.set_canary(actor=admin, cohort=cohort)
    OutgoingMail.objects.all().delete()
    for address in (ELSEWHERE, HOME, HOME):
        refused = refusal(made.clear, address=address)
        assert (type(refused), refused.link) == (InvalidKey, "")
        assert str(refused.message) == str(InvalidKey().message)
    row = AccessKey.objects.get(pk=made.row.pk)
    assert (row.standing(), row.last_used_from) == ("frozen", ip_network("198.51.100.0/24"))
    assert row.alarmed_at == row.last_used_at
    entry = AuditEntry.objects.get(action="key.alarmed")
    assert (entry.actor, entry.cohort, entry.after["from"]) == (None, cohort, "198.51.100.0/24")
    notices = Notification.objects.filter(kind="key.alarmed").order_by("user__name")
    assert [notice.user for notice in notices] == [admin, second_admin]
    assert OutgoingMail.objects.count() == 2
    assert not any(made.clear in text for text in (notices[0].text, str(entry.after)))
