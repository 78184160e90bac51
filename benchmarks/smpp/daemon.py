"""The whole daemon: a message from its call of ``http.php`` until its receipt is on disk."""

import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from ..load import calls, drive
from ..target import EMAIL, PASSWORD, SINK, SMPP, Target
from .process import smsc

BATCH: Final = 256
DELAY: Final = 0.5
"""Seconds from an answer to its receipt: the sink's default, and the SMSC's here."""


def measure(gateway: str, seconds: float, concurrency: int, window: int, turn: int) -> dict[str, float]:
    """One run with a gateway of that type. Ends the program where a message is not delivered once."""
    with smsc("--receipts", "--delay", str(DELAY)) as peer:
        configured = (
            SMPP.format(port=peer.port, window=window) if gateway == "smpp" else SINK.format(receipts="delivered")
        )
        with tempfile.TemporaryDirectory(prefix="smstob-bench-") as name:
            target = Target(Path(name), BATCH, configured)
            try:
                figures, messages = _load(target, seconds, concurrency, turn)
            finally:
                target.stop()
        if gateway == "smpp":
            counts = peer.counts()
            if (counts["submitted"], counts["acknowledged"], counts["strange"]) != (messages, messages, 0):
                raise SystemExit(f"of {messages} messages the SMSC counted {counts}")
    return figures


def _load(target: Target, seconds: float, concurrency: int, turn: int) -> tuple[dict[str, float], int]:
    requests = calls(EMAIL, PASSWORD, turn)
    warmed = drive(target.port, requests, 1, 0.5).codes.get("80", 0)
    _delivered(target, warmed)
    before = target.cpu()
    begin = time.perf_counter()
    load = drive(target.port, requests, concurrency, seconds)
    accepted = load.codes.get("80", 0)
    if set(load.codes) != {"80"}:
        print("answers:", load.codes, file=sys.stderr)
    _delivered(target, warmed + accepted)
    wall = time.perf_counter() - begin
    target.settle()
    total = target.cpu() - before
    target.verify()
    figures = {
        "CPU µs": 1e6 * total / accepted,
        "accepted/s": accepted / load.seconds,
        "delivered/s": accepted / wall,
    }
    return figures, warmed + accepted


def _delivered(target: Target, messages: int) -> None:
    """Wait until that many receipts are on disk."""
    for _ in range(600):
        states = target.states()
        if states.get("delivered", 0) >= messages:
            return
        time.sleep(0.2)
    raise SystemExit(f"of {messages} messages: {states}")
