"""The dialogs in which a reviewer refuses a clip: with a published reason and words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from portal.models import User
from review.forms import DecisionForm
from review.models import PendingVerdict
from review.reasons import Reason, by_code, for_verdict
from review.states import REFUSALS, Verdict


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One dialog; ``is_open`` when its form came back with errors."""

    verdict: Verdict
    title: str
    submit: str
    help: str
    key: str
    button: str
    icon: str
    variant: str
    form: DecisionForm
    reasons: tuple[Reason, ...]
    is_open: bool


def verdict_of(form: DecisionForm | None) -> Verdict | None:
    """Which refusal a form that came back tried, if it did."""
    said = form.data.get("verdict") if form is not None else None
    return Verdict(said) if said in REFUSALS else None


def refusals_for(
    artist: User, form: DecisionForm | None, *, may_open: bool, undone: PendingVerdict | None
) -> list[Refusal]:
    tried = verdict_of(form)
    texts: dict[Verdict, dict[str, str]] = {
        Verdict.CHANGES: {
            "title": _("Ask for changes"),
            "submit": _("Ask %(artist)s for changes"),
            "help": _("Plain words: what should be different in the next take? They read it."),
            "key": "c",
            "button": _("Ask for changes…"),
            "icon": "pencil",
            "variant": "secondary",
        },
        Verdict.DECLINE: {
            "title": _("Decline this clip"),
            "submit": _("Decline and tell %(artist)s"),
            "help": _(
                "Plain words: what is it about, and what could change? They read it with the "
                "reason."
            ),
            "key": "d",
            "button": _("Decline…"),
            "icon": "x",
            "variant": "danger",
        },
    }
    made = []
    for verdict in REFUSALS:
        words = texts[verdict]
        words["submit"] %= {"artist": artist}
        made.append(
            Refusal(
                verdict=verdict,
                form=form_for(verdict, form, undone),
                reasons=for_verdict(verdict),
                is_open=may_open and tried == verdict,
                **words,
            )
        )
    return made


def form_for(
    verdict: Verdict, form: DecisionForm | None, undone: PendingVerdict | None
) -> DecisionForm:
    """The form of one verdict: the one that came back, what was undone, or an empty one."""
    if form is not None and (verdict_of(form) or Verdict.APPROVE) == verdict:
        form.auto_id = f"{verdict}_%s"
        return form
    words = {}
    if undone is not None and undone.verdict == verdict:
        words = {"reason": undone.reason, "note": undone.note}
    return DecisionForm(auto_id=f"{verdict}_%s", initial=words)


def typed_in(form: DecisionForm | None) -> dict[str, Any]:
    """What the notice above the desk gives back when no dialog is there to hold it."""
    if form is None:
        return {"typed": "", "chosen": None}
    return {"typed": form.data.get("note", ""), "chosen": by_code(form.data.get("reason", ""))}
