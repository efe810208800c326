"""What was signed, to keep and to print: the text in both languages and the signature under it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.text import slugify
from django.utils.translation import gettext as _

from portal.consents import standing_at
from portal.documents.sheet import Sheet
from portal.models import Cohort
from portal.models.agreement import blocks_of

if TYPE_CHECKING:
    from datetime import datetime

    from portal.models import Signature


def signed_pdf(signature: Signature) -> bytes:
    """The document of *signature*, its labels in the current language."""
    version = signature.version
    title = version.agreement.title
    sheet = Sheet(
        title=title,
        made_at=signature.signed_at,
        foot=_("%(agreement)s, version %(number)d, signed by %(name)s")
        % {"agreement": title, "number": version.number, "name": signature.name_typed},
    )
    sheet.lead(
        _("Version %(number)d, published %(moment)s")
        % {"number": version.number, "moment": _moment(version.published_at)}
    )
    cohorts = Cohort.objects.filter(
        agreement=version.agreement_id, memberships__user=signature.user_id
    ).order_by("starts_on", "pk")
    sheet.heading(_("The signature"))
    sheet.facts(
        [
            (_("Signed as"), signature.name_typed),
            (_("Account"), f"{signature.user.name} <{signature.user.email}>"),
            (_("Signed at"), _moment(signature.signed_at)),
            (_("Cohort"), ", ".join(cohort.name for cohort in cohorts)),
            (_("SHA-256 of the text"), signature.sha256),
        ]
    )
    sheet.heading(_("What was allowed beside it, at that moment"))
    sheet.facts([(str(each.label), each.said) for each in standing_at(signature)])
    for heading, language, body in (
        (_("The text in English"), "en", version.body_en),
        (_("The text in French"), "fr", version.body_fr),
    ):
        sheet.add_page()
        sheet.heading(heading)
        with translation.override(language):
            for block in blocks_of(body):
                if block.is_heading:
                    sheet.heading(block.text, inner=True)
                else:
                    sheet.paragraph(block.text)
    sheet.ln(4)
    sheet.paragraph(
        _(
            "The checksum covers both texts: it is the SHA-256 of the English text, a NUL byte and "
            "the French text, in UTF-8. The texts come with every takeout of this account."
        ),
        small=True,
    )
    return sheet.bytes()


def file_name(signature: Signature) -> str:
    """``artist-agreement-v2.pdf``."""
    version = signature.version
    return f"{slugify(version.agreement.title) or 'agreement'}-v{version.number}.pdf"


def _moment(at: datetime) -> str:
    """``3 May 2026, 14:05 (UTC+02:00)``."""
    local = timezone.localtime(at)
    offset = local.strftime("%z")
    return f"{date_format(local, 'DATE_FORMAT')}, {local:%H:%M} (UTC{offset[:3]}:{offset[3:]})"
