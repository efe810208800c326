"""A person's saved filters; the queue shows them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portal.duties import Duty
from portal.errors import GreenroomError
from portal.views.base import SignedInRequest, only_for, refuse
from review.filter_errors import FilterNameRefused
from review.forms import SavedFilterForm
from review.models import SavedFilter
from review.services import saved_filters
from review.views.queue import everything_url, filters_of, suffix


@only_for(Duty.LOOK)
@require_POST
def save(request: SignedInRequest) -> HttpResponse:
    """Keep the filters of the address under the name that was typed."""
    filters = filters_of(request)
    back = f"{reverse('review:queue')}{suffix(filters)}" if filters.as_query() else everything_url()
    form = SavedFilterForm(request.POST)
    if not form.is_valid():
        return refuse(request, FilterNameRefused(), back)
    try:
        saved = saved_filters.save(actor=request.user, filters=filters, **form.cleaned_data)
    except GreenroomError as refusal:
        return refuse(request, refusal, back)
    messages.success(request, _("Saved: %(name)s.") % {"name": saved.name})
    return redirect(back)


@only_for(Duty.LOOK)
@require_POST
def set_default(request: SignedInRequest, filter_id: int) -> HttpResponse:
    """Open the queue with this one, or with everything again."""
    saved = get_object_or_404(SavedFilter, pk=filter_id, person=request.user)
    saved_filters.set_default(actor=request.user, saved=saved, is_default=not saved.is_default)
    return redirect("review:queue")


@only_for(Duty.LOOK)
@require_POST
def remove(request: SignedInRequest, filter_id: int) -> HttpResponse:
    """Forget one."""
    saved = get_object_or_404(SavedFilter, pk=filter_id, person=request.user)
    saved_filters.remove(actor=request.user, saved=saved)
    messages.success(request, _("Removed: %(name)s.") % {"name": saved.name})
    return redirect(everything_url())
