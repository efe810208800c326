"""Review's part in the deletion of an account: what goes and what stays."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal import deletions
from portal.deletions import Erased, Kept, count_of
from portal.erasures import TEAM_WHY
from portal.models import User
from review.models import (
    Appeal,
    Conflict,
    Decision,
    Download,
    Message,
    Review,
    SavedFilter,
    ShareLink,
    Signing,
)
from review.services import forgetting
from review.states import SigningState


def _open_links(person: User) -> int:
    return ShareLink.objects.live().filter(clip__artist=person).count()


def _signed(person: User) -> int:
    return Signing.objects.filter(decision__artist=person, state=SigningState.SIGNED).count()


def _appealed(person: User) -> int:
    return Appeal.objects.open().filter(artist=person).count()


def _waiting(person: User) -> int:
    return Review.objects.waiting().filter(artist=person).count()


for erased in (
    Erased(
        key="links",
        label=_("Shared pages: each closes for good"),
        covers=("review.sharelink.created_by", "review.sharelink.revoked_by"),
        count=_open_links,
        erase=forgetting.links,
        order=20,
    ),
    Erased(
        key="readings",
        label=_("How far you read what was written about clips"),
        covers=("review.reading.person",),
        count=None,
        erase=forgetting.readings,
        order=22,
    ),
    Erased(
        key="saved_filters",
        label=_("Filters you saved in the review queue"),
        covers=("review.savedfilter.person",),
        count=count_of(SavedFilter, "person"),
        erase=forgetting.saved_filters,
        order=22,
    ),
    Erased(
        key="signed_copies",
        label=_("Signed copies of your approved clips, which may say your name"),
        covers=(),
        count=_signed,
        erase=forgetting.signed_copies,
        order=23,
    ),
    Erased(
        key="open_appeals",
        label=_("Appeals that are not decided: each is withdrawn"),
        covers=(),
        count=_appealed,
        erase=forgetting.appeals,
        order=21,
    ),
    Erased(
        key="waiting_reviews",
        label=_("Clips that wait for a decision: each is taken back"),
        covers=(),
        count=_waiting,
        erase=forgetting.waiting,
        order=21,
    ),
):
    deletions.add_erased(erased)

for kept in (
    Kept(
        key="decisions",
        label=_("Decisions about your clips and your appeals, with the prompts and your words"),
        why=_(
            "A decision has to stay open to appeal and to question: it says what was let out, or "
            "refused, and why."
        ),
        covers=(
            *("review.review.artist", "review.review.submitted_by", "review.decision.artist"),
            *("review.claim.artist", "review.passon.artist"),
            *("review.pendingverdict.artist", "review.appeal.artist"),
        ),
        count=count_of(Review, "artist"),
    ),
    Kept(
        key="messages",
        label=_("What you and the team wrote to each other about your clips"),
        why=_(
            "It belongs to the decisions about them: what was asked and explained before and after."
        ),
        covers=("review.message.artist", "review.message.author"),
        count=count_of(Message, "author"),
    ),
    Kept(
        key="downloads",
        label=_("When an original was downloaded"),
        why=_("The mark in a copy that leaks leads to its download, and to nobody else’s."),
        covers=("review.download.person",),
        count=count_of(Download, "person"),
    ),
    Kept(
        key="conflicts",
        label=_("Conflicts of interest you declared for the programme’s team"),
        why=TEAM_WHY,
        covers=(
            *("review.conflict.person", "review.conflict.artist"),
            *("review.conflict.declared_by", "review.conflict.ended_by"),
        ),
        count=count_of(Conflict, "person"),
    ),
    Kept(
        key="decided",
        label=_("Decisions you made for the programme’s team"),
        why=TEAM_WHY,
        covers=(
            *("review.decision.reviewer", "review.claim.reviewer", "review.appeal.decided_by"),
            *("review.passon.reviewer", "review.pendingverdict.reviewer"),
            *("review.framenote.author", "review.framenote.resolved_by"),
        ),
        count=count_of(Decision, "reviewer"),
    ),
):
    deletions.add_kept(kept)
