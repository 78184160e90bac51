"""Fixtures that every test may ask for: databases to work on. And how several processes share the tests (``-n``)."""

from collections.abc import Generator, Iterator
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest

from tests.alone import Turns, turns_of
from tests.postgresql import Cluster, PostgreSQLError, running_cluster

_NUMBERS: Final = count(1)
_TURNS: Final = pytest.StashKey[Turns | None]()
_LONGEST: Final = "tests/journeys/"


def pytest_configure(config: pytest.Config) -> None:
    """Know the other processes of this run."""
    config.stash[_TURNS] = turns_of(config)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest files first, lest one process be left with them at the end; where one runs all, the usual order."""
    if config.stash[_TURNS]:
        items.sort(key=lambda item: not item.nodeid.startswith(_LONGEST))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """A test that is marked ``alone`` runs while no other process of this run has a test."""
    turns = item.config.stash[_TURNS]
    if turns is None:
        return (yield)
    with turns.turn(alone=item.get_closest_marker("alone") is not None):
        return (yield)


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
