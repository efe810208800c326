"""Addresses of the ground floor."""

from __future__ import annotations

from typing import Any

from portal.containment import Target
from portal.keys import make
from portal.models import RoleGrant
from portal.services import access_keys, agreements, device_logins
from portal.services.notify import notify
from portal.states import Stage
from tests.factories.portal import (
    PASSWORD,
    make_brief,
    make_containment,
    make_invitation,
    make_key,
    make_leak,
    token_of,
)
from tests.house.matrix import Row, World, but, everyone, only, signed_in


def prepare(world: World) -> None:
    invitation = make_invitation(world.cohort, actor=world.admin, email="nour@example.org")
    notice = notify(user=world.artist, kind="test", title="Something", url="/home/")
    world.things |= {
        "invitation": invitation,
        "token": token_of(invitation),
        "brief": make_brief(world.cohort, actor=world.admin),
        "notice": notice,
        "key": make_key(world.artist, world.cohort).row,
        "frozen_key": access_keys.freeze_key(
            actor=world.admin,
            key=make_key(world.artist, world.cohort, name="Old laptop").row,
            reason="Seen in two countries at once",
        ),
        "device": device_logins.start(client="Laptop", address=None),
        "leak": make_leak(make_key(world.artist, world.cohort, name="Published").row),
        # Of somebody whom no other row asks as.
        "containment": make_containment(
            Target(stage=Stage.PERSON, person_id=world.reviewer.pk), actor=world.admin
        ),
        "grant": RoleGrant.objects.get(user=world.reviewer),
    }


def token(world: World) -> list[Any]:
    return [world.things["token"]]


def slug(world: World) -> list[Any]:
    return [world.cohort.slug]


def invitation(world: World) -> list[Any]:
    return [world.things["invitation"].pk]


def brief(world: World) -> list[Any]:
    return [world.things["brief"].pk]


def agreement(world: World) -> list[Any]:
    return [world.cohort.agreement_id]


def person(world: World) -> list[Any]:
    return [world.reviewer.pk]


def key(world: World) -> list[Any]:
    return [world.things["key"].pk]


def frozen_key(world: World) -> list[Any]:
    return [world.things["frozen_key"].pk]


def code(world: World) -> dict[str, Any]:
    return {"code": world.things["device"].user_code}


def leaked_key(world: World) -> list[Any]:
    return [world.things["leak"].key_id]


def leak(world: World) -> list[Any]:
    return [world.things["leak"].pk]


def key_terms(world: World) -> dict[str, Any]:
    return {
        "name": "Night script",
        "cohort": world.cohort.pk,
        "scopes": ["clips:read"],
        "days": "30",
    }


def version(world: World) -> list[Any]:
    return [world.cohort.agreement.versions.latest("number").pk]


def signature(world: World) -> dict[str, Any]:
    newest = world.cohort.agreement.versions.latest("number")
    return {
        "version": newest.pk,
        "sha256": agreements.text_hash(newest.body_en, newest.body_fr),
        "has_read": "on",
        "name_typed": "Somebody",
    }


def cohort_terms(world: World) -> dict[str, Any]:
    return {
        "name": "Summer residency",
        "starts_on": "2027-06-01",
        "ends_on": "2027-08-31",
        "seats": 10,
        "agreement": world.cohort.agreement_id,
        "models_on_offer": ["starter"],
        "gpu_minutes_per_artist": 600,
        "review_mode": "on_submit",
        "review_hours": 48,
        "appeal_hours": 72,
        "approvals_needed": 1,
        "features": ["remix", "extend"],
        "currency": "EUR",
    }


def brief_text(world: World) -> dict[str, Any]:
    return {"title": "Rain", "text": "Show rain.", "due_on": "2027-06-01", "takes_wanted": 1}


def texts(world: World) -> dict[str, Any]:
    return {"title": "Another", "body_en": "New words.", "body_fr": "Des mots neufs."}


ARTISTS = ("artist", "other_artist")
ADMIN = only("admin", gets=200)
ADMIN_DOES = only("admin", gets=302)
# Of the whole programme: an admin of some cohorts has no part in it.
PROGRAMME = {**ADMIN, "other_admin": 404}
PROGRAMME_DOES = {**ADMIN_DOES, "other_admin": 404}
# An invitation is opened by whoever holds its link; who is signed in as somebody else is told so.
INVITED = {**everyone(409), "stranger": 200}

