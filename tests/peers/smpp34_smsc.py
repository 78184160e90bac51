"""A second SMSC that owes nothing to the first: on the Python package ``smpp34``, which is Rust inside.

It takes binds and ``submit_sm``, sends receipts and messages, and refuses all commands that it does not know.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from tests.daemon import wait_until
from tests.peers.script import Script
from tests.ports import free_port

SERVER: Final = Path(__file__).with_name("smpp34_server.py")


@attrs.frozen
class Taken:
    """A ``submit_sm`` as ``smpp34`` read it."""

    id: str
    """What it was given; empty when refused."""
    source: str
    source_ton: int
    source_npi: int
    destination: str
    destination_ton: int
    destination_npi: int
    service_type: str
    esm_class: int
    protocol_id: int
    registered_delivery: int
    data_coding: int
    short_message: bytes
    tlvs: Mapping[int, bytes]


class Smpp34Smsc(Script):
    """The SMSC; a context manager."""

    def __init__(self, log: Path) -> None:
        super().__init__([sys.executable, SERVER], log, free_port())

    def set(self, outcome: str | None = "DELIVRD", next_answers: Sequence[int] = ()) -> None:
        """What the receipts say (``UNDELIV:027`` has an err; None: there are none), and the next statuses."""
        self.do("set", outcome=outcome, next_answers=list(next_answers))

    def journal(self) -> list[Taken]:
        """Every ``submit_sm`` so far."""
        return [_taken(told) for told in self.do("journal")]

    def submitted(self, count: int, seconds: float = 10) -> list[Taken]:
        """The journal, once it has so many."""
        wait_until(lambda: self.do("counts")["submits"] >= count, f"{count} submits", seconds)
        return self.journal()

    def acknowledged(self, count: int, seconds: float = 10) -> None:
        """Wait until so many ``deliver_sm`` were acknowledged."""
        wait_until(lambda: self.do("counts")["acknowledged"] >= count, f"{count} acknowledged", seconds)

    def links(self) -> int:
        """How many ESMEs are bound."""
        number: int = self.do("counts")["links"]
        return number

    def mo(self, source: str, destination: str, message: bytes, **fields: Any) -> int:
        """Send what a telephone wrote; gives the status that it was answered."""
        status: int = self.do("mo", source_addr=source, destination_addr=destination, message=message.hex(), **fields)
        return status

    def unbind(self) -> None:
        """Send ``unbind`` to every ESME."""
        self.do("unbind")


def _taken(told: dict[str, Any]) -> Taken:
    told["short_message"] = bytes.fromhex(told["short_message"])
    told["tlvs"] = {int(tag): bytes.fromhex(value) for tag, value in told["tlvs"].items()}
    return Taken(**told)
