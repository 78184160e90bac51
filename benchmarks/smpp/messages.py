"""What both clients and the SMSC of the benchmark say to each other, and how a client's CPU is measured."""

import argparse
import json
import resource
import statistics
import sys
import time
import timeit
from collections.abc import Callable
from struct import Struct
from typing import Final

HEADER: Final = Struct(">IIII")
SYSTEM_ID: Final = b"bench"
PASSWORD: Final = b"secret"
SOURCE: Final = b"SMStoB"
TEXT: Final = b"Votre commande 4711 est prete, retrait jusqu'a samedi 18 h au comptoir. A bientot, votre magasin. OK"
"""100 octets."""


def destination(serial: int) -> bytes:
    """A number of the n-th message."""
    return b"336%08d" % serial


def submit_response(sequence: int, message_id: bytes) -> bytes:
    """A submit_sm_resp."""
    return HEADER.pack(17 + len(message_id), 0x80000004, 0, sequence) + message_id + b"\0"


def receipt(sequence: int, message_id: bytes, addresses: bytes) -> bytes:
    """A deliver_sm that says DELIVRD: the text of Appendix B, receipted_message_id and message_state.

    ``addresses`` are its source and destination with their types.
    """
    text = (
        b"id:%b sub:001 dlvrd:001 submit date:2611230830 done date:2611230831 stat:DELIVRD err:000 text:" % message_id
        + TEXT[:20]
    )
    body = b"\0%b\x04\0\0\0\0\0\0\0\0%c%b\0\x1e\0%c%b\0\x04\x27\0\x01\x02" % (
        *(addresses, len(text), text),
        *(len(message_id) + 1, message_id),
    )
    return HEADER.pack(16 + len(body), 0x00000005, 0, sequence) + body


SAMPLE_RESPONSE: Final = submit_response(4711, b"1000004711")
SAMPLE_RECEIPT: Final = receipt(4711, b"1000004711", b"\x01\x01" + destination(4711) + b"\0\x05\0" + SOURCE + b"\0")


class Meter:
    """CPU and time of this process between ``start`` and ``stop``."""

    def __init__(self) -> None:
        self._cpu = self._at = self.cpu = self.wall = 0.0

    def start(self) -> None:
        """From here on."""
        self._cpu, self._at = self._spent(), time.perf_counter()

    def stop(self) -> None:
        """Up to here."""
        self.cpu, self.wall = self._spent() - self._cpu, time.perf_counter() - self._at

    def _spent(self) -> float:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return usage.ru_utime + usage.ru_stime


def microseconds(operation: Callable[[], object], times: int) -> float:
    """CPU µs of one call, the median of seven runs."""
    operation()
    return 1e6 * statistics.median(timeit.repeat(operation, timer=time.process_time, number=times, repeat=7)) / times


def arguments() -> argparse.Namespace:
    """What a client is told on its command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("drive", "codec"))
    parser.add_argument("--port", type=int, default=2775)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--window", type=int, default=50)
    parser.add_argument("--receipts", action="store_true")
    return parser.parse_args()


def tell(**figures: float | str) -> None:
    """Print figures for the one who started this process."""
    json.dump(figures, sys.stdout)
    sys.stdout.write("\n")
    sys.stdout.flush()
