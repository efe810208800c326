"""Addresses of review and release."""

from __future__ import annotations

from typing import Any

from django.test import override_settings

from portal.models import Cohort, Membership
from review.models import Review
from review.queries import Filters
from review.services import conflicts, saved_filters, shares, undoing
from review.states import Verdict
from tests.factories import review as make
from tests.factories.generation import make_ready_clip, make_start_picture
from tests.factories.portal import make_person
from tests.house.matrix import Row, World, but, everyone, only, signed_in


def prepare(world: World) -> None:
    waiting = make.make_review(world.artist, world.cohort)
    approved = make.make_review(world.artist, world.cohort)
    make.approve(approved, world.reviewer)
    sister = make_person("Sister")
    Membership.objects.create(cohort=world.cohort, user=sister)
    seen, unseen = (make_start_picture(world.artist, shade=shade) for shade in (1, 2))
    make.make_review(world.artist, world.cohort, start_picture=seen)
    asked = make.make_review(world.artist, world.cohort)
    make.ask_for_changes(asked, world.reviewer)
    Cohort.objects.filter(pk=world.cohort.pk).update(approvals_needed=2)
    world.cohort.refresh_from_db()
    differing = make.make_review(world.artist, world.cohort)
    make.approve(differing, world.reviewer)
    make.decline(differing, world.lead)
    Cohort.objects.filter(pk=world.cohort.pk).update(approvals_needed=1)
    world.cohort.refresh_from_db()
    said = make.make_review(world.artist, world.cohort)
    with override_settings(REVIEW_UNDO_SECONDS=600):
        pending = undoing.say(
            actor=world.reviewer,
            review=said,
            verdict=Verdict.APPROVE,
            seen_sha256=said.clip.sha256,
            seen_settings_sha256=said.clip.settings_sha256,
        )
    world.things |= {
        "said": pending,
        "asked": asked,
        "differing": differing,
        "conflict": conflicts.declare(
            actor=world.reviewer,
            person=world.reviewer,
            artist=sister,
            reason="We are sisters.",
        ),
        "saved": saved_filters.save(
            actor=world.reviewer, name="Mine", filters=Filters(cohort=world.cohort.slug)
        ),
        "seen_picture": seen,
        "unseen_picture": unseen,
        "draft": make_ready_clip(artist=world.artist, cohort=world.cohort),
        "waiting": waiting,
        "approved": approved,
        "link": shares.create_link(actor=world.artist, clip=approved.clip, title="For friends"),
    }


def waiting(world: World) -> list[Any]:
    return [world.things["waiting"].pk]


def approved(world: World) -> list[Any]:
    return [world.things["approved"].pk]


def draft(world: World) -> list[Any]:
    return [world.things["draft"].pk]


def waiting_clip(world: World) -> list[Any]:
    return [world.things["waiting"].clip_id]


def approved_clip(world: World) -> list[Any]:
    return [world.things["approved"].clip_id]


def link(world: World) -> list[Any]:
    return [world.things["link"].token]


def verdict(world: World) -> dict[str, Any]:
    review: Review = world.things["waiting"]
    return {
        "verdict": "approve",
        "sha256": review.clip.sha256,
        "settings_sha256": review.clip.settings_sha256,
    }


# Signed in and of the team, and yet nothing of theirs.
NOBODY_IN = only(gets=404)
STAFF = only("reviewer", "admin", gets=200)
STAFF_DOES = only("reviewer", "admin", gets=302)
ARTIST = only("artist", gets=200)
ARTIST_DOES = only("artist", gets=302)
# Bytes answer nobody's curiosity: also who is not signed in meets a 404.
NOBODY = everyone(404)

