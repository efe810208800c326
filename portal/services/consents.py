"""Consents are given and taken back by the person they are about, and by nobody else."""

from __future__ import annotations

from django.db import transaction

from portal.consent_errors import ConsentTextChanged
from portal.consent_texts import current, text_of
from portal.models import Consent, Signature, User
from portal.services import audit
from portal.signals import consent_changed
from portal.states import ConsentKind


def give(
    *, actor: User, kind: ConsentKind, sha256: str, signature: Signature | None = None
) -> Consent:
    """*actor* says yes to the words they were shown; saying it twice is once.

    Args:
        sha256: of the words on the page.
        signature: beside which they were asked.

    Raises:
        ConsentTextChanged: the page showed other words than those of today.
    """
    text = current(kind)
    if sha256 != text.sha256:
        raise ConsentTextChanged()
    with transaction.atomic():
        newest = _locked_newest(actor, kind)
        if newest is not None and newest.given:
            return newest
        return _append(actor, kind, newest, text.number, text.sha256, signature)


def withdraw(*, actor: User, kind: ConsentKind) -> Consent | None:
    """*actor* takes their yes back; None when there never was one, and twice is once."""
    with transaction.atomic():
        newest = _locked_newest(actor, kind)
        if newest is None or not newest.given:
            return newest
        text = text_of(kind, newest.text_number)
        return _append(actor, kind, newest, text.number, text.sha256, None)


def _locked_newest(actor: User, kind: ConsentKind) -> Consent | None:
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    return Consent.objects.filter(person=actor, kind=kind).order_by("-number").first()


def _append(
    actor: User,
    kind: ConsentKind,
    newest: Consent | None,
    text_number: int,
    text_sha256: str,
    signature: Signature | None,
) -> Consent:
    given = newest is None or not newest.given
    row = Consent.objects.create(
        person=actor,
        actor=actor,
        kind=kind,
        number=newest.number + 1 if newest else 1,
        given=given,
        text_number=text_number,
        text_sha256=text_sha256,
        signature=signature,
    )
    row.refresh_from_db(fields=["at"])
    audit.record(
        actor=actor,
        action="consent.given" if given else "consent.withdrawn",
        target=row,
        before={"given": not given},
        after={
            "name": kind.value,
            "given": given,
            "text_number": text_number,
            "text_sha256": text_sha256,
        },
    )
    consent_changed.send(sender=Consent, consent=row)
    return row
