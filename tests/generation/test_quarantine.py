from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import translation

from generation import progress
from generation.errors import ClipDeleted, ClipQuarantined, NoteMissing, NotInQuarantine
from generation.models import Attempt, Clip, GpuAccount
from generation.queries import clips_matching, queue_summary
from generation.services import attempts, create, quarantine
from generation.services import clips as clip_services
from generation.services import workers as worker_services
from generation.services.attempts import Lease
from generation.states import CLIP_TRANSITIONS, ClipState
from portal.errors import GreenroomError, IllegalTransition
from portal.models import AuditEntry, Cohort, Notification, OutgoingMail, User
from portal.states import Role
from tests.factories.generation import make_clip
from tests.factories.portal import make_cohort, make_person
from tests.generation.test_attempts import claim, expire

pytestmark = pytest.mark.usefixtures("tiny_catalogue")

PAGE = "/programme/queue/quarantine/"


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def local_admin(cohort: Cohort) -> User:
    """An admin of this cohort alone."""
    return make_person("Noor Haddad", role=Role.ADMIN, cohort=cohort)


def kill(lease: Lease) -> None:
    """The worker dies in its ninth step."""
    attempts.report(token=lease.token, state=ClipState.RENDERING, step=0)
    progress.tell([lease.clip], step=9, seconds_left=None)
    expire(lease)
    attempts.reap_lost()


def kill_two(clip: Clip) -> Clip:
    """Two workers die over *clip*, the only one that waits."""
    kill(claim("gpu@one"))
    kill(claim("gpu@two"))
    clip.refresh_from_db()
    return clip


class TestGoingIn:
    def test_after_two_dead_workers_free_of_charge(
        self, admin: User, local_admin: User, ada: User, cohort: Cohort
    ) -> None:
        elsewhere = make_cohort("Elsewhere", actor=admin)
        make_person("Somebody Else", role=Role.ADMIN, cohort=elsewhere)
        make_person("Rosa Lindqvist", role=Role.REVIEWER)
        Notification.objects.all().delete()
        OutgoingMail.objects.all().delete()
        clip = make_clip(artist=ada, cohort=cohort)

        kill(claim("gpu@one"))
        clip.refresh_from_db()
        assert clip.state == ClipState.QUEUED
        kill(claim("gpu@two"))

        clip.refresh_from_db()
        assert (clip.state, clip.error_code) == ("quarantined", "quarantined")
        assert clip.finished_at is not None
        assert clip.error_text == (
            "Two GPU workers died over this clip. Our staff are looking at it; "
            "you have not been charged."
        )
        tries = clip.attempts.values_list("state", "charged_seconds", "last_state", "last_step")
        assert list(tries) == [("lost", Decimal(0), "rendering", 9)] * 2
        assert GpuAccount.objects.get().charged_seconds == 0
        assert attempts.claim_next(worker="gpu@three", models=["starter"]) is None
        entry = AuditEntry.objects.get(action="clip.quarantined")
        assert entry.after == {"state": "quarantined", "attempt": 2, "worker": "gpu@two"}
        told = Notification.objects.order_by("user__name").values_list("user", "kind", "url")
        assert list(told) == [
            (ada.pk, "clip_quarantined", f"/studio/clips/{clip.pk}/"),
            (admin.pk, "clip_in_quarantine", f"{PAGE}#clip-{clip.pk}"),
            (local_admin.pk, "clip_in_quarantine", f"{PAGE}#clip-{clip.pk}"),
        ]
        assert OutgoingMail.objects.count() == 2

    def test_a_worker_that_shuts_down_has_not_died(self, ada: User, cohort: Cohort) -> None:
        clip = make_clip(artist=ada, cohort=cohort)
        for _ in range(5):
            attempts.hand_back(token=claim().token)
        kill(claim())
        clip.refresh_from_db()
        assert clip.state == ClipState.QUEUED

    def test_running_it_again_forgets_the_dead(self, ada: User, cohort: Cohort) -> None:
        clip = make_clip(artist=ada, cohort=cohort)
        kill(claim())
        clip_services.cancel(actor=ada, clip=clip)
        create.run_again(actor=ada, clip=clip)
        forget_the_clock()
        kill(claim())
        clip.refresh_from_db()
        assert clip.state == ClipState.QUEUED

    def test_the_database_lets_only_a_running_clip_in_and_wants_a_reason(
        self, ada: User, cohort: Cohort
    ) -> None:
        ways = {old for old, news in CLIP_TRANSITIONS.items() if ClipState.QUARANTINED in news}
        assert ways == {ClipState.LOADING, ClipState.RENDERING, ClipState.ENCODING}
        assert CLIP_TRANSITIONS[ClipState.QUARANTINED] == {ClipState.QUEUED, ClipState.FAILED}
        with pytest.raises(IntegrityError, match="clip_failed_says_why"), transaction.atomic():
            make_clip(artist=ada, cohort=cohort, state=ClipState.QUARANTINED, error_code="")


