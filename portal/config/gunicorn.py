"""How gunicorn serves Greenroom: ``gunicorn -c portal/config/gunicorn.py portal.config.wsgi``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from portal.log import keep_keys_out

# `manage.py up` holds the socket and passes it on, so that a restart keeps the port.
_inherited = os.environ.get("GREENROOM_LISTEN_FD", "")
bind = f"fd://{_inherited}" if _inherited else os.environ.get("GREENROOM_LISTEN", "127.0.0.1:8000")
workers = int(os.environ.get("GREENROOM_WEB_WORKERS") or 2)
worker_class = "gthread"
threads = int(os.environ.get("GREENROOM_WEB_THREADS") or 8)
# Loading once and forking starts faster and shares memory; nothing connects while loading.
preload_app = True
timeout = 60
graceful_timeout = 3
keepalive = 5
max_requests = 20_000
max_requests_jitter = 2_000
accesslog = "-"
errorlog = "-"
control_socket_disable = True
if Path("/dev/shm").is_dir():  # noqa: S108 - gunicorn's heartbeat files, to stay off slow disks
    worker_tmp_dir = "/dev/shm"  # noqa: S108


def on_starting(server: Any) -> None:
    """An address may hold an access key that somebody put into a query."""
    for logger in (server.log.access_log, server.log.error_log):
        keep_keys_out(logger)


def when_ready(server: Any) -> None:
    """Tell the supervisor that the application is loaded (see ``portal.supervisor.crew``)."""
    if path := os.environ.get("GREENROOM_STARTED_FILE"):
        Path(path).touch()
