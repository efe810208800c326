"""Who signed a version of an agreement and who has yet to: reads for its page and its file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils import timezone

from portal.models import Agreement, AgreementVersion, Cohort, Membership, Signature, User
from portal.tables import harmless

SIGNED, WAITING = "signed", "waiting"
CSV_HEADER = (
    *("name", "email", "cohorts", "agreement", "version", "state", "signed_at"),
    *("name_typed", "sha256"),
)


class SignerFilter(NamedTuple):
    """What the list is narrowed to; empty narrows nothing."""

    standing: str = ""
    cohort: Cohort | None = None


def live_memberships(agreement: Agreement) -> QuerySet[Membership]:
    """Of members who have not left a cohort of *agreement* that has not ended."""
    return Membership.objects.taking_part().filter(
        cohort__agreement=agreement,
        cohort__ends_on__gte=timezone.localdate(),
        user__is_active=True,
    )


def waiting_for(version: AgreementVersion, cohort: Cohort | None = None) -> QuerySet[User]:
    """Live members who have not signed *version*; nobody where a newer one took its place."""
    live = live_memberships(version.agreement).filter(user=OuterRef("pk"))
    if cohort is not None:
        live = live.filter(cohort=cohort)
    newer = AgreementVersion.objects.filter(
        agreement=version.agreement_id, number__gt=version.number
    )
    signed = Signature.objects.filter(version=version, user=OuterRef("pk"))
    return User.objects.filter(Exists(live), ~Exists(signed), ~Exists(newer)).order_by("name", "pk")


def signers_of(version: AgreementVersion, chosen: SignerFilter) -> QuerySet[User]:
    """Who signed *version* or is waited for, by name, with ``signed_at``, ``name_typed``,
    ``signature_id`` and ``cohorts_here``: their memberships of cohorts of this agreement."""
    signature = Signature.objects.filter(version=version, user=OuterRef("pk"))
    signed, waiting = (
        Q(Exists(signature)),
        Q(pk__in=waiting_for(version, chosen.cohort).values("pk")),
    )
    wanted = {SIGNED: signed, WAITING: waiting}.get(chosen.standing, signed | waiting)
    found = User.objects.filter(wanted)
    here = Membership.objects.filter(cohort__agreement=version.agreement_id)
    if chosen.cohort is not None:
        found = found.filter(
            Exists(here.filter(user=OuterRef("pk"), cohort=chosen.cohort)),
        )
    return (
        found.annotate(
            signed_at=Subquery(signature.values("signed_at")),
            signature_id=Subquery(signature.values("pk")),
            name_typed=Subquery(signature.values("name_typed")),
        )
        .prefetch_related(
            Prefetch(
                "memberships",
                queryset=here.select_related("cohort").order_by("cohort__name"),
                to_attr="cohorts_here",
            )
        )
        .order_by("name", "pk")
    )


def csv_rows(version: AgreementVersion, found: Iterable[User]) -> Iterator[list[str]]:
    """The heading and a line for each of *found*; times in ISO 8601, UTC."""
    yield list(CSV_HEADER)
    for person in found:
        signed_at = person.signed_at  # type: ignore[attr-defined]
        cells = (
            person.name,
            person.email,
            "; ".join(member.cohort.name for member in person.cohorts_here),  # type: ignore[attr-defined]
            version.agreement.title,
            str(version.number),
            SIGNED if signed_at else WAITING,
            signed_at.isoformat(timespec="seconds") if signed_at else "",
            person.name_typed or "",  # type: ignore[attr-defined]
            version.sha256 if signed_at else "",
        )
        yield [harmless(cell) for cell in cells]
