"""Databases of this folder: one that all share and that stays empty, and fresh ones."""

from collections.abc import Iterator
from itertools import count
from typing import Final

import pytest
from sqlalchemy import Connection, create_engine

from smstob.storage import migrate
from smstob.storage.engine import Engines, open_engines
from tests.postgresql import Cluster

_COPIES: Final = count(1)


@pytest.fixture(scope="session")
def shared_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    """A migrated SQLite database, in which nothing is ever committed."""
    yield from _migrated(f"sqlite:///{tmp_path_factory.mktemp('shared') / 'smstob.db'}")


@pytest.fixture(scope="session")
def shared_postgresql(postgresql_cluster: Cluster) -> Iterator[Engines]:
    """The same on PostgreSQL."""
    postgresql_cluster.create_database("shared")
    yield from _migrated(postgresql_cluster.url("shared"))


def _migrated(url: str) -> Iterator[Engines]:
    engines = open_engines(url)
    migrate.upgrade(engines.writer)
    yield engines
    engines.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def shared_engines(request: pytest.FixtureRequest) -> Engines:
    """The shared database of each kind; not itself of the session, which would sort the tests by it across files."""
    engines: Engines = request.getfixturevalue(f"shared_{request.param}")
    return engines


@pytest.fixture
def connection(shared_engines: Engines) -> Iterator[Connection]:
    """A transaction of the writer on a migrated, empty database; rolled back after the test."""
    with shared_engines.writer.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()


@pytest.fixture
def engines(database_url: str) -> Iterator[Engines]:
    """A migrated database of this test's own, for what takes more than one transaction."""
    engines = open_engines(database_url)
    migrate.upgrade(engines.writer)
    yield engines
    engines.dispose()


@pytest.fixture(scope="session")
def migrated_template(postgresql_cluster: Cluster) -> str:
    """The name of a migrated PostgreSQL database, to be copied."""
    postgresql_cluster.create_database("migrated")
    engines = open_engines(postgresql_cluster.url("migrated"))
    migrate.upgrade(engines.writer)
    engines.dispose()
    return "migrated"


@pytest.fixture
def postgresql_engines(postgresql_cluster: Cluster, migrated_template: str) -> Iterator[Engines]:
    """A migrated PostgreSQL database of this test's own, for what only two daemons at once can do."""
    name = f"copy_{next(_COPIES)}"
    engine = create_engine(postgresql_cluster.url(), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {migrated_template}")
    engine.dispose()
    # whoever waits crosswise is told, instead of waiting for ever
    engines = open_engines(f"{postgresql_cluster.url(name)}?options=-c%20lock_timeout%3D10s")
    yield engines
    engines.dispose()
    postgresql_cluster.drop_database(name)
