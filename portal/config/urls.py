"""Every address of the site. Apps are named by string, so nothing here imports upwards."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from portal.api import front

urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", include((front.patterns(), "v1"))),
    path("studio/", include("generation.urls")),
    path("", include("portal.urls")),
    path("accounts/", include("allauth.urls")),
    path("programme/", include("generation.staff_urls")),
    path("", include("review.urls")),
    path("", include("payments.urls")),
]
