from __future__ import annotations

from django.urls import path
from django.views.generic import RedirectView

from payments.views import (
    disputes,
    earnings,
    feedback,
    floors,
    holds,
    payouts,
    rates,
    remittances,
    session_review,
    sessions,
)

app_name = "payments"

urlpatterns = [
    path(
        "work/",
        RedirectView.as_view(pattern_name="payments:feedback", http_method_names=["get", "head"]),
        name="work",
    ),
    path("work/feedback/", feedback.feedback_list, name="feedback"),
    path("work/feedback/new/", feedback.write, name="feedback_new"),
    path("work/feedback/<int:feedback_id>/", feedback.detail, name="feedback_detail"),
    path("work/feedback/<int:feedback_id>/edit/", feedback.write, name="feedback_edit"),
    path("work/feedback/<int:feedback_id>/delete/", feedback.delete, name="feedback_delete"),
    path("work/feedback/<int:feedback_id>/triage/", feedback.triage, name="feedback_triage"),
    path("work/feedback/<int:feedback_id>/picture/", feedback.picture, name="feedback_picture"),
    path("work/sessions/", sessions.session_list, name="sessions"),
    path("work/sessions/start/", sessions.start, name="session_start"),
    path("work/sessions/new/", sessions.enter, name="session_new"),
    path("work/sessions/<int:session_id>/", sessions.detail, name="session"),
    path("work/sessions/<int:session_id>/stop/", sessions.stop, name="session_stop"),
    path("work/sessions/<int:session_id>/withdraw/", sessions.withdraw, name="session_withdraw"),
    path("programme/sessions/", session_review.waiting, name="session_review"),
    path(
        "programme/sessions/<int:session_id>/confirm/",
        session_review.confirm,
        name="session_confirm",
    ),
    path(
        "programme/sessions/<int:session_id>/answer/",
        session_review.answer,
        name="session_answer",
    ),
    path("programme/cohorts/<slug:slug>/sessions/", session_review.terms, name="session_terms"),
    path("programme/cohorts/<slug:slug>/floor/", floors.floor, name="floor"),
    path("earnings/", earnings.earnings, name="earnings"),
    path("earnings/export.csv", earnings.work_csv, name="earnings_csv"),
    path("earnings/disputes/", disputes.dispute_list, name="disputes"),
    path("earnings/disputes/new/", disputes.raise_one, name="dispute_new"),
    path("earnings/disputes/<int:dispute_id>/", disputes.detail, name="dispute"),
    path("earnings/disputes/<int:dispute_id>/say/", disputes.say, name="dispute_say"),
    path("programme/disputes/", disputes.inbox, name="dispute_inbox"),
    path("programme/disputes/<int:dispute_id>/end/", disputes.end, name="dispute_end"),
    path("earnings/payee/", earnings.payee, name="payee"),
    path("earnings/payouts/<int:payout_id>/", earnings.payout_statement, name="payout_statement"),
    path(
        "earnings/statements/<int:year>/<int:month>/",
        earnings.month_statement,
        name="month_statement",
    ),
    path("programme/payouts/", payouts.payout_list, name="payouts"),
    path("programme/payouts/new/", payouts.draft, name="payout_new"),
    path("programme/payouts/<int:payout_id>/", payouts.detail, name="payout_detail"),
    path("programme/payouts/<int:payout_id>/approve/", payouts.approve, name="payout_approve"),
    path("programme/payouts/<int:payout_id>/export/", payouts.export, name="payout_export"),
    path("programme/payouts/<int:payout_id>/sent/", payouts.sent, name="payout_sent"),
    path("programme/payouts/<int:payout_id>/cancel/", payouts.cancel, name="payout_cancel"),
    path("programme/payouts/<int:payout_id>/file/", payouts.export_file, name="payout_file"),
    path(
        "programme/payouts/<int:payout_id>/settled/",
        remittances.settle_all,
        name="payout_settled",
    ),
    path("programme/payouts/holds/", holds.holds, name="holds"),
    path("programme/payouts/holds/<int:hold_id>/lift/", holds.lift, name="hold_lift"),
    path("programme/payouts/remittances/", remittances.remittance_list, name="remittances"),
    path(
        "programme/payouts/remittances/<int:remittance_id>/",
        remittances.detail,
        name="remittance",
    ),
    path(
        "programme/payouts/remittances/<int:remittance_id>/answer/",
        remittances.answer,
        name="remittance_answer",
    ),
    path("programme/cohorts/<slug:slug>/rates/", rates.rates, name="rates"),
]
