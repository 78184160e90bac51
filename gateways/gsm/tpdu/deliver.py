"""SMS-DELIVER: what a telephone sent (3GPP TS 23.040 §9.2.2.1)."""

from datetime import datetime
from typing import Final

import attrs

from . import address, times, user_data
from .address import Address
from .octets import Octets, octet
from .user_data import UserData

TYPE: Final = 0b00
"""TP-MTI."""

_NO_MORE, _HEADER, _REPLY_PATH = 0x04, 0x40, 0x80


@attrs.frozen(kw_only=True)
class Deliver:
    """A message that came from the network."""

    sender: Address
    user_data: UserData
    sent: datetime | None
    """When the service centre took it, by its clock; None where it told no moment."""
    protocol: int = 0
    """TP-PID."""
    more: bool = False
    """Whether others wait in the service centre."""
    reply_path: bool = False


def write(deliver: Deliver) -> bytes:
    """Its octets. Raises Unwritable."""
    first = TYPE | _NO_MORE * (not deliver.more)
    first |= _HEADER * bool(deliver.user_data.elements) | _REPLY_PATH * deliver.reply_path
    return b"".join(
        (
            bytes((first,)),
            address.write(deliver.sender),
            bytes((octet(deliver.protocol, "TP-PID"), octet(deliver.user_data.data_coding, "TP-DCS"))),
            times.write_moment(deliver.sent),
            user_data.write(deliver.user_data),
        )
    )


def read(first: int, octets: Octets) -> Deliver:
    """The SMS-DELIVER whose octets follow the ``first`` one. Raises BadTpdu."""
    sender = address.read(octets, "TP-OA")
    protocol = octets.octet("TP-PID")
    data_coding = octets.octet("TP-DCS")
    sent = times.read_moment(octets.take(times.MOMENT, "TP-SCTS"))
    return Deliver(
        sender=sender,
        user_data=user_data.read(octets, data_coding, has_header=bool(first & _HEADER)),
        sent=sent,
        protocol=protocol,
        more=not first & _NO_MORE,
        reply_path=bool(first & _REPLY_PATH),
    )
