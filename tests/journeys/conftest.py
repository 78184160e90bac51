"""What the stories of this folder share."""

from collections.abc import Iterator

import pytest

from tests.daemon import RunningDaemon, pytest_runtest_makereport
from tests.peers.conftest import node_smsc, smpp34_smsc

__all__ = ["daemon", "node_smsc", "pytest_runtest_makereport", "smpp34_smsc"]


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
