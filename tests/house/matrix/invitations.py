"""Addresses of invitations: the invited person's answers, and what admins do with them."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

from django.utils import timezone

from portal.models import Invitation, InvitationBatch
from portal.services import invitation_batches, invitations
from tests.factories.portal import make_invitation, token_of
from tests.house.matrix import Row, World, everyone, only


def prepare(world: World) -> None:
    live = make_invitation(world.cohort, actor=world.admin, email="answers@example.org")
    ended = make_invitation(world.cohort, actor=world.admin, email="ended@example.org")
    world.things |= {
        "answered": live,
        "answer_token": token_of(live),
        "ended_token": token_of(ended),
        "asked": invitations.request_invitation(
            actor=world.reviewer, cohort=world.cohort, email="asked@example.org", name="Sol"
        ),
    }
    world.things |= {
        "batch": bring(world, b"email,name\nnadia@example.org,Nadia\nnobody,\n"),
        "other_batch": bring(world, b"email\nolga@example.org\n"),
    }
    Invitation.objects.filter(pk=ended.pk).update(expires_at=timezone.now() - timedelta(days=1))


def bring(world: World, content: bytes) -> InvitationBatch:
    return invitation_batches.bring(
        actor=world.admin, cohort=world.cohort, name="artists.csv", content=content
    )


def token(world: World) -> list[Any]:
    return [world.things["answer_token"]]


def ended_token(world: World) -> list[Any]:
    return [world.things["ended_token"]]


def answered(world: World) -> list[Any]:
    return [world.things["answered"].pk]


def asked(world: World) -> list[Any]:
    return [world.things["asked"].pk]


def slug(world: World) -> list[Any]:
    return [world.cohort.slug]


def batch(world: World) -> list[Any]:
    return [world.things["batch"].pk]


def other_batch(world: World) -> list[Any]:
    return [world.things["other_batch"].pk]


ADMIN = only("admin", gets=200)
ADMIN_DOES = only("admin", gets=302)
# Whoever holds the link, unless they are signed in with another address.
HOLDER = {**everyone(409), "stranger": 200}

ROWS = [
    Row(name="invitation", args=ended_token, expect=everyone(410)),
    Row(name="invitation_decline", args=token, expect=HOLDER),
    Row(name="invitation_decline", method="POST", args=token, expect=HOLDER),
    Row(name="invitation_ask", method="POST", args=ended_token, expect=everyone(200)),
    Row(name="invitation_record", args=answered, expect=ADMIN),
    Row(name="invitation_record", args=asked, expect=ADMIN),
    Row(name="invitation_send", method="POST", args=asked, expect=ADMIN_DOES),
    Row(name="invitations", args=slug, expect=ADMIN),
    Row(name="invitation_export", args=slug, expect=ADMIN),
    Row(
        name="invitation_many",
        method="POST",
        args=lambda world: [world.cohort.slug, "revoke"],
        data=lambda world: {"invitation": [world.things["answered"].pk]},
        expect=ADMIN_DOES,
    ),
    Row(name="invite_many", args=slug, expect=ADMIN),
    Row(
        name="invite_many",
        method="POST",
        args=slug,
        data=lambda world: {"file": BytesIO(b"email\nsol@example.org\n")},
        expect=ADMIN_DOES,
    ),
    Row(name="invitation_batch", args=batch, expect=ADMIN),
    Row(name="invitation_batch_live", args=batch, expect=ADMIN),
    Row(name="invitation_batch_csv", args=batch, expect=ADMIN),
    Row(name="invitation_batch_choose", method="POST", args=batch, expect=ADMIN_DOES),
    Row(name="invitation_batch_send", method="POST", args=batch, expect=ADMIN_DOES),
    Row(
        name="invitation_batch_verb",
        method="POST",
        args=lambda world: [*other_batch(world), "discard"],
        expect=ADMIN_DOES,
    ),
]
