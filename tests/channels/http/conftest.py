"""Daemons that the tests of this folder share; each case has an account or numbers of its own."""

from collections.abc import Iterator

import pytest

from tests.daemon import RunningDaemon, pytest_runtest_makereport, running

__all__ = ["daemon", "pytest_runtest_makereport", "strict"]


@pytest.fixture(scope="session")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    """One with generous limits; Belgium is open, at two credits."""
    yield from running(tmp_path_factory.mktemp("daemon"), {"countries": {"BE": 2}})


@pytest.fixture(scope="session")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    """One with tight limits of time, size and guesses: callers take source addresses of their own."""
    limits = {
        "connections": 60,
        "connections_per_address": 20,
        "header_seconds": 1,
        "body_seconds": 1,
        "idle_seconds": 2,
        "body_bytes": 4096,
        "login_failures": 3,
        "login_failures_per_address": 6,
        "login_failures_per_account": 9,
    }
    yield from running(tmp_path_factory.mktemp("strict"), {"limits": limits})
