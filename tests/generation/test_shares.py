from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from generation.errors import NotAMember, WeightOutOfRange
from generation.models import CohortShare, GpuAccount
from generation.services import shares
from portal.errors import NotAllowed
from portal.models import AuditEntry, Cohort, User
from portal.services import members
from portal.states import Role
from tests.factories.portal import browser_of, make_person


def test_a_cohorts_weight_is_set_and_told(ada: User, cohort: Cohort) -> None:
    shares.weigh_cohort(actor=ada, cohort=cohort, weight=3)
    shares.weigh_cohort(actor=ada, cohort=cohort, weight=3)

    assert CohortShare.objects.get(cohort=cohort).weight == 3
    entry = AuditEntry.objects.get(action="share.weighed")
    assert (entry.actor, entry.before, entry.after) == (ada, {"weight": 1}, {"weight": 3})


def test_an_artists_weight_is_set_before_their_first_clip(ada: User, cohort: Cohort) -> None:
    shares.weigh_artist(actor=None, artist=ada, cohort=cohort, weight=2)

    assert GpuAccount.objects.get(artist=ada, cohort=cohort).weight == 2


@pytest.mark.parametrize("weight", [0, -1, 101])
def test_a_weight_out_of_range_is_refused(ada: User, cohort: Cohort, weight: int) -> None:
    with pytest.raises(WeightOutOfRange):
        shares.weigh_cohort(actor=ada, cohort=cohort, weight=weight)
    with pytest.raises(WeightOutOfRange):
        shares.weigh_artist(actor=ada, artist=ada, cohort=cohort, weight=weight)


def test_only_members_weigh(cohort: Cohort) -> None:
    stranger = User.objects.create_user("eve@example.org", name="Eve")

    with pytest.raises(NotAMember):
        shares.weigh_artist(actor=None, artist=stranger, cohort=cohort, weight=2)


def test_the_command_weighs_a_cohort_or_an_artist(
    ada: User, cohort: Cohort, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("weigh", "spring-residency", "4")
    call_command("weigh", "spring-residency", "2", artist="Ada@example.org")

    assert CohortShare.objects.get().weight == 4
    assert GpuAccount.objects.get().weight == 2
    assert capsys.readouterr().out.splitlines() == [
        "Spring residency weighs 4 now.",
        "ada@example.org weighs 2 now.",
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["autumn", "2"], "There is no cohort autumn."),
        (["spring-residency", "101"], "A share is a whole number from 1 to 100."),
        (
            ["spring-residency", "2", "--artist", "eve@example.org"],
            "eve@example.org has no account.",
        ),
    ],
)
def test_the_command_says_what_is_wrong(cohort: Cohort, arguments: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=f"^{said}$"):
        call_command("weigh", *arguments)


class TestThePage:
    URL = "/programme/cohorts/spring-residency/shares/"

    def test_an_admin_of_all_cohorts_weighs_everybody(
        self, admin: User, ada: User, cohort: Cohort
    ) -> None:
        alba = browser_of(admin)
        page = alba.get(self.URL).text
        assert f'name="artist_{ada.pk}" value="1"' in page
        assert 'name="cohort" value="1"' in page

        answer = alba.post(self.URL, {"cohort": "3", f"artist_{ada.pk}": "2"}, follow=True)
        assert "The shares hold from the next clip on." in answer.text
        assert CohortShare.objects.get(cohort=cohort).weight == 3
        assert GpuAccount.objects.get(artist=ada, cohort=cohort).weight == 2
        told = AuditEntry.objects.filter(action="share.weighed", actor=admin).order_by("pk")
        assert [(entry.before, entry.after) for entry in told] == [
            ({"weight": 1}, {"weight": 2}),
            ({"weight": 1}, {"weight": 3}),
        ]

    def test_what_is_out_of_range_stays_typed_and_changes_nothing(
        self, admin: User, ada: User, cohort: Cohort
    ) -> None:
        answer = browser_of(admin).post(self.URL, {"cohort": "3", f"artist_{ada.pk}": "101"})
        assert answer.status_code == 400
        assert "A share is a whole number from 1 to 100." in answer.text
        assert f'name="artist_{ada.pk}" value="101"' in answer.text
        assert not CohortShare.objects.exists()

    def test_an_admin_of_this_cohort_weighs_its_artists_alone(
        self, ada: User, cohort: Cohort
    ) -> None:
        olga = make_person("Olga Lind", role=Role.ADMIN, cohort=cohort)
        browser = browser_of(olga)
        assert 'name="cohort"' not in browser.get(self.URL).text
        assert browser.post(self.URL, {"cohort": "9", f"artist_{ada.pk}": "4"}).status_code == 302
        assert not CohortShare.objects.exists()
        assert GpuAccount.objects.get(artist=ada).weight == 4
        with pytest.raises(NotAllowed):
            shares.weigh_all(actor=olga, cohort=cohort, own=9, artists={})

    def test_who_left_has_no_share(self, admin: User, ada: User, cohort: Cohort) -> None:
        members.leave(actor=ada, membership=ada.memberships.get(cohort=cohort))
        page = browser_of(admin).get(self.URL).text
        assert "artist_" not in page
        assert "Nobody has joined yet" in page
