from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from portal.models import Cohort, Notification, User
from portal.services import agreements
from portal.states import CohortState, MemberState
from portal.text_changes import Piece, changes_between
from tests.factories.portal import browser_of


def test_changes_are_told_by_paragraph_and_word() -> None:
    older = "Hello.\n\nWe pay within thirty days of a decision.\n\nGone entirely."
    newer = "Hello.\n\nWe pay within ten days of a decision.\n\nA wholly other thought, set apart."
    assert changes_between(older, newer) == [
        [
            Piece("same", "We pay within "),
            Piece("removed", "thirty "),
            Piece("added", "ten "),
            Piece("same", "days of a decision."),
        ],
        [Piece("added", "A wholly other thought, set apart.")],
        [Piece("removed", "Gone entirely.")],
    ]
    assert changes_between(older, older) == []


def test_who_signed_before_reads_what_changed(admin: User, artist: User, cohort: Cohort) -> None:
    version = cohort.agreement.versions.get()
    agreements.publish_version(
        actor=admin,
        agreement=cohort.agreement,
        body_en=f"{version.body_en}\n\nTen days <b>at most</b>.",
        body_fr=f"{version.body_fr}\n\nDix jours.",
    )
    page = browser_of(artist).get(reverse("sign_agreement")).content.decode()
    assert "What changed since you signed" in page
    assert "added:" in page
    assert "removed:" not in page
    assert "Ten days &lt;b&gt;at most&lt;/b&gt;." in page


def test_two_versions_are_compared_from_the_older(
    admin: User, artist: User, cohort: Cohort
) -> None:
    first = cohort.agreement.versions.get()
    second = agreements.publish_version(
        actor=admin,
        agreement=cohort.agreement,
        body_en=f"{first.body_en}\n\nA last word.",
        body_fr=first.body_fr,
    )
    for version, other in ((first, 2), (second, 1)):
        address = reverse("agreement_version", args=[version.pk])
        page = browser_of(admin).get(address, {"with": other}).content.decode()
        assert "From version 1 to version 2" in page
        assert page.count("added:") == 1
        assert "removed:" not in page
    address = reverse("agreement_version", args=[second.pk])
    page = browser_of(admin).get(f"{address}?with=9").content.decode()
    assert "From version" not in page
    artist.language = "fr"
    artist.save(update_fields=["language"])
    page = browser_of(artist).get(f"{address}?with=1").content.decode()
    assert "les deux textes sont identiques" in page


def test_a_new_version_is_news_to_live_members_alone(
    admin: User, artist: User, other_artist: User, cohort: Cohort
) -> None:
    cohort.memberships.filter(user=other_artist).update(
        ended_at=timezone.now(), ended_how=MemberState.LEFT
    )
    text = {"body_en": "New.", "body_fr": "Neuf."}
    agreements.publish_version(actor=admin, agreement=cohort.agreement, **text)
    told = Notification.objects.filter(kind="agreement.published")
    assert [notice.user for notice in told] == [artist]
    Cohort.objects.filter(pk=cohort.pk).update(state=CohortState.CLOSED)
    text = {"body_en": "Newer.", "body_fr": "Plus neuf."}
    agreements.publish_version(actor=admin, agreement=cohort.agreement, **text)
    assert told.count() == 1
