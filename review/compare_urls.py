"""Addresses of comparing."""

from __future__ import annotations

from django.urls import path

from review.views import compare

urlpatterns = [
    path("review/<int:review_id>/compare/", compare.compare, name="compare"),
    path("review/<int:review_id>/compare/<uuid:other_id>/", compare.compare, name="compare_with"),
]
