from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.models import Cohort, RoleGrant, User
from review.models import Claim, Decision, Review
from review.services import claims, submissions
from review.states import ReviewState
from tests.factories import review as make


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def url(name: str, review: Review) -> str:
    return reverse(f"review:{name}", args=[review.pk])


def seen(review: Review, **more: str) -> dict[str, str]:
    """What the desk posts back."""
    return {
        "sha256": review.clip.sha256,
        "settings_sha256": review.clip.settings_sha256,
        **more,
    }


def text(response: Any) -> str:
    return str(response.content.decode())


def test_the_desk_shows_the_clip_and_claims_it(review: Review, rosa: User) -> None:
    response = browser(rosa).get(url("desk", review))
    page = text(response)
    assert response.status_code == 200
    assert reverse("review:media", args=[review.clip_id, "original"]) in page
    for said in ("Red boat", "Ada Okafor", "Spring residency", "a red boat on the sea at night"):
        assert said in page
    assert review.clip.sha256 in page
    assert Claim.objects.get().reviewer == rosa


def test_every_key_is_there(review: Review, rosa: User) -> None:
    page = text(browser(rosa).get(url("desk", review)))
    assert sorted(re.findall(r'data-shortcut="(\w)"', page)) == ["a", "c", "d", "n", "p", "q", "w"]
    assert "data-keyboard" in page
    reasons = re.findall(r"<kbd>(\d)</kbd><span>([^<]+)</span>", page)
    assert [number for number, _ in reasons] == [*map(str, range(1, 9)), *map(str, range(1, 10))]


def test_approving_goes_on_to_the_next(ada: User, spring: Cohort, rosa: User) -> None:
    first, second = make.make_review(ada, spring), make.make_review(ada, spring)
    client = browser(rosa)
    client.get(url("desk", first))
    response = client.post(url("decide", first), seen(first, verdict="approve"))
    assert response["Location"] == url("desk", second)
    assert Claim.objects.unreleased().get().review == second
    last = client.post(url("decide", second), seen(second, verdict="approve"))
    assert last["Location"] == reverse("review:queue")
    page = text(client.get(last["Location"]))
    assert "Nothing else waits for a decision." in page


def test_a_double_click_says_nothing_else(review: Review, rosa: User) -> None:
    client = browser(rosa)
    for _ in range(2):
        response = client.post(url("decide", review), seen(review, verdict="approve"))
        assert response.status_code == 302
    assert Decision.objects.count() == 1


def test_filters_stay_while_one_decides(
    ada: User, lucien: User, spring: Cohort, rosa: User
) -> None:
    first = make.make_review(ada, spring)
    make.make_review(lucien, spring)
    third = make.make_review(ada, spring)
    client = browser(rosa)
    response = client.post(
        f"{url('decide', first)}?artist={ada.pk}", seen(first, verdict="approve")
    )
    assert response["Location"] == f"{url('desk', third)}?artist={ada.pk}"


@pytest.mark.parametrize(
    ("posted", "status", "said"),
    [
        ({"reason": "", "note": "My words."}, 422, "Choose one of the published reasons."),
        ({"reason": "criticism", "note": "My words."}, 400, "Choose one of the published reasons."),
        ({"reason": "rights", "note": " "}, 422, "Write a sentence to the artist"),
    ],
)
def test_an_incomplete_refusal_keeps_what_was_typed(
    review: Review, rosa: User, posted: dict[str, str], status: int, said: str
) -> None:
    client = browser(rosa)
    response = client.post(url("decide", review), seen(review, verdict="decline", **posted))
    page = text(response)
    assert response.status_code == status
    assert said in page
    assert posted["note"].strip() in page
    assert "data-dialog-now" in page
    if posted["reason"] == "rights":
        assert re.search(r'value="rights"\s+required\s+checked', page)
    assert not Decision.objects.exists()


@pytest.mark.parametrize("meanwhile", ["held", "decided"])
def test_a_refusal_that_comes_too_late_gives_reason_and_note_back(
    review: Review, rosa: User, remy: User, meanwhile: str
) -> None:
    if meanwhile == "held":
        claims.claim(actor=remy, review=review)
    else:
        make.approve(review, remy)
    posted = seen(review, verdict="decline", reason="rights", note="A logo can be read.")
    response = browser(rosa).post(url("decide", review), posted)
    page = text(response)
    assert response.status_code == 409
    assert "You had chosen: Somebody else&#x27;s work" in page
    assert "A logo can be read." in page
    if meanwhile == "held":
        assert re.search(r'value="rights"\s+required\s+checked', page)


def test_a_clip_that_changed_is_not_decided(review: Review, rosa: User) -> None:
    response = browser(rosa).post(
        url("decide", review),
        seen(review, verdict="approve", note="Kept words.") | {"sha256": "0" * 64},
    )
    page = text(response)
    assert response.status_code == 409
    assert "The clip has changed since this page was opened" in page
    assert "Kept words." in page


def test_tampered_fields_are_refused(review: Review, rosa: User) -> None:
    client = browser(rosa)
    for posted in (
        {},
        {"verdict": "approve"},
        seen(review, verdict="revoke"),
        seen(review, verdict="approve", note="x" * 2001),
        seen(review, verdict="approve") | {"sha256": "0" * 65},
    ):
        assert client.post(url("decide", review), posted).status_code == 400
    assert not Decision.objects.exists()


def test_the_second_to_decide_is_told(review: Review, rosa: User, remy: User) -> None:
    make.approve(review, rosa)
    response = browser(remy).post(url("decide", review), seen(review, verdict="approve"))
    assert response.status_code == 409
    assert "Rosa Lindqvist has already decided this clip: Approved." in text(response)


