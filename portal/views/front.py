"""The door: landing page, health, language, home."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe
from django.views.i18n import set_language as django_set_language
from redis.exceptions import RedisError

from portal import deletions, registry
from portal.models import User
from portal.services import people
from portal.views.base import SignedInRequest


@login_not_required
@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """What Greenroom is; who is signed in goes straight home."""
    if request.user.is_authenticated:
        return redirect("home")
    return render(request, "portal/landing.html")


@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """What concerns this person now, first of all that their account is about to go."""
    context = {
        "panels": registry.home_panels(request),
        "deletion": deletions.waiting_of(request.user),
    }
    return render(request, "portal/home.html", context)


@login_not_required
@never_cache
@require_GET
def healthz(request: HttpRequest) -> JsonResponse:
    """Whether this process reaches what it cannot work without: 200 or 503."""
    parts = {"database": _database_answers(), "redis": _redis_answers()}
    healthy = all(parts.values())
    said = {name: "ok" if up else "down" for name, up in parts.items()}
    return JsonResponse(
        {"status": "ok" if healthy else "down", **said}, status=200 if healthy else 503
    )


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except OperationalError:
        return False
    return True


def _redis_answers() -> bool:
    try:
        cache.get("healthz")
    except RedisError:
        return False
    return True


@login_not_required
@require_POST
def set_language(request: HttpRequest) -> HttpResponseBase:
    """Switch the language of this browser and, for who is signed in, of the account."""
    response = django_set_language(request)
    chosen = request.POST.get("language", "")
    if isinstance(request.user, User) and chosen in dict(settings.LANGUAGES):
        people.set_language(actor=request.user, language=chosen)
    return response
