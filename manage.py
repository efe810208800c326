#!/usr/bin/env python
"""Django's command line for Greenroom."""

import os
import sys

# Commands that touch neither people's data nor the network need no secrets.
TOOLS = frozenset(
    {"up", "starter", "makemigrations", "makemessages", "compilemessages", "collectstatic"}
    | {"vendor_assets", "check_translations", "compile_translations", "demo_reset", "provenance"}
)
# Commands that make or change tables connect as the database's owner where there is one.
OWNERS = frozenset({"migrate", "grant_rights", "pgtrigger"})


def main(argv: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.config.settings")
    if len(argv) > 1 and argv[1] in TOOLS:
        os.environ.setdefault("GREENROOM_TOOL", "1")
    if len(argv) > 1 and argv[1] in OWNERS:
        os.environ.setdefault("GREENROOM_AS_OWNER", "1")
    from django.core.management import execute_from_command_line

    execute_from_command_line(argv)


if __name__ == "__main__":
    main(sys.argv)