def test_a_colleague_sees_who_has_it(review: Review, rosa: User, remy: User) -> None:
    claims.claim(actor=remy, review=review)
    page = text(browser(rosa).get(url("desk", review)))
    assert "Remy Chen has had this clip open since" in page
    assert "data-claim-lost" in page


def test_the_page_renews_its_claim_and_hears_when_it_is_lost(
    review: Review, ada: User, rosa: User, remy: User
) -> None:
    client = browser(rosa)
    client.get(url("desk", review))
    held = text(client.post(url("renew", review)))
    assert "Open with you since" in held
    assert url("renew", review) in held
    make.lapse(Claim.objects.get())
    claims.claim(actor=remy, review=review)
    lost = text(client.post(url("renew", review)))
    assert "Remy Chen has had this clip open since" in lost
    assert "hx-post" not in lost
    submissions.withdraw(actor=ada, review=review)
    assert "took this clip back" in text(client.post(url("renew", review)))


def test_a_clip_taken_back_meanwhile(review: Review, ada: User, rosa: User) -> None:
    client = browser(rosa)
    client.get(url("desk", review))
    submissions.withdraw(actor=ada, review=review)
    response = client.post(url("decide", review), seen(review, verdict="approve"))
    assert response["Location"] == reverse("review:queue")
    assert "took this clip back" in text(client.get(response["Location"]))
    assert client.get(url("desk", review)).status_code == 404


def test_a_role_taken_away_with_the_page_open(review: Review, rosa: User) -> None:
    client = browser(rosa)
    client.get(url("desk", review))
    RoleGrant.objects.filter(user=rosa).delete()
    assert client.post(url("decide", review), seen(review, verdict="approve")).status_code == 404
    review.refresh_from_db()
    assert review.state == ReviewState.WAITING


def test_next_and_leave_give_the_clip_back(ada: User, spring: Cohort, rosa: User) -> None:
    first, second = make.make_review(ada, spring), make.make_review(ada, spring)
    client = browser(rosa)
    client.get(url("desk", first))
    assert client.post(url("next", first))["Location"] == url("desk", second)
    assert client.post(url("leave", second))["Location"] == reverse("review:queue")
    assert not Claim.objects.unreleased().exists()
    assert client.post(reverse("review:start"))["Location"] == url("desk", first)


def test_a_broken_file_can_only_be_declined(review: Review, rosa: User) -> None:
    default_storage.delete(make.original_name(review.clip))
    client = browser(rosa)
    page = text(client.get(url("desk", review)))
    assert "This file is not the one that was rendered" in page
    assert re.search(r'<button[^>]*disabled[^>]*data-shortcut="a"', page)
    assert client.post(url("decide", review), seen(review, verdict="approve")).status_code == 409
    refused = seen(review, verdict="decline", reason="file", note="It is gone.")
    assert client.post(url("decide", review), refused).status_code == 302


def test_an_admin_looks_and_withdraws(review: Review, alba: User, rosa: User) -> None:
    client = browser(alba)
    assert "You may look." in text(client.get(url("desk", review)))
    assert not Claim.objects.exists()
    make.approve(review, rosa)
    assert "Withdraw the approval" in text(client.get(url("desk", review)))
    refused = client.post(url("revoke", review), {"reason": "claim", "note": ""})
    assert refused.status_code == 400
    said = {"reason": "claim", "note": "Somebody recognised themselves."}
    assert client.post(url("revoke", review), said).status_code == 302
    review.refresh_from_db()
    assert review.state == ReviewState.REVOKED


def test_the_desk_survives_a_deleted_clip(review: Review, ada: User, rosa: User) -> None:
    from generation.services import clips

    make.decline(review, rosa)
    clips.delete(actor=ada, clip=review.clip)
    assert "The artist deleted this clip" in text(browser(rosa).get(url("desk", review)))


def test_strangers_find_nothing(review: Review, ada: User, lucien: User) -> None:
    elsewhere = make.make_reviewer("Nour Haddad", make.make_cohort())
    for person in (ada, lucien, elsewhere):
        client = browser(person)
        assert client.get(url("desk", review)).status_code == 404
        for name in ("decide", "next", "leave", "renew", "revoke"):
            assert client.post(url(name, review)).status_code == 404, (person, name)
            assert client.get(url(name, review)).status_code == 405


def test_changes_need_a_token(review: Review, rosa: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(rosa)
    response = client.post(url("decide", review), seen(review, verdict="approve"))
    assert response.status_code == 403


def queries_of(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(address).status_code == 200
    return len(caught)


def test_the_queue_asks_the_same_number_of_queries_for_any_length(
    ada: User, lucien: User, spring: Cohort, rosa: User, remy: User
) -> None:
    make.make_review(ada, spring, files=False)
    client = browser(rosa)
    decided = make.make_review(lucien, spring)
    make.decline(decided, remy)
    addresses = [reverse("review:queue"), f"{reverse('review:queue')}?tab=decided"]
    before = [queries_of(client, address) for address in addresses]
    for number in range(9):
        review = make.make_review(ada if number % 2 else lucien, spring, files=False)
        if number % 3 == 0:
            claims.claim(actor=remy, review=review)
        make.decline(make.make_review(lucien, spring, files=False), remy)
    assert [queries_of(client, address) for address in addresses] == before


def test_the_desk_asks_the_same_number_of_queries_for_any_history(
    review: Review, ada: User, spring: Cohort, rosa: User
) -> None:
    client = browser(rosa)
    before = queries_of(client, url("desk", review))
    for _ in range(5):
        submissions.withdraw(actor=ada, review=Review.objects.latest("pk"))
        make.submit(review.clip)
    assert queries_of(client, url("desk", Review.objects.latest("pk"))) == before
