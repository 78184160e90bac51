"""What a pool of modems sends in a minute, and what each message costs the daemon.

A real daemon with SQLite and one GSM gateway, on pseudo-terminals; the modems are simulated in a process of their own
and each takes as long over a message as a real one. The queue is filled first: what is measured is a pool that always
has something to send, its receipts and its looks at the modems, and beside it the same pool with nothing to do.
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from tests.peers.modem_bench import ModemBench

from .load import calls, drive
from .target import EMAIL, PASSWORD, Target

GSM: Final = """
type = "gsm"
[gateways.measured.settings]
port = "{directory}/modem-*"
per_minute = 0
"""
SETTLING: Final = 30.0
"""Seconds in which every modem is found, its card read, and looked at once."""
IDLE: Final = 30.0
"""Seconds that a pool with nothing to do is measured for."""
PATIENCE: Final = 60.0
"""Seconds in which every modem must have sent its first messages, and that they may all be late."""


def fill(target: Target, messages: int, run: int) -> None:
    """Queue at least so many messages."""
    requests = calls(EMAIL, PASSWORD, run)
    queued = 0
    while queued < messages:
        load = drive(target.port, requests, 4, 0.5)
        if set(load.codes) != {"80"}:
            raise SystemExit(f"answers: {load.codes}")
        queued += load.codes["80"]


def reach(modems: ModemBench, count: int, seconds: float) -> float:
    """Wait until the network took so many messages; gives when."""
    late = time.monotonic() + seconds
    while modems.do("counts")["taken"] < count:
        if time.monotonic() > late:
            raise SystemExit("not every modem sends")
        time.sleep(0.05)
    return time.monotonic()


def measure(arguments: argparse.Namespace, run: int) -> dict[str, float]:
    """One run against a fresh daemon."""
    count, each = arguments.modems, arguments.messages
    with tempfile.TemporaryDirectory(prefix="smstob-bench-") as name:
        directory = Path(name)
        with ModemBench(directory, count=count, send_seconds=arguments.send_seconds) as modems:
            target = Target(directory, 256, GSM.format(directory=directory))
            try:
                time.sleep(SETTLING)
                idle = target.cpu()
                time.sleep(IDLE)
                idle = target.cpu() - idle
                fill(target, (each + 4) * count, run)
                begun, cpu = reach(modems, 2 * count, PATIENCE), target.cpu()
                ended = reach(modems, (2 + each) * count, PATIENCE + each * (arguments.send_seconds + 2))
                cpu = target.cpu() - cpu
                target.verify()
                return {
                    "messages/min": 60 * each * count / (ended - begun),
                    "s a message": (ended - begun) / each,
                    "CPU µs": 1e6 * cpu / (each * count),
                    "busy CPU ms/min": 60e3 * cpu / (ended - begun),
                    "idle CPU ms/min": 60e3 * idle / IDLE,
                    "RSS MB": target.memory(),
                }
            finally:
                target.stop()


def main() -> None:
    """Print the median of the rounds with their range."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--modems", type=int, default=16)
    parser.add_argument("--send-seconds", type=float, default=3.0, help="what a modem takes over a message")
    parser.add_argument("--messages", type=int, default=20, help="of each modem, that are measured")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    runs = []
    for run in range(arguments.rounds):
        runs.append(measure(arguments, run))
        print(f"round {run + 1} of {arguments.rounds}", file=sys.stderr, flush=True)
    for name in runs[0]:
        values = [run[name] for run in runs]
        digits = 2 if name == "s a message" else 0
        low, middle, high = min(values), statistics.median(values), max(values)
        print(f"{name:<20}{middle:,.{digits}f} ({low:,.{digits}f}-{high:,.{digits}f})", flush=True)


if __name__ == "__main__":
    main()
