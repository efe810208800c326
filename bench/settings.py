"""The site's settings with the addresses of ``bench.urls``, for a server that is measured."""

from __future__ import annotations

from portal.config.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
