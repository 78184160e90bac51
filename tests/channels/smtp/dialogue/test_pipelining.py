"""Many commands in one read, one command in many reads: the answers are the same and in order."""

from itertools import pairwise
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smstob.channels.smtp.dialogue.lines import LONGEST_LINE
from smstob.channels.smtp.dialogue.server import Bounds
from smstob.channels.smtp.mail import Reply

from .peer import MAIL, OPENING, RELAY, Recorder, Server

PIECES: Final = (
    *(b"EHLO c\r\n", b"MAIL FROM:<a@b>\r\n", b"RCPT TO:<sms@sms.example>\r\n", b"RCPT TO:<nobody@x>\r\n", b"DATA\r\n"),
    *(b"text\r\n", b"..dot\r\n", b".\r\n", b"\r\n", b".", b"\r", b"\n", b"\x00\r\n", b"QUIT\r\n", b"RSET\r\n"),
    *(MAIL, OPENING, b"NOOP\r\n", b"XFORWARD ADDR=192.0.2.9\r\n"),
    *(b"x" * LONGEST_LINE + b"\r\n", b"x" * (LONGEST_LINE + 1), b"y" * 700),
)


def transcript(pieces: list[bytes], held: bool) -> tuple[bytes, list[object], bool]:
    """All that a server says to bytes in those pieces, the mails that it took, and whether it has enough."""
    server = Server(Bounds(message_bytes=3000, errors=3), Recorder(held=held))
    peer = server.connect(RELAY)
    said = b""
    for piece in pieces:
        said += peer.send(piece)
    while held and len(server.delivery.mails) > said.count(b"250 2.0.0 taken"):
        server.delivery.answer(Reply(250, "2.0.0", ("taken",)))
        said += peer.heard()
    return said, list(server.delivery.mails), peer.dismissed


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), max_size=12).map(lambda pieces: b"EHLO c\r\n" + b"".join(pieces)),
    st.lists(st.integers(0, 4000), max_size=12),
    st.booleans(),
)
def test_any_split(stream: bytes, cuts: list[int], held: bool) -> None:
    """However the network cuts the client's bytes, the answers and the mails are the same."""
    places = sorted({0, len(stream), *(cut % (len(stream) + 1) for cut in cuts)})
    pieces = [stream[start:end] for start, end in pairwise(places)]
    assert transcript(pieces, held) == transcript([stream], held)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([*PIECES[:19], b"y" * 70]), max_size=8).map(lambda pieces: MAIL + b"".join(pieces)))
def test_byte_by_byte(stream: bytes) -> None:
    """The finest split of all."""
    assert transcript([bytes([byte]) for byte in stream], False) == transcript([stream], False)


def test_one_write() -> None:
    """The answers to what came together leave together (RFC 2920 §3.2)."""
    server = Server()
    peer = server.connect(greeted=True)
    peer.wire.writes.clear()
    peer.send(MAIL + b"NOOP\r\n" + MAIL)
    assert len(peer.wire.writes) == 1
    assert len(server.delivery.mails) == 2


def test_order_while_delivering() -> None:
    """What is pipelined behind a mail is answered after it, in order; meanwhile nothing is read."""
    server = Server(delivery=Recorder(held=True))
    peer = server.connect()
    peer.heard()
    assert peer.codes(MAIL + MAIL + b"NOOP\r\nBAD\r\n") == ["250", "250 2.1.0", "250 2.1.5", "354"]
    assert peer.paused
    assert len(server.delivery.mails) == 1
    server.delivery.answer(Reply(554, "5.7.1", ("Non",)))
    assert peer.codes(b"") == ["554 5.7.1", "250", "250 2.1.0", "250 2.1.5", "354"]
    assert peer.paused
    server.delivery.answer()
    assert peer.codes(b"") == ["250 2.0.0", "250 2.0.0", "500 5.5.1"]
    assert not peer.paused
    assert server.smtp.held == 0


def test_mail_and_goodbye() -> None:
    """QUIT behind a mail waits for its answer."""
    server = Server(delivery=Recorder(held=True))
    peer = server.connect(greeted=True)
    assert peer.codes(MAIL + b"QUIT\r\n")[-1] == "354"
    assert not peer.dismissed
    server.delivery.answer()
    assert peer.codes(b"") == ["250 2.0.0", "221 2.0.0"]
    assert peer.dismissed


def test_lost_while_delivering() -> None:
    """The mail is delivered all the same, what was behind it is not, and nothing is written to nobody."""
    server = Server(delivery=Recorder(held=True))
    peer = server.connect()
    peer.send(MAIL + MAIL)
    peer.wire.close()
    peer.heard()
    server.delivery.answer()
    assert peer.heard() == b""
    assert len(server.delivery.mails) == 1
    assert server.smtp.held == 0


@pytest.mark.parametrize("cut", range(0, len(MAIL), 5))
def test_lost_at_any_time(cut: int) -> None:
    """A connection that is lost within a mail leaves no mail and no trace."""
    server = Server()
    peer = server.connect()
    peer.send(MAIL[:cut])
    peer.wire.close()
    assert server.delivery.mails == []
    assert server.smtp.held == 0
    assert server.connect().codes(MAIL)[-1] == "250 2.0.0"
