from __future__ import annotations

from django.urls import reverse

from portal.models import Cohort, User
from portal.services import agreements
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
