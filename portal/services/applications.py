"""The waiting list: somebody applies, confirms their address, and is invited or set aside.

Whoever applies is answered the same whether their address is known or not; what is different
stands in the mail, which only they read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal import access, application_queries
from portal.application_errors import (
    ApplicationsClosed,
    ApplicationUnknown,
    CallDays,
    CallWithoutDays,
)
from portal.errors import NotAllowed
from portal.models import (
    Application,
    ApplicationCall,
    Cohort,
    Invitation,
    Membership,
    OutgoingMail,
    User,
)
from portal.services import application_news, audit, invitations
from portal.services.notify import notify
from portal.services.transitions import require_step
from portal.states import APPLICATION_TRANSITIONS, ApplicationState
from portal.tokens import hash_token, new_token

CONFIRM_WITHIN = timedelta(days=2)


@transaction.atomic
def set_call(
    *,
    actor: User,
    cohort: Cohort,
    is_open: bool,
    opens_on: date | None,
    closes_on: date | None,
    intro_en: str = "",
    intro_fr: str = "",
) -> ApplicationCall:
    """Say whether, and between which days, anybody may apply for *cohort*.

    Raises:
        NotAllowed, CallWithoutDays, CallDays
    """
    _require_admin(actor, cohort)
    if is_open and (opens_on is None or closes_on is None):
        raise CallWithoutDays(field="opens_on" if opens_on is None else "closes_on")
    if opens_on is not None and closes_on is not None and closes_on < opens_on:
        raise CallDays(field="closes_on")
    Cohort.objects.select_for_update(no_key=True).get(pk=cohort.pk)
    call = application_queries.call_of(cohort)
    before = _facts(call)
    call.is_open, call.opens_on, call.closes_on = is_open, opens_on, closes_on
    call.intro_en, call.intro_fr = intro_en.strip(), intro_fr.strip()
    call.save()
    audit.record(
        actor=actor,
        action="applications.set",
        target=cohort,
        cohort=cohort,
        before=before,
        after=_facts(call),
    )
    return call


@transaction.atomic
def apply(
    *,
    cohort: Cohort,
    email: str,
    name: str,
    language: str,
    links: Sequence[str] = (),
    note: str = "",
) -> None:
    """Write an application down and mail a link that confirms it; nothing is answered.

    One that nobody has confirmed is replaced. Whoever is in already, or has applied, is told so by
    mail and nothing changes.

    Raises:
        ApplicationsClosed
    """
    if not application_queries.call_of(cohort).takes_on(timezone.localdate()):
        raise ApplicationsClosed
    email = email.strip().lower()
    token = new_token()
    values = {
        "name": name.strip(),
        "language": language,
        "links": list(links),
        "note": note.strip(),
        "token_hash": hash_token(token),
    }
    members = Membership.objects.live().filter(cohort=cohort)
    if members.filter(user__emailaddress__email=email).exists():
        application_news.known_already(
            email=email, name=name, language=language, cohort=cohort, is_member=True
        )
        return
    try:
        with transaction.atomic():
            made = Application.objects.create(cohort=cohort, email=email, **values)
    except IntegrityError:
        known = Application.objects.select_for_update(no_key=True).filter(
            cohort=cohort, email=email
        )
        found = known.first()
        if found is None or found.state != ApplicationState.UNCONFIRMED:
            application_news.known_already(
                email=email, name=name, language=language, cohort=cohort, is_member=False
            )
            return
        known.update(**values, created_at=timezone.now())
        made = known.get()
    application_news.to_confirm(made, token)


def find(*, token: str) -> Application:
    """What the mailed link with *token* is of.

    Raises:
        ApplicationUnknown
    """
    return _find(token, lock=False)


@transaction.atomic
def confirm(*, token: str) -> Application:
    """The address is theirs: the application counts. Saying it twice changes nothing.

    Raises:
        ApplicationUnknown
    """
    found = _find(token, lock=True)
    if found.state != ApplicationState.UNCONFIRMED:
        return found
    _step(found, ApplicationState.APPLIED, confirmed_at=timezone.now())
    audit.record(actor=None, action="application.confirmed", target=found, cohort=found.cohort)
    for admin in access.admins_of(found.cohort_id):
        notify(
            user=admin,
            kind="application.confirmed",
            title=_("%(name)s applied for %(cohort)s"),
            params={"name": found.name, "cohort": found.cohort.name},
            url=reverse("application", args=[found.pk]),
            mail=False,
        )
    return found


@transaction.atomic
def withdraw(*, token: str) -> None:
    """Delete the application, by the link that its author was mailed.

    Raises:
        ApplicationUnknown
    """
    found = _find(token, lock=True)
    audit.record(actor=None, action="application.withdrawn", target=found, cohort=found.cohort)
    _delete([found.pk])


@transaction.atomic
def move(
    *,
    actor: User,
    application: Application,
    state: ApplicationState,
    tell: bool = False,
    words: str = "",
) -> Application:
    """Shortlist it, set it aside, or put it back among the others.

    Args:
        tell: whether to write to them, kindly and with *words*, that they are set aside; nobody
            is written to twice.

    Raises:
        NotAllowed
        IllegalTransition: it is there already, was never confirmed, or is invited.
    """
    _require_admin(actor, application.cohort)
    found = _locked(application.pk)
    before = found.state
    if state == ApplicationState.INVITED:
        raise NotAllowed
    is_told = tell and state == ApplicationState.SET_ASIDE and found.told_at is None
    _step(found, state, **({"told_at": timezone.now()} if is_told else {}))
    audit.record(
        actor=actor,
        action=f"application.{state}",
        target=found,
        cohort=found.cohort,
        before={"state": before},
        after={"state": found.state, "told": is_told},
    )
    if is_told:
        application_news.set_aside(found, words.strip())
    return found


@transaction.atomic
def remark(*, actor: User, application: Application, text: str) -> Application:
    """Keep what the admins note of an application; its author does not read it.

    Raises:
        NotAllowed
    """
    _require_admin(actor, application.cohort)
    found = _locked(application.pk)
    found.remark = text.strip()
    found.save(update_fields=["remark"])
    audit.record(actor=actor, action="application.noted", target=found, cohort=found.cohort)
    return found


@transaction.atomic
def invite(*, actor: User, application: Application, note: str = "") -> Invitation:
    """Invite who applied, in their language and with thanks for their patience.

    Raises:
        NotAllowed, IllegalTransition
        what ``invitations.invite`` raises: CohortNotOpen, CohortFull, AlreadyMember, AlreadyInvited
    """
    _require_admin(actor, application.cohort)
    found = _locked(application.pk)
    require_step(APPLICATION_TRANSITIONS, ApplicationState(found.state), ApplicationState.INVITED)
    thanks = application_news.thanks(found)
    made = invitations.invite(
        actor=actor,
        cohort=found.cohort,
        email=found.email,
        name=found.name,
        language=found.language,
        note="\n\n".join(part for part in (thanks, note.strip()) if part),
    )
    _step(found, ApplicationState.INVITED, invitation=made)
    audit.record(
        actor=actor,
        action="application.invited",
        target=found,
        cohort=found.cohort,
        after={"invitation": made.pk},
    )
    return made


def forget_old() -> int:
    """Delete what nobody confirmed, and what is older than it may be kept; answers how many."""
    now = timezone.now()
    return _delete(
        Application.objects.filter(
            Q(created_at__lt=now - timedelta(days=settings.APPLICATION_DAYS))
            | Q(state=ApplicationState.UNCONFIRMED, created_at__lt=now - CONFIRM_WITHIN)
        ).values_list("pk", flat=True)
    )


@transaction.atomic
def _delete(pks: Iterable[int]) -> int:
    """With the mails about them, which name their address."""
    wanted = list(pks)
    OutgoingMail.objects.filter(
        target_type=Application._meta.label_lower, target_id__in=[str(pk) for pk in wanted]
    ).delete()
    count, _each = Application.objects.filter(pk__in=wanted).delete()
    return count


def _find(token: str, *, lock: bool) -> Application:
    rows = Application.objects.select_related("cohort")
    if lock:
        rows = rows.select_for_update(no_key=True, of=("self",))
    found = rows.filter(token_hash=hash_token(token)).first()
    if found is None or (
        found.state == ApplicationState.UNCONFIRMED
        and found.created_at <= timezone.now() - CONFIRM_WITHIN
    ):
        raise ApplicationUnknown
    return found


def _locked(pk: int) -> Application:
    rows = Application.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("cohort").get(pk=pk)


def _step(application: Application, state: ApplicationState, **also: object) -> None:
    require_step(APPLICATION_TRANSITIONS, ApplicationState(application.state), state)
    application.state = state
    for name, value in also.items():
        setattr(application, name, value)
    application.save(update_fields=["state", *also])


def _require_admin(actor: User, cohort: Cohort) -> None:
    if not access.cohorts_administered_by(actor).filter(pk=cohort.pk).exists():
        raise NotAllowed


def _facts(call: ApplicationCall) -> dict[str, object]:
    return {"is_open": call.is_open, "opens_on": call.opens_on, "closes_on": call.closes_on}
