"""Forms of review: they parse; services judge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.forms import GreenroomForm
from review.errors import ReasonUnknown
from review.models import Review
from review.reasons import for_verdict
from review.states import REFUSALS, Opinion, Verdict


def _words(limit: int, rows: int, **attrs: Any) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "maxlength": limit, "data-autosize": True, **attrs})


def _offer(form: forms.Form, name: str, options: Sequence[tuple[str, Any]]) -> None:
    cast("forms.ChoiceField", form.fields[name]).choices = list(options)


def _asked(review: Review) -> str:
    return gettext("%(day)s: %(clip)s") % {
        "clip": Truncator(review.clip.label).chars(60),
        "day": date_format(timezone.localtime(review.closed_at), "DATE_FORMAT"),
    }


class SubmitForm(GreenroomForm):
    note = forms.CharField(
        label=_("A note to the reviewer"),
        help_text=_("Context helps: what it is for, whose work it quotes, who agreed to be in it."),
        required=False,
        max_length=1000,
        widget=_words(1000, 4),
    )
    follows = forms.ChoiceField(
        label=_("Does it answer changes that were asked for?"),
        help_text=_("The reviewer sees what was asked, and the clip it was asked for."),
        required=False,
    )

    def __init__(self, *args: Any, answerable: Sequence[Review], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not answerable:
            del self.fields["follows"]
            return
        asked = [(str(review.pk), _asked(review)) for review in answerable]
        _offer(self, "follows", [("", _("No, it is something new")), *asked])


class DecisionForm(GreenroomForm):
    """What the desk posts: the verdict, and the hashes of the clip that was on the screen."""

    verdict = forms.ChoiceField(
        choices=[(verdict.value, verdict.label) for verdict in (Verdict.APPROVE, *REFUSALS)]
    )
    reason = forms.ChoiceField(
        label=_("Reason"),
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": ReasonUnknown.default_message},
    )
    note = forms.CharField(
        label=_("To the artist"), required=False, max_length=2000, widget=_words(2000, 3)
    )
    sha256 = forms.CharField(max_length=64)
    settings_sha256 = forms.CharField(max_length=64)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(
            self, "reason", [(reason.code, reason.title) for reason in for_verdict(Verdict.DECLINE)]
        )


class BulkForm(GreenroomForm):
    """One verdict for all that is chosen in the queue."""

    verdict = forms.ChoiceField(
        label=_("Verdict"),
        widget=forms.RadioSelect,
        choices=[(verdict.value, verdict.label) for verdict in (Verdict.APPROVE, *REFUSALS)],
    )
    reason = forms.ChoiceField(
        label=_("Reason"),
        help_text=_("To ask for changes and to decline."),
        required=False,
    )
    note = forms.CharField(
        label=_("To the artist"), required=False, max_length=2000, widget=_words(2000, 3)
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        published = [(reason.code, reason.title) for reason in for_verdict(Verdict.DECLINE)]
        _offer(self, "reason", [("", _("Choose a reason")), *published])


class PassOnForm(GreenroomForm):
    to = forms.ChoiceField(
        label=_("To whom?"),
        widget=forms.RadioSelect,
        choices=[
            (Opinion.SECOND, _("Second opinion|Any other reviewer of this cohort")),
            (Opinion.LEAD, _("A lead|A lead reviewer decides; leads are told")),
        ],
        initial=Opinion.SECOND,
    )
    note = forms.CharField(
        label=_("To your colleague"),
        help_text=_("What are you unsure about? The artist never reads it."),
        required=False,
        max_length=1000,
        widget=_words(1000, 3),
    )


class RevokeForm(GreenroomForm):
    reason = forms.ChoiceField(label=_("Reason"), widget=forms.Select)
    note = forms.CharField(label=_("To the artist"), max_length=2000, widget=_words(2000, 4))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        published = [(reason.code, reason.title) for reason in for_verdict(Verdict.REVOKE)]
        _offer(self, "reason", [("", _("Choose a reason")), *published])


class ShareForm(GreenroomForm):
    title = forms.CharField(
        label=_("Title of the page"),
        help_text=_("It stands above the clip, with your name."),
        max_length=120,
        required=False,
    )


class SavedFilterForm(GreenroomForm):
    """The name of a filter; what it narrows by stands in the address."""

    name = forms.CharField(label=_("Name"), max_length=40, required=False)
    is_default = forms.BooleanField(label=_("Open the queue with this"), required=False)


class QueueFilterForm(forms.Form):
    """The filters of the queue; choices are those that occur in it."""

    cohort = forms.ChoiceField(label=_("Cohort"), required=False)
    model = forms.ChoiceField(label=_("Model"), required=False)
    artist = forms.ChoiceField(label=_("Artist"), required=False)

    def __init__(
        self, *args: Any, choices: dict[str, list[tuple[str, str]]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, options in choices.items():
            _offer(self, name, [("", _("All")), *options])
