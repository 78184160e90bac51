"""What the stories of this folder share."""

from collections.abc import Iterator

import pytest

from tests.daemon import RunningDaemon, pytest_runtest_makereport

__all__ = ["daemon", "pytest_runtest_makereport"]


@pytest.fixture
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    """A daemon for one story, started, that may be killed and started again."""
    daemon = RunningDaemon(tmp_path_factory.mktemp("journey"))
    try:
        daemon.start()
        yield daemon
        daemon.check()
    finally:
        daemon.close()
