"""A real daemon to measure: SQLite and one gateway, in a directory of its own, on loopback."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

BIN: Final = Path(sys.executable).parent
TICKS: Final = os.sysconf("SC_CLK_TCK")
EMAIL: Final = "bench@example.fr"
PASSWORD: Final = "XV65JU7K2P"
CONFIG: Final = """
[service]
base_url = "http://127.0.0.1:{port}"
[database]
url = "sqlite:///{directory}/smstob.db"
batch = {batch}
[web]
listen = ["tcp:{port}:interface=127.0.0.1"]
[smtp]
listen = {smtp}
[mail]
outbox = "outbox"
[metrics]
listen = []
[gateways.measured]
{gateway}
[[routes]]
prefix = "+"
gateways = ["measured"]
"""
SINK: Final = """
type = "sink"
[gateways.measured.settings]
journal = "sink.jsonl"
receipts = "{receipts}"
"""
SMPP: Final = """
type = "smpp"
[gateways.measured.settings]
endpoint = "tcp:127.0.0.1:{port}"
system_id = "bench"
password = "secret"
bind = "transceiver"
window = {window}
source = "SMStoB"
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
    """A daemon, with an account that has credits; with ``smtp`` it takes mails on ``smtp_port``."""

    def __init__(self, directory: Path, batch: int, gateway: str, smtp: bool = False) -> None:
        self.port = free_port()
        self.smtp_port = free_port()
        self._directory = directory
        self._config = directory / "smstob.toml"
        self._config.write_text(
            CONFIG.format(
                port=self.port,
                directory=directory,
                batch=batch,
                gateway=gateway,
                smtp=f'["tcp:{self.smtp_port}:interface=127.0.0.1"]' if smtp else "[]",
            ),
            encoding="utf-8",
        )
        command = [str(BIN / "twistd"), "--nodaemon", "--pidfile=", "smstob", "--config", str(self._config)]
        with (directory / "log").open("wb") as log:
            self._process = subprocess.Popen(command, cwd=directory, stdout=log, stderr=log)
        self._wait()
        self._smstob("account", "create", EMAIL, "--credits", "10000000", "--password", PASSWORD)

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

    def set_account(self, *options: str) -> None:
        """Change options of the account, each as ``name=value``."""
        self._smstob("account", "set", EMAIL, *options)

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

    def states(self) -> dict[str, int]:
        """How many messages stand where, as it is on disk."""
        database = sqlite3.connect(f"file:{self._directory}/smstob.db?mode=ro", uri=True)
        try:
            return dict(database.execute("SELECT state, count(*) FROM message GROUP BY state").fetchall())
        finally:
            database.close()

    def settle(self) -> None:
        """Wait until it is idle."""
        idle = -1.0
        while self.cpu() - idle > 0.03:
            idle = self.cpu()
            time.sleep(0.5)

    def verify(self) -> None:
        """Raise unless the ledger is sound."""
        self._smstob("ledger", "verify")

    def stop(self) -> None:
        """End it."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(15)
