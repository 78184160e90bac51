"""Every PDU of SMPP 3.4 (§4) as a value: ``encode`` and ``decode`` its body, ``decode`` any body by its command.

The header is ``frame``'s. Texts are octets, for operators use all of them; numbers are plain ``int``, for
operators use values that the standard reserves.
"""

from struct import Struct
from struct import error as struct_error
from typing import Any, ClassVar, Final

import attrs

from .binding import (
    BindReceiver,
    BindReceiverResponse,
    BindTransceiver,
    BindTransceiverResponse,
    BindTransmitter,
    BindTransmitterResponse,
    EnquireLink,
    EnquireLinkResponse,
    GenericNack,
    Outbind,
    Unbind,
    UnbindResponse,
)
from .constants import Command, Status
from .fields import (
    Body,
    Destination,
    Destinations,
    Empty,
    Response,
    Unsuccessful,
    Unsuccessfuls,
    byte,
    parameters,
    several,
    short_message,
    text,
    time,
)
from .tlv import DecodeError, Tlv, decode_tlvs

_ADDRESSED: Final = Struct(">BBB")
_FLAGS: Final = Struct(">BBBBB")
_UNTIMED: Final = Struct(">BBBxxBBBBB")


@attrs.define(kw_only=True)
class ShortMessage(Body):
    """What submit_sm and deliver_sm share (§4.4.1, §4.6.1)."""

    service_type: bytes = text(6)
    source_ton: int = byte()
    source_npi: int = byte()
    source: bytes = text(21)
    destination_ton: int = byte()
    destination_npi: int = byte()
    destination: bytes = text(21)
    esm_class: int = byte()
    protocol_id: int = byte()
    priority: int = byte()
    schedule_delivery_time: bytes = time()
    validity_period: bytes = time()
    registered_delivery: int = byte()
    replace_if_present: int = byte()
    data_coding: int = byte()
    default_message: int = byte()
    short_message: bytes = short_message()
    tlvs: tuple[Tlv, ...] = parameters()

    @classmethod
    def decode(cls, data: bytes) -> Any:
        """See ``Body``; the same by hand, for this is what comes by the thousand."""
        try:
            at = data.index(b"\0") + 1
            end = data.index(b"\0", at + 2)
            source_at, at = at, end + 1
            end_2 = data.index(b"\0", at + 2)
            if data.startswith(b"\0\0", end_2 + 4):
                schedule = validity = b""
                end_4 = end_2 + 5
                esm_class, protocol_id, priority, registered, replace, data_coding, default, length = (
                    _UNTIMED.unpack_from(data, end_2 + 1)
                )
            else:
                esm_class, protocol_id, priority = _ADDRESSED.unpack_from(data, end_2 + 1)
                end_3 = data.index(b"\0", end_2 + 4)
                end_4 = data.index(b"\0", end_3 + 1)
                schedule, validity = data[end_2 + 4 : end_3], data[end_3 + 1 : end_4]
                registered, replace, data_coding, default, length = _FLAGS.unpack_from(data, end_4 + 1)
        except (ValueError, struct_error):
            raise DecodeError(Status.ESME_RINVMSGLEN, "the body ends too early, or a text lacks its NUL") from None
        start = end_4 + 6
        stop = start + length
        if stop > len(data):
            raise DecodeError(Status.ESME_RINVMSGLEN, "a short_message shorter than its sm_length")
        self = cls.__new__(cls)
        self.service_type = data[: source_at - 1]
        self.source_ton = data[source_at]
        self.source_npi = data[source_at + 1]
        self.source = data[source_at + 2 : end]
        self.destination_ton = data[at]
        self.destination_npi = data[at + 1]
        self.destination = data[at + 2 : end_2]
        self.esm_class = esm_class
        self.protocol_id = protocol_id
        self.priority = priority
        self.schedule_delivery_time = schedule
        self.validity_period = validity
        self.registered_delivery = registered
        self.replace_if_present = replace
        self.data_coding = data_coding
        self.default_message = default
        self.short_message = data[start:stop]
        self.tlvs = decode_tlvs(data, stop)
        return self


@attrs.define(kw_only=True)
class SubmitSm(ShortMessage):
    """A message to be sent (§4.4.1)."""

    command: ClassVar[int] = int(Command.SUBMIT_SM)


@attrs.define(kw_only=True)
class DeliverSm(ShortMessage):
    """A message or a receipt that came (§4.6.1)."""

    command: ClassVar[int] = int(Command.DELIVER_SM)


@attrs.define(kw_only=True)
class Identified(Response):
    """A response with an id, and TLVs where the operator adds some."""

    message_id: bytes = text(65)
    tlvs: tuple[Tlv, ...] = parameters()


@attrs.define(kw_only=True)
class SubmitSmResponse(Identified):
    """The id under which the SMSC will speak of the message (§4.4.2)."""

    command: ClassVar[int] = int(Command.SUBMIT_SM_RESP)


@attrs.define(kw_only=True)
class DeliverSmResponse(Identified):
    """§4.6.2; the id is unused."""

    command: ClassVar[int] = int(Command.DELIVER_SM_RESP)


