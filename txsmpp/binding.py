"""The PDUs that begin, keep up and end a session (SMPP 3.4 §4.1 to §4.3, §4.11)."""

from typing import ClassVar, Final

import attrs

from .constants import Command
from .fields import Body, Empty, Response, byte, parameters, text
from .tlv import Tlv

VERSION: Final = 0x34


@attrs.define(kw_only=True)
class Bind(Body):
    """bind_receiver, bind_transmitter, bind_transceiver (§4.1)."""

    system_id: bytes = text(16)
    password: bytes = text(9, secret=True)
    system_type: bytes = text(13)
    interface_version: int = byte(VERSION)
    address_ton: int = byte()
    address_npi: int = byte()
    address_range: bytes = text(41)


@attrs.define(kw_only=True)
class BindReceiver(Bind):
    """Asks to be given messages (§4.1.3)."""

    command: ClassVar[int] = int(Command.BIND_RECEIVER)


@attrs.define(kw_only=True)
class BindTransmitter(Bind):
    """Asks to give messages (§4.1.1)."""

    command: ClassVar[int] = int(Command.BIND_TRANSMITTER)


@attrs.define(kw_only=True)
class BindTransceiver(Bind):
    """Asks for both (§4.1.5)."""

    command: ClassVar[int] = int(Command.BIND_TRANSCEIVER)


@attrs.define(kw_only=True)
class BindResponse(Response):
    """What a bind is answered."""

    system_id: bytes = text(16)
    tlvs: tuple[Tlv, ...] = parameters()


@attrs.define(kw_only=True)
class BindReceiverResponse(BindResponse):
    """§4.1.4."""

    command: ClassVar[int] = int(Command.BIND_RECEIVER_RESP)


@attrs.define(kw_only=True)
class BindTransmitterResponse(BindResponse):
    """§4.1.2."""

    command: ClassVar[int] = int(Command.BIND_TRANSMITTER_RESP)


@attrs.define(kw_only=True)
class BindTransceiverResponse(BindResponse):
    """§4.1.6."""

    command: ClassVar[int] = int(Command.BIND_TRANSCEIVER_RESP)


@attrs.define(kw_only=True)
class Outbind(Body):
    """An SMSC asks to be bound to (§4.1.7)."""

    command: ClassVar[int] = int(Command.OUTBIND)
    system_id: bytes = text(16)
    password: bytes = text(9, secret=True)


@attrs.define
class GenericNack(Empty, Response):
    """A PDU was not understood (§4.3)."""

    command: ClassVar[int] = int(Command.GENERIC_NACK)


@attrs.define
class Unbind(Empty, Body):
    """The session shall end (§4.2.1)."""

    command: ClassVar[int] = int(Command.UNBIND)


@attrs.define
class UnbindResponse(Empty, Response):
    """The session ends (§4.2.2)."""

    command: ClassVar[int] = int(Command.UNBIND_RESP)


@attrs.define
class EnquireLink(Empty, Body):
    """Are you there (§4.11.1)."""

    command: ClassVar[int] = int(Command.ENQUIRE_LINK)


@attrs.define
class EnquireLinkResponse(Empty, Response):
    """Here (§4.11.2)."""

    command: ClassVar[int] = int(Command.ENQUIRE_LINK_RESP)