def forget_the_clock() -> None:
    """A test's transaction is younger than its attempts by nothing; let them be older."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update generation_attempt set started_at = started_at - interval '1 hour', "
            "ended_at = ended_at - interval '1 hour'"
        )


class TestTheArtist:
    def test_reads_it_on_the_card_and_the_page(
        self, ada: User, cohort: Cohort, signed_in: Callable[[User], Client]
    ) -> None:
        clip = make_clip(artist=ada, cohort=cohort, state=ClipState.QUARANTINED)
        client = signed_in(ada)
        for url in ("/studio/", "/studio/?state=quarantined", f"/studio/clips/{clip.pk}/"):
            page = client.get(url).text
            assert "Two GPU workers died over this clip." in page
            assert "In quarantine" in page
            assert "Run again" not in page
            assert f"/studio/clips/{clip.pk}/delete/" in page
        assert "Two GPU workers" not in client.get("/studio/?state=failed").text

    def test_cannot_make_it_again_meanwhile(self, ada: User, cohort: Cohort) -> None:
        clip = make_clip(artist=ada, cohort=cohort, state=ClipState.QUARANTINED)
        with pytest.raises(ClipQuarantined):
            create.run_again(actor=ada, clip=clip)
        with pytest.raises(ClipQuarantined):
            create.rerun(actor=ada, clip=clip, request_id=clip.request_id)
        with pytest.raises(ClipQuarantined):
            create.vary(actor=ada, clip=clip, request_id=clip.request_id)
        with pytest.raises(IllegalTransition):
            clip_services.cancel(actor=ada, clip=clip)

    def test_can_delete_it_and_then_nobody_releases_it(
        self, admin: User, ada: User, cohort: Cohort, signed_in: Callable[[User], Client]
    ) -> None:
        clip = make_clip(artist=ada, cohort=cohort, state=ClipState.QUARANTINED)
        clip_services.delete(actor=ada, clip=clip)
        with pytest.raises(ClipDeleted):
            quarantine.release(actor=admin, clip=clip)
        client = signed_in(admin)
        assert "Nothing is in quarantine" in client.get(PAGE).text
        assert client.post(f"{PAGE}{clip.pk}/release/").status_code == 404
        with pytest.raises(IntegrityError, match="clip_deleted_is_at_rest"), transaction.atomic():
            Clip.objects.filter(pk=clip.pk).update(state=ClipState.QUEUED, error_code="")


class TestStaff:
    def test_release_gives_back_its_place_and_two_lives(
        self, admin: User, lucien: User, cohort: Cohort
    ) -> None:
        clip = kill_two(make_clip(artist=lucien, cohort=cohort))
        queued_at = clip.queued_at
        make_clip(artist=lucien, cohort=cohort)
        forget_the_clock()

        quarantine.release(actor=admin, clip=clip)

        clip.refresh_from_db()
        assert (clip.state, clip.error_code, clip.finished_at) == ("queued", "", None)
        assert clip.queued_at == queued_at
        lease = claim()
        assert (lease.clip.pk, lease.number) == (clip.pk, 3)
        kill(lease)
        clip.refresh_from_db()
        assert clip.state == ClipState.QUEUED
        again = claim()
        assert again.clip.pk == clip.pk
        kill(again)
        clip.refresh_from_db()
        assert clip.state == ClipState.QUARANTINED
        entry = AuditEntry.objects.get(action="clip.released")
        assert (entry.actor, entry.cohort) == (admin, cohort)
        notice = Notification.objects.get(kind="clip_released")
        assert notice.user == lucien
        assert "GPU" in notice.title
        assert OutgoingMail.objects.filter(to__contains=lucien.email).count() == 1

    def test_fail_it_with_a_note(self, admin: User, ada: User, cohort: Cohort) -> None:
        clip = kill_two(make_clip(artist=ada, cohort=cohort))

        quarantine.give_up(actor=admin, clip=clip, note=" Try 100 % of the small size.\x00 ")

        clip.refresh_from_db()
        told = (
            "Our staff could not get this clip made. You have not been charged. "
            "They wrote: Try 100 % of the small size."
        )
        assert (clip.state, clip.error_text) == ("failed", told)
        notice = Notification.objects.get(kind="clip_failed")
        assert (notice.user, notice.text) == (ada, told)
        assert OutgoingMail.objects.filter(to__contains=ada.email).count() == 1
        entry = AuditEntry.objects.get(action="clip.failed")
        assert (entry.actor, entry.reason) == (admin, "Try 100 % of the small size.")
        assert create.run_again(actor=ada, clip=clip).state == ClipState.QUEUED

    def test_a_note_is_needed(self, admin: User, ada: User, cohort: Cohort) -> None:
        clip = make_clip(artist=ada, cohort=cohort, state=ClipState.QUARANTINED)
        with pytest.raises(NoteMissing):
            quarantine.give_up(actor=admin, clip=clip, note=" \x00 ")
        clip.refresh_from_db()
        assert clip.state == ClipState.QUARANTINED

    @pytest.mark.django_db(transaction=True)
    def test_of_two_who_decide_at_once_one_is_told_so(
        self, admin: User, second_admin: User, ada: User, cohort: Cohort
    ) -> None:
        clip = make_clip(artist=ada, cohort=cohort, state=ClipState.QUARANTINED)
        barrier = threading.Barrier(2)
        outcomes: dict[str, Any] = {}

        def decide(name: str, call: Callable[[], Clip]) -> None:
            barrier.wait()
            try:
                outcomes[name] = call().state
            except GreenroomError as error:
                outcomes[name] = type(error)
            finally:
                connection.close()

        calls = {
            "release": lambda: quarantine.release(actor=admin, clip=clip),
            "fail": lambda: quarantine.give_up(actor=second_admin, clip=clip, note="No."),
        }
        threads = [threading.Thread(target=decide, args=item) for item in calls.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        clip.refresh_from_db()
        assert outcomes in (
            {"release": ClipState.QUEUED, "fail": NotInQuarantine},
            {"release": NotInQuarantine, "fail": ClipState.FAILED},
        )
        assert clip.state in outcomes.values()
        assert Notification.objects.filter(user=ada).count() == 1


class TestThePage:
    def test_tells_all_and_lets_decide(
        self, admin: User, ada: User, cohort: Cohort, signed_in: Callable[[User], Client]
    ) -> None:
        client = signed_in(admin)
        assert "Nothing is in quarantine" in client.get(PAGE).text
        worker_services.started(
            name="gpu@two", device="cuda:0 (NVIDIA H100)", memory_bytes=None, model_key="starter"
        )
        clip = kill_two(make_clip(artist=ada, cohort=cohort))
        Attempt.objects.filter(number=1).update(error="Segmentation fault")
        page = client.get(PAGE).text
        for told in (
            *("Ada Okafor", "Spring residency", "128 × 128", "Tiny", "a red boat"),
            *("gpu@one", "gpu@two", "cuda:0 (NVIDIA H100)", "Step 9 of 20"),
            *("Lost with its worker", "Segmentation fault"),
        ):
            assert told in page
        assert f'href="{PAGE}"' in client.get("/programme/queue/").text

        refused = client.post(f"{PAGE}{clip.pk}/fail/", {"note": " "})
        assert refused.status_code == 400
        assert "Say why: the artist reads it." in refused.text
        assert "data-dialog-now" in refused.text
        assert client.post(f"{PAGE}{clip.pk}/release/").status_code == 302
        # Whoever comes second reads that it is dealt with.
        late = client.post(f"{PAGE}{clip.pk}/fail/", {"note": "No."}, follow=True)
        assert "somebody has dealt with it" in late.text
        clip.refresh_from_db()
        assert clip.state == ClipState.QUEUED

    def test_an_admin_sees_and_decides_about_their_cohorts(
        self,
        admin: User,
        local_admin: User,
        reviewer: User,
        ada: User,
        cohort: Cohort,
        signed_in: Callable[[User], Client],
    ) -> None:
        other = make_cohort("Autumn residency", actor=admin)
        here = make_clip(artist=ada, cohort=cohort, state=ClipState.QUARANTINED)
        there = make_clip(artist=ada, cohort=other, state=ClipState.QUARANTINED)
        client = signed_in(local_admin)
        page = client.get(PAGE).text
        assert str(here.pk) in page
        assert str(there.pk) not in page
        for verb in ("release", "fail"):
            assert client.post(f"{PAGE}{there.pk}/{verb}/", {"note": "No."}).status_code == 404
            for nobody in (ada, reviewer):
                url = f"{PAGE}{here.pk}/{verb}/"
                assert signed_in(nobody).post(url, {"note": "No."}).status_code == 404
        assert client.post(f"{PAGE}{here.pk}/fail/", {"note": "No."}).status_code == 302

    def test_more_clips_ask_no_more(
        self,
        admin: User,
        ada: User,
        cohort: Cohort,
        signed_in: Callable[[User], Client],
        django_assert_max_num_queries: Any,
    ) -> None:
        client = signed_in(admin)
        client.get(PAGE)
        counts = []
        for _turn in range(2):
            make_clip(artist=ada, cohort=cohort, state=ClipState.QUARANTINED)
            with django_assert_max_num_queries(22) as asked:
                client.get(PAGE)
            counts.append(len(asked))
        assert counts[0] == counts[1]

    def test_it_is_counted(self, admin: User, ada: User, cohort: Cohort) -> None:
        clip = make_clip(artist=ada, cohort=cohort, state=ClipState.QUARANTINED)
        assert queue_summary(cohort)["quarantined"] == 1
        assert list(clips_matching(Clip.objects.all(), state="quarantined")) == [clip]
        assert list(clips_matching(Clip.objects.all(), state="failed")) == []
