"""The API's OpenAPI schema, read for people: operations, fields, answers, objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from portal.api.front import api
from portal.api_docs import words
from portal.api_docs.examples import Sample, examples_of
from portal.errors import GreenroomError
from portal.states import WebhookEvent

_METHODS = ("get", "post", "put", "patch", "delete")
_REF = "#/components/schemas/"


@dataclass(frozen=True, kw_only=True)
class Field:
    """One thing that is sent or answered.

    Attributes:
        kind: what it is, in words ("text", "whole number"), "" for an object of ours.
        of: name of the object it is, or holds, when that is one of ours.
        limits: what it may be, in words.
        note: what it means.
    """

    name: str
    kind: str
    of: str
    is_required: bool
    limits: str
    note: str


@dataclass(frozen=True, kw_only=True)
class Code:
    """A named refusal, its HTTP status and what it tells."""

    status: int
    code: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Thing:
    """An object of the API."""

    name: str
    note: str
    fields: Sequence[Field]


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One request.

    Attributes:
        id: its name in the schema, e.g. ``"createVideo"``.
        method, path: e.g. ``"POST"``, ``"/v1/videos"``.
        parameters: in the address.
        body: what is sent.
        forms: the content types a body may come in.
        answer: name of the object it answers, or "".
        answers: what it answers otherwise, in words.
    """

    id: str
    anchor: str
    method: str
    path: str
    title: str
    note: str
    parameters: Sequence[Field]
    body: Sequence[Field]
    forms: Sequence[str]
    answer: str
    answers: str
    codes: Sequence[Code]
    samples: Sequence[Sample]


def operations() -> list[Operation]:
    """Every operation of the schema, in the order a newcomer meets them."""
    order = list(words.TITLES)
    found = [
        _operation(path, method, told)
        for path, methods in _schema()["paths"].items()
        for method, told in methods.items()
        if method in _METHODS
    ]
    return sorted(found, key=lambda op: order.index(op.id) if op.id in order else len(order))


def things() -> list[Thing]:
    """The objects that operations answer, and those within them."""
    known = _schema()["components"]["schemas"]
    return [
        Thing(
            name=name,
            note=str(words.THINGS.get(name, known[name].get("description", ""))),
            fields=_fields(known[name], owner=name),
        )
        for name in known
        if "properties" in known[name]
    ]


def events() -> list[tuple[str, str]]:
    """What a webhook can be told of: its name and what it means."""
    return [(name, str(WebhookEvent(name).label)) for name in _schema()["webhooks"]]


def event_fields() -> list[Field]:
    """The body of an event, whichever it is."""
    told = next(iter(_schema()["webhooks"].values()))["post"]
    body = told["requestBody"]["content"]["application/json"]["schema"]
    return [
        replace(field, note=str(words.EVENT[field.name]), limits="")
        for field in _fields(body, owner="Event")
    ]


def event_headers() -> list[Field]:
    """What an event is sent with, whichever it is."""
    told = next(iter(_schema()["webhooks"].values()))["post"]
    return [
        replace(_parameter("", found), note=str(words.EVENT[found["name"]]))
        for found in told["parameters"]
    ]


def general_codes() -> list[Code]:
    """Refusals that any operation may answer."""
    return _codes(words.ANYWHERE)


@cache
def _schema() -> Mapping[str, Any]:
    return api.get_openapi_schema(path_prefix="/v1/")


def _operation(path: str, method: str, told: Mapping[str, Any]) -> Operation:
    name = told["operationId"]
    content = told.get("requestBody", {}).get("content", {})
    # A form says all that JSON can, and files.
    widest: Mapping[str, Any] = max(
        (part["schema"] for part in content.values()),
        key=lambda schema: len(_whole(schema).get("properties", {})),
        default={},
    )
    answer = told["responses"].get(200, told["responses"].get("200", {}))
    media = answer.get("content", {})
    said = media.get("application/json", {}).get("schema", {})
    return Operation(
        id=name,
        anchor=slugify(name),
        method=method.upper(),
        path=path,
        title=str(words.TITLES.get(name, told.get("summary", name))),
        note=str(words.NOTES.get(name, told.get("description", ""))),
        parameters=[_parameter(name, found) for found in told.get("parameters", [])],
        body=_fields(widest, owner=name),
        forms=list(content),
        answer=_named(said),
        answers=", ".join(kind for kind in media if kind != "application/json"),
        codes=_codes(words.CODES.get(name, ())),
        samples=examples_of(name),
    )


def _parameter(owner: str, found: Mapping[str, Any]) -> Field:
    schema = found.get("schema", {})
    return _field(owner, found["name"], schema, is_required=bool(found.get("required")))


def _fields(schema: Mapping[str, Any], *, owner: str) -> list[Field]:
    whole = _whole(schema)
    required = set(whole.get("required", ()))
    return [
        _field(owner, name, inner, is_required=name in required)
        for name, inner in whole.get("properties", {}).items()
    ]


def _field(owner: str, name: str, schema: Mapping[str, Any], *, is_required: bool) -> Field:
    note = words.FIELDS.get(f"{owner}.{name}") or words.FIELDS.get(name)
    return Field(
        name=name,
        kind=_kind(schema),
        of=_named(schema),
        is_required=is_required,
        limits="; ".join(_limits(schema)),
        note=str(note or schema.get("description", "")),
    )


def _whole(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    ref = str(schema.get("$ref", ""))
    if ref.startswith(_REF):
        found: Mapping[str, Any] = _schema()["components"]["schemas"][ref.removeprefix(_REF)]
        return found
    return schema


def _named(schema: Mapping[str, Any]) -> str:
    for part in _parts(schema):
        ref = str(part.get("$ref", part.get("items", {}).get("$ref", "")))
        if ref.startswith(_REF):
            return ref.removeprefix(_REF)
    return ""


def _parts(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from schema.get("anyOf", (schema,))


def _kind(schema: Mapping[str, Any]) -> str:
    said = []
    for part in _parts(schema):
        kind = "file" if part.get("format") == "binary" else part.get("type", "")
        if "const" in part:
            kind = "string"
        said.append(str(words.KINDS.get(kind, "")))
    return _(" or ").join(dict.fromkeys(word for word in said if word))


def _limits(schema: Mapping[str, Any]) -> Iterator[str]:
    for part in _parts(schema):
        if "const" in part:
            yield f"“{part['const']}”"
        if "enum" in part:
            yield ", ".join(f"“{value}”" for value in part["enum"])
        if "maxLength" in part:
            yield _("at most %(most)s characters") % {"most": part["maxLength"]}
        if "minimum" in part and "maximum" in part:
            yield _("%(least)s to %(most)s") % {"least": part["minimum"], "most": part["maximum"]}
    if schema.get("default") not in (None, ""):
        yield _("left out: %(value)s") % {"value": schema["default"]}


def _codes(wanted: Sequence[str]) -> list[Code]:
    known = _errors()
    return [
        Code(
            status=known[code].api_status or known[code].status,
            code=code,
            message=str(known[code].default_message),
        )
        for code in wanted
        if code in known
    ]


@cache
def _errors() -> dict[str, type[GreenroomError]]:
    """Named errors of every app, by code."""
    found: dict[str, type[GreenroomError]] = {}
    todo: list[type[GreenroomError]] = [GreenroomError]
    while todo:
        kind = todo.pop()
        found.setdefault(kind.code, kind)
        todo.extend(kind.__subclasses__())
    return found
