"""The public page where anybody drops a file and reads where it comes from."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from portal.errors import GreenroomError
from portal.limits import spend
from portal.requests import client_address, network_of
from review.services.verifying import Finding, examine
from review.verify_errors import AskedTooOften, FileTooLarge, LengthMissing
from review.verify_forms import VerifyForm

MOST_PER_MINUTE = 12
# Of everybody together: each file costs seconds of a processor.
MOST_PER_MINUTE_OF_ALL = 60
# What a form adds to its file.
_AROUND = 65_536


# Looking changes nothing, and a token in the body could only be checked after reading all of it.
@csrf_exempt
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Read a file's content credential; a file that is too large is refused unread."""
    finding: Finding | None = None
    form = VerifyForm()
    if request.method == "POST":
        try:
            _require_modest(request)
        except GreenroomError as refusal:
            # The form may not look at the body either.
            answer = render(
                request,
                "review/verify.html",
                {"form": form, "refusal": refusal},
                status=refusal.status,
            )
            if isinstance(refusal, AskedTooOften):
                answer["Retry-After"] = "60"
            return answer
        form = VerifyForm(request.POST, request.FILES)
        if form.is_valid():
            upload = form.cleaned_data["file"]
            finding = form.attempt(lambda: examine(viewer=request.user, upload=upload))
    return render(
        request, "review/verify.html", {"form": form, "finding": finding}, status=form.status
    )


def _require_modest(request: HttpRequest) -> None:
    """Before anything of the body is read."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length.isdecimal():
        raise LengthMissing
    if len(length) > 15 or int(length) > settings.VERIFY_UPLOAD_MB * 2**20 + _AROUND:
        raise FileTooLarge
    address = client_address(request)
    network = str(network_of(address)) if address is not None else "socket"
    counts = (
        spend(f"verify:{network}", most=MOST_PER_MINUTE, seconds=60),
        spend("verify", most=MOST_PER_MINUTE_OF_ALL, seconds=60),
    )
    if not all(count.allowed for count in counts):
        raise AskedTooOften
