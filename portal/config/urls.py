"""Every address of the site. Apps are named by string, so nothing here imports upwards."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("studio/", include("generation.urls")),
    path("", include("portal.urls")),
    path("accounts/", include("allauth.urls")),
    path("programme/", include("generation.staff_urls")),
    path("", include("review.urls")),
    path("", include("payments.urls")),
]
