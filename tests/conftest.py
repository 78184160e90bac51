"""Fixtures that every test may ask for: databases to work on."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Final

import pytest

from tests.postgresql import Cluster, PostgreSQLError, running_cluster

_NUMBERS: Final = count(1)


@pytest.fixture(scope="session")
def postgresql_cluster() -> Iterator[Cluster]:
    """A private PostgreSQL server, started when the first test asks for it."""
    try:
        with running_cluster() as cluster:
            yield cluster
    except PostgreSQLError as failure:
        raise pytest.fail.Exception(str(failure), pytrace=False) from None


@pytest.fixture(scope="session")
def postgresql_url(postgresql_cluster: Cluster) -> str:
    """The URL of the private server's own database ``postgres``."""
    return postgresql_cluster.url()


@pytest.fixture
def postgresql_database(postgresql_cluster: Cluster) -> Iterator[str]:
    """The URL of an empty PostgreSQL database, made for this test and dropped after it."""
    name = f"test_{next(_NUMBERS)}"
    postgresql_cluster.create_database(name)
    yield postgresql_cluster.url(name)
    postgresql_cluster.drop_database(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database: the test runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'smstob.db'}"
    url: str = request.getfixturevalue("postgresql_database")
    return url
