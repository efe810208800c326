"""The made-up people of the demo. Their passwords are no secret: the demo answers on loopback."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.states import Role


@dataclass(frozen=True, kw_only=True)
class DemoPerson:
    """One persona; ``role`` is None for an artist, ``also`` what else they are."""

    name: str
    email: str
    language: str
    role: Role | None = None
    also: tuple[Role, ...] = ()

    @property
    def password(self) -> str:
        return f"greenroom-demo-{self.name.split()[0].lower()}"

    @property
    def role_label(self) -> str | Promise:
        return Role(self.role).label if self.role else _("Artist")


PEOPLE = (
    DemoPerson(name="Ada Okafor", email="ada@demo.example", language="en"),
    DemoPerson(name="Lucien Moreau", email="lucien@demo.example", language="fr"),
    DemoPerson(
        name="Rosa Lindqvist",
        email="rosa@demo.example",
        language="en",
        role=Role.REVIEWER,
        also=(Role.LEAD,),
    ),
    DemoPerson(name="Remy Chen", email="remy@demo.example", language="en", role=Role.REVIEWER),
    DemoPerson(
        name="Alba Ferrari",
        email="alba@demo.example",
        language="en",
        role=Role.ADMIN,
        also=(Role.FINANCE, Role.OPERATOR),
    ),
    DemoPerson(
        name="Anselm Weber",
        email="anselm@demo.example",
        language="en",
        role=Role.ADMIN,
        also=(Role.FINANCE, Role.OPERATOR),
    ),
)


def people_for_page() -> list[dict[str, str | Promise]]:
    """The personas as the sign-in page lists them."""
    return [
        {"name": person.name, "email": person.email, "role_label": person.role_label}
        for person in PEOPLE
    ]


def people_for_scripts() -> dict[str, list[dict[str, str]]]:
    """The personas as ``var/demo.json`` holds them: by role, with passwords."""
    found: dict[str, list[dict[str, str]]] = {"artist": [], "reviewer": [], "admin": []}
    for person in PEOPLE:
        found[person.role.value if person.role else "artist"].append(
            {"email": person.email, "password": person.password}
        )
    return found
