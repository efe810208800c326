"""``python -m bench.submits``: what asking for a clip costs beside inserting a row."""

from __future__ import annotations

import sys

from bench.ground import ground
from bench.product import offer_without_limits
from bench.table import Row, in_turn, print_rows

POSTS = 60
ROUNDS = 6


def submits() -> list[Row]:
    """The studio's form ÷ a view that inserts one row, both through all middleware.

    Each POST of the form checks membership, dates, agreement, budgets and limits, reserves GPU
    seconds, writes clip and audit entry, and rings for the workers.
    """
    from django.test import Client, override_settings

    from generation.models import Clip
    from portal.models import Cohort, User

    artist = User.objects.get(email="lucien@demo.example")
    # Nothing renders meanwhile, so the queue grows beyond what one artist may have in it.
    offer_without_limits("starter")
    # Budgets are looked at as in a real cohort.
    Cohort.objects.filter(slug="spring-residency").update(
        gpu_seconds_per_artist=10**6, gpu_seconds_per_artist_week=10**6
    )
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(artist, backend="allauth.account.auth_backends.AuthenticationBackend")

    def bare() -> None:
        for _ in range(POSTS):
            assert client.post("/bench/insert/", {"title": "a red boat"}).status_code == 204

    def product() -> None:
        for _ in range(POSTS):
            typed = {
                "prompt": "a red boat",
                "model_key": "starter",
                "size": "128x128",
                "frames": 17,
                "takes": 1,
            }
            assert client.post("/studio/clips/new/", typed).status_code == 302
            # A browser shows the message on the page it is sent to; here none would ever be read,
            # and each form would carry those of all before.
            del client.cookies["messages"]

    with override_settings(ROOT_URLCONF="bench.urls"):
        before = Clip.objects.filter(artist=artist).count()
        product()
        bare()
        assert Clip.objects.filter(artist=artist).count() == before + POSTS
        ours, alone = in_turn(product, bare, rounds=ROUNDS)
    return [
        Row(
            name="clips asked for a second, through the form ÷ a view that inserts one row",
            value=alone / ours,
            least=0.5,
            detail=f"{POSTS / ours:.0f} ÷ {POSTS / alone:.0f} a second",
        )
    ]


if __name__ == "__main__":
    with ground():
        sys.exit(print_rows(submits))
