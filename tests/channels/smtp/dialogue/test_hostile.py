"""Clients that smuggle, flood and lie: each hole of a naive SMTP server, closed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from twisted.logger import LogEvent, formatEvent, globalLogPublisher

from smstob.channels.smtp.dialogue.lines import LONGEST_LINE
from smstob.channels.smtp.dialogue.server import Bounds

from .fuzz_dialogue import all_answered, run
from .peer import MAIL, OPENING, STRANGER, Recorder, Server

SMUGGLED = b"MAIL FROM:<evil@x>\r\nRCPT TO:<sms@sms.example>\r\nDATA\r\nsmuggled\r\n.\r\n"


@contextmanager
def logged() -> Iterator[list[str]]:
    """What is logged meanwhile, as an operator reads it."""
    lines: list[str] = []

    def note(event: LogEvent) -> None:
        lines.append(formatEvent(event) + str(event.get("log_failure", "")))

    globalLogPublisher.addObserver(note)  # type: ignore[arg-type]
    try:
        yield lines
    finally:
        globalLogPublisher.removeObserver(note)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "end",
    [
        *(b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r", b"\r.\r\n"),
        *(b"\r\n.\r\r\n", b"\n\r\n.\r\n", b"\r\r\n.\r\n"),
    ],
)
def test_smuggling(end: bytes) -> None:
    """Only CRLF.CRLF ends a mail; any other line end makes an end of the session, and neither mail is taken."""
    server = Server()
    peer = server.connect()
    said = peer.codes(OPENING + b"DATA\r\nfirst" + end + SMUGGLED)
    assert said[-2:] == ["354", "521 5.5.2"]
    assert peer.dismissed
    assert server.delivery.mails == []
    assert peer.send(MAIL) == b""
    assert server.delivery.mails == []


@pytest.mark.parametrize("line", [b"NOOP\n", b"NO\rOP\r\n", b"NOOP\r\r\n", b"\n", b"\rNOOP\r\n", b"NOOP\n\r\n"])
def test_bare_line_end_in_a_command(line: bytes) -> None:
    """A command does not end with anything but CRLF either, nor hold a part of it."""
    peer = Server().connect(greeted=True)
    assert peer.codes(line + b"NOOP\r\n") == ["521 5.5.2"]
    assert peer.dismissed


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("opening", [b"EHLO c\r\n", OPENING + b"DATA\r\n"])
def test_line_too_long(opening: bytes, whole: bool) -> None:
    """The longest line passes, one byte more ends the session; what follows is not run as commands."""
    line = b"MAIL FROM:<" + b"a" * (LONGEST_LINE - 12) + b">"
    assert len(line) == LONGEST_LINE
    for text, ends in ((line, False), (line + b"a", True), (line * 20, True)):
        server = Server()
        peer = server.connect()
        peer.send(opening)
        said = peer.codes(text + b"\r\n" + b".\r\n" + SMUGGLED) if whole else peer.codes(text + b"\r")
        assert peer.dismissed == ends
        assert (said == ["500 5.5.2"]) == ends
        assert not (ends and server.delivery.mails)


@pytest.mark.parametrize("opening", [b"", OPENING, OPENING + b"DATA\r\n"])
def test_endless_line(opening: bytes) -> None:
    """A line without an end does not grow: nothing is kept beyond the limit, and nothing after the end."""
    peer = Server().connect()
    peer.send(opening)
    for _ in range(1000):
        peer.send(b"x" * 1000)
        assert len(peer.wire.session._lines) <= LONGEST_LINE
    assert peer.dismissed
    assert sum(map(len, peer.wire.writes)) < 1000


@pytest.mark.parametrize(
    "line",
    [
        *(b"\x00", b"NOOP\x00", b"\xff\xfe", b"N\xc3\x96OP", b"\x16\x03\x01\x02\x00\x01", b"\x80" * 99, b"NOOP\x7f"),
        *(b"MAIL FROM:<\xc3\xa9@x>", b"EHLO \x1b[2J", b"MAIL FROM:<a\x00@x>", b"RCPT TO:<\x08@sms.example>"),
    ],
)
def test_binary_command(line: bytes) -> None:
    """What is no text is 500, and no exception."""
    peer = Server().connect(greeted=True)
    with logged() as lines:
        assert peer.codes(line + b"\r\nNOOP\r\n") == ["500 5.5.2", "250 2.0.0"]
    assert lines == []


@pytest.mark.parametrize("name", [b"__class__", b"UNKNOWN", b"COMMAND", b"AUTH", b"state_DATA", b"STARTTLS_", b"{0}"])
def test_no_method_of_ours(name: bytes) -> None:
    """A command's name is no way to a method that is none."""
    assert Server().codes(name + b" x\r\n") == ["500 5.5.1"]


def test_too_big() -> None:
    """A mail beyond the bound is read to its end, refused, and none of it kept; the session goes on."""
    server = Server(Bounds(message_bytes=1000))
    peer = server.connect()
    line = b"x" * 98 + b"\r\n"
    peer.send(OPENING + b"DATA\r\n" + line * 10)
    assert server.smtp.held == 1000
    peer.send(b"y\r\n")
    assert server.smtp.held == 0
    assert peer.codes(b"z\r\n.\r\nNOOP\r\n") == ["552 5.3.4", "250 2.0.0"]
    assert server.delivery.mails == []
    assert peer.codes(OPENING + b"DATA\r\n" + line * 10 + b".\r\n")[-1] == "250 2.0.0"
    assert len(server.mail()[1]) == 1000


