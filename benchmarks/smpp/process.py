"""The processes of the benchmark: an SMSC, and one client after the other."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
PATIENCE: Final = 600
"""Seconds that a client may take."""


class Smsc:
    """The SMSC's process."""

    def __init__(self, *options: str) -> None:
        command = [sys.executable, "-m", "benchmarks.smpp.smsc", *options]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        self.port: int = self._line()["port"]

    def counts(self) -> dict[str, int]:
        """What it tells when a session ends."""
        return self._line()

    def _line(self) -> dict[str, int]:
        assert self._process.stdout is not None
        line: dict[str, int] = json.loads(self._process.stdout.readline())
        return line

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.communicate()


@contextmanager
def smsc(*options: str) -> Iterator[Smsc]:
    """An SMSC for the time of the block."""
    running = Smsc(*options)
    try:
        yield running
    finally:
        running.stop()


def client(python: Path, module: str, *options: str) -> dict[str, Any]:
    """What a client tells when it is done."""
    command = [str(python), "-m", f"benchmarks.smpp.{module}", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    if done.returncode:
        raise SystemExit(f"{module} failed:\n{done.stderr[-4000:]}")
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def run(python: Path, module: str, messages: int, window: int, receipts: bool) -> dict[str, float]:
    """One run of one client against an SMSC of its own; ends the program where anything is missing at its end."""
    wanted = ["--receipts"] if receipts else []
    with smsc(*wanted) as peer:
        numbers = ["--port", str(peer.port), "--messages", str(messages), "--window", str(window)]
        told = client(python, module, "drive", *numbers, *wanted)
        counts = peer.counts()
    receipted = messages if receipts else 0
    expected = {"submitted": messages, "receipts": receipted, "acknowledged": receipted, "unbound": 1, "strange": 0}
    found = {name: counts[name] for name in expected}
    if found != expected or told["unanswered"] or told["last_id"] != str(counts["last_id"]):
        raise SystemExit(f"{module}: {told}; the SMSC counted {found}, expected {expected}")
    return {"CPU µs": 1e6 * told["cpu"] / messages, "a second": messages / told["wall"]}
