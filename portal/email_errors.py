"""What a change of address is refused with once both ends have confirmed it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal.errors import GreenroomError


class AddressTaken(GreenroomError):
    """Somebody else began to sign in with it meanwhile; only who reads mail there learns of it."""

    code = "address_taken"
    status = 409
    default_message = _(
        "Somebody else signs in with this address by now, so nothing was changed: you go on "
        "signing in with the one you have. Ask for another one in your settings."
    )
