"""Every component in every state, on one page. Shown in the demo and to the tests only."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from portal.api_docs.examples import examples_of

FRAMES, FPS, WIDTH, HEIGHT = 48, 16, 640, 360


class SampleForm(forms.Form):
    """One field of every kind."""

    prompt = forms.CharField(
        label=gettext_lazy("Prompt"),
        max_length=400,
        help_text=gettext_lazy("Say what is seen, where, and what moves."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    title = forms.CharField(label=gettext_lazy("Title"), max_length=120, required=False)
    email = forms.EmailField(label=gettext_lazy("E-mail address"))
    password = forms.CharField(label=gettext_lazy("Password"), widget=forms.PasswordInput)
    model = forms.ChoiceField(
        label=gettext_lazy("Model"),
        choices=[("starter", "Starter 128"), ("wan", "Wan 1.3B")],
    )
    size = forms.ChoiceField(
        label=gettext_lazy("Size"),
        choices=[
            ("128", gettext_lazy("Square|128 × 128, quick")),
            ("480", gettext_lazy("Wide|832 × 480, for a screen")),
            ("704", gettext_lazy("Tall|480 × 832, for a phone")),
        ],
        widget=forms.RadioSelect,
        initial="128",
    )
    takes = forms.IntegerField(label=gettext_lazy("Takes"), min_value=1, max_value=4, initial=1)
    due = forms.DateField(
        label=gettext_lazy("Due"), widget=forms.DateInput(attrs={"type": "date"}), required=False
    )
    reference = forms.FileField(label=gettext_lazy("Reference picture"), required=False)
    tools = forms.MultipleChoiceField(
        label=gettext_lazy("Seen before"),
        choices=[("a", gettext_lazy("Storyboard")), ("b", gettext_lazy("Animatic"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    consent = forms.BooleanField(
        label=gettext_lazy("Tell me when the decision is made"),
        required=False,
        help_text=gettext_lazy("By e-mail, once."),
    )


def sample_clips() -> list[dict[str, Any]]:
    """One clip in each state a card can show."""
    poster = static("portal/styleguide/sample.jpg")
    preview = static("portal/styleguide/sample.mp4")
    prompt = _("A red sailing boat drifts across a calm lake at dusk, hills behind it")
    facts = ["640 × 360", _("3 s"), _("seed %(seed)s") % {"seed": 4182}]
    base: dict[str, Any] = {
        "prompt": prompt,
        "facts": facts,
        "width": WIDTH,
        "height": HEIGHT,
        "detail_url": "#clips",
    }
    seen = {**base, "poster_url": poster, "preview_url": preview}
    samples: list[dict[str, Any]] = [
        {
            **base,
            "state": "queued",
            "state_label": _("Queued"),
            "hint": _("Second in line; starts in about 20 s"),
        },
        {**base, "state": "loading", "state_label": _("Loading the model")},
        {
            **base,
            "state": "rendering",
            "state_label": _("Rendering"),
            "progress": 35,
            "step": 7,
            "steps": 20,
        },
        {**base, "state": "encoding", "state_label": _("Encoding"), "progress": 96},
        {**seen, "state": "ready", "state_label": _("Ready"), "title": _("Boat, first try")},
        {
            **seen,
            "state": "waiting",
            "state_label": _("In review"),
            "title": _("Boat at dusk"),
            "hint": _("Decided by tomorrow, 14:00"),
        },
        {
            **seen,
            "state": "approved",
            "state_label": _("Approved"),
            "title": _("The last ferry home before the lake froze over that winter"),
        },
        {
            **seen,
            "state": "declined",
            "state_label": _("Declined"),
            "title": _("Boat, too close"),
            "error_message": _("A real person can be recognised. You can appeal."),
        },
        {
            **base,
            "state": "failed",
            "state_label": _("Failed"),
            "error_message": _("The worker stopped twice. It cost you nothing."),
        },
        {**base, "state": "cancelled", "state_label": _("Cancelled"), "width": 128, "height": 128},
    ]
    return [{"id": f"sample-{number}", **sample} for number, sample in enumerate(samples)]


def sample_context() -> dict[str, Any]:
    now = timezone.now()
    return {
        "clips": sample_clips(),
        "form": SampleForm(),
        "wrong_form": SampleForm(
            {"prompt": "", "email": "ada", "size": "9", "takes": 7}, auto_id="wrong_%s"
        ),
        "player": {
            "src": static("portal/styleguide/sample.mp4"),
            "poster": static("portal/styleguide/sample.jpg"),
            "fps": FPS,
            "frames": FRAMES,
            "width": WIDTH,
            "height": HEIGHT,
        },
        "moments": [
            {
                "time": now - datetime.timedelta(hours=26),
                "actor": "Ada Okafor",
                "text": _("Submitted for release"),
                "icon": "send",
                "note": _("The boat should read as red even at night."),
            },
            {
                "time": now - datetime.timedelta(hours=3),
                "actor": "Rosa Lindqvist",
                "text": _("Opened for review"),
            },
            {
                "time": now - datetime.timedelta(hours=2),
                "actor": "Rosa Lindqvist",
                "text": _("Approved"),
                "icon": "circle-check",
                "tone": "success",
            },
        ],
        "samples": examples_of("retrieveVideo"),
        "past": now - datetime.timedelta(hours=5),
        "soon": now + datetime.timedelta(hours=19),
        "greys": ["bg", "surface", "raised", "hover", "line", "line-strong"],
        "inks": ["text", "muted", "faint", "accent", "info", "warning", "danger"],
        "icon_names": [
            "film", "clapperboard", "sparkles", "dices", "shuffle", "eye", "circle-check",
            "circle-x", "hourglass", "clock", "send", "share-2", "download", "shield-check",
            "key-round", "snowflake", "wallet", "banknote", "receipt", "scale", "gavel", "flag",
            "message-square", "bell", "users", "user-plus", "calendar-clock", "fingerprint",
        ],
        "steps": [
            {"label": _("Invitation"), "state": "done"},
            {"label": _("Agreement"), "state": "current"},
            {"label": _("Studio"), "state": "todo"},
        ],
    }  # fmt: skip


@require_GET
@login_not_required
def styleguide(request: HttpRequest) -> HttpResponse:
    if not (settings.DEMO or settings.TESTING):
        raise Http404
    return render(request, "styleguide/styleguide.html", sample_context())