@attrs.define(kw_only=True)
class SubmitMulti(Body):
    """One message to several destinations (§4.5.1)."""

    command: ClassVar[int] = int(Command.SUBMIT_MULTI)
    service_type: bytes = text(6)
    source_ton: int = byte()
    source_npi: int = byte()
    source: bytes = text(21)
    destinations: tuple[Destination, ...] = several(Destinations())
    esm_class: int = byte()
    protocol_id: int = byte()
    priority: int = byte()
    schedule_delivery_time: bytes = time()
    validity_period: bytes = time()
    registered_delivery: int = byte()
    replace_if_present: int = byte()
    data_coding: int = byte()
    default_message: int = byte()
    short_message: bytes = short_message()
    tlvs: tuple[Tlv, ...] = parameters()


@attrs.define(kw_only=True)
class SubmitMultiResponse(Response):
    """The id, and the destinations that were refused (§4.5.2)."""

    command: ClassVar[int] = int(Command.SUBMIT_MULTI_RESP)
    message_id: bytes = text(65)
    unsuccessful: tuple[Unsuccessful, ...] = several(Unsuccessfuls())
    tlvs: tuple[Tlv, ...] = parameters()


@attrs.define(kw_only=True)
class DataSm(Body):
    """A message whose text is a TLV, in either direction (§4.7.1)."""

    command: ClassVar[int] = int(Command.DATA_SM)
    service_type: bytes = text(6)
    source_ton: int = byte()
    source_npi: int = byte()
    source: bytes = text(65)
    destination_ton: int = byte()
    destination_npi: int = byte()
    destination: bytes = text(65)
    esm_class: int = byte()
    registered_delivery: int = byte()
    data_coding: int = byte()
    tlvs: tuple[Tlv, ...] = parameters()


@attrs.define(kw_only=True)
class DataSmResponse(Identified):
    """§4.7.2."""

    command: ClassVar[int] = int(Command.DATA_SM_RESP)


@attrs.define(kw_only=True)
class QuerySm(Body):
    """What became of a message (§4.8.1)."""

    command: ClassVar[int] = int(Command.QUERY_SM)
    message_id: bytes = text(65)
    source_ton: int = byte()
    source_npi: int = byte()
    source: bytes = text(21)


@attrs.define(kw_only=True)
class QuerySmResponse(Response):
    """Its state (§4.8.2); ``message_state`` as in §5.2.28."""

    command: ClassVar[int] = int(Command.QUERY_SM_RESP)
    message_id: bytes = text(65)
    final_date: bytes = time()
    message_state: int = byte()
    error_code: int = byte()


@attrs.define(kw_only=True)
class CancelSm(Body):
    """One message, or all between two addresses, shall not leave (§4.9.1)."""

    command: ClassVar[int] = int(Command.CANCEL_SM)
    service_type: bytes = text(6)
    message_id: bytes = text(65)
    source_ton: int = byte()
    source_npi: int = byte()
    source: bytes = text(21)
    destination_ton: int = byte()
    destination_npi: int = byte()
    destination: bytes = text(21)


@attrs.define
class CancelSmResponse(Empty, Response):
    """§4.9.2."""

    command: ClassVar[int] = int(Command.CANCEL_SM_RESP)


@attrs.define(kw_only=True)
class ReplaceSm(Body):
    """Another text for a message that has not left (§4.10.1)."""

    command: ClassVar[int] = int(Command.REPLACE_SM)
    message_id: bytes = text(65)
    source_ton: int = byte()
    source_npi: int = byte()
    source: bytes = text(21)
    schedule_delivery_time: bytes = time()
    validity_period: bytes = time()
    registered_delivery: int = byte()
    default_message: int = byte()
    short_message: bytes = short_message()


@attrs.define
class ReplaceSmResponse(Empty, Response):
    """§4.10.2."""

    command: ClassVar[int] = int(Command.REPLACE_SM_RESP)


@attrs.define(kw_only=True)
class AlertNotification(Body):
    """A telephone can be reached again (§4.12.1); nobody answers it."""

    command: ClassVar[int] = int(Command.ALERT_NOTIFICATION)
    source_ton: int = byte()
    source_npi: int = byte()
    source: bytes = text(65)
    esme_ton: int = byte()
    esme_npi: int = byte()
    esme: bytes = text(65)
    tlvs: tuple[Tlv, ...] = parameters()


@attrs.define
class Raw(Body):
    """A body of a command that SMPP 3.4 does not have, as it came."""

    command: int  # type: ignore[misc]
    data: bytes = attrs.field(repr=False)

    def encode(self) -> bytes:
        """As it is."""
        return self.data


_EVERY: Final = (
    *(BindReceiver, BindReceiverResponse, BindTransmitter, BindTransmitterResponse),
    *(BindTransceiver, BindTransceiverResponse, Outbind, GenericNack, Unbind, UnbindResponse),
    *(EnquireLink, EnquireLinkResponse, SubmitSm, SubmitSmResponse, DeliverSm, DeliverSmResponse),
    *(SubmitMulti, SubmitMultiResponse, DataSm, DataSmResponse, QuerySm, QuerySmResponse),
    *(CancelSm, CancelSmResponse, ReplaceSm, ReplaceSmResponse, AlertNotification),
)
BODIES: Final[dict[int, type[Body]]] = {body.command: body for body in _EVERY}
"""By command."""


def decode(command: int, data: bytes) -> Any:
    """The body of a PDU with that command; ``Raw`` where it is unknown. Raises DecodeError."""
    kind = BODIES.get(command)
    return Raw(command, data) if kind is None else kind.decode(data)
