"""Run all of Greenroom on this machine: ``python manage.py up``."""

from __future__ import annotations

import ctypes
import os
import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.config import env
from portal.demo import people_for_scripts
from portal.supervisor.errors import AskedToEnd, CannotStart
from portal.supervisor.up import PARTS, Wishes, bring_up

_PR_SET_PDEATHSIG = 1


class Command(BaseCommand):
    help = (
        "Starts PostgreSQL, Redis, the web server and all workers, keeps them running, "
        "and ends them with Ctrl-C."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--bind",
            default=os.environ.get("GREENROOM_BIND") or "127.0.0.1",
            help="address to listen on (default 127.0.0.1; the demo stays on loopback)",
        )
        parser.add_argument(
            "--port",
            type=int,
            default=env.number("GREENROOM_PORT", default=8000),
            help="first port to try (default 8000, or GREENROOM_PORT); 0 means any",
        )
        parser.add_argument(
            "--parts",
            default=os.environ.get("GREENROOM_PARTS") or ",".join(PARTS),
            help=f"which of {', '.join(PARTS)} to run on this machine (default all)",
        )
        parser.add_argument(
            "--end-with-parent",
            action="store_true",
            help="end when the process that started this one dies (used by the Makefile)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["end_with_parent"]:
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
        parts = frozenset(options["parts"].replace(" ", "").split(","))
        if unknown := parts - set(PARTS):
            raise CommandError(f"Unknown parts: {', '.join(sorted(unknown))}.")
        wishes = Wishes(
            parts=parts,
            var=env.var_dir(),
            host=options["bind"],
            port=options["port"],
            outside=env.given_from_outside(),
            people=people_for_scripts(),
        )
        try:
            bring_up(wishes, self._say)
        except AskedToEnd:
            self._say("Greenroom has ended.")
        except CannotStart as error:
            if error.log_tail:
                self.stderr.write(error.log_tail)
            self.stderr.write(str(error))
            if error.hint:
                self.stderr.write(f"Hint: {error.hint}")
            raise SystemExit(1) from None
        except PermissionError as error:
            self.stderr.write(f"{error.filename} may not be written: {error.strerror}.")
            self.stderr.write("Hint: Was Greenroom started by somebody else before?")
            raise SystemExit(1) from None

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
