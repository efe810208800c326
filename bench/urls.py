"""The site's addresses, and one more: a view that inserts one row and does nothing else."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def insert(request: HttpRequest) -> HttpResponse:
    from portal.models import Notification

    assert request.user.is_authenticated
    Notification.objects.create(user=request.user, kind="bench", title=request.POST["title"])
    return HttpResponse(status=204)


urlpatterns = [path("bench/insert/", insert), path("", include("portal.config.urls"))]
