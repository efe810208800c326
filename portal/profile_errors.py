"""Refusals of what a person says of themselves."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal.errors import GreenroomError


class PortraitTooLarge(GreenroomError):
    code = "portrait_too_large"
    status = 413
    default_message = _("That picture is too large.")


class NotAPortrait(GreenroomError):
    code = "not_a_portrait"
    status = 415
    default_message = _("That file is not a picture we can open. PNG, JPEG and WebP work.")


class LinkRefused(GreenroomError):
    code = "link_refused"
    default_message = _("Links are whole addresses that begin with https://, one a line.")


class TooManyLinks(GreenroomError):
    code = "too_many_links"
    default_message = _("Five links at most.")


class BioTooLong(GreenroomError):
    code = "bio_too_long"
    default_message = _("A bio has at most 600 letters.")
