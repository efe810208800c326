"""The demo's people and their cohort; running it again adds what is missing and changes nothing."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from portal import demo_keys, registry
from portal.demo import PEOPLE, DemoPerson
from portal.errors import GreenroomError
from portal.models import AccessKey, Agreement, Cohort, User
from portal.seed_texts import AGREEMENT_EN, AGREEMENT_FR, AGREEMENT_TITLE, BRIEF_TEXT, BRIEF_TITLE
from portal.services import access_keys, agreements, briefs, cohorts, members, people
from portal.services.access_keys import KeyTerms
from portal.states import Scope
from portal.tokens import hash_token

COHORT_NAME = "Spring residency"
COHORT_SLUG = "spring-residency"
STARTER_MODEL = "starter"
KEY_NAME = "Demo script"


@transaction.atomic
def seed() -> None:
    """Make the demo's programme, through the services that people's clicks use."""
    known = {person: _person(person) for person in PEOPLE}
    admin = next(user for person, user in known.items() if person.role == "admin")
    for person, user in known.items():
        for role in (person.role, *person.also):
            if role is not None:
                people.grant_role(actor=None, user=user, role=role)
    agreement = Agreement.objects.filter(title=AGREEMENT_TITLE).first()
    if agreement is None:
        agreement = agreements.create(
            actor=admin, title=AGREEMENT_TITLE, body_en=AGREEMENT_EN, body_fr=AGREEMENT_FR
        ).agreement
    cohort = Cohort.objects.filter(slug=COHORT_SLUG).first() or _cohort(admin, agreement)
    newest = agreement.versions.latest("number")
    for person, user in known.items():
        if person.role is None and not cohort.memberships.filter(user=user).exists():
            # They have no mailbox to be invited by.
            members.join(actor=user, cohort=cohort, user=user)
            agreements.sign(
                actor=user, version=newest, sha256=newest.sha256, name_typed=person.name
            )
    if not cohort.briefs.exists():
        briefs.create_brief(
            actor=admin,
            cohort=cohort,
            title=BRIEF_TITLE,
            text=BRIEF_TEXT,
            due_on=timezone.localdate() + timedelta(days=45),
            takes_wanted=2,
        )
    _key(next(user for person, user in known.items() if person.role is None), cohort)


def _key(artist: User, cohort: Cohort) -> None:
    """A working key of the first artist for scripts; the one of the last start while it works."""
    newest = AccessKey.objects.filter(owner=artist, name=KEY_NAME).first()
    kept = demo_keys.read(settings.VAR_DIR).get("artist", "")
    if newest is not None and newest.works(timezone.now() + timedelta(days=1)):
        if newest.digest == hash_token(kept):
            return
        made = access_keys.rotate_key(actor=artist, key=newest, overlap=timedelta(0))
    else:
        terms = KeyTerms(name=KEY_NAME, scopes=list(Scope), lifetime=timedelta(days=365))
        try:
            made = access_keys.create_key(actor=artist, cohort=cohort, terms=terms, tell=False)
        except GreenroomError:
            # Somebody tries out freezing, pausing or many keys: the demo goes on without one.
            demo_keys.write(settings.VAR_DIR, {})
            return
    demo_keys.write(settings.VAR_DIR, {"artist": made.clear})


def _person(person: DemoPerson) -> User:
    found = User.objects.filter(email=person.email).first()
    return found or people.create_person(
        actor=None,
        email=person.email,
        name=person.name,
        language=person.language,
        password=person.password,
    )


def _cohort(admin: User, agreement: Agreement) -> Cohort:
    today = timezone.localdate()
    return cohorts.create_cohort(
        actor=admin,
        name=COHORT_NAME,
        starts_on=today - timedelta(days=7),
        ends_on=today + timedelta(days=90),
        seats=12,
        agreement=agreement,
        models_on_offer=[STARTER_MODEL],
        gpu_seconds_per_artist_week=7_200,
        gpu_seconds_per_artist=36_000,
        review_hours=48,
        currency="EUR",
    )


registry.add_demo_seeder(seed, order=10)
