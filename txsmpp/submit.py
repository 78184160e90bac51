"""submit_sm by the thousand: what is the same for all messages of a route is encoded once."""

from collections.abc import Sequence
from typing import Final

from .pdu import SubmitSm
from .tlv import EncodeError, Tlv, encode_tlvs

_NUL: Final = b"\0"


class SubmitTemplate:
    """Encodes as ``route`` does with other values for what differs from message to message.

    Raises EncodeError where ``route`` itself cannot be encoded.
    """

    def __init__(self, route: SubmitSm) -> None:
        route.encode()
        self._head = b"".join(form.write(getattr(route, name)) for name, form in SubmitSm.forms()[:6])
        self._protocol_and_priority = bytes((route.protocol_id, route.priority)) + route.schedule_delivery_time + _NUL
        self._flags = bytes((route.registered_delivery, route.replace_if_present))
        self._default_message = bytes((route.default_message,))
        self._tlvs = encode_tlvs(route.tlvs)

    def encode(
        self,
        destination: bytes,
        message: bytes,
        *,
        esm_class: int = 0,
        validity: bytes = b"",
        data_coding: int = 0,
        tlvs: Sequence[Tlv] = (),
    ) -> bytes:
        """The body of the submit_sm of ``message`` to ``destination``. Raises EncodeError.

        ``validity`` is a time as ``times`` makes it; ``tlvs`` come before the route's own.
        """
        if len(destination) > 20 or _NUL in destination:
            raise EncodeError("destination: 20 octets at most, and no NUL")
        length = len(message)
        if length > 254:
            raise EncodeError("short_message: 254 octets at most")
        if validity and (len(validity) != 16 or _NUL in validity):
            raise EncodeError("validity_period: a time has 16 characters")
        try:
            return b"%b%b\0%c%b%b\0%b%c%b%c%b%b%b" % (
                self._head,
                destination,
                esm_class,
                self._protocol_and_priority,
                validity,
                self._flags,
                data_coding,
                self._default_message,
                length,
                message,
                encode_tlvs(tlvs) if tlvs else b"",
                self._tlvs,
            )
        except OverflowError:
            raise EncodeError("esm_class, data_coding: an octet each") from None
