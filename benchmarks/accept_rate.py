"""How many messages a second ``http.php`` accepts, and what each costs the daemon.

A real daemon with SQLite and the sink gateway in a directory of its own, on loopback; the load runs in
this process. The reference is the same daemon with one transaction a message (``database.batch = 1``).
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

from .load import Load, calls, drive
from .target import EMAIL, PASSWORD, SINK, Target


def measure(batch: int, arguments: argparse.Namespace, run: int) -> dict[str, float]:
    """One run against a fresh daemon."""
    with tempfile.TemporaryDirectory(prefix="smstob-bench-") as name:
        target = Target(Path(name), batch, SINK.format(receipts=arguments.receipts))
        try:
            requests = calls(EMAIL, PASSWORD, run)
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
    target.settle()


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
