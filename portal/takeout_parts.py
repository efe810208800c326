"""What the ground floor puts into a takeout: profile, agreements, keys, notices, log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.files.storage import default_storage
from django.db.models import CharField, Q
from django.db.models.functions import Cast
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal import takeouts
from portal.leaks.scoring import ALLOWED
from portal.models import (
    AccessKey,
    AuditEntry,
    Consent,
    Invitation,
    LeakBaseline,
    Membership,
    Profile,
    Signature,
    User,
    WebhookEndpoint,
)
from portal.states import Role
from portal.takeouts import Bag, Part

LOG_HEADER = ("at", "who", "action", "in_words", "about", "before", "after", "reason")


def profile(person: User, bag: Bag) -> None:
    said = Profile.objects.filter(user=person).first() or Profile(user=person)
    bag.json(
        "profile.json",
        {
            "name": person.name,
            "email": person.email,
            "language": person.language,
            "credit_name": person.credit_name,
            "bio": said.bio,
            "links": said.links,
            "portrait_sha256": said.portrait_sha256,
            "joined": person.date_joined,
            "cohorts": [
                {
                    "cohort": member.cohort.name,
                    "joined": member.joined_at,
                    "ended": member.ended_at,
                    "how_it_ended": member.ended_how if member.ended_at else "",
                    "reason": member.ended_reason,
                }
                for member in person.memberships.select_related("cohort").order_by("pk")
            ],
            "roles": [
                {"role": grant.role, "cohort": str(grant.cohort or ""), "since": grant.granted_at}
                for grant in person.roles.select_related("cohort").order_by("pk")
            ],
            "addresses_asked_for": list(
                person.email_changes.order_by("pk").values("old", "new", "asked_at", "done_at")
            ),
            "browsers_known": list(person.known_devices.order_by("pk").values("last_seen")),
            "sessions": list(
                UserSession.objects.filter(user=person)
                .order_by("pk")
                .values("created_at", "last_seen_at", "ip", "user_agent")
            ),
            "second_factors": list(
                Authenticator.objects.filter(user=person)
                .order_by("pk")
                .values("type", "created_at", "last_used_at")
            ),
            "programs_let_in": list(
                person.device_logins.order_by("pk").values("client", "state", "decided_at")
            ),
            "invitations": list(
                Invitation.objects.filter(accepted_by=person)
                .order_by("pk")
                .values("email", "name", "cohort__name", "invited_at", "accepted_at")
            ),
            "containments": [
                {"at": shut.at, "until": shut.ended_at or shut.until, "words": shut.words}
                for shut in person.containments.order_by("pk")
            ],
            "what_is_ordinary": LeakBaseline.objects.filter(person=person).values(*ALLOWED).first(),
            "deletions_asked_for": list(
                person.deletions.order_by("pk").values("asked_at", "due_at", "state", "ended_at")
            ),
        },
    )
    if said.portrait:
        with default_storage.open(said.portrait, "rb") as file:
            bag.file("portrait.jpg", file)


def consents(person: User, bag: Bag) -> None:
    bag.json(
        "consents.json",
        list(
            person.consents.order_by("pk").values(
                "kind", "given", "at", "text_number", "text_sha256"
            )
        ),
    )


def signed(person: User, bag: Bag) -> None:
    # The library of fonts is loaded where a document is made, not at every start.
    from portal.documents.signed import signed_pdf

    rows = list(
        Signature.objects.filter(user=person)
        .select_related("user", "version__agreement")
        .order_by("signed_at", "pk")
    )
    for row in rows:
        stem = f"agreements/{row.version.agreement_id}-v{row.version.number}"
        bag.text(f"{stem}.en.txt", row.version.body_en)
        bag.text(f"{stem}.fr.txt", row.version.body_fr)
        bag.file(f"{stem}.pdf", BytesIO(signed_pdf(row)))
    facts = [
        {
            "agreement": row.version.agreement.title,
            "version": row.version.number,
            "sha256": row.sha256,
            "name_typed": row.name_typed,
            "signed": row.signed_at,
            "text": f"{row.version.agreement_id}-v{row.version.number}",
        }
        for row in rows
    ]
    bag.json("agreements/signatures.json", facts)
    bag.csv(
        "agreements/signatures.csv",
        ("agreement", "version", "sha256", "name_typed", "signed", "text"),
        [list(fact.values()) for fact in facts],
    )


def keys(person: User, bag: Bag) -> None:
    own = AccessKey.objects.filter(owner=person).select_related("cohort").order_by("pk")
    bag.json(
        "keys.json",
        {
            "access_keys": [
                {
                    "name": key.name,
                    "hint": key.hint,
                    "cohort": key.cohort.name,
                    "scopes": key.scopes,
                    "networks": [str(network) for network in key.ip_ranges],
                    "gpu_seconds": key.gpu_seconds,
                    "requests_per_minute": key.rate_per_minute,
                    "state": key.standing(),
                    "made": key.created_at,
                    "ends": key.ends_at,
                    "last_used": key.last_used_at,
                    "last_used_from": str(key.last_used_from or ""),
                    "last_used_with": key.last_used_client,
                    "revoked": key.revoked_at,
                }
                for key in own
            ],
            "webhooks": [
                {
                    "name": hook.name,
                    "url": hook.url,
                    "cohort": hook.cohort.name,
                    "events": hook.events,
                    "state": hook.state,
                    "made": hook.created_at,
                    "removed": hook.removed_at,
                }
                for hook in WebhookEndpoint.objects.filter(owner=person)
                .select_related("cohort")
                .order_by("pk")
            ],
        },
    )


def notices(person: User, bag: Bag) -> None:
    bag.json(
        "notifications.json",
        list(
            person.notifications.order_by("pk").values(
                "kind", "title", "text", "url", "created_at", "read_at"
            )
        ),
    )


def log(person: User, bag: Bag) -> None:
    """Entries about them and theirs; of the team's, what was done and by which part of it.

    What the team wrote down in its own words and values may speak of others and is left out.
    """
    bag.csv("log.csv", LOG_HEADER, _entries(person))


def _entries(person: User) -> Iterator[Sequence[object]]:
    about = Q(actor=person) | Q(target_type="portal.user", target_id=str(person.pk))
    for target_type, mine in takeouts.own().items():
        keys = mine(person).annotate(_key=Cast("pk", CharField())).values("_key")
        about |= Q(target_type=target_type, target_id__in=keys)
    entries = AuditEntry.objects.filter(about).order_by("pk").select_related("actor")
    parts: dict[int, str] = {}
    for entry in entries.iterator(chunk_size=500):
        is_own = entry.actor_id == person.pk
        yield (
            entry.at,
            _("you") if is_own else _who(entry.actor, parts),
            entry.action,
            entry.label,
            f"{entry.target_type} {entry.target_id}",
            _values(entry.before) if is_own else "",
            _values(entry.after) if is_own else "",
            entry.reason if is_own else "",
        )


def _values(facts: dict[str, Any]) -> str:
    return "; ".join(f"{name}: {value}" for name, value in facts.items())


def _who(actor: User | None, known: dict[int, str]) -> str:
    """Which part of the team *actor* plays; each is looked up once for a takeout."""
    if actor is None:
        return "Greenroom"
    if actor.pk not in known:
        held = set(actor.roles.values_list("role", flat=True))
        role = next((role for role in Role if role.value in held), None)
        known[actor.pk] = str(role.label) if role is not None else _("the programme")
    return known[actor.pk]


def _pks(model: Any, field: str) -> takeouts.Own:
    return lambda person: model.objects.filter(**{field: person}).order_by()


takeouts.add_own("portal.accesskey", _pks(AccessKey, "owner"))
takeouts.add_own("portal.webhookendpoint", _pks(WebhookEndpoint, "owner"))
takeouts.add_own("portal.membership", _pks(Membership, "user"))
takeouts.add_own("portal.signature", _pks(Signature, "user"))
takeouts.add_own("portal.consent", _pks(Consent, "person"))

for part in (
    Part(
        key="profile",
        name="profile.json",
        label=gettext_lazy("Profile"),
        about=gettext_lazy(
            "Your name and address, what you say of yourself, your portrait, your cohorts and the "
            "roles you hold."
        ),
        write=profile,
        order=10,
    ),
    Part(
        key="agreements",
        name="agreements/",
        label=gettext_lazy("Agreements"),
        about=gettext_lazy(
            "What you signed, word for word, with the digest of the text and when you signed it."
        ),
        write=signed,
        order=40,
    ),
    Part(
        key="consents",
        name="consents.json",
        label=gettext_lazy("Consents"),
        about=gettext_lazy("What you allowed beside the agreement, and when you took it back."),
        write=consents,
        order=45,
    ),
    Part(
        key="keys",
        name="keys.json",
        label=gettext_lazy("Access keys and webhooks"),
        about=gettext_lazy("Your access keys and webhooks, without their secrets."),
        write=keys,
        order=80,
    ),
    Part(
        key="notifications",
        name="notifications.json",
        label=gettext_lazy("Notifications"),
        about=gettext_lazy("What Greenroom told you."),
        write=notices,
        order=90,
    ),
    Part(
        key="log",
        name="log.csv",
        label=gettext_lazy("Log"),
        about=gettext_lazy(
            "What was done by you, to your account and to your things, and by whom; of the "
            "programme’s team you read the part that somebody plays, and what they did."
        ),
        write=log,
        order=100,
    ),
):
    takeouts.add_part(part)
