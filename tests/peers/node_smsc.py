"""An SMSC that plays what it is told: ``tests/node/smsc.js``, on the npm package ``smpp``, in a process of its own."""

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from tests.daemon import wait_until
from tests.peers.script import Script

SCRIPT: Final = Path(__file__).parents[1] / "node" / "smsc.js"

OUTCOMES: Final[Mapping[str, Sequence[str]]] = {
    "01": ["DELIVRD"],
    "02": ["UNDELIV:027"],
    "03": ["EXPIRED:001"],
    "04": ["REJECTD:088"],
    "05": ["ACCEPTD", "DELIVRD"],
    "06": [],
    "07": ["DELETED"],
    "08": ["UNKNOWN"],
}
"""A table for ``set(outcomes=…)``: what becomes of a number that ends in these digits."""

THROTTLED: Final = 0x58
QUEUE_FULL: Final = 0x14
MESSAGE_PAYLOAD: Final = 0x0424
SAR: Final = (0x020C, 0x020E, 0x020F)
"""``sar_msg_ref_num``, ``sar_total_segments``, ``sar_segment_seqnum``."""


@attrs.frozen
class Submitted:
    """A ``submit_sm`` as it came."""

    session: int
    """The number of its connection: 1, 2…"""
    sequence: int
    at: float
    """Unix time."""
    id: str | None
    """What the response gives as ``message_id``; None when refused."""
    status: int | None
    """What was answered; None while nothing is."""
    source: str
    source_ton: int
    source_npi: int
    destination: str
    destination_ton: int
    destination_npi: int
    service_type: str
    esm_class: int
    protocol_id: int
    priority: int
    schedule: str
    validity: str
    registered_delivery: int
    replace_if_present: int
    data_coding: int
    short_message: bytes
    """With its header."""
    udh: bytes | None
    """The header, its length byte included."""
    tlvs: Mapping[int, bytes]

    @property
    def payload(self) -> bytes:
        """``message_payload`` where there is one, else ``short_message``; with the header."""
        return self.tlvs.get(MESSAGE_PAYLOAD, self.short_message)

    @property
    def body(self) -> bytes:
        """The payload without the header."""
        return self.payload[len(self.udh or b"") :]

    @property
    def sar(self) -> tuple[int, int, int] | None:
        """Reference, parts, and which this is, as the three ``sar_*`` parameters say."""
        if not all(tag in self.tlvs for tag in SAR):
            return None
        reference, total, number = (int.from_bytes(self.tlvs[tag]) for tag in SAR)
        return reference, total, number


@attrs.frozen
class Bind:
    """A bind request as it came, and what it was answered."""

    session: int
    mode: str
    """``transmitter``, ``receiver`` or ``transceiver``."""
    status: int | None
    at: float
    system_id: str
    password: str
    system_type: str
    interface_version: int
    ton: int
    npi: int
    range: str


@attrs.frozen
class Delivery:
    """A ``deliver_sm`` on its way to the ESME."""

    number: int
    kind: str
    """``mo`` or ``receipt``."""
    session: int | None
    """Where it was last sent; None while it waits for a link."""
    attempts: int
    sent: float | None
    """Unix time of the last attempt."""
    answered: float | None
    status: int | None
    """The ESME's last answer; None while there is none."""


@attrs.frozen
class Counts:
    """What came and went so far."""

    submits: int
    taken: int
    """Submits that got an id."""
    answered: int
    """Submits that were answered, whatever with."""
    distinct: int
    """Different (destination, text and parameters) among the taken: the others are duplicates."""
    held: int
    """Answers kept back until ``release``."""
    links: int
    """Bound at this moment."""
    binds: int
    refused_binds: int
    enquire_links: int
    nacks: int
    """``generic_nack`` that the ESME sent."""
    receipts: int
    receipts_sent: int
    """Attempts."""
    receipts_acknowledged: int
    late: int
    """Answers to a ``deliver_sm`` that had been sent again or answered already."""

    @property
    def duplicates(self) -> int:
        """How many of the taken had come before."""
        return self.taken - self.distinct


@attrs.frozen
class Exchanged:
    """A PDU of either direction."""

    session: int
    sent: bool
    """By the SMSC."""
    pdu: bytes


