"""People, cohorts and what they need, made through the product's own services."""

from __future__ import annotations

import itertools
import json
import re
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import date, timedelta
from ipaddress import ip_address
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone

from portal import sealing
from portal.containment import Target
from portal.errors import KeyFrozen
from portal.models import (
    AccessKey,
    Agreement,
    AgreementVersion,
    Brief,
    Cohort,
    Containment,
    Invitation,
    LeakReport,
    OutgoingMail,
    RoleGrant,
    User,
)
from portal.services import (
    access_keys,
    agreements,
    briefs,
    cohorts,
    containment,
    invitations,
    leaks,
    members,
    outbox,
    people,
    webhooks,
)
from portal.services.access_keys import KeyTerms
from portal.services.key_rows import NewKey
from portal.services.webhooks import EndpointTerms, NewSecret
from portal.states import Role, Scope, WebhookEvent

PASSWORD = "a long enough secret"

_numbers = itertools.count(1)


def make_person(
    name: str = "",
    *,
    email: str = "",
    language: str = "en",
    role: Role | None = None,
    cohort: Cohort | None = None,
    also: Iterable[Role] = (),
) -> User:
    """Somebody with an account; ``role`` (for ``cohort`` or all) makes them staff.

    ``also`` are further roles, for every cohort.

    Staff have an authenticator app, without which nothing opens to them.
    """
    number = next(_numbers)
    person = people.create_person(
        actor=None,
        email=email or f"person{number}@example.org",
        name=name or f"Person {number}",
        language=language,
        password=PASSWORD,
    )
    if role is not None:
        # What the service does besides, telling them and the log, takes longer than most tests.
        RoleGrant.objects.bulk_create(
            [
                RoleGrant(user=person, role=role, cohort=cohort),
                *(RoleGrant(user=person, role=another) for another in also),
            ]
        )
        TOTP.activate(person, generate_totp_secret())
    return person


def browser_of(person: User) -> Client:
    """A browser in which *person* has just signed in with their password."""
    client = Client()
    client.force_login(person)
    request = HttpRequest()
    request.session = client.session
    record_authentication(request, person, method="password", email=person.email)
    request.session.save()
    return client


def make_agreement(title: str = "", *, actor: User | None = None) -> AgreementVersion:
    """The first version of a new agreement."""
    return agreements.create(
        actor=actor or make_person(),
        title=title or f"Agreement {next(_numbers)}",
        body_en="1. What you get\n\nA seat.",
        body_fr="1. Ce que vous recevez\n\nUne place.",
    )


def make_cohort(name: str = "", *, actor: User | None = None, **terms: Any) -> Cohort:
    """An open cohort that runs from a week ago for three months."""
    actor = actor or make_person()
    today = timezone.localdate()
    values: dict[str, Any] = {
        "starts_on": today - timedelta(days=7),
        "ends_on": today + timedelta(days=90),
        "agreement": terms.pop("agreement", None) or make_agreement(actor=actor).agreement,
        "models_on_offer": ["starter"],
        "seats": 10,
        # A test's few artists keep many workers busy.
        "clips_running_per_artist": None,
        **terms,
    }
    return cohorts.create_cohort(actor=actor, name=name or f"Cohort {next(_numbers)}", **values)


def join(person: User, cohort: Cohort, *, sign: bool = True) -> None:
    """Make *person* an artist of *cohort*, with its newest agreement signed unless told not to."""
    members.join(actor=person, cohort=cohort, user=person)
    if sign:
        sign_newest(person, cohort.agreement)


def sign_newest(person: User, agreement: Agreement) -> None:
    newest = agreement.versions.latest("number")
    agreements.sign(actor=person, version=newest, sha256=newest.sha256, name_typed=person.name)


def make_brief(
    cohort: Cohort,
    *,
    actor: User | None = None,
    title: str = "A place you miss",
    due_on: date | None = None,
    takes_wanted: int = 1,
) -> Brief:
    return briefs.create_brief(
        actor=actor or make_person(),
        cohort=cohort,
        title=title,
        text="Show it as you remember it.",
        due_on=due_on or timezone.localdate() + timedelta(days=30),
        takes_wanted=takes_wanted,
    )


def make_invitation(
    cohort: Cohort, *, actor: User | None = None, email: str = "new@example.org", **values: Any
) -> Invitation:
    return invitations.invite(actor=actor or make_person(), cohort=cohort, email=email, **values)


def token_of(invitation: Invitation) -> str:
    """The token in the mail of *invitation*, which has not left yet."""
    mail = OutgoingMail.objects.get(target_type="portal.invitation", target_id=str(invitation.pk))
    text = json.loads(sealing.unseal(mail.sealed, purpose=outbox.PURPOSE))["text"]
    found = re.search(r"/invite/([A-Za-z0-9_-]+)/", text)
    assert found is not None
    return found[1]


def make_key(owner: User, cohort: Cohort, **terms: Any) -> NewKey:
    """A key of *owner* that sees and makes clips for 90 days, unless *terms* say otherwise."""
    values: dict[str, Any] = {
        "name": "Laptop",
        "scopes": [Scope.CLIPS_READ, Scope.CLIPS_WRITE],
        "lifetime": timedelta(days=90),
        **terms,
    }
    return access_keys.create_key(actor=owner, cohort=cohort, terms=KeyTerms(**values))


def make_webhook(
    actor: User, cohort: Cohort, *, for_programme: bool = False, **terms: Any
) -> NewSecret:
    """An endpoint of *actor*, or of the cohort, that is told everything; nobody listens there."""
    values: dict[str, Any] = {
        "name": "Studio server",
        "url": "http://127.0.0.1:9/hooks",
        "events": list(WebhookEvent),
        **terms,
    }
    return webhooks.create(
        actor=actor, cohort=cohort, terms=EndpointTerms(**values), for_programme=for_programme
    )


def use_from(key: AccessKey, network: int, *, now: float, **how: Any) -> None:
    """One request with *key* from the network 198.*network*.0/24, as the API sees it."""
    leaks.watch(
        key=key,
        address=ip_address(f"198.{network // 256}.{network % 256}.7"),
        now=now,
        **{"client": "Mozilla/5.0", "starts": True, **how},
    )


def make_leak(key: AccessKey) -> LeakReport:
    """*key* in the hands of strangers on somebody's page, frozen for it."""
    now = time.time()
    with suppress(KeyFrozen):
        for network in range(20):
            use_from(key, network, now=now, page="free-clips.example")
    return key.leak_reports.get()


def make_containment(target: Target, *, actor: User, **values: Any) -> Containment:
    """One that holds for an hour."""
    told: dict[str, Any] = {
        "until": timezone.now() + timedelta(hours=1),
        "reason": "A key is out",
        "words_en": "We look into a leak.",
        "words_fr": "Nous examinons une fuite.",
        **values,
    }
    return containment.contain(actor=actor, target=target, **told)