def test_far_too_big() -> None:
    """Who goes on past twice the bound is let go."""
    server = Server(Bounds(message_bytes=1000))
    peer = server.connect()
    peer.send(OPENING + b"DATA\r\n" + b"x\r\n" * 666)
    assert not peer.dismissed
    assert peer.codes(b"x\r\n") == ["552 5.3.4"]
    assert peer.dismissed
    assert server.smtp.held == 0


@pytest.mark.parametrize(("count", "answer"), [(50, "250 2.0.0"), (51, "554 5.4.6")])
def test_loop(count: int, answer: str) -> None:
    """A mail that crossed too many relays goes in circles; what its text quotes does not count."""
    text = b"reCEIVED: x\r\n" * count + b"Subject: s\r\n\r\n" + b"Received: y\r\n" * 99
    server = Server()
    assert server.codes(OPENING + b"DATA\r\n" + text + b".\r\n")[-1] == answer
    assert server.codes(OPENING + b"DATA\r\n\r\n" + b"Received: y\r\n" * 99 + b".\r\n")[-1] == "250 2.0.0"


def test_delivery_that_fails() -> None:
    """A delivery that breaks its promise is 451; what it said is not told, neither to the client nor in the log."""
    server = Server()
    server.delivery.reply = ValueError("motdepasse bonjour")
    with logged() as lines:
        peer = server.connect()
        said = peer.send(MAIL.replace(b"<sms@", b"<secret.0612345678@"))
        assert said.endswith(b"451 4.3.0 Erreur interne, reessayez plus tard\r\n")
        assert peer.codes(MAIL.replace(b"<sms@", b"<crash@"))[2] == "451 4.3.0"
    assert ["ValueError" in lines[0], "RuntimeError" in lines[1], len(lines)] == [True, True, 2]
    assert not any(word in "".join(lines) for word in ("motdepasse", "bonjour", "secret", "0612345678"))
    assert server.smtp.held == 0


def test_log_names_the_peer_and_no_content() -> None:
    """A violation and refused connections are logged once each, with an address and without what was said."""
    server = Server(Bounds(connections_per_address=1))
    with logged() as lines:
        server.connect().send(b"MAIL FROM:<motdepasse@x>\n")
        for _ in range(1000):
            server.connect()
        server.clock.pump([1, 1, 1])
    assert lines == [
        f"SMTP {STRANGER} : CR ou LF isole : les lignes se terminent par CRLF.",
        f"1000 connexions SMTP refusées, de 1 adresses, dont {STRANGER}.",
    ]


def test_client_that_does_not_read() -> None:
    """While answers pile up nothing more is read; when they are read it goes on where it was."""
    server = Server()
    peer = server.connect(greeted=True)
    session: Any = peer.wire.session
    session.pauseProducing()
    assert peer.paused
    assert peer.codes(b"NOOP\r\n") == []
    session.resumeProducing()
    assert not peer.paused
    assert peer.codes(b"NOOP\r\n") == ["250 2.0.0", "250 2.0.0"]


def test_client_that_does_not_read_while_its_mail_is_delivered() -> None:
    """Neither of two reasons to wait lifts the other."""
    server = Server(delivery=Recorder(held=True))
    peer = server.connect()
    peer.send(MAIL + b"NOOP\r\n")
    session: Any = peer.wire.session
    session.pauseProducing()
    session.resumeProducing()
    assert peer.paused
    session.pauseProducing()
    server.delivery.answer()
    assert peer.paused
    session.resumeProducing()
    assert not peer.paused
    assert peer.codes(b"") == ["250 2.0.0", "250 2.0.0"]


def test_dismissed_is_deaf() -> None:
    """After the last word nothing is heard, kept or answered, and the producer is no obstacle to the close."""
    peer = Server().connect(greeted=True)
    peer.send(b"QUIT\r\nNOOP\r\n")
    assert peer.send(MAIL * 100) == b""
    assert len(peer.wire.session._lines) == 0
    assert peer.wire.producer is None
    assert not peer.paused


def test_a_million_line_ends() -> None:
    """The worst text for a line reader costs as little memory as any other."""
    server = Server(delivery=Recorder(held=True))
    peer = server.connect()
    peer.send(OPENING + b"DATA\r\n")
    for _ in range(16):
        peer.send(b"\r\n" * 32_768)
    assert server.smtp.held == 1_048_576
    assert peer.codes(b".\r\n") == []
    server.delivery.answer()
    assert peer.codes(b"") == ["250 2.0.0"]


def test_damaged_dialogues() -> None:
    """Of a thousand none raises, leaves a line without an answer, or keeps more than it may; most things happen."""
    seen = run(1000, 7).seen
    assert seen.keys() >= {"250 2.0.0", "354", "421 4.7.0", "451 4.3.0", "500 5.5.2", "521 5.5.2", "552 5.3.4", "gone"}


def test_missing_answer_is_seen() -> None:
    """The fuzzer's own judge: one answer too few, or too many."""
    said = MAIL + b"NOOP\r\nNO"
    told = ["220", "250", "250 2.1.0", "250 2.1.5", "354", "250 2.0.0", "250 2.0.0"]
    all_answered(said, told)
    for wrong in (told[:-1], [*told, "250"], told[:5]):
        with pytest.raises(AssertionError):
            all_answered(said, wrong)
