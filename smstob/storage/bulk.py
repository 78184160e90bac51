"""Statements over many rows, as cheap as each of the two databases can do them.

SQLite runs one prepared statement over the rows; PostgreSQL gets one statement with an array for each
column. Values must be of the driver's own types.
"""

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, Connection, Table
from sqlalchemy.dialects import postgresql

Rows = Sequence[Sequence[Any]]


def insert(connection: Connection, table: Table, columns: Sequence[str], rows: Rows, conflict: str = "") -> None:
    """Insert ``rows``, whose values stand in the order of ``columns``; ``conflict`` is an upsert clause."""
    if not rows:
        return
    names = ", ".join(columns)
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(columns))
        statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks}) {conflict}"
        connection.exec_driver_sql(statement, [tuple(row) for row in rows])
    else:
        arrays = ", ".join(f"%s::{_array(table.c[name])}" for name in columns)
        statement = f"INSERT INTO {table.name} ({names}) SELECT * FROM unnest({arrays}) {conflict}"
        connection.exec_driver_sql(statement, tuple(list(column) for column in zip(*rows, strict=True)))


def update(
    connection: Connection, table: Table, keys: Sequence[str], columns: Sequence[str], rows: Rows, guard: str = ""
) -> int:
    """Set ``columns`` where ``keys`` fit; a row holds first the columns' values, then the keys'.

    ``guard`` is a further condition on the table's own columns. Gives how many rows were changed.
    """
    if not rows:
        return 0
    condition = f" AND {guard}" if guard else ""
    if connection.dialect.name == "sqlite":
        sets = ", ".join(f"{name} = ?" for name in columns)
        where = " AND ".join(f"{name} = ?" for name in keys)
        statement = f"UPDATE {table.name} SET {sets} WHERE {where}{condition}"
        return connection.exec_driver_sql(statement, [tuple(row) for row in rows]).rowcount
    names = (*columns, *(f"key_{name}" for name in keys))
    arrays = ", ".join(f"%s::{_array(table.c[name])}" for name in (*columns, *keys))
    sets = ", ".join(f"{name} = new.{name}" for name in columns)
    where = " AND ".join(f"{table.name}.{name} = new.key_{name}" for name in keys)
    statement = (
        f"UPDATE {table.name} SET {sets} FROM unnest({arrays}) AS new ({', '.join(names)}) "
        f"WHERE {where}{condition}"
    )
    parameters = tuple(list(column) for column in zip(*rows, strict=True))
    return connection.exec_driver_sql(statement, parameters).rowcount


def select(connection: Connection, statement: str, values: Iterable[Any], column: Column[Any], *more: Any) -> list[Any]:
    """Rows of ``statement``, in which ``{among}`` stands for «= one of ``values``» of ``column``'s type.

    Further ``?`` in the statement, after ``{among}``, take ``more``. The statement's text does not
    change with the number of values.
    """
    wanted = list(values)
    if not wanted:
        return []
    if connection.dialect.name == "sqlite":
        sql = statement.format(among="IN (SELECT value FROM json_each(?))")
        return list(connection.exec_driver_sql(sql, (_json(wanted), *more)))
    sql = statement.format(among=f"= ANY(%s::{_array(column)})").replace("?", "%s")
    return list(connection.exec_driver_sql(sql, (wanted, *more)))


def query(connection: Connection, statement: str, *parameters: Any) -> list[Any]:
    """Rows of ``statement``, whose ``?`` take ``parameters``."""
    if connection.dialect.name != "sqlite":
        statement = statement.replace("?", "%s")
    return list(connection.exec_driver_sql(statement, parameters))


def locking(connection: Connection, skip: bool = False) -> str:
    """What ends a SELECT whose rows nobody else may change before the commit; ``skip`` those that are taken.

    SQLite has one writer, and needs nothing. PostgreSQL looks at a locked row again as it then is, so
    the conditions hold; other tables may only be looked at in a later statement.
    """
    if connection.dialect.name == "sqlite":
        return ""
    return "FOR NO KEY UPDATE SKIP LOCKED" if skip else "FOR NO KEY UPDATE"


def execute(connection: Connection, statement: str, *parameters: Any) -> int:
    """Run ``statement``, whose ``?`` take ``parameters``; gives how many rows it changed."""
    if connection.dialect.name != "sqlite":
        statement = statement.replace("?", "%s")
    return connection.exec_driver_sql(statement, parameters).rowcount


def next_ids(connection: Connection, table: Table, count: int) -> list[int]:
    """Ids that no row of ``table`` has and no other writer will take."""
    if not count:
        return []
    if connection.dialect.name == "sqlite":
        # exact: a write transaction is open, so nobody else inserts
        last: int = connection.exec_driver_sql(f"SELECT coalesce(max(id), 0) FROM {table.name}").scalar_one()
        return list(range(last + 1, last + 1 + count))
    statement = f"SELECT nextval('{table.name}_id_seq') FROM generate_series(1, %s)"
    return list(connection.exec_driver_sql(statement, (count,)).scalars())


def _json(values: list[Any]) -> str:
    return "[" + ",".join(map(str, values)) + "]" if isinstance(values[0], int) else json.dumps(values)


@lru_cache(maxsize=256)
def _array(column: Column[Any]) -> str:
    return column.type.compile(postgresql.dialect()) + "[]"
