"""Addresses of the ground floor."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, path

from portal.views import (
    agreement_texts,
    agreements,
    audit,
    briefs,
    cohorts,
    containment,
    demo,
    found_keys,
    front,
    invited,
    inviting,
    keys,
    notifications,
    people,
    profile,
    programme_keys,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", front.landing, name="landing"),
    path("home/", front.home, name="home"),
    path("healthz", front.healthz, name="healthz"),
    path("i18n/setlang/", front.set_language, name="set_language"),
    path("invite/<str:token>/", invited.invitation, name="invitation"),
    path("invite/<str:token>/opened/", invited.invitation_opened, name="invitation_opened"),
    path("agreement/", agreements.sign_agreement, name="sign_agreement"),
    path("agreement/signed/", agreements.my_agreements, name="my_agreements"),
    path(
        "agreement/versions/<int:version_id>/",
        agreements.agreement_version,
        name="agreement_version",
    ),
    path("notifications/", notifications.notification_list, name="notifications"),
    path(
        "notifications/<int:notification_id>/open/",
        notifications.notification_open,
        name="notification_open",
    ),
    path(
        "notifications/read-all/",
        notifications.notifications_read_all,
        name="notifications_read_all",
    ),
    path("settings/", profile.profile, name="profile"),
    path("keys/", keys.key_list, name="keys"),
    path("keys/new/", keys.key_new, name="key_new"),
    path("keys/found/", found_keys.keys_found, name="keys_found"),
    path("keys/<int:key_id>/rotate/", keys.key_rotate, name="key_rotate"),
    path("keys/<int:key_id>/revoke/", keys.key_revoke, name="key_revoke"),
    path("programme/", cohorts.programme, name="programme"),
    path("programme/cohorts/new/", cohorts.cohort_new, name="cohort_new"),
    path("programme/cohorts/<slug:slug>/", cohorts.cohort, name="cohort"),
    path("programme/cohorts/<slug:slug>/edit/", cohorts.cohort_edit, name="cohort_edit"),
    path("programme/cohorts/<slug:slug>/invite/", inviting.invite, name="invite"),
    path("programme/cohorts/<slug:slug>/briefs/new/", briefs.brief_new, name="brief_new"),
    path(
        "programme/cohorts/<slug:slug>/state/<str:verb>/",
        cohorts.cohort_state,
        name="cohort_state",
    ),
    path(
        "programme/invitations/<int:invitation_id>/resend/",
        inviting.invitation_resend,
        name="invitation_resend",
    ),
    path(
        "programme/invitations/<int:invitation_id>/revoke/",
        inviting.invitation_revoke,
        name="invitation_revoke",
    ),
    path("programme/briefs/<int:brief_id>/edit/", briefs.brief_edit, name="brief_edit"),
    path("programme/briefs/<int:brief_id>/<str:verb>/", briefs.brief_open, name="brief_open"),
    path("programme/agreements/", agreement_texts.agreement_list, name="agreements"),
    path("programme/agreements/new/", agreement_texts.agreement_new, name="agreement_new"),
    path("programme/agreements/<int:agreement_id>/", agreement_texts.agreement, name="agreement"),
    path(
        "programme/agreements/<int:agreement_id>/publish/",
        agreement_texts.agreement_publish,
        name="agreement_publish",
    ),
    path("programme/people/", people.people_list, name="people"),
    path("programme/people/new/", people.staff_new, name="staff_new"),
    path("programme/people/<int:person_id>/", people.person, name="person"),
    path("programme/people/<int:person_id>/roles/", people.role_grant, name="role_grant"),
    path("programme/roles/<int:grant_id>/revoke/", people.role_revoke, name="role_revoke"),
    path("programme/keys/", programme_keys.programme_keys, name="programme_keys"),
    path(
        "programme/keys/<int:key_id>/revoke/",
        programme_keys.programme_key_revoke,
        name="programme_key_revoke",
    ),
    path(
        "programme/keys/<int:key_id>/thaw/",
        programme_keys.programme_key_thaw,
        name="programme_key_thaw",
    ),
    path("programme/cohorts/<slug:slug>/canary/", programme_keys.canary_new, name="canary_new"),
    path("programme/containment/", containment.containments, name="containments"),
    path("programme/containment/new/", containment.contain, name="contain"),
    path(
        "programme/containment/<int:containment_id>/lift/",
        containment.containment_lift,
        name="containment_lift",
    ),
    path("programme/log/", audit.audit_log, name="audit_log"),
    path("programme/log/export.csv", audit.audit_export, name="audit_export"),
    path("demo/sign-in/", demo.demo_sign_in, name="demo_sign_in"),
    path("demo/outbox/", demo.demo_outbox, name="demo_outbox"),
    path("demo/outbox/<str:name>/", demo.demo_mail, name="demo_mail"),
    path("demo/outbox/<str:name>/html/", demo.demo_mail_html, name="demo_mail_html"),
]

if settings.DEMO or settings.TESTING:
    from portal.views import styleguide

    urlpatterns.append(path("styleguide/", styleguide.styleguide, name="styleguide"))
