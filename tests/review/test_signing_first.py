"""A newer agreement stops what is new, and nothing that is already somebody's."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from portal.errors import AgreementNotSigned
from portal.features import FeatureOff
from portal.models import AgreementVersion, Cohort, Signature, User
from portal.services import agreements, members
from portal.states import Feature
from review.models import Review, ShareLink
from review.services import shares, submissions
from tests.factories import review as make
from tests.factories.generation import make_ready_clip


@pytest.fixture
def first(ada: User, alba: User, spring: Cohort) -> AgreementVersion:
    version = AgreementVersion.objects.create(
        agreement=spring.agreement, number=1, body_en="One.", body_fr="Un.", sha256="a" * 64
    )
    Signature.objects.create(user=ada, version=version, sha256=version.sha256, name_typed="Ada")
    return version


@pytest.fixture
def newer(first: AgreementVersion, alba: User) -> AgreementVersion:
    return agreements.publish_version(
        actor=alba, agreement=first.agreement, body_en="Two.", body_fr="Deux."
    )


def sign(person: User, version: AgreementVersion) -> None:
    agreements.sign(actor=person, version=version, sha256=version.sha256, name_typed="Ada")


def test_submitting_waits_for_the_signature(
    ada: User, spring: Cohort, newer: AgreementVersion
) -> None:
    clip = make_ready_clip(artist=ada, cohort=spring)
    with pytest.raises(AgreementNotSigned):
        submissions.submit(actor=ada, clip=clip)
    assert not Review.objects.exists()
    sign(ada, newer)
    assert submissions.submit(actor=ada, clip=clip).clip == clip


def test_who_left_owes_nothing(ada: User, spring: Cohort, newer: AgreementVersion) -> None:
    clip = make_ready_clip(artist=ada, cohort=spring)
    members.leave(actor=ada, membership=ada.memberships.get(cohort=spring))
    assert submissions.submit(actor=ada, clip=clip).clip == clip


def test_opening_a_share_link_waits_and_open_ones_stay(
    ada: User, rosa: User, review: Review, first: AgreementVersion, alba: User
) -> None:
    make.approve(review, rosa)
    link = shares.create_link(actor=ada, clip=review.clip, title="Red boat")
    newer = agreements.publish_version(
        actor=alba, agreement=first.agreement, body_en="Two.", body_fr="Deux."
    )
    with pytest.raises(AgreementNotSigned):
        shares.create_link(actor=ada, clip=review.clip, title="Red boat")
    assert ShareLink.objects.live().get() == link
    shares.close_link(actor=ada, link=link)
    sign(ada, newer)
    assert shares.create_link(actor=ada, clip=review.clip, title="Red boat").pk != link.pk


def test_what_is_theirs_stays_open(
    ada: User, spring: Cohort, review: Review, newer: AgreementVersion, client: Client
) -> None:
    client.force_login(ada)
    studio = client.get(reverse("generation:studio"))
    assert studio.status_code == 200
    assert "Everything you have made stays open to you." in studio.content.decode()
    clip = [review.clip_id]
    for name, args in (
        ("generation:clip", clip),
        ("generation:sheets", []),
        ("generation:presets", []),
        ("review:standing", clip),
        ("consents", []),
        ("home", []),
        ("payments:earnings", []),
        ("payments:feedback", []),
        ("profile", []),
        ("my_agreements", []),
    ):
        assert client.get(reverse(name, args=args)).status_code == 200, name


def test_what_is_new_asks_first(
    ada: User, spring: Cohort, newer: AgreementVersion, client: Client
) -> None:
    client.force_login(ada)
    clip = make_ready_clip(artist=ada, cohort=spring)
    for name, args in (("review:submit", [clip.pk]), ("key_new", []), ("generation:script", [])):
        answer = client.get(reverse(name, args=args))
        assert answer.status_code == 302, name
        assert answer["Location"].startswith("/agreement/?next="), name
    again = client.post(reverse("generation:clip_vary", args=[clip.pk]))
    assert (again.status_code, again["Location"]) == (302, "/agreement/")


def test_no_link_is_opened_while_links_are_switched_off_and_open_ones_stay(
    ada: User, rosa: User, review: Review, spring: Cohort
) -> None:
    make.approve(review, rosa)
    link = shares.create_link(actor=ada, clip=review.clip, title="Red boat")
    Cohort.objects.filter(pk=review.clip.cohort_id).update(features_off=[Feature.SHARE_LINKS])
    with pytest.raises(FeatureOff):
        shares.create_link(actor=ada, clip=review.clip, title="Another")
    assert Client().get(link.get_absolute_url()).status_code == 200
    artist = Client()
    artist.force_login(ada)
    page = artist.get(reverse("review:sharing", args=[review.clip.pk])).text
    assert "No new links at present" in page
    assert "Make the link" not in page
    shares.close_link(actor=ada, link=link)
    assert not ShareLink.objects.live().exists()
