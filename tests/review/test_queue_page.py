from __future__ import annotations

import re
from typing import Any

from django.test import Client
from django.urls import reverse

from portal.models import Cohort, User
from review.models import Review
from review.services import claims
from tests.factories import review as make

QUEUE = "/review/"


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def text(response: Any) -> str:
    return str(response.content.decode())


def poll_address(page: str) -> str:
    found = re.search(r'hx-get="([^"]+)"', page)
    assert found is not None
    return found[1].replace("&amp;", "&")


def test_rows_name_clip_artist_due_time_and_holder(review: Review, rosa: User, remy: User) -> None:
    claims.claim(actor=remy, review=review)
    page = text(browser(rosa).get(QUEUE))
    for said in ("Red boat", "Ada Okafor", "in 2 days", "Remy Chen", "since"):
        assert said in page
    assert reverse("review:media", args=[review.clip_id, "cover"]) in page


def test_the_badge_counts_what_one_could_decide(
    review: Review, ada: User, spring: Cohort, rosa: User, alba: User
) -> None:
    make.make_review(ada, spring, files=False)
    entry = re.compile(r'href="/review/".*?</a>', re.DOTALL)
    for person, badge in ((rosa, ["2"]), (alba, [])):
        found = entry.search(text(browser(person).get("/home/")))
        assert found is not None
        assert re.findall(r"badge-count[^>]*>\s*(\d+)", found[0]) == badge


def test_an_empty_queue_says_so(rosa: User) -> None:
    client = browser(rosa)
    assert "The queue is empty" in text(client.get(QUEUE))
    for tab in ("free", "mine", "overdue", "decided"):
        assert 'class="empty' in text(client.get(f"{QUEUE}?tab={tab}"))
    assert "Nothing here under these filters" in text(client.get(f"{QUEUE}?artist=1"))


def test_polling_answers_only_when_something_changed(
    review: Review, rosa: User, remy: User
) -> None:
    client = browser(rosa)
    live = {"HX-Request": "true"}
    address = poll_address(text(client.get(QUEUE)))
    # The minute may turn between the two requests: then the times are said anew, once.
    quiet = client.get(address, headers=live)
    if quiet.status_code == 200:
        quiet = client.get(poll_address(text(quiet)), headers=live)
    assert quiet.status_code == 204
    claims.claim(actor=remy, review=review)
    news = client.get(address, headers=live)
    assert news.status_code == 200
    assert "Remy Chen" in text(news)
    assert "<html" not in text(news)
    assert poll_address(text(news)) != address


def test_polling_keeps_tab_filters_and_page(review: Review, rosa: User, spring: Cohort) -> None:
    page = text(browser(rosa).get(f"{QUEUE}?tab=mine&cohort={spring.slug}"))
    address = poll_address(page)
    assert "tab=mine" in address
    assert f"cohort={spring.slug}" in address


def test_nonsense_in_the_address_is_no_error(review: Review, rosa: User) -> None:
    client = browser(rosa)
    assert client.get(f"{QUEUE}?tab=nonsense").status_code == 404
    for query in ("after=x", "before=2026_1", "artist=abc", "artist=²", "cohort=%00", "model=x"):
        assert client.get(f"{QUEUE}?{query}").status_code in {200, 204}, query


def test_only_staff_have_a_queue(ada: User, alba: User) -> None:
    assert browser(ada).get(QUEUE).status_code == 404
    assert browser(alba).get(QUEUE).status_code == 200
    assert Client().get(QUEUE).status_code == 302


def test_everybody_signed_in_reads_the_reasons(ada: User, rosa: User) -> None:
    for person in (ada, rosa):
        page = text(browser(person).get(reverse("review:reasons")))
        assert "What is never a reason" in page
        assert "The file is faulty" in page


def test_panels_at_home(review: Review, ada: User, rosa: User) -> None:
    home = text(browser(rosa).get("/home/"))
    assert "1 clip waits" in home
    assert reverse("review:desk", args=[review.pk]) in home
    home = text(browser(ada).get("/home/"))
    assert reverse("review:standing", args=[review.clip_id]) in home


def test_a_cohorts_page_shows_its_queue(review: Review, alba: User, spring: Cohort) -> None:
    page = text(browser(alba).get(reverse("cohort", args=[spring.slug])))
    assert f"/review/?cohort={spring.slug}" in page
