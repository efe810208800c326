from __future__ import annotations

from django.urls import path
from django.views.generic import RedirectView

from payments.views import (
    earnings,
    feedback,
    holds,
    overview,
    payouts,
    rates,
    remittances,
    reports,
    statements,
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
    path("earnings/", earnings.earnings, name="earnings"),
    path("earnings/export.csv", earnings.work_csv, name="earnings_csv"),
    path("earnings/payee/", earnings.payee, name="payee"),
    path("earnings/payouts/<int:payout_id>/", earnings.payout_statement, name="payout_statement"),
    path(
        "earnings/statements/<int:year>/<int:month>/",
        statements.statement,
        name="month_statement",
    ),
    path("earnings/statements/<int:year>/", statements.statement, name="year_statement"),
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
    path("programme/payouts/overview/", overview.overview, name="overview"),
    path("programme/cohorts/<slug:slug>/budget/", overview.budget, name="budget"),
    path("programme/payouts/totals/", statements.totals, name="year_totals"),
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
    path("cohorts/<slug:slug>/report/", reports.report, name="report"),
    path("cohorts/<slug:slug>/report/make/", reports.report_make, name="report_make"),
    path("reports/<int:report_id>/publish/", reports.report_publish, name="report_publish"),
    path("reports/<int:report_id>/withdraw/", reports.report_withdraw, name="report_withdraw"),
    path("reports/<slug:slug>/<int:report_id>/", reports.public_report, name="public_report"),
    path(
        "reports/<slug:slug>/<int:report_id>.pdf",
        reports.public_report_pdf,
        name="public_report_pdf",
    ),
    path("programme/cohorts/<slug:slug>/rates/", rates.rates, name="rates"),
]
