"""Databases of this folder: one that all share and that stays empty, and fresh ones."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from smstob.storage import migrate
from smstob.storage.engine import Engines, open_engines


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def shared_engines(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    """A migrated database of each kind, in which nothing is ever committed."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('shared') / 'smstob.db'}"
    else:
        cluster = request.getfixturevalue("postgresql_cluster")
        cluster.create_database("shared")
        url = cluster.url("shared")
    engines = open_engines(url)
    migrate.upgrade(engines.writer)
    yield engines
    engines.dispose()


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


@pytest.fixture
def postgresql_engines(postgresql_database: str) -> Iterator[Engines]:
    """The same on PostgreSQL alone, for what only two daemons at once can do."""
    engines = open_engines(postgresql_database)
    migrate.upgrade(engines.writer)
    yield engines
    engines.dispose()
