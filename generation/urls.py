"""Addresses of the studio, below ``/studio/``."""

from __future__ import annotations

from django.urls import URLPattern, path

from generation.views import clips, composer, live, presets, scripts, sheets, studio

app_name = "generation"

urlpatterns: list[URLPattern] = [
    path("", studio.studio, name="studio"),
    path("composer/", composer.composer, name="composer"),
    path("pictures/new/", composer.picture_new, name="picture_new"),
    path("presets/", presets.preset_list, name="presets"),
    path("presets/new/", presets.preset_new, name="preset_new"),
    path("presets/<int:preset_id>/", presets.preset_edit, name="preset_edit"),
    path("presets/<int:preset_id>/<str:verb>/", presets.preset_verb, name="preset_verb"),
    path("script/", scripts.script, name="script"),
    path("sheets/", sheets.sheet_list, name="sheets"),
    path("sheets/<uuid:sheet_id>/", sheets.sheet, name="sheet"),
    path("sheets/<uuid:sheet_id>/live/", sheets.sheet_live, name="sheet_live"),
    path("sheets/<uuid:sheet_id>/results.csv", sheets.sheet_results, name="sheet_results"),
    path("sheets/<uuid:sheet_id>/<str:verb>/", sheets.sheet_verb, name="sheet_verb"),
    path("words/", studio.words, name="words"),
    path("live/", studio.live, name="live"),
    path("progress/", live.progress, name="progress"),
    path("clips/new/", studio.clip_new, name="clip_new"),
    path("clips/<uuid:clip_id>/", clips.clip, name="clip"),
    path("clips/<uuid:clip_id>/live/", clips.clip_live, name="clip_live"),
    path("clips/<uuid:clip_id>/rename/", clips.clip_rename, name="clip_rename"),
    path("clips/<uuid:clip_id>/rerun/", clips.clip_rerun, name="clip_rerun"),
    path("clips/<uuid:clip_id>/vary/", clips.clip_vary, name="clip_vary"),
    path("clips/<uuid:clip_id>/run-again/", clips.clip_run_again, name="clip_run_again"),
    path("clips/<uuid:clip_id>/first/", clips.clip_first, name="clip_first"),
    path("clips/<uuid:clip_id>/cancel/", clips.clip_cancel, name="clip_cancel"),
    path("clips/<uuid:clip_id>/delete/", clips.clip_delete, name="clip_delete"),
]
