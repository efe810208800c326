"""``/v1/models``: what the key's cohort may use."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from ninja import Router

from generation.api.payloads import Model, ModelPage, model_of
from generation.catalogue import offered
from portal.api.auth import grant_of
from portal.api.errors import REFUSALS
from portal.states import Scope

router = Router()


@router.get(
    "/models",
    response={200: ModelPage, **REFUSALS},
    operation_id="listModels",
    summary="Models on offer",
    url_name="models",
)
def list_models(request: HttpRequest) -> ModelPage:
    grant = grant_of(request)
    grant.require(Scope.CLIPS_READ)
    return ModelPage(object="list", data=[model_of(entry) for entry in offered(grant.cohort)])


@router.get(
    "/models/{model}",
    response={200: Model, **REFUSALS},
    operation_id="retrieveModel",
    summary="One model on offer",
    url_name="model",
)
def retrieve_model(request: HttpRequest, model: str) -> Model:
    grant = grant_of(request)
    grant.require(Scope.CLIPS_READ)
    for entry in offered(grant.cohort):
        if entry.key == model:
            return model_of(entry)
    raise Http404
