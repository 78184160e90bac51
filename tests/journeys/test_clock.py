"""The clock of the machine is set while messages are on their way."""

import os
from pathlib import Path

import pytest

from tests.daemon import RunningDaemon, wait_until

SHIFTED = """
import os, time
now = time.time
def shifted():
    try:
        with open(os.environ["SMSTOB_TEST_SHIFT"]) as told:
            return now() + float(told.read())
    except (OSError, ValueError):
        return now()
time.time = shifted
"""


@pytest.mark.parametrize("jump", [-3600, 3600])
def test_clock_is_set(jump: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set back or forward by an hour in the middle of a list, it holds nothing up, and nothing goes twice."""
    (tmp_path / "sitecustomize.py").write_text(SHIFTED, encoding="utf-8")
    shift = tmp_path / "shift"
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (str(tmp_path), os.environ.get("PYTHONPATH")))))
    monkeypatch.setenv("SMSTOB_TEST_SHIFT", str(shift))
    daemon = RunningDaemon(tmp_path)
    daemon.configure({"gateways": {"sink": daemon.sink() | {"throughput": 5}}})
    try:
        daemon.start()
        email = daemon.provision(100)
        numbers = [f"06120000{index:02d}" for index in range(20)]
        assert daemon.sms(email, ",".join(numbers), "avant") == "80"
        daemon.sent_to("+33612000000")
        shift.write_text(str(jump), encoding="utf-8")
        assert daemon.sms(email, "0612345678", "après") == "80"
        wait_until(lambda: len(daemon.journal()) == 21, "all of them leave", 20)
        daemon.check()
    finally:
        daemon.close()
