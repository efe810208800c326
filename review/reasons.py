"""The published reasons: the only ones for which a clip may be refused or an approval withdrawn.

The list is closed on purpose. Every entry speaks of what the picture shows or of the file itself;
what an artist thinks of the programme, its model or the people who run it is not among them and
``check_fair`` refuses to start with a list in which it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from review.states import REFUSALS, Verdict


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One published reason.

    Attributes:
        code: stable machine name; stored with the decision.
        title: a few words, as the artist reads them.
        explanation: what it means and where its border is, in plain words.
        way_on: what the artist can do about it.
        verdicts: the decisions that may carry it.
    """

    code: str
    title: Promise
    explanation: Promise
    way_on: Promise
    verdicts: frozenset[Verdict] = frozenset({*REFUSALS, Verdict.REVOKE})


REASONS: tuple[Reason, ...] = (
    Reason(
        code="real_person",
        title=_("A real person who did not agree"),
        explanation=_(
            "Someone who exists can be recognised, by face, voice or name, and we have no sign "
            "that they agreed. Satire of people in public office is allowed as long as nobody "
            "could take it for a recording."
        ),
        way_on=_("Change the figure so that nobody real is recognised, or send us their consent."),
    ),
    Reason(
        code="deception",
        title=_("Could be taken for a real event"),
        explanation=_(
            "Somebody who meets the clip without its context could believe that it shows news, "
            "an election, a disaster or a crime that happened."
        ),
        way_on=_("Make it visibly imagined: style, setting or a caption inside the picture."),
    ),
    Reason(
        code="sexual",
        title=_("Sexual content"),
        explanation=_(
            "The clip shows sex or is made to arouse. A nude body as such is no reason: the "
            "history of art is full of them."
        ),
        way_on=_("Another take without the sexual act can be submitted at any time."),
    ),
    Reason(
        code="minors",
        title=_("Harms children"),
        explanation=_("The clip sexualises a child or shows a child being hurt or humiliated."),
        way_on=_("There is no way on for this clip."),
        verdicts=frozenset({Verdict.DECLINE, Verdict.REVOKE}),
    ),
    Reason(
        code="cruelty",
        title=_("Cruelty for its own sake"),
        explanation=_(
            "Close, drawn-out injury or torture of people or animals. Violence that a story "
            "needs, told without lingering on wounds, is no reason."
        ),
        way_on=_("Move the camera away from the wound, or tell it by what follows."),
    ),
    Reason(
        code="hatred",
        title=_("Hatred against a group"),
        explanation=_(
            "The clip calls for hatred or violence against people for their origin, religion, "
            "sex, orientation, disability or age, or honours those who did."
        ),
        way_on=_("Work that shows hatred in order to expose it is welcome: say so in your note."),
    ),
    Reason(
        code="rights",
        title=_("Somebody else's work or brand"),
        explanation=_(
            "A protected character, work of art, logo or trade mark is copied so closely that we "
            "could not defend showing it. Quotation, parody and style are no reasons."
        ),
        way_on=_("Change or remove the copied part, or tell us that you hold the rights."),
    ),
    Reason(
        code="privacy",
        title=_("Private details of somebody"),
        explanation=_(
            "An address, a number plate, a document, a phone number or the like of a real person "
            "can be read."
        ),
        way_on=_("Make it illegible and submit the new take."),
    ),
    Reason(
        code="file",
        title=_("The file is faulty"),
        explanation=_(
            "It does not play to the end, is empty, or flickers so hard that it could harm people "
            "with epilepsy. It says nothing about your idea."
        ),
        way_on=_("Run it again with the same settings and submit the new take."),
    ),
    Reason(
        code="claim",
        title=_("A claim by a third party"),
        explanation=_(
            "After the approval somebody showed us that the clip uses their likeness or their work."
        ),
        way_on=_("Write to us: we pass on what was claimed and by whom."),
        verdicts=frozenset({Verdict.REVOKE}),
    ),
    Reason(
        code="our_mistake",
        title=_("We approved it by mistake"),
        explanation=_(
            "The approval should not have been given; the note says which of the other reasons "
            "applies. The mistake is ours."
        ),
        way_on=_("The note says what to change. Submit the new take as soon as you like."),
        verdicts=frozenset({Verdict.REVOKE}),
    ),
)

CODES: tuple[str, ...] = tuple(reason.code for reason in REASONS)
_BY_CODE = {reason.code: reason for reason in REASONS}

# Words that only occur in a sentence about us. A reason is about the picture.
_ABOUT_US = re.compile(
    r"critici|critiq|opinion|programme|reputation|réputation|disparag|dénigr|embarrass"
    r"|image de marque|sponsor|partner|partenaire|our model|notre modèle|greenroom"
    r"|unfavourable|défavorable|negative|négatif|protest",
    re.IGNORECASE,
)


def find(code: str, *, verdict: Verdict) -> Reason | None:
    """The reason called *code* if a decision saying *verdict* may carry it."""
    reason = _BY_CODE.get(code)
    return reason if reason is not None and verdict in reason.verdicts else None


def by_code(code: str) -> Reason | None:
    return _BY_CODE.get(code)


def for_verdict(verdict: Verdict) -> tuple[Reason, ...]:
    return tuple(reason for reason in REASONS if verdict in reason.verdicts)


def check_fair(reasons: Iterable[Reason]) -> None:
    """Refuse a list in which an artist's view of the programme could be a reason.

    Raises:
        ImproperlyConfigured: naming the reason, its language and the word.
    """
    for reason in reasons:
        for language in ("en", "fr"):
            with translation.override(language):
                said = f"{reason.title} {reason.explanation}"
            found = _ABOUT_US.search(f"{reason.code} {said}")
            if found:
                raise ImproperlyConfigured(
                    f"The reason {reason.code!r} ({language}) speaks of {found[0]!r}. "
                    "A clip is never declined for what its artist thinks of the programme."
                )
