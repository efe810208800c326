"""The web server's door: ``gunicorn portal.config.wsgi``."""

from __future__ import annotations

import os

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.config.settings")
if os.environ.get("GREENROOM_TOOL", "0") not in {"", "0"}:
    raise ImproperlyConfigured(
        "GREENROOM_TOOL is set: it lets commands run without secrets and must not serve people."
    )
application = get_wsgi_application()
