"""The same door for an ASGI server, where one is preferred to gunicorn."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.config.settings")
if os.environ.get("GREENROOM_TOOL", "0") not in {"", "0"}:
    raise ImproperlyConfigured(
        "GREENROOM_TOOL is set: it lets commands run without secrets and must not serve people."
    )
application = get_asgi_application()
