from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import dj_database_url
import psycopg
from django.db.backends.postgresql import base, creation, operations


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
    def execute_sql_flush(self, sql_list: Iterable[str]) -> None:
        global _owner
        if _owner is None:
            name = self.connection.settings_dict["NAME"]
            _owner = psycopg.connect(
                os.environ["GREENROOM_OWNER_DATABASE_URL"], dbname=name, autocommit=True
            )
        with _owner.transaction():
            for statement in sql_list:
                _owner.execute(statement.encode())


class DatabaseWrapper(base.DatabaseWrapper):
    creation_class = DatabaseCreation
    ops_class = DatabaseOperations
