"""``/v1/feedback`` and ``/v1/earnings``: what an artist's scripts tell us, and what it pays."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import BaseModel, Field

from generation.api.asking import entry_named, named_clip, token_of
from generation.models import Clip
from generation.names import video_id
from payments import models as rows
from payments import queries
from payments.models.feedback import TEXT_LIMIT
from payments.models.work import WorkItemQuerySet
from payments.services import feedback as services
from portal.api.auth import grant_of
from portal.api.bodies import body_of
from portal.api.errors import REFUSALS
from portal.errors import ValueMisformed
from portal.services.key_use import KeyGrant
from portal.states import Scope

router = Router()

_WORK = "work_"


class Tell(BaseModel):
    """One report; not all of the four texts may be empty."""

    model: str | None = None
    video: str | None = None
    tried: str = Field("", max_length=TEXT_LIMIT)
    happened: str = Field("", max_length=TEXT_LIMIT)
    change: str = Field("", max_length=TEXT_LIMIT)
    opinion: str = Field("", max_length=TEXT_LIMIT)
    minutes: int | None = Field(None, ge=1, le=6_000)


class Feedback(Schema):
    """One filed report, which nobody changes; moments are Unix seconds."""

    id: str
    object: Literal["feedback"]
    created_at: int
    model: str
    video: str | None
    tried: str
    happened: str
    change: str
    opinion: str
    minutes: int | None


class Balance(Schema):
    """Money in one currency, in its smallest unit: cents of EUR, yen of JPY."""

    currency: str
    owed: int
    in_payout: int
    in_transit: int
    paid: int


class Earnings(Schema):
    object: Literal["earnings"]
    data: list[Balance]


class Work(Schema):
    """One line: what was done and what it pays, in the currency's smallest unit."""

    id: str
    object: Literal["work"]
    created_at: int
    kind: str
    about: str
    video: str | None
    amount: int
    currency: str
    state: str


class WorkPage(Schema):
    object: Literal["list"]
    data: list[Work]
    first_id: str | None
    last_id: str | None
    has_more: bool


@router.post(
    "/feedback",
    response={200: Feedback, **REFUSALS},
    operation_id="createFeedback",
    summary="File a report",
    url_name="feedback",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                form: {"schema": Tell.model_json_schema()}
                for form in ("multipart/form-data", "application/json")
            },
        }
    },
)
def create_feedback(request: HttpRequest) -> Feedback:
    """Files a report on a model or a video. Repeating the request repeats the answer."""
    grant = _may(request, Scope.FEEDBACK_WRITE)
    body = body_of(request)
    told = body.read(Tell)
    clip = named_clip(grant, told.video, field="video") if told.video else None
    report = services.Report(
        cohort=grant.cohort,
        model_key=_model_of(grant, told, clip),
        clip=clip,
        tried=told.tried.strip(),
        happened=told.happened.strip(),
        change=told.change.strip(),
        opinion=told.opinion.strip(),
        minutes=told.minutes,
    )
    filed = services.file_feedback(
        actor=grant.owner, report=report, token=token_of(request, grant, body)
    )
    return _shown(filed)


@router.get(
    "/earnings",
    response={200: Earnings, **REFUSALS},
    operation_id="retrieveEarnings",
    summary="What your work in the cohort has earned",
    url_name="earnings",
)
def retrieve_earnings(request: HttpRequest) -> Earnings:
    """What is owed, being paid and paid, by currency."""
    grant = _may(request, Scope.EARNINGS_READ)
    found = queries.balances_of(grant.owner, cohort=grant.cohort)
    return Earnings(
        object="earnings",
        data=[
            Balance(
                currency=balance.currency,
                owed=balance.owed_minor,
                in_payout=balance.in_payout_minor,
                in_transit=balance.in_transit_minor,
                paid=balance.paid_minor,
            )
            for balance in found
        ],
    )


@router.get(
    "/earnings/work",
    response={200: WorkPage, **REFUSALS},
    operation_id="listWork",
    summary="Your paid work, line by line",
    url_name="earnings_work",
)
def list_work(
    request: HttpRequest,
    after: str | None = None,
    limit: Annotated[int, Query(ge=0, le=100)] = 20,
) -> WorkPage:
    """Each line of the earnings in the key's cohort, the newest first."""
    grant = _may(request, Scope.EARNINGS_READ)
    mine = queries.work_of(grant.owner).filter(cohort=grant.cohort)
    if after:
        mine = mine.filter(pk__lt=_last_seen(mine, after))
    found = list(mine.order_by("-pk")[: limit + 1]) if limit else []
    data = [_line(item) for item in found[:limit]]
    return WorkPage(
        object="list",
        data=data,
        first_id=data[0].id if data else None,
        last_id=data[-1].id if data else None,
        has_more=len(found) > limit,
    )


def _may(request: HttpRequest, scope: Scope) -> KeyGrant:
    grant = grant_of(request)
    grant.require(scope)
    return grant


def _model_of(grant: KeyGrant, told: Tell, clip: Clip | None) -> str:
    """The model named, else the video's, which need not be on offer any more, else the first."""
    if clip is not None and told.model in {None, "", clip.model_key}:
        return clip.model_key
    return entry_named(grant.cohort, told.model, needs=("none", "picture", "video")).key


def _shown(filed: rows.Feedback) -> Feedback:
    return Feedback(
        id=f"feedback_{filed.pk}",
        object="feedback",
        created_at=int((filed.filed_at or filed.created_at).timestamp()),
        model=filed.model_key,
        video=video_id(filed.clip_id) if filed.clip_id else None,
        tried=filed.tried,
        happened=filed.happened,
        change=filed.change,
        opinion=filed.opinion,
        minutes=filed.minutes,
    )


def _line(item: rows.WorkItem) -> Work:
    return Work(
        id=f"{_WORK}{item.pk}",
        object="work",
        created_at=int(item.accrued_at.timestamp()),
        kind=item.kind,
        about=item.about,
        video=video_id(item.clip_id) if item.clip_id else None,
        amount=item.amount_minor,
        currency=item.currency,
        state=str(getattr(item, "state", "")),
    )


def _last_seen(mine: WorkItemQuerySet, text: str) -> int:
    number = text.removeprefix(_WORK)
    if number.isascii() and number.isdigit() and len(number) < 19:
        found = mine.filter(pk=int(number)).values_list("pk", flat=True).first()
        if found is not None:
            return int(found)
    raise ValueMisformed(_("There is no work of this id."), field="after")
