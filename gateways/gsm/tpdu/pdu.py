"""Lines of hexadecimal digits: a TPDU behind its service centre (3GPP TS 27.005 §3.1, ``<pdu>``)."""

import re
from collections.abc import Callable
from typing import Final, NamedTuple

import attrs

from . import address, deliver, report, submit
from .address import Address
from .deliver import Deliver
from .octets import BadTpdu, Octets
from .report import StatusReport
from .submit import Submit

Tpdu = Submit | Deliver | StatusReport

LONGEST: Final = 400
"""Hexadecimal digits of a line; the longest that makes sense, a report with every optional field, has fewer."""

_HEXADECIMAL: Final = re.compile("[0-9A-Fa-f]*")
_TYPE: Final = 0b11
_READERS: Final[dict[int, Callable[[int, Octets], Tpdu]]] = {
    deliver.TYPE: deliver.read,
    submit.TYPE: submit.read,
    report.TYPE: report.read,
}


@attrs.frozen
class Pdu:
    """A TPDU and its service centre, which modems leave out where it is their own."""

    tpdu: Tpdu
    smsc: Address | None = None


class Line(NamedTuple):
    """What ``AT+CMGS`` takes."""

    digits: str
    """Hexadecimal, in capitals."""
    length: int
    """Octets without those of the service centre."""


def write(tpdu: Tpdu, smsc: Address | None = None) -> Line:
    """The line of ``tpdu``; without ``smsc`` the modem uses its own. Raises Unwritable."""
    if isinstance(tpdu, Submit):
        octets = submit.write(tpdu)
    else:
        octets = deliver.write(tpdu) if isinstance(tpdu, Deliver) else report.write(tpdu)
    return Line((address.write_smsc(smsc) + octets).hex().upper(), len(octets))


def read(line: str) -> Pdu:
    """What the ``line`` says, as ``+CMT``, ``+CDS``, ``+CMGR`` and ``+CMGL`` show it. Raises BadTpdu, never another.

    Type 01 is a message that we sent, as memories keep them, never a network's SMS-SUBMIT-REPORT. What follows a whole
    TPDU is passed over.
    """
    if len(line) > LONGEST:
        raise BadTpdu("too long")
    if len(line) % 2 or not _HEXADECIMAL.fullmatch(line):
        raise BadTpdu("no pairs of hexadecimal digits")
    octets = Octets(bytes.fromhex(line))
    smsc = address.read_smsc(octets)
    first = octets.octet("TP-MTI")
    if (reader := _READERS.get(first & _TYPE)) is None:
        raise BadTpdu("TP-MTI is reserved")
    return Pdu(reader(first, octets), smsc)