class NodeSmsc(Script):
    """The SMSC, over TLS with ``tls``: the files of its key and its certificate."""

    def __init__(self, log: Path, port: int = 0, tls: tuple[Path, Path] | None = None) -> None:
        super().__init__(["node", SCRIPT, *(tls or ())], log, port)

    def set(self, **behaviour: Any) -> None:
        """Change how it behaves: ``tests/node/smsc/behaviour.js`` has the names and what they mean."""
        self.do("set", **behaviour)

    def counts(self) -> Counts:
        """What came and went so far; cheap enough to be asked again and again."""
        return Counts(**self.do("counts"))

    def received(self) -> dict[str, int]:
        """How often each command came, by its name in the specification."""
        told: dict[str, int] = self.do("received")
        return told

    def faults(self) -> list[str]:
        """Breaches of the protocol that made it close a connection."""
        told: list[str] = self.do("faults")
        return told

    def binds(self) -> list[Bind]:
        """Every bind request so far."""
        return [Bind(**told) for told in self.do("binds")]

    def journal(self, since: int = 0) -> list[Submitted]:
        """Every ``submit_sm`` so far, from the one with that index."""
        return [_submitted(told) for told in self.do("journal", since=since)]

    def submitted(self, count: int, seconds: float = 10) -> list[Submitted]:
        """The journal, once it has so many."""
        wait_until(lambda: self.counts().submits >= count, f"{count} submits", seconds)
        return self.journal()

    def wire(self) -> list[Exchanged]:
        """Every PDU since the last time, where ``set(wire=True)``; what could not be read as one is not among them."""
        return [Exchanged(told["session"], told["sent"], bytes.fromhex(told["pdu"])) for told in self.do("wire")]

    def release(self) -> None:
        """Give the answers that ``set(hold_answers=True)`` held, and hold no more."""
        self.do("release")

    def drop_links(self) -> int:
        """Destroy every connection; gives how many there were."""
        dropped: int = self.do("drop")
        return dropped

    def go_down(self, keep_links: bool = False) -> None:
        """Stop listening, and destroy every connection unless told."""
        self.do("down", keep_links=keep_links)

    def come_up(self) -> None:
        """Listen again, on the same port."""
        self.do("up")

    def unbind(self) -> None:
        """Send ``unbind`` to every ESME."""
        self.do("unbind")

    def enquire_link(self) -> None:
        """Send ``enquire_link`` to every ESME; ``received()["enquire_link_resp"]`` counts the answers."""
        self.do("enquire_link")

    def send_raw(self, data: bytes) -> None:
        """Send bytes as they are to every ESME."""
        self.do("raw", data=data.hex())

    def send_unknown(self, command_id: int = 0x0001_0200, sequence: int = 0x7777) -> None:
        """Send every ESME a PDU that the specification does not have."""
        self.send_raw(struct.pack(">IIII", 16, command_id, 0, sequence))

    def receipt(
        self, id: str, outcome: str = "DELIVRD", about: str | None = None, system_id: str | None = None
    ) -> int:
        """Send a receipt with that id now, known or not; gives its number among the deliveries.

        ``about`` is the id in the response where that was another.
        """
        number: int = self.do("receipt", id=id, outcome=outcome, about=about or id, system_id=system_id)
        return number

    def mo(
        self,
        source: str,
        destination: str,
        message: bytes,
        *,
        data_coding: int = 0,
        udh: bytes = b"",
        tlvs: Mapping[int, bytes] | None = None,
        payload: bool = False,
        system_id: str | None = None,
        **fields: Any,
    ) -> int:
        """Send what a telephone wrote; gives its number among the deliveries.

        With ``payload`` it goes as ``message_payload``. ``fields`` are others of ``deliver_sm``, as they are called.
        """
        told = {"source_addr": source, "destination_addr": destination, "data_coding": data_coding, **fields}
        parameters = {tag: value.hex() for tag, value in (tlvs or {}).items()}
        told |= {"message": message.hex(), "udh": udh.hex(), "payload": payload, "system_id": system_id}
        number: int = self.do("mo", **told, tlvs=parameters)
        return number

    def deliveries(self) -> list[Delivery]:
        """Every ``deliver_sm`` so far."""
        return [Delivery(**told) for told in self.do("deliveries")]

    def delivery(self, number: int) -> Delivery:
        """What became of one."""
        return Delivery(**self.do("deliveries", since=number)[0])

    def acknowledged(self, number: int, seconds: float = 10) -> Delivery:
        """The same, once the ESME acknowledged it."""
        wait_until(lambda: self.delivery(number).status == 0, f"delivery {number} is acknowledged", seconds)
        return self.delivery(number)


def _submitted(told: dict[str, Any]) -> Submitted:
    told["short_message"] = bytes.fromhex(told["short_message"])
    told["udh"] = None if told["udh"] is None else bytes.fromhex(told["udh"])
    told["tlvs"] = {int(tag): bytes.fromhex(value) for tag, value in told["tlvs"].items()}
    return Submitted(**told)
