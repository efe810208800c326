from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from portal.errors import NotAllowed
from portal.models import AuditEntry, Cohort, User
from review.errors import NotReleased, TitleMissing
from review.models import Review, ShareLink
from review.services import shares
from tests.factories import review as make


@pytest.fixture
def approved(review: Review, rosa: User) -> Review:
    make.approve(review, rosa)
    return review


@pytest.fixture
def link(approved: Review, ada: User) -> ShareLink:
    return shares.create_link(actor=ada, clip=approved.clip, title="The red boat")


def test_a_link_is_long_and_its_own(approved: Review, ada: User) -> None:
    links = [shares.create_link(actor=ada, clip=approved.clip, title="x") for _ in range(20)]
    tokens = {link.token for link in links}
    assert len(tokens) == 20
    assert {len(token) for token in tokens} == {22}


def test_who_may_make_a_link(review: Review, ada: User, lucien: User, rosa: User) -> None:
    with pytest.raises(NotReleased):
        shares.create_link(actor=ada, clip=review.clip, title="Too early")
    make.approve(review, rosa)
    for person in (lucien, rosa):
        with pytest.raises(NotAllowed):
            shares.create_link(actor=person, clip=review.clip, title="Not mine")
    with pytest.raises(TitleMissing):
        shares.create_link(actor=ada, clip=review.clip, title="  ")


def test_the_artist_and_staff_close_a_link(
    link: ShareLink, ada: User, lucien: User, alba: User, approved: Review
) -> None:
    with pytest.raises(NotAllowed):
        shares.close_link(actor=lucien, link=link)
    closed = shares.close_link(actor=alba, link=link)
    assert closed.revoked_by == alba
    assert shares.close_link(actor=ada, link=link).revoked_at == closed.revoked_at
    assert AuditEntry.objects.filter(action="sharelink.revoked").count() == 1


def test_the_public_page(link: ShareLink) -> None:
    response = Client().get(link.get_absolute_url())
    assert response.status_code == 200
    page = response.content.decode()
    for said in ("The red boat", "Ada Okafor", "Spring residency"):
        assert said in page
    cover = reverse("review:shared_media", args=[link.token, "cover"])
    master = reverse("review:shared_media", args=[link.token, "master"])
    assert f'<meta property="og:image" content="http://127.0.0.1:8000{cover}">' in page
    assert f'src="{master}"' in page
    assert '<meta name="robots" content="noindex, noimageindex">' in page
    assert response["X-Robots-Tag"] == "noindex, noimageindex"
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["Cache-Control"] == "private, no-store"
    # Nothing private is given away: neither prompt, address, nor the name in the storage.
    for hidden in (link.clip.prompt, link.clip.artist.email, make.original_name(link.clip)):
        assert hidden not in page


def test_views_are_counted_but_not_the_artists_own(link: ShareLink, ada: User) -> None:
    url = link.get_absolute_url()
    for _ in range(3):
        Client().get(url)
    Client().head(url)
    own = Client()
    own.force_login(ada)
    own.get(url)
    link.refresh_from_db()
    assert link.view_count == 3


def test_a_closed_link_closes_page_and_bytes_at_once(link: ShareLink, ada: User) -> None:
    public = Client()
    media = reverse("review:shared_media", args=[link.token, "master"])
    answer = public.get(media)
    assert b"".join(answer)
    etag = answer["ETag"]
    shares.close_link(actor=ada, link=link)
    response = public.get(link.get_absolute_url())
    assert response.status_code == 410
    assert "The red boat" not in response.content.decode()
    # Not even a browser that has the bytes is told that they are still current.
    assert public.get(media, headers={"If-None-Match": etag}).status_code == 404


def test_a_withdrawn_approval_closes_every_link(
    link: ShareLink, approved: Review, alba: User
) -> None:
    make.revoke(approved, alba)
    assert Client().get(link.get_absolute_url()).status_code == 410
    link.refresh_from_db()
    assert link.revoked_by == alba


def test_a_link_nobody_made(db: None) -> None:
    response = Client().get(reverse("review:shared", args=["A" * 22]))
    assert response.status_code == 404
    assert "No clip lives at this address" in response.content.decode()


def test_a_link_is_managed_by_its_artist_only(
    link: ShareLink, ada: User, lucien: User, spring: Cohort
) -> None:
    page = reverse("review:sharing", args=[link.clip_id])
    close = reverse("review:close_link", args=[link.clip_id, link.pk])
    stranger = Client()
    stranger.force_login(lucien)
    assert stranger.get(page).status_code == 404
    assert stranger.post(close).status_code == 404
    own = Client()
    own.force_login(ada)
    assert link.address in own.get(page).content.decode()
    refused = own.post(page, {"title": " "})
    assert refused.status_code == 422
    assert own.post(page, {"title": "For the jury"}).status_code == 302
    assert own.post(close).status_code == 302
    assert list(ShareLink.objects.live().values_list("title", flat=True)) == ["For the jury"]
