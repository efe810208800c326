"""Addresses of allauth: signing in, passwords, passkeys, sessions.

Where somebody who is signed in gets 302, the page is for strangers, wants a fresh proof of
identity, or belongs to a sign-in that is under way.
"""

from __future__ import annotations

from tests.house.matrix import STAFF, Row, Status, everyone, only, signed_in


def unless_signed_in(status: Status) -> dict[str, Status]:
    """For strangers; who is signed in is sent on."""
    return {**everyone(302), "stranger": status}


ROWS = [
    Row(name="account_login", expect=unless_signed_in(200)),
    Row(name="account_signup", expect=unless_signed_in(200)),
    Row(name="account_request_login_code", expect=unless_signed_in(200)),
    Row(name="account_confirm_login_code", expect=everyone(302)),
    Row(name="account_email_verification_sent", expect=everyone(302)),
    Row(name="account_inactive", expect=everyone(200)),
    Row(name="account_logout", expect={**everyone(200), "stranger": 302}),
    Row(name="account_reset_password", expect=everyone(200)),
    Row(name="account_reset_password_done", expect=everyone(200)),
    Row(
        name="account_reset_password_from_key",
        args=lambda world: ["1", "made-up"],
        expect=everyone(200),
    ),
    Row(name="account_reset_password_from_key_done", expect=everyone(200)),
    Row(name="account_change_password", expect=signed_in(200)),
    Row(name="account_set_password", expect=signed_in(302)),
    Row(name="account_email", expect=signed_in(302)),
    Row(name="account_reauthenticate", expect=signed_in(200)),
    Row(name="mfa_index", expect=signed_in(200)),
    Row(name="mfa_authenticate", expect=everyone(302)),
    # Staff have an authenticator app.
    Row(name="mfa_reauthenticate", expect=only(*STAFF, gets=200, others=302)),
    Row(name="mfa_activate_totp", expect=signed_in(302)),
    Row(name="mfa_deactivate_totp", expect=only(*STAFF, gets=302)),
    Row(name="mfa_view_recovery_codes", expect=signed_in(404)),
    Row(name="mfa_download_recovery_codes", expect=signed_in(404)),
    Row(name="mfa_generate_recovery_codes", expect=signed_in(302)),
    Row(name="mfa_login_webauthn", expect=everyone(302)),
    Row(name="mfa_list_webauthn", expect=signed_in(200)),
    Row(name="mfa_add_webauthn", expect=signed_in(302)),
    Row(name="mfa_reauthenticate_webauthn", expect=signed_in(302)),
    Row(name="mfa_edit_webauthn", args=lambda world: [1], expect=signed_in(302)),
    Row(name="mfa_remove_webauthn", args=lambda world: [1], expect=signed_in(302)),
    Row(name="usersessions_list", expect=signed_in(200)),
]
