"""What higher floors tell the ground floor at start-up, so that nothing here imports upwards.

Each app fills these in its ``AppConfig.ready``; pages here and in lower apps ask them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest

if TYPE_CHECKING:
    from portal.containment import Target
    from portal.models import Cohort, User


@dataclass(frozen=True, kw_only=True)
class NavItem:
    """One entry of the main navigation.

    Attributes:
        label: translatable label.
        url_name: name to reverse, without arguments.
        icon: name in the icon sprite.
        order: smaller comes first.
        visible: says whether this person sees it.
        badge: number to show beside it, or what stands for a large one (0 or "" shows none).
    """

    label: Any
    url_name: str
    icon: str
    order: int
    visible: Callable[[User], bool]
    badge: Callable[[User], int | str] = field(default=lambda user: 0)


@dataclass(frozen=True, kw_only=True)
class ProgrammeTab:
    """One page of a higher app among those of who runs the programme.

    Attributes:
        key: what the page calls itself when it includes the tabs.
        label: translatable label.
        url_name: name to reverse, without arguments.
        visible: says whether this person sees it.
    """

    key: str
    label: Any
    url_name: str
    visible: Callable[[User], bool]


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A piece of a page that a higher app contributes: a template and its context."""

    template: str
    context: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One thing a higher app knows about a clip, shown on its card.

    Attributes:
        state: machine name of the state (e.g. ``"approved"``); also the pill's style.
        label: what the pill says.
        tone: ``"neutral" | "info" | "good" | "warn" | "bad"``.
        note: one line of plain words below (e.g. the reason of a refusal), or "".
        due: moment shown to the artist as "decided by …", or None.
        actions: what the artist may do now, each ``{"label", "url", "method", "icon"}``.
        decided_at: when somebody decided, or None.
        reason: machine name of the reason given, or "".
        appeal: machine name of how an appeal against it stands, or "".
    """

    state: str
    label: Any
    tone: str = "neutral"
    note: str = ""
    due: Any = None
    actions: Sequence[Mapping[str, Any]] = ()
    decided_at: Any = None
    reason: str = ""
    appeal: str = ""


@dataclass(frozen=True, kw_only=True)
class Touched:
    """How many things of one kind a containment, or an end, would touch.

    Attributes:
        key: machine name, e.g. ``"waiting"``.
        label: translatable label.
        names: some of them in words, the first few.
    """

    key: str
    label: Any
    count: int
    names: Sequence[str] = ()


EndingReach = Callable[["Cohort", "User | None"], Sequence[Touched]]
ContainmentReach = Callable[["Target"], Sequence[Touched]]
ClipFacts = Callable[[Sequence[Any], "User"], Mapping[UUID, Fact]]
CohortPanel = Callable[[HttpRequest, "Cohort"], Panel | None]
HomePanel = Callable[[HttpRequest], Panel | None]
ConsentPanel = Callable[["User"], Panel | None]
ModelChoices = Callable[[], Sequence[tuple[str, str]]]
DemoSeeder = Callable[[], None]

_nav: list[NavItem] = []
_programme_tabs: list[ProgrammeTab] = []
_consent_panels: list[ConsentPanel] = []
_clip_facts: list[ClipFacts] = []
_cohort_panels: list[tuple[int, CohortPanel]] = []
_home_panels: list[tuple[int, HomePanel]] = []
_model_choices: list[ModelChoices] = []
_demo_seeders: list[tuple[int, DemoSeeder]] = []
_actions: dict[str, Any] = {}
_ending_reach: list[EndingReach] = []
_containment_reach: list[tuple[int, ContainmentReach]] = []
_theirs: dict[str, tuple[str, ...]] = {}


def add_nav(item: NavItem) -> None:
    _nav.append(item)
    _nav.sort(key=lambda known: known.order)


def nav_items() -> Iterable[NavItem]:
    return tuple(_nav)


def add_programme_tab(tab: ProgrammeTab) -> None:
    _programme_tabs.append(tab)


def programme_tabs(user: User) -> Sequence[ProgrammeTab]:
    """Those *user* sees."""
    return tuple(tab for tab in _programme_tabs if tab.visible(user))


def add_clip_facts(function: ClipFacts) -> None:
    """*function* gets clips of one page and the viewer, and answers all in one query."""
    _clip_facts.append(function)


def clip_facts(clips: Sequence[Any], viewer: User) -> dict[UUID, list[Fact]]:
    """Facts of every registered app about *clips*, by clip id."""
    facts: dict[UUID, list[Fact]] = {clip.pk: [] for clip in clips}
    for function in _clip_facts if clips else ():
        for clip_id, fact in function(clips, viewer).items():
            facts[clip_id].append(fact)
    return facts


def add_cohort_panel(function: CohortPanel, *, order: int) -> None:
    _cohort_panels.append((order, function))
    _cohort_panels.sort(key=lambda pair: pair[0])


def cohort_panels(request: HttpRequest, cohort: Cohort) -> list[Panel]:
    panels = (function(request, cohort) for _, function in _cohort_panels)
    return [panel for panel in panels if panel is not None]


def add_home_panel(function: HomePanel, *, order: int) -> None:
    _home_panels.append((order, function))
    _home_panels.sort(key=lambda pair: pair[0])


def home_panels(request: HttpRequest) -> list[Panel]:
    panels = (function(request) for _, function in _home_panels)
    return [panel for panel in panels if panel is not None]


def add_consent_panel(function: ConsentPanel) -> None:
    """*function* shows a person what of theirs goes on although they take a consent back."""
    _consent_panels.append(function)


def consent_panels(person: User) -> list[Panel]:
    panels = (function(person) for function in _consent_panels)
    return [panel for panel in panels if panel is not None]


def set_model_choices(function: ModelChoices) -> None:
    """*function* lists the catalogue as (key, title)."""
    _model_choices[:] = [function]


def model_choices() -> Sequence[tuple[str, str]]:
    return _model_choices[0]() if _model_choices else ()


def add_demo_seeder(function: DemoSeeder, *, order: int) -> None:
    """*function* makes its app's demo data; it must be safe to run again."""
    _demo_seeders.append((order, function))
    _demo_seeders.sort(key=lambda pair: pair[0])


