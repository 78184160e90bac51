"""What a message costs with ``txsmpp`` and with ``smpp.twisted3``, each in a process of its own.

One connection to an SMSC on loopback, a window of 50, messages of 100 octets; then the same with a receipt for each
message, read and acknowledged; then the codecs alone. Both sides take turns, so that what else the machine does
falls on both; figures are medians of the rounds with their range, ratios are taken round by round.
"""

import argparse
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from . import daemon, environment
from .process import client, run

GOAL: Final = 15
CODEC: Final = (
    ("submit_sm, encoded", "submit", "submit"),
    ("submit_sm without a template", "value", "submit"),
    ("submit_sm_resp, decoded", "response", "response"),
    ("deliver_sm with TLVs, decoded", "deliver", "deliver"),
    ("the same and its text read (¹)", "receipt", "deliver"),
)
"""What is measured, and its names with each side."""


def cell(values: Sequence[float], digits: int) -> str:
    """The median and the range."""
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:,.{digits}f} ({low:,.{digits}f}-{high:,.{digits}f})"


def show(
    name: str, ours: Sequence[float], theirs: Sequence[float], digits: int = 1, more_is_better: bool = False
) -> float:
    """Print a line of the table; gives by how many times ours is the better."""
    ratios = [our / their if more_is_better else their / our for our, their in zip(ours, theirs, strict=True)]
    print(f"{name:<34}{cell(ours, digits):>28}{cell(theirs, digits):>28}{cell(ratios, 1):>22}", flush=True)
    return statistics.median(ratios)


def compare(python: Path, options: argparse.Namespace, receipts: bool) -> float:
    """The rounds of one kind; gives the ratio of the CPU."""
    clients = {"ours": Path(sys.executable), "theirs": python}
    runs: dict[str, list[dict[str, float]]] = {"ours": [], "theirs": []}
    for turn in range(options.rounds):
        for module in sorted(clients, reverse=bool(turn % 2)):
            runs[module].append(run(clients[module], module, options.messages, options.window, receipts))
    name = "message with receipt" if receipts else "submit"
    ours, theirs = runs["ours"], runs["theirs"]
    ratio = show(f"{name}, CPU µs", [one["CPU µs"] for one in ours], [one["CPU µs"] for one in theirs])
    rate = "a second"
    show(f"{name}, a second (wall)", [one[rate] for one in ours], [one[rate] for one in theirs], 0, more_is_better=True)
    return ratio


def codecs(python: Path, rounds: int) -> None:
    """The codecs alone. Ends the program where they disagree."""
    ours = []
    theirs = []
    for _ in range(rounds):
        ours.append(client(Path(sys.executable), "ours", "codec"))
        theirs.append(client(python, "theirs", "codec"))
        for name in ("octets", "read"):
            if ours[-1][name] != theirs[-1][name]:
                raise SystemExit(f"the codecs disagree: {ours[-1][name]} and {theirs[-1][name]}")
    for title, our, their in CODEC:
        show(f"{title}, µs", [one[our] for one in ours], [one[their] for one in theirs], 2)
    print("(¹) smpp.twisted3 has nothing that reads the text: its figure is that of the line before.")


def daemons(options: argparse.Namespace) -> None:
    """The whole daemon, with the sink and with SMPP in turn."""
    runs: dict[str, list[dict[str, float]]] = {"sink": [], "smpp": []}
    for turn in range(options.rounds):
        for gateway in sorted(runs, reverse=bool(turn % 2)):
            runs[gateway].append(daemon.measure(gateway, options.seconds, options.concurrency, options.window, turn))
    for gateway, figures in runs.items():
        print(f"{gateway:<6}", end="")
        for name in figures[0]:
            print(f"  {name} {cell([one[name] for one in figures], 0)}", end="")
        print()
    pairs = zip(runs["smpp"], runs["sink"], strict=True)
    print(f"smpp / sink, CPU: {cell([smpp['CPU µs'] / sink['CPU µs'] for smpp, sink in pairs], 2)}")
    print("Every message was delivered once and every receipt acknowledged; the ledger is sound.")


def main() -> None:
    """Print the table; fails where a message has no answer or a receipt no acknowledgement."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.smpp", description=__doc__)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--window", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--daemon", action="store_true", help="the whole daemon instead, with sink and with SMPP")
    parser.add_argument("--seconds", type=float, default=5, help="of load, with --daemon")
    parser.add_argument("--concurrency", type=int, default=32, help="of calls, with --daemon")
    options = parser.parse_args()
    if options.daemon:
        daemons(options)
        return
    python = environment.python()
    print(f"{options.rounds} rounds of {options.messages} messages, window {options.window}")
    print(f"{'':<34}{'txsmpp':>28}{'smpp.twisted3':>28}{'times':>22}")
    ratios = [compare(python, options, receipts) for receipts in (False, True)]
    codecs(python, min(options.rounds, 3))
    print("Every message was answered, every receipt acknowledged; both encode the same octets.")
    reached = "reached" if min(ratios) >= GOAL else "missed"
    print(f"At least {GOAL} times less CPU in both: {reached}.")


if __name__ == "__main__":
    main()
