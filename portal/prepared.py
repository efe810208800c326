"""Statements that a process repeats all day, planned by PostgreSQL once a connection.

They run on Django's connection, in its transaction, and raise Django's database errors; the option
``prepare_threshold`` of ``settings.DATABASES`` is what lets that connection prepare at all. The
server keeps the plan of each distinct text, so nothing may be pasted into one. Behind PgBouncer
this needs version 1.21 or later, with ``max_prepared_statements`` above 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

import psycopg
from django.db import connection, models

M = TypeVar("M", bound=models.Model)


def prepared(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Run *statement*, a constant of the program with ``%(name)s`` for values; answer its rows."""
    with _run(statement, values) as cursor:
        return cursor.fetchall() if cursor.rownumber is not None else []


def prepared_in_turn(
    *wanted: tuple[str, Mapping[str, Any]],
) -> list[list[tuple[Any, ...]]]:
    """Run statements as :func:`prepared` does, sent together; answer the rows of each.

    For those that need nothing of each other's answers and give rows; call it inside a transaction.
    Each begins when the one before it is done and sees what was committed until then, so one that
    waits for a lock holds back those after it.
    """
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    if connection.queries_logged:
        connection.queries_log.extend(
            {"sql": statement.strip(), "time": "0"} for statement, _values in wanted
        )
    with connection.wrap_database_errors:
        with connection.connection.pipeline():
            cursors = [
                psycopg.Cursor(connection.connection).execute(statement, values, prepare=True)
                for statement, values in wanted
            ]
        return [cursor.fetchall() for cursor in cursors]


def prepared_rows(model: type[M], statement: str, values: Mapping[str, Any]) -> list[M]:
    """Rows of *model*'s table, all columns, as the ORM would give them."""
    fields = model._meta.concrete_fields
    names = [field.attname for field in fields]
    ways = [(field.column, _converter(field)) for field in fields]
    with _run(statement, values) as cursor:
        at = {column.name: place for place, column in enumerate(cursor.description or ())}
        order = [(at[column], way) for column, way in ways if column is not None]
        return [
            model.from_db(
                connection.alias,
                names,
                [row[place] if way is None else way(row[place]) for place, way in order],
            )
            for row in cursor
        ]


class Columns(Generic[M]):
    """All columns of *model*, for a statement that names them; *table* is its name in there.

    A plan that names its columns outlives a migration that adds one; ``*`` does not.

    Attributes:
        names: as the statement lists them.
        width: how many they are.
    """

    def __init__(self, model: type[M], table: str) -> None:
        fields = [field for field in model._meta.concrete_fields if field.column is not None]
        self._model = model
        self._fields = [field.attname for field in fields]
        self._ways = [
            (place, way)
            for place, field in enumerate(fields)
            if (way := _converter(field)) is not None
        ]
        self.width = len(fields)
        self.names = ", ".join(f'{table}."{field.column}"' for field in fields)

    def read(self, row: Sequence[Any], start: int = 0) -> M:
        """The row of the model that begins at *start* of *row*, as the ORM would give it."""
        values = list(row[start : start + self.width])
        for place, way in self._ways:
            values[place] = way(values[place])
        return self._model.from_db(connection.alias, self._fields, values)


def _converter(field: models.Field[Any, Any]) -> Callable[[Any], Any] | None:
    way = getattr(field, "from_db_value", None)
    return None if way is None else lambda value: way(value, None, connection)


@contextmanager
def _run(statement: str, values: Mapping[str, Any]) -> Iterator[psycopg.Cursor[tuple[Any, ...]]]:
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    if connection.queries_logged:
        connection.queries_log.append({"sql": statement.strip(), "time": "0"})
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        try:
            cursor.execute(statement, values, prepare=True)
        except psycopg.errors.FeatureNotSupported:
            # Another process has given a table a column since the plan was made. A transaction's
            # rollback forgets all plans; outside of one nothing would.
            if connection.in_atomic_block:
                raise
            cursor.execute("DEALLOCATE ALL")
            cursor.execute(statement, values, prepare=True)
        yield cursor
