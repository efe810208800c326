from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import dj_database_url
import psycopg
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
            return super().create_test_db(*args, **kwargs)

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
        return list(tables)

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
