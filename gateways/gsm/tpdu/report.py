"""SMS-STATUS-REPORT: what became of a message (3GPP TS 23.040 §9.2.2.3)."""

from datetime import datetime
from enum import Enum
from typing import Final

import attrs

from . import address, times
from .address import Address
from .octets import Octets, octet

TYPE: Final = 0b10
"""TP-MTI."""

_NO_MORE, _OF_COMMAND = 0x04, 0x20

EXPIRED: Final = 0x46
"""The status of a message whose validity period ended."""


class Result(Enum):
    """What a status says (§9.2.3.15)."""

    DELIVERED = "delivered"
    """Received by the telephone, or handed on to where nobody can tell, or replaced."""
    TRYING = "trying"
    """Not yet delivered: another report will come."""
    FAILED = "failed"
    """For good."""
    GIVEN_UP = "given up"
    """For a reason that may pass, but the service centre tries no more."""
    RESERVED = "reserved"
    """Nothing that the standard knows."""


_RESULTS: Final = (Result.DELIVERED, Result.TRYING, Result.FAILED, Result.GIVEN_UP)
_IN_A_CLASS: Final = 0x20


@attrs.frozen(kw_only=True)
class StatusReport:
    """A report on a message that was submitted."""

    reference: int
    """TP-MR that the modem told of the message."""
    recipient: Address
    """As the network writes it; empty where a modem kept none."""
    submitted: datetime | None
    """When the service centre took the message, by its clock; None where it told no moment."""
    discharged: datetime | None
    """When the message came to this status, or was last tried; None where it told no moment."""
    status: int
    """TP-ST."""
    more: bool = False
    """Whether others wait in the service centre."""
    of_command: bool = False
    """Whether it is on an SMS-COMMAND, which we never send."""

    @property
    def result(self) -> Result:
        """What the status says."""
        kind = self.status // _IN_A_CLASS
        return _RESULTS[kind] if kind < len(_RESULTS) else Result.RESERVED


def write(report: StatusReport) -> bytes:
    """Its octets, without optional fields. Raises Unwritable."""
    first = TYPE | _NO_MORE * (not report.more) | _OF_COMMAND * report.of_command
    return b"".join(
        (
            bytes((first, octet(report.reference, "TP-MR"))),
            address.write(report.recipient),
            times.write_moment(report.submitted),
            times.write_moment(report.discharged),
            bytes((octet(report.status, "TP-ST"),)),
        )
    )


def read(first: int, octets: Octets) -> StatusReport:
    """The SMS-STATUS-REPORT whose octets follow the ``first`` one; optional fields are passed over. Raises BadTpdu."""
    return StatusReport(
        reference=octets.octet("TP-MR"),
        recipient=address.read(octets, "TP-RA"),
        submitted=times.read_moment(octets.take(times.MOMENT, "TP-SCTS")),
        discharged=times.read_moment(octets.take(times.MOMENT, "TP-DT")),
        status=octets.octet("TP-ST"),
        more=not first & _NO_MORE,
        of_command=bool(first & _OF_COMMAND),
    )
