from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import dj_database_url
import psycopg
from django.conf import settings
from django.core.management.commands import flush
from django.db.backends.postgresql import base, creation, operations
from psycopg import sql


class DatabaseCreation(creation.DatabaseCreation):
    @contextmanager
    def _as_owner(self) -> Iterator[None]:
        settings = self.connection.settings_dict
        user, password = settings["USER"], settings["PASSWORD"]
        owner = dj_database_url.parse(os.environ["GREENROOM_OWNER_DATABASE_URL"])
        self.connection.close()
        settings["USER"], settings["PASSWORD"] = owner["USER"], owner["PASSWORD"]
        try:
            yield
        finally:
            self.connection.close()
            settings["USER"], settings["PASSWORD"] = user, password

    def create_test_db(self, *args: Any, **kwargs: Any) -> str:
        with self._as_owner():
            if self._take_over():
                name: str = self.connection.settings_dict["NAME"]
                return name
            return super().create_test_db(*args, **kwargs)

    def _take_over(self) -> bool:
        """Whether the server was started on a copy that has the database, under its usual name."""
        name: str = self._get_test_db_name()  # type: ignore[attr-defined]
        usual = f"test_{self.connection.settings_dict['NAME']}"
        with self._nodb_cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute("SELECT FROM pg_database WHERE datname = %s", [usual])
            if cursor.fetchone() is None:
                return False
            if usual != name:
                quoted = [self.connection.ops.quote_name(each) for each in (usual, name)]
                cursor.execute("ALTER DATABASE {} RENAME TO {}".format(*quoted))
        settings.DATABASES[self.connection.alias]["NAME"] = name
        self.connection.settings_dict["NAME"] = name
        return True

    def destroy_test_db(self, *args: Any, **kwargs: Any) -> None:
        close_owner()
        with self._as_owner():
            super().destroy_test_db(*args, **kwargs)


_owner: psycopg.Connection[tuple[Any, ...]] | None = None


def close_owner() -> None:
    global _owner
    if _owner is not None:
        _owner.close()
        _owner = None


# They are left as migrating leaves them, so flushing need not ask for it to be done again.
_FILLED_BY_MIGRATE = {"django_content_type", "auth_permission"}
flush.emit_post_migrate_signal = lambda *args, **kwargs: None  # type: ignore[attr-defined]


class DatabaseOperations(operations.DatabaseOperations):
    def sql_flush(
        self,
        style: Any,
        tables: Sequence[str],
        *,
        reset_sequences: bool = False,
        allow_cascade: bool = False,
    ) -> list[str]:
        """The tables by name. Making them anew, as TRUNCATE does, takes longer than most tests."""
        return [table for table in tables if table not in _FILLED_BY_MIGRATE]

    def execute_sql_flush(self, sql_list: Iterable[str]) -> None:
        global _owner
        if _owner is None:
            name = self.connection.settings_dict["NAME"]
            _owner = psycopg.connect(
                os.environ["GREENROOM_OWNER_DATABASE_URL"], dbname=name, autocommit=True
            )
        names = [sql.Identifier(table) for table in sql_list]
        filled = sql.SQL(" UNION ALL ").join(
            sql.SQL("SELECT {} WHERE EXISTS (TABLE {})").format(number, table)
            for number, table in enumerate(names)
        )
        with _owner.transaction():
            _owner.execute("SET LOCAL session_replication_role = replica")
            for (number,) in _owner.execute(filled).fetchall():
                _owner.execute(sql.SQL("DELETE FROM {}").format(names[number]))


class DatabaseWrapper(base.DatabaseWrapper):
    creation_class = DatabaseCreation
    ops_class = DatabaseOperations
