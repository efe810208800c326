"""People who applied for a seat."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

from django.utils import timezone

from portal import sealing
from portal.models import Application, ApplicationCall, Cohort, OutgoingMail, User
from portal.services import applications, outbox


def open_call(cohort: Cohort, *, actor: User, **values: Any) -> ApplicationCall:
    """Anybody may apply for *cohort* since yesterday and for a month."""
    today = timezone.localdate()
    terms: dict[str, Any] = {
        "is_open": True,
        "opens_on": today - timedelta(days=1),
        "closes_on": today + timedelta(days=30),
        **values,
    }
    return applications.set_call(actor=actor, cohort=cohort, **terms)


def last_mail() -> dict[str, str]:
    """To whom, with which subject, text and (in ``path``) link the newest mail goes."""
    mail = OutgoingMail.objects.order_by("-pk")[0]
    content = json.loads(sealing.unseal(mail.sealed, purpose=outbox.PURPOSE))
    found = re.search(r"(/application/\S+/)", content["text"])
    return {"to": mail.to, **content, "path": found[1] if found else ""}


def apply_for(cohort: Cohort, *, email: str = "nour@example.org", **values: Any) -> str:
    """Apply, unconfirmed; the token of the mailed link."""
    terms: dict[str, Any] = {"name": "Nour Haddad", "language": "en", **values}
    applications.apply(cohort=cohort, email=email, **terms)
    return last_mail()["path"].split("/")[2]


def make_application(cohort: Cohort, **values: Any) -> Application:
    """One that counts; the cohort takes applications."""
    return applications.confirm(token=apply_for(cohort, **values))
