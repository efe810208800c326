"""The site's addresses, and one more: a view that inserts one row and does nothing else."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def insert(request: HttpRequest) -> HttpResponse:
    from portal.models import Notification

    Notification.objects.create(user_id=request.user.pk, kind="bench", title=request.POST["title"])
    return HttpResponse(status=204)


urlpatterns = [path("bench/insert/", insert), path("", include("portal.config.urls"))]
