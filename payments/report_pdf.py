"""A cohort's report to keep and to print; the same bytes each time in one language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from payments.report_text import day_of, headline, sections
from portal.documents.sheet import Sheet

if TYPE_CHECKING:
    from payments.models import CohortReport


def report_pdf(report: CohortReport) -> bytes:
    name, day = report.cohort.name, day_of(report)
    title = _("Report of %(cohort)s") % {"cohort": name}
    sheet = Sheet(title=title, made_at=report.made_at, foot=f"{title} · {day}")
    sheet.lead(_("As it stood on %(day)s") % {"day": day})
    withheld = _("withheld")
    sheet.facts([(line.label, line.value or withheld) for line in headline(report)])
    for section in sections(report):
        if not section.lines:
            continue
        sheet.heading(section.title)
        sheet.facts(
            [
                (
                    line.label,
                    " · ".join(filter(None, [line.value or withheld, line.share_text])),
                )
                for line in section.lines
            ]
        )
    sheet.paragraph(
        _(
            "A figure is withheld when fewer than five people stand behind it, or when it would "
            "let such a figure be computed. Pay per hour is rounded to two digits."
        ),
        small=True,
    )
    return sheet.bytes()
