"""Addresses of review and release."""

from __future__ import annotations

from django.urls import path

from review import compare_urls, note_urls
from review.views import (
    appeals,
    artist,
    bulk,
    clock,
    conflicts,
    desk,
    media,
    messages,
    public,
    queue,
    reasons,
    saved_filters,
    undo,
    verify,
)

app_name = "review"

urlpatterns = [
    *note_urls.urlpatterns,
    *compare_urls.urlpatterns,
    path("review/", queue.queue, name="queue"),
    path("review/reasons/", reasons.published_reasons, name="reasons"),
    path("review/conflicts/", conflicts.conflicts, name="conflicts"),
    path("review/conflicts/<int:conflict_id>/end/", conflicts.end, name="end_conflict"),
    path("review/appeals/", appeals.appeals, name="appeals"),
    path("review/appeals/<int:appeal_id>/", appeals.appeal, name="appeal"),
    path("review/appeals/<int:appeal_id>/answer/", appeals.answer, name="answer_appeal"),
    path("review/filters/", saved_filters.save, name="save_filter"),
    path(
        "review/filters/<int:filter_id>/default/",
        saved_filters.set_default,
        name="default_filter",
    ),
    path("review/filters/<int:filter_id>/remove/", saved_filters.remove, name="remove_filter"),
    path("review/start/", desk.start, name="start"),
    path("review/decide/", bulk.decide_all, name="decide_all"),
    path("review/<int:review_id>/", desk.desk, name="desk"),
    path("review/<int:review_id>/decide/", desk.decide, name="decide"),
    path("review/<int:review_id>/next/", desk.skip, name="next"),
    path("review/<int:review_id>/undo/", undo.undo, name="undo"),
    path("review/<int:review_id>/pass-on/", desk.pass_on, name="pass_on"),
    path("review/<int:review_id>/leave/", desk.leave, name="leave"),
    path("review/<int:review_id>/renew/", desk.renew, name="renew"),
    path("review/<int:review_id>/revoke/", desk.revoke, name="revoke"),
    path("review/<int:review_id>/messages/", messages.of_team, name="team_messages"),
    path("studio/clips/<uuid:clip_id>/messages/", messages.of_artist, name="messages"),
    path("programme/cohorts/<slug:slug>/clock/", clock.clock, name="clock"),
    path("programme/cohorts/<slug:slug>/clock/preview/", clock.preview, name="clock_preview"),
    path("studio/clips/<uuid:clip_id>/submit/", artist.submit, name="submit"),
    path("studio/clips/<uuid:clip_id>/review/", artist.standing, name="standing"),
    path("studio/clips/<uuid:clip_id>/withdraw/", artist.withdraw, name="withdraw"),
    path("studio/clips/<uuid:clip_id>/appeal/", appeals.make, name="make_appeal"),
    path("studio/clips/<uuid:clip_id>/appeal/withdraw/", appeals.withdraw, name="withdraw_appeal"),
    path("studio/clips/<uuid:clip_id>/sharing/", artist.sharing, name="sharing"),
    path(
        "studio/clips/<uuid:clip_id>/links/<int:link_id>/close/",
        artist.close_link,
        name="close_link",
    ),
    path("verify/", verify.verify, name="verify"),
    path("media/pictures/<uuid:picture_id>", media.start_picture, name="start_picture"),
    path("media/clips/<uuid:clip_id>/<slug:variant>", media.media, name="media"),
    path("c/<slug:token>/", public.shared, name="shared"),
    path("c/<slug:token>/media/<slug:variant>", media.shared_media, name="shared_media"),
]
