"""Frames: where one PDU ends and the next begins (SMPP 3.4 §3.2)."""

from struct import Struct
from struct import error as struct_error
from typing import Final, NamedTuple

from .constants import Status
from .tlv import EncodeError

HEADER: Final = Struct(">IIII")
"""command_length, command_id, command_status, sequence_number."""
LARGEST: Final = 80_000
"""Octets of a PDU at most: a message_payload may have 65,535, beside 254 destinations and what else there is."""
_LENGTH: Final = Struct(">I")
# a NamedTuple's own constructor takes thrice as long, and these are made by the thousand
_made: Final = tuple.__new__


class Frame(NamedTuple):
    """One PDU, its body not looked at."""

    command: int
    status: int
    sequence: int
    body: bytes


class FrameError(Exception):
    """A command_length that no PDU can have: nothing that follows can be understood."""

    status: int = Status.ESME_RINVCMDLEN


def pack(command: int, status: int, sequence: int, body: bytes = b"") -> bytes:
    """The PDU with that header. Raises EncodeError."""
    try:
        return HEADER.pack(16 + len(body), command, status, sequence) + body
    except struct_error:
        raise EncodeError("command_id, command_status, sequence_number: 32 bits each") from None


class Framer:
    """Cuts a stream into frames, in linear time, however it arrives."""

    def __init__(self, largest: int = LARGEST) -> None:
        self._largest = largest
        self._pieces: list[bytes] = []
        """The beginning of a frame; joined only when the whole is there, so that no octet is copied often."""
        self._size = 0
        self._needed = 0
        self.error: FrameError | None = None
        """What is wrong with what came after the last frame; there is no next one then."""

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that ``data`` completes. Look at ``error`` after them."""
        if self.error is not None or not data:
            return []
        if self._pieces:
            self._pieces.append(data)
            self._size += len(data)
            if self._size < self._needed:
                return []
            data = b"".join(self._pieces)
            self._pieces.clear()
        frames = []
        start, end, largest, unpack = 0, len(data), self._largest, HEADER.unpack_from
        while end - start >= 16:
            length, command, status, sequence = unpack(data, start)
            if not 16 <= length <= largest or start + length > end:
                break
            frames.append(_made(Frame, (command, status, sequence, data[start + 16 : start + length])))
            start += length
        if start < end:
            self._keep(data[start:])
        return frames

    def _keep(self, rest: bytes) -> None:
        self._size, self._needed = len(rest), 4
        if self._size >= 4:
            (self._needed,) = _LENGTH.unpack_from(rest)
            if not 16 <= self._needed <= self._largest:
                self.error = FrameError(f"a PDU of {self._needed} octets")
                return
        self._pieces.append(rest)
