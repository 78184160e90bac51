"""The mandatory parameters' forms (SMPP 3.4 §3.1): how each is written and read.

A body is an attrs class whose fields, in the order of the wire, are made by ``text``, ``byte`` and the others.
Writing is strict: what does not fit raises EncodeError. Reading takes what operators send: lengths beyond the
standard's, any number; only what cannot be told apart raises DecodeError.
"""

from struct import Struct
from typing import Any, ClassVar, Final, Protocol

import attrs

from .constants import Status
from .tlv import DecodeError, EncodeError, Tlvs, decode_tlvs, encode_tlvs

_FORM: Final = "form"
_STATUS: Final = Struct(">I")
_CUT: Final = "the body ends too early"


class Form(Protocol):
    """How one parameter stands in a body."""

    def write(self, value: Any) -> bytes:
        """Its octets. Raises EncodeError."""

    def read(self, data: bytes, at: int) -> tuple[Any, int]:
        """The value that begins at ``at``, and where the next one begins. Raises DecodeError."""


@attrs.frozen
class Text:
    """A C-Octet String of ``size`` octets at most, its NUL among them."""

    size: int

    def write(self, value: bytes) -> bytes:
        """See ``Form``."""
        if len(value) >= self.size:
            raise EncodeError(f"{len(value)} octets where {self.size - 1} fit")
        if b"\0" in value:
            raise EncodeError("a NUL inside a text")
        return value + b"\0"

    def read(self, data: bytes, at: int) -> tuple[bytes, int]:
        """See ``Form``."""
        end = data.find(b"\0", at)
        if end < 0:
            raise DecodeError(Status.ESME_RINVMSGLEN, "a text without its NUL")
        return data[at:end], end + 1


class Time(Text):
    """A time (§7.1.1): 16 characters, or none."""

    def write(self, value: bytes) -> bytes:
        """See ``Form``."""
        if len(value) not in (0, 16):
            raise EncodeError("a time has 16 characters")
        return super().write(value)


class Byte:
    """An unsigned number of one octet."""

    def write(self, value: int) -> bytes:
        """See ``Form``."""
        if not 0 <= value <= 0xFF:
            raise EncodeError(f"{value} is no octet")
        return value.to_bytes(1, "big")

    def read(self, data: bytes, at: int) -> tuple[int, int]:
        """See ``Form``."""
        if at >= len(data):
            raise DecodeError(Status.ESME_RINVMSGLEN, _CUT)
        return data[at], at + 1


class Octets:
    """Up to 254 octets after their number: sm_length and short_message (§5.2.21, §5.2.22)."""

    def write(self, value: bytes) -> bytes:
        """See ``Form``."""
        if len(value) > 254:
            raise EncodeError(f"a short_message of {len(value)} octets: it has 254 at most, more go in message_payload")
        return len(value).to_bytes(1, "big") + value

    def read(self, data: bytes, at: int) -> tuple[bytes, int]:
        """See ``Form``."""
        length, at = BYTE.read(data, at)
        if at + length > len(data):
            raise DecodeError(Status.ESME_RINVMSGLEN, "a short_message shorter than its sm_length")
        return data[at : at + length], at + length


BYTE: Final = Byte()


@attrs.frozen
class Address:
    """An SME address with its type of number and numbering plan (§5.2.8)."""

    address: bytes
    ton: int = 0
    npi: int = 0


@attrs.frozen
class DistributionList:
    """A destination that is a list kept by the SMSC (§4.5.1)."""

    name: bytes


Destination = Address | DistributionList


@attrs.frozen
class Unsuccessful:
    """A destination of a submit_multi that was refused, and why (§4.5.2)."""

    address: bytes
    ton: int
    npi: int
    status: int


class Destinations:
    """dest_address(es) of a submit_multi after number_of_dests, 1 to 254."""

    _ADDRESS = Text(21)

    def write(self, value: tuple[Destination, ...]) -> bytes:
        """See ``Form``."""
        if not 1 <= len(value) <= 254:
            raise EncodeError(f"{len(value)} destinations: from 1 to 254 fit")
        return len(value).to_bytes(1, "big") + b"".join(map(self._write_one, value))

    def _write_one(self, one: Destination) -> bytes:
        if isinstance(one, DistributionList):
            return b"\2" + self._ADDRESS.write(one.name)
        return b"\1" + BYTE.write(one.ton) + BYTE.write(one.npi) + self._ADDRESS.write(one.address)

    def read(self, data: bytes, at: int) -> tuple[tuple[Destination, ...], int]:
        """See ``Form``."""
        count, at = BYTE.read(data, at)
        found: list[Destination] = []
        for _ in range(count):
            flag, at = BYTE.read(data, at)
            if flag == 2:
                name, at = self._ADDRESS.read(data, at)
                found.append(DistributionList(name))
            elif flag == 1:
                (ton, npi), at = _two(data, at)
                address, at = self._ADDRESS.read(data, at)
                found.append(Address(address, ton, npi))
            else:
                raise DecodeError(Status.ESME_RINVDESTFLAG, f"dest_flag {flag}")
        return tuple(found), at


