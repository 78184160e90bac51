"""How many messages a second ``http.php`` accepts, and what each costs the daemon.

A real daemon with SQLite and the sink gateway in a directory of its own, on loopback; the load runs in
this process. The reference is the same daemon with one transaction a message (``database.batch = 1``).
"""

import argparse
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from .load import Load, calls, drive

BIN: Final = Path(sys.executable).parent
TICKS: Final = os.sysconf("SC_CLK_TCK")
CONFIG: Final = """
[service]
base_url = "http://127.0.0.1:{port}"
[database]
url = "sqlite:///{directory}/smstob.db"
batch = {batch}
[web]
listen = ["tcp:{port}:interface=127.0.0.1"]
[smtp]
listen = []
[metrics]
listen = []
[gateways.sink]
type = "sink"
[gateways.sink.settings]
journal = "{directory}/sink.jsonl"
receipts = "{receipts}"
[[routes]]
prefix = "+"
gateways = ["sink"]
"""


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def cpu_seconds(pid: int) -> float:
    """User and system time of a process, all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


class Target:
    """A daemon to measure."""

    def __init__(self, directory: Path, batch: int, receipts: str) -> None:
        self.port = free_port()
        self._directory = directory
        self._config = directory / "smstob.toml"
        self._config.write_text(
            CONFIG.format(port=self.port, directory=directory, batch=batch, receipts=receipts), encoding="utf-8"
        )
        command = [str(BIN / "twistd"), "--nodaemon", "--pidfile=", "smstob", "--config", str(self._config)]
        with (directory / "log").open("wb") as log:
            self._process = subprocess.Popen(command, cwd=directory, stdout=log, stderr=log)
        self._wait()
        self._smstob("account", "create", "bench@example.fr", "--credits", "10000000", "--password", "XV65JU7K2P")

    def _wait(self) -> None:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise SystemExit((self._directory / "log").read_text())

    def _smstob(self, *arguments: str) -> None:
        subprocess.run([BIN / "smstob", "--config", self._config, *arguments], check=True, stdout=subprocess.DEVNULL)

    def cpu(self) -> float:
        """CPU seconds spent so far."""
        return cpu_seconds(self._process.pid)

    def memory(self) -> int:
        """The largest resident size so far, in MB."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) // 1024

    def journal_lines(self) -> int:
        """How many segments reached the sink."""
        journal = self._directory / "sink.jsonl"
        return journal.read_bytes().count(b"\n") if journal.exists() else 0

    def verify(self) -> None:
        """Raise unless the ledger is sound."""
        self._smstob("ledger", "verify")

    def stop(self) -> None:
        """End it."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(15)


def measure(batch: int, arguments: argparse.Namespace, run: int) -> dict[str, float]:
    """One run against a fresh daemon."""
    with tempfile.TemporaryDirectory(prefix="smstob-bench-") as name:
        target = Target(Path(name), batch, arguments.receipts)
        try:
            requests = calls("bench@example.fr", "XV65JU7K2P", run)
            drive(target.port, requests, 1, 0.5)
            before, lines = target.cpu(), target.journal_lines()
            load = drive(target.port, requests, arguments.concurrency, arguments.seconds)
            answered = target.cpu()
            accepted = load.codes.get("80", 0)
            if set(load.codes) != {"80"}:
                print("answers:", load.codes, file=sys.stderr)
            settle(target, lines + accepted)
            total = target.cpu()
            target.verify()
            return figures(load, accepted, answered - before, total - before, target.memory())
        finally:
            target.stop()


def settle(target: Target, lines: int) -> None:
    """Wait until the sink has everything and the daemon is idle again."""
    for _ in range(600):
        if target.journal_lines() >= lines:
            break
        time.sleep(0.1)
    else:
        raise SystemExit("not every message reached the sink")
    idle = -1.0
    while target.cpu() - idle > 0.03:
        idle = target.cpu()
        time.sleep(0.5)


def figures(load: Load, accepted: int, accept_cpu: float, total_cpu: float, memory: int) -> dict[str, float]:
    """What is printed of one run."""
    return {
        "accepted/s": accepted / load.seconds,
        "accept CPU µs": 1e6 * accept_cpu / accepted,
        "CPU µs": 1e6 * total_cpu / accepted,
        "p50 ms": 1e3 * load.percentile(0.5),
        "p99 ms": 1e3 * load.percentile(0.99),
        "RSS MB": memory,
    }


def main() -> None:
    """Print the median of the repeats, batched and with one transaction a message."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--concurrency", type=int, default=32)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--receipts", default="delivered", choices=("delivered", "none"))
    parser.add_argument("--batch", type=int, action="append", help="units a transaction; default 256 and 1")
    arguments = parser.parse_args()
    for batch in arguments.batch or (256, 1):
        runs = [measure(batch, arguments, run) for run in range(arguments.repeats)]
        print(f"batch {batch:<4}", end="")
        for name in runs[0]:
            values = [run[name] for run in runs]
            print(f"  {name} {statistics.median(values):.0f} ({min(values):.0f}-{max(values):.0f})", end="")
        print(flush=True)


if __name__ == "__main__":
    main()
