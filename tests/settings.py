"""The product's settings, with what would only cost time in a test made cheap."""

from portal.config.settings import *  # noqa: F403
from portal.config.settings import DATABASES as _DATABASES
from portal.config.settings import STORAGES as _STORAGES

# Argon2 is slow on purpose; nobody attacks the passwords of a test.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# The hashed names of static files need a collectstatic; tests of the whole stack do one.
STORAGES = {
    **_STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Made and emptied by its owner, used by the application's own role.
DATABASES = {"default": {**_DATABASES["default"], "ENGINE": "tests.database"}}
# Two finance admins are enough for most tests; those about a third say so.
PAYOUT_PEOPLE = 2
# A verdict takes effect at once but in the tests about undoing it.
REVIEW_UNDO_SECONDS = 0
# Tests receive webhooks on this machine.
WEBHOOK_PRIVATE_TARGETS = True