ROWS = [
    Row(name="landing", expect={**everyone(302), "stranger": 200}),
    Row(name="home", expect=signed_in(200)),
    Row(name="api_docs", expect=everyone(200)),
    Row(name="healthz", expect=everyone(200)),
    Row(name="set_language", expect=everyone(405)),
    Row(
        name="set_language",
        method="POST",
        data=lambda world: {"language": "fr"},
        expect=everyone(302),
    ),
    Row(name="invitation", args=token, expect=INVITED),
    Row(name="invitation", args=lambda world: ["made-up"], expect=everyone(404)),
    Row(
        name="invitation",
        method="POST",
        args=token,
        data=lambda world: {"name": "Nour", "password": PASSWORD, "way": "password"},
        expect={**everyone(409), "stranger": 302},
    ),
    Row(name="invitation_opened", method="POST", args=token, expect=everyone(204)),
    Row(name="sign_agreement", expect=signed_in(302)),
    Row(
        name="sign_agreement",
        method="POST",
        data=signature,
        expect=only("artist", gets=302),
    ),
    Row(name="my_agreements", expect=signed_in(200)),
    Row(
        name="agreement_version",
        args=version,
        expect={**only("artist", "admin", gets=200), "other_admin": 200},
    ),
    Row(name="notifications", expect=signed_in(200)),
    Row(
        name="notification_open",
        method="POST",
        args=lambda world: [world.things["notice"].pk],
        expect=only("artist", gets=302),
    ),
    Row(name="notifications_read_all", method="POST", expect=signed_in(302)),
    Row(name="profile", expect=signed_in(200)),
    Row(name="second_factor", expect=signed_in(302)),
    Row(name="email_change", expect=signed_in(200)),
    Row(
        name="email_change",
        method="POST",
        data=lambda world: {"email": "another@example.org"},
        expect=signed_in(302),
    ),
    Row(name="email_confirm", args=lambda world: ["made-up"], expect=everyone(404)),
    Row(
        name="profile",
        method="POST",
        data=lambda world: {"name": "Somebody", "language": "fr"},
        expect=signed_in(302),
    ),
    Row(name="keys", expect=only(*ARTISTS, gets=200)),
    Row(name="key_new", expect=only(*ARTISTS, gets=200)),
    # A key is made only for who has just proved again that it is them.
    Row(name="key_new", method="POST", data=key_terms, expect=only(*ARTISTS, gets=302)),
    Row(name="key_rotate", args=key, expect=only("artist", gets=200)),
    Row(
        name="key_rotate",
        method="POST",
        args=key,
        data=lambda world: {"overlap": "24"},
        expect=only(*ARTISTS, gets=302),
    ),
    Row(name="key_revoke", method="POST", args=key, expect=only("artist", gets=302)),
    Row(name="key_frozen", args=frozen_key, expect=only("artist", gets=200)),
    Row(name="key_frozen", args=leaked_key, expect=only("artist", gets=200)),
    # Whoever says so has just proved again that it is them.
    Row(name="key_confirm", method="POST", args=leaked_key, expect=only(*ARTISTS, gets=302)),
    Row(
        name="keys_found",
        method="POST",
        data=lambda world: {"key": make()},
        is_json=True,
        expect=everyone(200),
    ),
    Row(name="device", expect=only(*ARTISTS, gets=200)),
    Row(name="device", data=code, expect={**only(*ARTISTS, gets=200), "ended_artist": 404}),
    Row(name="device", data=lambda world: {"code": "made-up"}, expect=only(*ARTISTS, gets=404)),
    # As for any key: only for who has just proved again that it is them.
    Row(name="device", method="POST", data=code, expect=only(*ARTISTS, gets=302)),
    Row(name="device_refuse", method="POST", data=code, expect=only(*ARTISTS, gets=302)),
    Row(name="programme", expect=ADMIN),
    Row(name="programme_keys", expect=ADMIN),
    Row(
        name="programme_key_revoke",
        method="POST",
        args=key,
        data=lambda world: {"reason": "It lay about"},
        expect=ADMIN_DOES,
    ),
    Row(
        name="programme_key_freeze",
        method="POST",
        args=key,
        data=lambda world: {"reason": "It lay about"},
        expect=ADMIN_DOES,
    ),
    Row(name="leaks", expect=ADMIN),
    Row(name="leak", args=leak, expect=ADMIN),
    Row(name="leak_note", method="POST", args=leak, expect=ADMIN_DOES),
    Row(name="leak_policy", args=slug, expect=ADMIN),
    Row(
        name="leak_policy",
        method="POST",
        args=slug,
        data=lambda world: {"line": "120", "more_networks": "2"},
        expect=ADMIN_DOES,
    ),
    Row(name="programme_key_thaw", method="POST", args=frozen_key, expect=ADMIN_DOES),
    # For who has just proved again that it is them; whose cohort it is, is looked at then.
    Row(
        name="canary_new",
        method="POST",
        args=slug,
        expect={**ADMIN_DOES, "other_admin": 302},
    ),
    Row(name="cohort_new", expect=PROGRAMME),
    Row(name="cohort_new", method="POST", data=cohort_terms, expect=PROGRAMME_DOES),
    Row(name="cohort", args=slug, expect=ADMIN),
    Row(name="cohort_edit", args=slug, expect=ADMIN),
    Row(name="cohort_edit", method="POST", args=slug, data=cohort_terms, expect=ADMIN_DOES),
    Row(name="invite", args=slug, expect=ADMIN),
    Row(
        name="invite",
        method="POST",
        args=slug,
        data=lambda world: {"email": "someone@example.org", "language": "en"},
        expect=ADMIN_DOES,
    ),
    Row(name="brief_new", args=slug, expect=ADMIN),
    Row(name="brief_new", method="POST", args=slug, data=brief_text, expect=ADMIN_DOES),
    Row(
        name="cohort_state",
        method="POST",
        args=lambda world: [world.cohort.slug, "pause"],
        expect=ADMIN_DOES,
    ),
    Row(name="invitation_resend", method="POST", args=invitation, expect=ADMIN_DOES),
    Row(name="invitation_revoke", method="POST", args=invitation, expect=ADMIN_DOES),
    Row(name="brief_edit", args=brief, expect=ADMIN),
    Row(name="brief_edit", method="POST", args=brief, data=brief_text, expect=ADMIN_DOES),
    Row(
        name="brief_open",
        method="POST",
        args=lambda world: [world.things["brief"].pk, "close"],
        expect=ADMIN_DOES,
    ),
    Row(name="agreements", expect=PROGRAMME),
    Row(name="agreement_new", expect=PROGRAMME),
    Row(name="agreement_new", method="POST", data=texts, expect=PROGRAMME_DOES),
    Row(name="agreement", args=agreement, expect=ADMIN),
    Row(name="agreement_publish", args=agreement, expect=ADMIN),
    Row(name="agreement_publish", method="POST", args=agreement, data=texts, expect=ADMIN_DOES),
    Row(name="people", expect=PROGRAMME),
    Row(name="staff_new", expect=PROGRAMME),
    Row(
        name="staff_new",
        method="POST",
        data=lambda world: {
            "email": "remy@example.org",
            "name": "Remy Chen",
            "language": "en",
            "role": "reviewer",
        },
        expect=PROGRAMME_DOES,
    ),
    Row(name="person", args=person, expect=ADMIN),
    Row(
        name="role_grant",
        method="POST",
        args=person,
        data=lambda world: {"role": "admin"},
        expect=ADMIN_DOES,
    ),
    Row(
        name="role_revoke",
        method="POST",
        args=lambda world: [world.things["grant"].pk],
        expect=ADMIN_DOES,
    ),
    Row(name="containments", expect=ADMIN),
    # Containing and undoing are for who has just proved again that it is them.
    Row(name="contain", expect=ADMIN_DOES),
    Row(
        name="contain",
        method="POST",
        data=lambda world: {"stage": "sharing", "hours": "1", "reason": "x", "words_en": "x"},
        expect=ADMIN_DOES,
    ),
    Row(
        name="containment_lift",
        method="POST",
        args=lambda world: [world.things["containment"].pk],
        expect={**ADMIN_DOES, "other_admin": 302},
    ),
    # The demo's shortcuts do not exist outside the demo.
    Row(
        name="demo_sign_in",
        method="POST",
        data=lambda world: {"email": "ada@demo.example"},
        expect=everyone(404),
    ),
    Row(name="demo_outbox", expect=everyone(404)),
    Row(name="demo_mail", args=lambda world: ["x"], expect=everyone(404)),
    Row(name="demo_mail_html", args=lambda world: ["x"], expect=everyone(404)),
    Row(name="styleguide", expect=everyone(200)),
]

# Letting programs in waits for a signature, and needs a cohort to let them into.
ROWS = but(ROWS, "unsigned_artist", 302, "GET key_new", "GET device")
ROWS = but(ROWS, "unsigned_artist", 200, "GET sign_agreement")
ROWS = but(ROWS, "ended_artist", 404, "GET key_new")