class Unsuccessfuls:
    """unsuccess_sme of a submit_multi_resp after no_unsuccess."""

    _ADDRESS = Text(21)

    def write(self, value: tuple[Unsuccessful, ...]) -> bytes:
        """See ``Form``."""
        pieces = [BYTE.write(len(value))]
        for one in value:
            if not 0 <= one.status <= 0xFFFFFFFF:
                raise EncodeError(f"{one.status} is no status")
            pieces += [BYTE.write(one.ton), BYTE.write(one.npi), self._ADDRESS.write(one.address)]
            pieces.append(_STATUS.pack(one.status))
        return b"".join(pieces)

    def read(self, data: bytes, at: int) -> tuple[tuple[Unsuccessful, ...], int]:
        """See ``Form``."""
        count, at = BYTE.read(data, at)
        found = []
        for _ in range(count):
            (ton, npi), at = _two(data, at)
            address, at = self._ADDRESS.read(data, at)
            if at + 4 > len(data):
                raise DecodeError(Status.ESME_RINVMSGLEN, _CUT)
            found.append(Unsuccessful(address, ton, npi, _STATUS.unpack_from(data, at)[0]))
            at += 4
        return tuple(found), at


class Parameters:
    """The TLVs, which take all the rest."""

    def write(self, value: Tlvs) -> bytes:
        """See ``Form``."""
        return encode_tlvs(value)

    def read(self, data: bytes, at: int) -> tuple[Tlvs, int]:
        """See ``Form``."""
        return decode_tlvs(data, at), len(data)


def _two(data: bytes, at: int) -> tuple[tuple[int, int], int]:
    first, at = BYTE.read(data, at)
    second, at = BYTE.read(data, at)
    return (first, second), at


def text(size: int, *, secret: bool = False) -> Any:
    """A field that is a ``Text``; a ``secret`` one is not in the repr."""
    return attrs.field(default=b"", repr=not secret, metadata={_FORM: Text(size)})


def time() -> Any:
    """A field that is a ``Time``."""
    return attrs.field(default=b"", metadata={_FORM: Time(17)})


def byte(default: int = 0) -> Any:
    """A field that is a ``Byte``."""
    return attrs.field(default=default, metadata={_FORM: BYTE})


def short_message() -> Any:
    """A field of ``Octets``, not in the repr: what people write is nobody's business."""
    return attrs.field(default=b"", repr=False, metadata={_FORM: Octets()})


def several(form: Form) -> Any:
    """A field that is a tuple."""
    return attrs.field(default=(), metadata={_FORM: form})


def parameters() -> Any:
    """The field of TLVs; not in the repr either, for message_payload is one."""
    return attrs.field(default=(), repr=False, metadata={_FORM: Parameters()})


class Body:
    """A PDU without its header. Subclasses are attrs classes with the fields in the order of the wire."""

    command: ClassVar[int]
    _forms: ClassVar[tuple[tuple[str, Form], ...] | None] = None

    @classmethod
    def forms(cls) -> tuple[tuple[str, Form], ...]:
        """Names and forms of the parameters."""
        if cls.__dict__.get("_forms") is None:
            cls._forms = tuple((one.name, one.metadata[_FORM]) for one in attrs.fields(cls))  # type: ignore[arg-type]
        return cls._forms  # type: ignore[return-value]

    def encode(self) -> bytes:
        """Its octets. Raises EncodeError, which names the parameter."""
        pieces = []
        for name, form in self.forms():
            try:
                pieces.append(form.write(getattr(self, name)))
            except EncodeError as reason:
                raise EncodeError(f"{name}: {reason}") from None
        return b"".join(pieces)

    @classmethod
    def decode(cls, data: bytes) -> Any:
        """The body that ``data`` is. Raises DecodeError."""
        values, at = {}, 0
        for name, form in cls.forms():
            values[name], at = form.read(data, at)
        decode_tlvs(data, at)  # optional parameters that are not expected are ignored (§3.3)
        return cls(**values)


class Response(Body):
    """A response: what is missing or broken at its end is left at its default, for the rest says what matters.

    Operators leave out the body of a response that refuses, the NUL of an id, a version's TLV.
    """

    @classmethod
    def decode(cls, data: bytes) -> Any:
        """The response that ``data`` is, as far as it can be read."""
        values, at = {}, 0
        for name, form in cls.forms():
            try:
                values[name], at = form.read(data, at)
            except DecodeError:
                if isinstance(form, Text) and at < len(data):
                    values[name] = data[at:]
                break
        return cls(**values)


class Empty:
    """A body of nothing, whatever comes in it."""

    @classmethod
    def decode(cls, _data: bytes) -> Any:
        """Nothing."""
        return cls()
