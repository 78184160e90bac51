"""SMS-SUBMIT: what a modem is given to send (3GPP TS 23.040 §9.2.2.2)."""

from datetime import datetime
from typing import Final

import attrs

from smstob.model.message import Segment

from . import address, times, user_data
from .address import Address
from .coding import FLASH
from .octets import Octets, octet
from .user_data import Concatenation, UserData

TYPE: Final = 0b01
"""TP-MTI."""

_REJECT_DUPLICATES, _STATUS_REPORT, _HEADER, _REPLY_PATH = 0x04, 0x20, 0x40, 0x80
_NO_VALIDITY, _ENHANCED, _RELATIVE, _ABSOLUTE = 0x00, 0x08, 0x10, 0x18
_VALIDITY_FORMAT: Final = 0x18


@attrs.frozen(kw_only=True)
class Submit:
    """A message on its way to the network."""

    recipient: Address
    user_data: UserData
    reference: int = 0
    """TP-MR; modems put their own in its place."""
    protocol: int = 0
    """TP-PID."""
    validity: int | datetime | None = None
    """Seconds that the network may try, rounded up to what has a form; or until when; or as it likes."""
    status_report: bool = False
    """Whether a report is asked for."""
    reject_duplicates: bool = False
    reply_path: bool = False


def of_segment(
    segment: Segment, reference: int, *, wide: bool = False, status_report: bool = True, validity: bool = True
) -> Submit:
    """The SMS-SUBMIT of ``segment``; ``reference`` joins the segments of its message on the telephone.

    A ``wide`` reference, of 16 bits, leaves a GSM-7 segment 152 septets and a UCS-2 one 66 units, fewer than
    ``model.segment`` cuts. Without ``validity`` the network tries as long as it likes: some refuse to be told.
    Raises NotGsm7, Unwritable.
    """
    joined = Concatenation(reference, segment.total, segment.part, wide) if segment.total > 1 else None
    return Submit(
        recipient=Address.of(segment.number),
        user_data=UserData.of(segment.text, segment.coding, FLASH if segment.flash else None, joined),
        validity=segment.validity if validity else None,
        status_report=status_report,
    )


def write(submit: Submit) -> bytes:
    """Its octets. Raises Unwritable."""
    validity_format, validity = _validity(submit.validity)
    first = TYPE | validity_format
    first |= _REJECT_DUPLICATES * submit.reject_duplicates | _STATUS_REPORT * submit.status_report
    first |= _HEADER * bool(submit.user_data.elements) | _REPLY_PATH * submit.reply_path
    return b"".join(
        (
            bytes((first, octet(submit.reference, "TP-MR"))),
            address.write(submit.recipient),
            bytes((octet(submit.protocol, "TP-PID"), octet(submit.user_data.data_coding, "TP-DCS"))),
            validity,
            user_data.write(submit.user_data),
        )
    )


def read(first: int, octets: Octets) -> Submit:
    """The SMS-SUBMIT whose octets follow the ``first`` one. Raises BadTpdu."""
    reference = octets.octet("TP-MR")
    recipient = address.read(octets, "TP-DA")
    protocol = octets.octet("TP-PID")
    data_coding = octets.octet("TP-DCS")
    validity: int | datetime | None = None
    validity_format = first & _VALIDITY_FORMAT
    if validity_format == _RELATIVE:
        validity = times.read_validity(octets.octet("TP-VP"))
    elif validity_format != _NO_VALIDITY:
        moment = octets.take(times.MOMENT, "TP-VP")
        # the enhanced format, which nobody sends, counts for none
        validity = None if validity_format == _ENHANCED else times.read_moment(moment)
    return Submit(
        recipient=recipient,
        user_data=user_data.read(octets, data_coding, has_header=bool(first & _HEADER)),
        reference=reference,
        protocol=protocol,
        validity=validity,
        status_report=bool(first & _STATUS_REPORT),
        reject_duplicates=bool(first & _REJECT_DUPLICATES),
        reply_path=bool(first & _REPLY_PATH),
    )


def _validity(validity: int | datetime | None) -> tuple[int, bytes]:
    """TP-VPF and TP-VP."""
    if validity is None:
        return _NO_VALIDITY, b""
    if isinstance(validity, datetime):
        return _ABSOLUTE, times.write_moment(validity)
    return _RELATIVE, bytes((times.write_validity(validity),))
