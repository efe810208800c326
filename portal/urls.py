"""Addresses of the ground floor."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, path
from django.views.generic import RedirectView

from portal.views import (
    agreement_texts,
    agreements,
    api_docs,
    audit,
    briefs,
    cohort_ends,
    cohorts,
    containment,
    demo,
    devices,
    email_change,
    found_keys,
    front,
    frozen_keys,
    invited,
    inviting,
    keys,
    leaks,
    members,
    notifications,
    people,
    profile,
    programme_keys,
    programme_webhooks,
    webhooks,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", front.landing, name="landing"),
    path("home/", front.home, name="home"),
    # Beside the API's own addresses, which end in no slash.
    path("v1/docs", api_docs.api_docs, name="api_docs"),
    path("healthz", front.healthz, name="healthz"),
    path("i18n/setlang/", front.set_language, name="set_language"),
    path("invite/<str:token>/", invited.invitation, name="invitation"),
    path("invite/<str:token>/opened/", invited.invitation_opened, name="invitation_opened"),
    path("invite/<str:token>/decline/", invited.invitation_decline, name="invitation_decline"),
    path("invite/<str:token>/ask/", invited.invitation_ask, name="invitation_ask"),
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
    path("settings/cohorts/<int:membership_id>/leave/", members.cohort_leave, name="cohort_leave"),
    path("settings/email/", email_change.email_change, name="email_change"),
    path("settings/email/<str:token>/", email_change.email_confirm, name="email_confirm"),
    # allauth's own page would change the address with one end's word.
    path(
        "accounts/email/", RedirectView.as_view(pattern_name="email_change"), name="account_email"
    ),
    path("settings/second-factor/", profile.second_factor, name="second_factor"),
    path("keys/", keys.key_list, name="keys"),
    path("keys/new/", keys.key_new, name="key_new"),
    path("keys/found/", found_keys.keys_found, name="keys_found"),
    path("keys/<int:key_id>/rotate/", keys.key_rotate, name="key_rotate"),
    path("keys/<int:key_id>/revoke/", keys.key_revoke, name="key_revoke"),
    path("webhooks/", webhooks.webhook_list, name="webhooks"),
    path("webhooks/new/", webhooks.webhook_new, name="webhook_new"),
    path("webhooks/<int:webhook_id>/", webhooks.webhook, name="webhook"),
    path("webhooks/<int:webhook_id>/edit/", webhooks.webhook_edit, name="webhook_edit"),
    path("webhooks/<int:webhook_id>/secret/", webhooks.webhook_rotate, name="webhook_rotate"),
    path("webhooks/<int:webhook_id>/test/", webhooks.webhook_test, name="webhook_test"),
    path("webhooks/<int:webhook_id>/remove/", webhooks.webhook_remove, name="webhook_remove"),
    path(
        "webhooks/<int:webhook_id>/state/<str:verb>/", webhooks.webhook_state, name="webhook_state"
    ),
    path(
        "webhooks/deliveries/<int:delivery_id>/again/",
        webhooks.delivery_again,
        name="delivery_again",
    ),
    path("device/", devices.device, name="device"),
    path("device/refuse/", devices.device_refuse, name="device_refuse"),
    path("keys/<int:key_id>/frozen/", frozen_keys.key_frozen, name="key_frozen"),
    path("keys/<int:key_id>/frozen/confirm/", frozen_keys.key_confirm, name="key_confirm"),
    path("programme/", cohorts.programme, name="programme"),
    path("programme/cohorts/new/", cohorts.cohort_new, name="cohort_new"),
    path("programme/cohorts/<slug:slug>/", cohorts.cohort, name="cohort"),
    path("programme/cohorts/<slug:slug>/edit/", cohorts.cohort_edit, name="cohort_edit"),
    path("programme/cohorts/<slug:slug>/invite/", inviting.invite, name="invite"),
    path("programme/cohorts/<slug:slug>/briefs/new/", briefs.brief_new, name="brief_new"),
    path("programme/cohorts/<slug:slug>/extend/", cohort_ends.cohort_extend, name="cohort_extend"),
    path("programme/cohorts/<slug:slug>/close/", cohort_ends.cohort_close, name="cohort_close"),
    path(
        "programme/cohorts/<slug:slug>/state/<str:verb>/",
        cohorts.cohort_state,
        name="cohort_state",
    ),
    path(
        "programme/invitations/<int:invitation_id>/",
        inviting.invitation_record,
        name="invitation_record",
    ),
    path(
        "programme/invitations/<int:invitation_id>/send/",
        inviting.invitation_send,
        name="invitation_send",
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
    path(
        "programme/members/<int:membership_id>/remove/",
        members.member_remove,
        name="member_remove",
    ),
    path(
        "programme/members/<int:membership_id>/reinstate/",
        members.member_reinstate,
        name="member_reinstate",
    ),
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
    path(
        "programme/keys/<int:key_id>/freeze/",
        programme_keys.programme_key_freeze,
        name="programme_key_freeze",
    ),
    path("programme/leaks/", leaks.leak_list, name="leaks"),
    path("programme/leaks/<int:report_id>/", leaks.leak, name="leak"),
    path("programme/leaks/<int:report_id>/note/", leaks.leak_note, name="leak_note"),
    path("programme/cohorts/<slug:slug>/leaks/", leaks.leak_policy, name="leak_policy"),
    path("programme/cohorts/<slug:slug>/canary/", programme_keys.canary_new, name="canary_new"),
    path(
        "programme/cohorts/<slug:slug>/webhooks/",
        programme_webhooks.cohort_webhooks,
        name="cohort_webhooks",
    ),
    path(
        "programme/cohorts/<slug:slug>/webhooks/new/",
        programme_webhooks.cohort_webhook_new,
        name="cohort_webhook_new",
    ),
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
