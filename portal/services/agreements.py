"""Agreements: published in versions, signed by name."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.errors import AgreementChanged, NameMissing, NameTaken, SameText
from portal.models import Agreement, AgreementVersion, Signature, User
from portal.services import audit, consents
from portal.services.notify import notify
from portal.signals import agreement_signed
from portal.signers import live_memberships
from portal.states import ConsentKind


def text_hash(body_en: str, body_fr: str) -> str:
    """Hex SHA-256 of both texts, as stored with a version and with each signature."""
    return hashlib.sha256(f"{body_en}\0{body_fr}".encode()).hexdigest()


@transaction.atomic
def create(*, actor: User, title: str, body_en: str, body_fr: str) -> AgreementVersion:
    """Publish the first version of a new agreement.

    Raises:
        NameTaken: when there is one with this title.
    """
    title = title.strip()
    if Agreement.objects.filter(title__iexact=title).exists():
        raise NameTaken(field="title")
    agreement = Agreement.objects.create(title=title)
    return _publish(actor, agreement, 1, body_en, body_fr)


@transaction.atomic
def publish_version(
    *, actor: User, agreement: Agreement, body_en: str, body_fr: str
) -> AgreementVersion:
    """Publish a newer text; members of its cohorts are asked to read and sign it.

    Raises:
        SameText: when nothing changed.
    """
    agreement = Agreement.objects.select_for_update(no_key=True).get(pk=agreement.pk)
    newest = agreement.versions.latest("number")
    if newest.sha256 == text_hash(_clean(body_en), _clean(body_fr)):
        raise SameText()
    version = _publish(actor, agreement, newest.number + 1, body_en, body_fr)
    # Somebody in two of its cohorts is told once.
    members = User.objects.filter(pk__in=live_memberships(agreement).values("user"))
    for member in members:
        notify(
            user=member,
            kind="agreement.published",
            title=_("“%(agreement)s” has a new version"),
            text=_("Please read and sign it before you make new clips."),
            params={"agreement": agreement.title},
            url=reverse("sign_agreement"),
        )
    return version


@transaction.atomic
def sign(
    *,
    actor: User,
    version: AgreementVersion,
    sha256: str,
    name_typed: str,
    allows: Mapping[ConsentKind, str] | None = None,
) -> Signature:
    """Record that *actor* signs the newest text they were shown; signing it twice is once.

    Args:
        sha256: of the text on the page that was signed.
        allows: the consents ticked beside it, each with the hash of the words shown.

    Raises:
        NameMissing, AgreementChanged, ConsentTextChanged
    """
    name = " ".join(name_typed.split())
    if not name:
        raise NameMissing(field="name_typed")
    # The same lock as publishing: no newer text can appear between this check and the signature.
    agreement = Agreement.objects.select_for_update(no_key=True).get(pk=version.agreement_id)
    newest = agreement.versions.latest("number")
    if newest.pk != version.pk or newest.sha256 != sha256:
        raise AgreementChanged()
    signature, created = Signature.objects.get_or_create(
        user=actor, version=newest, defaults={"sha256": newest.sha256, "name_typed": name[:120]}
    )
    if created:
        audit.record(
            actor=actor,
            action="agreement.signed",
            target=newest,
            after={
                "agreement": agreement.title,
                "version": newest.number,
                "sha256": newest.sha256,
                "name_typed": signature.name_typed,
            },
        )
        agreement_signed.send(sender=Signature, user=actor, version=newest)
    for kind, shown in (allows or {}).items():
        consents.give(actor=actor, kind=kind, sha256=shown, signature=signature)
    return signature


def _publish(
    actor: User, agreement: Agreement, number: int, body_en: str, body_fr: str
) -> AgreementVersion:
    body_en, body_fr = _clean(body_en), _clean(body_fr)
    version = AgreementVersion.objects.create(
        agreement=agreement,
        number=number,
        body_en=body_en,
        body_fr=body_fr,
        sha256=text_hash(body_en, body_fr),
    )
    audit.record(
        actor=actor,
        action="agreement.published",
        target=version,
        after={"agreement": agreement.title, "version": number, "sha256": version.sha256},
    )
    return version


def _clean(body: str) -> str:
    """Browsers send carriage returns; the hash must not depend on who typed."""
    return body.replace("\r\n", "\n").strip()
