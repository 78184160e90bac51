"""An ESME for the tests of the SMSCs themselves: nothing but ``struct``, and nothing of ours."""

import socket
import struct
from typing import Final, NamedTuple, Self

TRANSCEIVER: Final = 9
SUBMIT: Final = 4
DELIVER: Final = 5
ENQUIRE_LINK: Final = 0x15
ANSWER: Final = 0x8000_0000
NACK: Final = 0x8000_0000


class Pdu(NamedTuple):
    """Its head and its body."""

    command: int
    status: int
    sequence: int
    body: bytes

    @property
    def text(self) -> bytes:
        """The text of a ``deliver_sm`` between numbers, without TLVs."""
        _, rest = self.body.split(b"\x00", 1)
        source = rest.index(b"\x00", 2)
        target = rest.index(b"\x00", source + 3)
        length = target + 1 + 3 + 2 + 4
        return rest[length + 1 : length + 1 + rest[length]]


class Esme:
    """A connection to an SMSC."""

    def __init__(self, port: int, bind: bool = True) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.sequence = 0
        if bind:
            assert self.bind().status == 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, command: int, body: bytes = b"", status: int = 0, sequence: int | None = None) -> None:
        """One PDU, with the next sequence number unless told."""
        self.sequence += sequence is None
        number = self.sequence if sequence is None else sequence
        self.socket.sendall(struct.pack(">IIII", 16 + len(body), command, status, number) + body)

    def exactly(self, size: int) -> bytes:
        """So many bytes."""
        data = b""
        while len(data) < size:
            if not (more := self.socket.recv(size - len(data))):
                raise EOFError
            data += more
        return data

    def receive(self, acknowledge: int | None = 0) -> Pdu:
        """The next PDU; a ``deliver_sm`` is answered with that status, if any."""
        length, command, status, sequence = struct.unpack(">IIII", self.exactly(16))
        pdu = Pdu(command, status, sequence, self.exactly(length - 16))
        if pdu.command == DELIVER and acknowledge is not None:
            self.send(DELIVER | ANSWER, b"\x00", acknowledge, pdu.sequence)
        return pdu

    def bind(self, system_id: bytes = b"mairie", password: bytes = b"secret") -> Pdu:
        """Bind as a transceiver; gives the answer."""
        self.send(TRANSCEIVER, system_id + b"\x00" + password + b"\x00\x00\x34\x00\x00\x00")
        return self.receive()

    def submit(self, number: str = "33612345678", text: bytes = b"Bonjour", esm: int = 0, tail: bytes = b"") -> None:
        """Send a text, with a receipt asked for."""
        body = b"\x00\x05\x00MAIRIE\x00\x01\x01" + number.encode("latin-1") + b"\x00" + bytes([esm, 0, 0])
        self.send(SUBMIT, body + b"\x00000001000000000R\x00" + bytes([1, 0, 0, 0, len(text)]) + text + tail)

    def submitted(self, number: str = "33612345678", text: bytes = b"Bonjour") -> Pdu:
        """The answer to a text."""
        self.submit(number, text)
        return self.receive()
