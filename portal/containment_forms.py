"""The form of a containment: how far, of what, until when, and in which words."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal import access, registry
from portal.containment import Target
from portal.containment_errors import ContainsOneself
from portal.forms import GreenroomForm
from portal.models import AccessKey, Cohort, User
from portal.models.containment import LONGEST_REASON, LONGEST_WORDS
from portal.states import KeyState, Stage

if TYPE_CHECKING:
    from datetime import datetime

LIMITS = [
    ("", _("Choose one")),
    ("1", _("An hour")),
    ("4", _("Four hours")),
    ("24", _("A day")),
    ("72", _("Three days")),
    ("168", _("A week")),
    ("720", _("30 days")),
]
STAGES = [
    (Stage.KEY, _("One access key|It lets nobody in; clips asked for with it stop.")),
    (Stage.PERSON, _("One person|Their keys, clips on their way and share links.")),
    (Stage.COHORT, _("One cohort|The keys, clips on their way and share links of its artists.")),
    (Stage.MODEL, _("One model|Clips that are made with it.")),
    (Stage.SHARING, _("All sharing|Every share link; clips are made as usual.")),
    (Stage.GENERATION, _("All generation|Every clip on its way; share links stay open.")),
    (Stage.EVERYTHING, _("Everything|All keys, all clips on their way, all share links.")),
]
OF_SOME_COHORTS = frozenset({Stage.KEY, Stage.COHORT})


class KeyChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: AccessKey) -> str:
        return f"{obj.owner.name if obj.owner else ''} · {obj.name} ({obj.hint})"


class PersonChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: User) -> str:
        return f"{obj.name} ({obj.email})"


class ContainForm(GreenroomForm):
    """Of the four things to name only the one of the chosen stage counts."""

    stage = forms.ChoiceField(label=_("How far"), choices=STAGES, widget=forms.RadioSelect)
    key = KeyChoice(label=_("Access key"), queryset=AccessKey.objects.none(), required=False)
    person = PersonChoice(label=_("Person"), queryset=User.objects.none(), required=False)
    cohort = forms.ModelChoiceField(
        label=_("Cohort"), queryset=Cohort.objects.none(), required=False
    )
    model = forms.ChoiceField(label=_("Model"), required=False)
    hours = forms.ChoiceField(
        label=_("For how long"),
        choices=LIMITS,
        help_text=_("It ends by itself then, unless somebody undoes it before."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=LONGEST_REASON,
        help_text=_("For your colleagues. It stands in the log."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    words_en = forms.CharField(
        label=_("What those touched read, in English"),
        required=False,
        max_length=LONGEST_WORDS,
        help_text=_("Say what happened, what still works and what they can do. One is enough."),
        widget=forms.Textarea(attrs={"rows": 3, "lang": "en"}),
    )
    words_fr = forms.CharField(
        label=_("What those touched read, in French"),
        required=False,
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 3, "lang": "fr"}),
    )

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        runs_all = access.runs_programme(actor)
        stages = [row for row in STAGES if runs_all or row[0] in OF_SOME_COHORTS]
        cast("forms.ChoiceField", self.fields["stage"]).choices = stages
        models = [("", "---------"), *registry.model_choices()]
        cast("forms.ChoiceField", self.fields["model"]).choices = models
        self.actor = actor
        keys = access.keys_administered_by(actor).filter(state=KeyState.ACTIVE)
        self._offer("key", keys.exclude(owner=actor))
        self._offer("cohort", access.cohorts_administered_by(actor))
        artists = User.objects.filter(memberships__isnull=False).distinct().order_by("name")
        self._offer("person", artists.exclude(pk=actor.pk))
        if not runs_all:
            del self.fields["person"], self.fields["model"]

    def _offer(self, name: str, found: QuerySet[Any]) -> None:
        cast("forms.ModelChoiceField[Any]", self.fields[name]).queryset = found

    def _is_of_oneself(self, stage: str) -> bool:
        """Whether the actor, who is not offered, was sent all the same."""
        named = str(self.data.get(stage, ""))
        if stage == Stage.PERSON:
            return named == str(self.actor.pk)
        return (
            stage == Stage.KEY
            and named.isdecimal()
            and access.keys_of(self.actor).filter(pk=named).exists()
        )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        stage = values.get("stage", "")
        if self._is_of_oneself(stage):
            self.errors.pop(stage, None)
            self.add_error(stage, str(ContainsOneself.default_message))
        elif stage in self.fields and not values.get(stage) and stage not in self.errors:
            self.add_error(stage, _("Choose which one."))
        if not values.get("words_en") and not values.get("words_fr"):
            self.add_error("words_en", _("Write it in one language at least."))
        return values

    @property
    def target(self) -> Target:
        """Of a valid form."""
        values = self.cleaned_data
        stage = Stage(values["stage"])
        named = {str(stage): values.get(str(stage))}
        return Target(
            stage=stage,
            key_id=_pk(named.get("key")),
            person_id=_pk(named.get("person")),
            cohort_id=_pk(named.get("cohort")),
            model_key=named.get("model") or "",
        )

    @property
    def until(self) -> datetime:
        return timezone.now() + timedelta(hours=int(self.cleaned_data["hours"]))


def _pk(found: Any) -> int | None:
    return found.pk if found is not None else None