ROWS = [
    Row(name="review:queue", expect=STAFF),
    Row(name="review:reasons", expect=signed_in(200)),
    Row(name="review:conflicts", expect=STAFF),
    Row(
        name="review:conflicts",
        method="POST",
        data=lambda world: {
            "person": world.reviewer.pk,
            "artist": world.artist.pk,
            "reason": "We share a studio.",
        },
        # Who is there for another cohort alone has no such artist to choose.
        expect={**STAFF_DOES, "other_admin": 400},
    ),
    Row(
        name="review:end_conflict",
        method="POST",
        args=lambda world: [world.things["conflict"].pk],
        expect={**only("reviewer", gets=302), "lead": 302, "admin": 302},
    ),
    Row(
        name="review:save_filter",
        method="POST",
        data=lambda world: {"name": "Mine"},
        expect=STAFF_DOES,
    ),
    *(
        Row(
            name=f"review:{verb}_filter",
            method="POST",
            args=lambda world: [world.things["saved"].pk],
            expect={**NOBODY_IN, "reviewer": 302, "lead": 404},
        )
        for verb in ("default", "remove")
    ),
    Row(name="review:start", method="POST", expect=STAFF_DOES),
    Row(name="review:desk", args=waiting, expect=STAFF),
    Row(name="review:desk", args=approved, expect=STAFF),
    Row(name="review:desk", args=lambda world: [world.things["differing"].pk], expect=STAFF),
    Row(
        name="review:standing",
        args=lambda world: [world.things["asked"].clip_id],
        expect=ARTIST,
    ),
    Row(
        name="review:decide",
        method="POST",
        args=waiting,
        data=verdict,
        # An admin may look; deciding takes a reviewer.
        expect={**only("reviewer", gets=302), "admin": 403},
    ),
    Row(
        name="review:decide_all",
        method="POST",
        data=lambda world: {
            "verdict": "approve",
            "chosen": ":".join(
                [
                    str(waiting(world)[0]),
                    verdict(world)["sha256"],
                    verdict(world)["settings_sha256"],
                ]
            ),
        },
        # An admin may look; deciding takes a reviewer.
        expect={**only("reviewer", gets=302), "admin": 409, "other_admin": 404},
    ),
    Row(
        name="review:undo",
        method="POST",
        args=lambda world: [world.things["said"].review_id],
        expect={**NOBODY_IN, "reviewer": 302, "lead": 404},
    ),
    Row(
        name="review:pass_on",
        method="POST",
        args=waiting,
        data=lambda world: {"to": "second", "note": "Is this a real person?"},
        expect={**only("reviewer", gets=302), "admin": 403},
    ),
    Row(name="review:next", method="POST", args=waiting, expect=STAFF_DOES),
    Row(name="review:leave", method="POST", args=waiting, expect=STAFF_DOES),
    Row(name="review:renew", method="POST", args=waiting, expect=STAFF),
    Row(
        name="review:revoke",
        method="POST",
        args=approved,
        data=lambda world: {"reason": "our_mistake", "note": "A logo can be read."},
        # A reviewer may look; withdrawing takes a lead reviewer or an admin.
        expect={**only("lead", "admin", gets=302), "reviewer": 403},
    ),
    Row(name="review:submit", args=draft, expect=ARTIST),
    Row(name="review:submit", method="POST", args=draft, expect=ARTIST_DOES),
    Row(name="review:standing", args=waiting_clip, expect=ARTIST),
    Row(name="review:withdraw", method="POST", args=waiting_clip, expect=ARTIST_DOES),
    Row(name="review:sharing", args=approved_clip, expect=ARTIST),
    Row(
        name="review:sharing",
        method="POST",
        args=approved_clip,
        data=lambda world: {"title": "For the jury"},
        expect=ARTIST_DOES,
    ),
    Row(
        name="review:close_link",
        method="POST",
        args=lambda world: [*approved_clip(world), world.things["link"].pk],
        expect=ARTIST_DOES,
    ),
    Row(name="review:verify", expect=everyone(200)),
    Row(name="review:verify", method="POST", expect=everyone(400)),
    Row(
        name="review:start_picture",
        args=lambda world: [world.things["seen_picture"].pk],
        expect={**NOBODY, "artist": 200, "reviewer": 200, "admin": 200},
    ),
    Row(
        name="review:start_picture",
        args=lambda world: [world.things["unseen_picture"].pk],
        expect={**NOBODY, "artist": 200},
    ),
    Row(
        name="review:media",
        args=lambda world: [*draft(world), "preview"],
        expect={**NOBODY, "artist": 200},
    ),
    Row(name="review:media", args=lambda world: [*draft(world), "original"], expect=NOBODY),
    Row(
        name="review:media",
        args=lambda world: [*waiting_clip(world), "original"],
        expect={**NOBODY, "reviewer": 200, "admin": 200},
    ),
    Row(name="review:media", args=lambda world: [*waiting_clip(world), "master"], expect=NOBODY),
    Row(
        name="review:media",
        args=lambda world: [*approved_clip(world), "master"],
        expect={**NOBODY, "artist": 200, "reviewer": 200, "admin": 200},
    ),
    Row(name="review:shared", args=link, expect={**everyone(200), "frozen_artist": 503}),
    Row(name="review:shared", args=lambda world: ["A" * 22], expect=everyone(404)),
    Row(
        name="review:shared_media",
        args=lambda world: [*link(world), "master"],
        expect={**everyone(200), "frozen_artist": 404},
    ),
    Row(
        name="review:shared_media",
        args=lambda world: [*link(world), "preview"],
        expect=everyone(404),
    ),
]

ROWS = but(ROWS, "unsigned_artist", 302, "GET review:submit")
ROWS = but(ROWS, "unsigned_artist", 403, "POST review:sharing")
# Sharing is closed, for the public too.
ROWS = but(ROWS, "frozen_artist", 403, "POST review:sharing")
