"""Addresses of invitations: the invited person's answers, and what admins do with them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from portal.models import Invitation
from portal.services import invitations
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
    Invitation.objects.filter(pk=ended.pk).update(expires_at=timezone.now() - timedelta(days=1))


def token(world: World) -> list[Any]:
    return [world.things["answer_token"]]


def ended_token(world: World) -> list[Any]:
    return [world.things["ended_token"]]


def answered(world: World) -> list[Any]:
    return [world.things["answered"].pk]


def asked(world: World) -> list[Any]:
    return [world.things["asked"].pk]


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
]
