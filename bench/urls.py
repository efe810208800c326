"""The site's addresses, and a few more: bare views that do one thing and nothing else."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, include, path
from ninja import Form, NinjaAPI, Schema

from portal.api.auth import AccessKeyAuth

bare = NinjaAPI(auth=AccessKeyAuth(), urls_namespace="bench", docs_url=None, openapi_url=None)


class Said(Schema):
    prompt: str
    model: str
    seconds: str
    size: str


class Told(Said):
    id: str


@bare.get("/{name}", response=Told)
def told(request: HttpRequest, name: str) -> Told:
    return Told(id=name, prompt="a red boat", model="starter", seconds="2", size="128x128")


@bare.post("", response=Told)
def asked(request: HttpRequest, said: Form[Said]) -> Told:
    return Told(id="none", **said.model_dump())


def insert(request: HttpRequest) -> HttpResponse:
    from portal.models import Notification

    assert request.user.is_authenticated
    Notification.objects.create(user=request.user, kind="bench", title=request.POST["title"])
    return HttpResponse(status=204)


def _open() -> list[URLPattern]:
    found = [entry for entry in bare.urls[0] if isinstance(entry, URLPattern)]
    for pattern in found:
        pattern.callback = login_not_required(pattern.callback)
    return found


urlpatterns = [
    path("bench/insert/", insert),
    path("bench/bare/", include((_open(), "bench"))),
    path("", include("portal.config.urls")),
]
