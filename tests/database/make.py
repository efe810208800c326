"""Make the database of the tests on the servers that the environment names, and leave it there."""

from __future__ import annotations

import django
from django.db import connection


def main() -> None:
    django.setup()
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    connection.close()


if __name__ == "__main__":
    main()