def demo_seeders() -> list[DemoSeeder]:
    return [function for _, function in _demo_seeders]


def add_containment_reach(function: ContainmentReach, *, order: int) -> None:
    """*function* counts what of its app a containment of a target would touch now."""
    _containment_reach.append((order, function))
    _containment_reach.sort(key=lambda pair: pair[0])


def containment_reach(target: Target) -> list[Touched]:
    return [touched for _, function in _containment_reach for touched in function(target)]


def add_ending_reach(function: EndingReach) -> None:
    """*function* counts what of its app stops when a cohort closes, or one member of it goes."""
    _ending_reach.append(function)


def ending_reach(cohort: Cohort, member: User | None = None) -> list[Touched]:
    """What would stop now if *cohort* closed, or if only *member*'s place in it ended."""
    return [touched for function in _ending_reach for touched in function(cohort, member)]


def add_actions(labels: Mapping[str, Any]) -> None:
    """How the audit log says each action of an app: ``{"clip.queued": _("asked for a clip")}``.

    A label completes the sentence "Ada …".
    """
    _actions.update(labels)


def action_label(action: str) -> str:
    """*action* in words; one nobody described is shown as it is."""
    return str(_actions.get(action, action))


def add_theirs(lookups: Mapping[str, tuple[str, ...]]) -> None:
    """Whose the things are that the log tells of: lookups to the person, by ``app.model``.

    What nobody names here is nobody's own, such as a cohort or a rate.
    """
    _theirs.update(lookups)


def theirs() -> Mapping[str, tuple[str, ...]]:
    return _theirs
