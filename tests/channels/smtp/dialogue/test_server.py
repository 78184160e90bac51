"""The SMTP dialogue as it should be, command by command, and the server's bounds and clocks."""

import pytest
from twisted.internet.defer import TimeoutError as TookTooLong

from smstob.channels.smtp.dialogue.conversation import LINGER
from smstob.channels.smtp.dialogue.server import Bounds
from smstob.channels.smtp.mail import Reply

from .peer import MAIL, OPENING, RELAY, STRANGER, TEXT, Peer, Recorder, Server


def test_one_mail() -> None:
    """From the greeting to the goodbye, to the letter; the mail arrives with its lines ended by CRLF."""
    server = Server()
    peer = server.connect()
    assert peer.heard() == b"220 sms.example ESMTP SMStoB\r\n"
    assert peer.send(b"EHLO client.example\r\n") == (
        b"250-sms.example\r\n250-SIZE 1048576\r\n250-8BITMIME\r\n250-PIPELINING\r\n250 ENHANCEDSTATUSCODES\r\n"
    )
    assert peer.send(b"MAIL FROM:<a@b.example>\r\n") == b"250 2.1.0 Expediteur accepte\r\n"
    assert peer.send(b"RCPT TO:<Pw.0612@sms.example>\r\n") == b"250 2.1.5 Destinataire accepte\r\n"
    assert peer.send(b"DATA\r\n").startswith(b"354 ")
    assert peer.send(TEXT + b".\r\n") == b"250 2.0.0 OK\r\n"
    envelope, data = server.mail()
    assert (envelope.sender, [one.name for one in envelope.mailboxes]) == ("a@b.example", ["pw.0612"])
    assert (envelope.client.address, envelope.client.helo) == (STRANGER, "client.example")
    assert not envelope.client.relayed
    assert data == TEXT
    assert peer.send(b"QUIT\r\n") == b"221 2.0.0 Au revoir\r\n"
    assert peer.dismissed


def test_helo() -> None:
    """A client that knows no ESMTP is told of none, and served."""
    server = Server()
    peer = server.connect()
    peer.heard()
    assert peer.send(b"helo old\r\n") == b"250 sms.example\r\n"
    assert peer.codes(MAIL.partition(b"\r\n")[2]) == ["250 2.1.0", "250 2.1.5", "354", "250 2.0.0"]
    assert server.mail()[0].client.helo == "old"


@pytest.mark.parametrize(
    ("said", "answers"),
    [
        ("NOOP", "250 2.0.0"),
        ("noop anything", "250 2.0.0"),
        ("  NOOP\t", "250 2.0.0"),
        ("RSET", "250 2.0.0"),
        ("HELP", "214 2.0.0"),
        ("VRFY sms", "252 2.0.0"),
        ("EXPN sms", "502 5.5.1"),
        ("AUTH PLAIN AAAA", "500 5.5.1"),
        ("BDAT 3 LAST", "500 5.5.1"),
        ("UNKNOWN", "500 5.5.1"),
        ("STARTTLS", "502 5.5.1"),
        ("STARTTLS x", "501 5.5.4"),
        ("", "500 5.5.2"),
        ("   ", "500 5.5.2"),
        ("EHLO", "501 5.5.4"),
        ("HELO ", "501 5.5.4"),
        ("RCPT TO:<sms@sms.example>", "503 5.5.1"),
        ("DATA", "503 5.5.1"),
        ("DATA x", "501 5.5.4"),
        ("MAIL FROM:<>", "250 2.1.0"),
        ("MAIL FROM: <a@b>", "250 2.1.0"),
        ("mail from:a@b", "250 2.1.0"),
        ("MAIL FROM:<@x,@y:a@b>", "250 2.1.0"),
        ('MAIL FROM:<"a b>c"@d>', "250 2.1.0"),
        ("MAIL FROM:<a@b> SIZE=1048576 BODY=8BITMIME", "250 2.1.0"),
        ("MAIL FROM:<a@b> body=7bit", "250 2.1.0"),
        ("MAIL FROM:<a@b> SIZE=1048577", "552 5.3.4"),
        ("MAIL FROM:<a@b> SIZE=99999999999", "552 5.3.4"),
        ("MAIL FROM:<a@b> SIZE=" + "9" * 21, "501 5.5.4"),
        ("MAIL FROM:<a@b> SIZE=-1", "501 5.5.4"),
        ("MAIL FROM:<a@b> SIZE", "501 5.5.4"),
        ("MAIL FROM:<a@b> SIZE=1 SIZE=2", "501 5.5.4"),
        ("MAIL FROM:<a@b> =1", "501 5.5.4"),
        ("MAIL FROM:<a@b> BODY=BINARYMIME", "501 5.5.4"),
        ("MAIL FROM:<a@b> SMTPUTF8", "555 5.5.4"),
        ("MAIL FROM:<a@b> AUTH=<>", "555 5.5.4"),
        ("MAIL FROM:<a@b>SIZE=1", "501 5.1.7"),
        ("MAIL FROM:", "501 5.1.7"),
        ("MAIL FROM:<a@b", "501 5.1.7"),
        ("MAIL FROM:a@b>", "501 5.1.7"),
        ('MAIL FROM:<"a@b>', "501 5.1.7"),
        ("MAIL TO:<a@b>", "501 5.1.7"),
        ("MAIL", "501 5.1.7"),
        ("MAIL FROM:<a>\r\nMAIL FROM:<b>", "250 2.1.0, 503 5.5.1"),
        ("MAIL FROM:<>\r\nMAIL FROM:<>", "250 2.1.0, 503 5.5.1"),
        ("MAIL FROM:<a>\r\nRSET\r\nMAIL FROM:<b>", "250 2.1.0, 250 2.0.0, 250 2.1.0"),
        ("MAIL FROM:<a>\r\nEHLO c\r\nMAIL FROM:<b>", "250 2.1.0, 250, 250 2.1.0"),
        ("MAIL FROM:<a>\r\nDATA", "250 2.1.0, 554 5.5.1"),
        ("MAIL FROM:<a>\r\nRCPT TO:<nobody@sms.example>\r\nDATA", "250 2.1.0, 550 5.1.1, 554 5.5.1"),
        ("MAIL FROM:<a>\r\nRCPT TO:<>", "250 2.1.0, 501 5.1.3"),
        ("MAIL FROM:<a>\r\nRCPT TO:<sms@sms.example> NOTIFY=NEVER", "250 2.1.0, 555 5.5.4"),
        ("MAIL FROM:<a>\r\nRCPT TO:<crash@sms.example>", "250 2.1.0, 451 4.3.0"),
    ],
)
def test_command(said: str, answers: str) -> None:
    """Each command has the answer that its RFC gives it, and the session goes on."""
    peer = Server().connect(greeted=True)
    assert ", ".join(peer.codes(said.encode() + b"\r\n")) == answers
    assert peer.codes(b"NOOP\r\n") == ["250 2.0.0"]


def test_greeting_first() -> None:
    """Without EHLO or HELO there is no mail, and all else works."""
    peer = Server().connect()
    peer.heard()
    assert peer.codes(b"NOOP\r\nMAIL FROM:<a>\r\n") == ["250 2.0.0", "503 5.5.1"]


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("<Pw.0612345678@sms.example>", "Pw.0612345678@sms.example"),
        ("<@relay.example,@b:sms@sms.example>", "sms@sms.example"),
        ('<"p@ss w>d".0612@sms.example>', '"p@ss w>d".0612@sms.example'),
        (r'<"a\"b".0612@sms.example>', r'"a\"b".0612@sms.example'),
        (r"<a\,b@sms.example>", r"a\,b@sms.example"),
        ("sms@sms.example", "sms@sms.example"),
        (" <postmaster>", "postmaster"),
        ("<a%b@sms.example>", "a%b@sms.example"),
        ("<x@y@sms.example>", "x@y@sms.example"),
    ],
)
def test_recipient_as_typed(path: str, asked: str) -> None:
    """The delivery is asked for the address as typed, quotes and case and all, without its route."""
    server = Server()
    server.codes(b"MAIL FROM:<a>\r\nRCPT TO:" + path.encode() + b"\r\n")
    assert server.delivery.asked == [asked]


def test_recipients() -> None:
    """In order, the same one once whatever its case, and no more than the bound."""
    server = Server(Bounds(recipients=3))
    typed = [b"b", b"nobody", b"a", b"B", b"c", b"d", b"a"]
    lines = b"".join(b"RCPT TO:<%s@sms.example>\r\n" % local for local in typed)
    peer = server.connect(greeted=True)
    said = peer.send(b"MAIL FROM:<>\r\n" + lines)
    assert b"452 4.5.3 Trop de destinataires : 3 au plus par e-mail\r\n" in said
    assert [said.count(code) for code in (b"250 2.1.5", b"550 5.1.1", b"452 4.5.3")] == [5, 1, 1]
    peer.send(b"DATA\r\n.\r\n")
    envelope, data = server.mail()
    assert [one.name for one in envelope.mailboxes] == ["b", "a", "c"]
    assert envelope.sender == ""
    assert data == b""


def test_reply_of_several_lines() -> None:
    """Each line has both codes."""
    peer = Server().connect(greeted=True)
    peer.send(b"MAIL FROM:<a>\r\n")
    assert peer.send(b"RCPT TO:<nobody@sms.example>\r\n") == b"550-5.1.1 84\r\n550 5.1.1 Numero incorrect\r\n"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("Crédit épuisé",), b"554 5.7.1 Credit epuise\r\n"),
        (("a\r\n250 OK", "b"), b"554-5.7.1 a  250 OK\r\n554 5.7.1 b\r\n"),
        (("«\u202f€\x00\u20ac»\udc80",), b"554 5.7.1 ? ?????\r\n"),
        ((), b"554 5.7.1 \r\n"),
        (("x" * 1000,), b"554 5.7.1 " + b"x" * 400 + b"\r\n"),
    ],
)
def test_reply_is_ascii(lines: tuple[str, ...], said: bytes) -> None:
    """Whatever a delivery says, the client gets lines of ASCII and not one more."""
    server = Server()
    server.delivery.reply = Reply(554, "5.7.1", lines)
    peer = server.connect()
    assert peer.send(MAIL).endswith(b"point\r\n" + said)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (b"a\r\n.\r\n", b"a\r\n"),
        (b"..\r\n.\r\n", b".\r\n"),
        (b"..a\r\n...b\r\n.c\r\na.\r\n\r\n.\r\n", b".a\r\n..b\r\nc\r\na.\r\n\r\n"),
        (b".\r\n", b""),
        (b"\r\n\r\n.\r\n", b"\r\n\r\n"),
        (b"\x00\xff\xe9\r\n.\r\n", b"\x00\xff\xe9\r\n"),
    ],
)
def test_dots(sent: bytes, kept: bytes) -> None:
    """The dots that protect a text are gone, and the one that ends it (RFC 5321 §4.5.2)."""
    server = Server()
    assert server.codes(OPENING + b"DATA\r\n" + sent)[-1] == "250 2.0.0"
    assert server.mail()[1] == kept


def test_next_mail_begins_anew() -> None:
    """Nothing of a mail is left for the next one, be it accepted or not."""
    server = Server()
    peer = server.connect()
    for reply in (Reply(250, "2.0.0", ("OK",)), Reply(554, "5.7.1", ("Non",))):
        server.delivery.reply = reply
        assert peer.codes(MAIL)[-1] == f"{reply.code} {reply.status}"
        assert peer.codes(b"RCPT TO:<sms@sms.example>\r\nDATA\r\n") == ["503 5.5.1", "503 5.5.1"]
    assert [len(envelope.mailboxes) for envelope, _ in server.delivery.mails] == [1, 1]


def closes_after(server: Server, peer: Peer, seconds: float, drip: bytes = b"") -> None:
    """Fail unless the session is there for ``seconds`` of dripping, and a second later dismissed with 421."""
    for _ in range(int(seconds) - 1):
        peer.send(drip)
        server.clock.advance(1)
        assert not peer.dismissed
    peer.heard()
    server.clock.pump([1, 1])
    assert peer.heard() == b"421 4.4.2 Delai depasse\r\n"
    assert peer.dismissed
    assert not peer.wire.closed
    server.clock.pump([1] * (int(LINGER) + 2))
    assert peer.wire.aborted


@pytest.mark.parametrize(
    ("said", "drip", "seconds"),
    [
        (b"", b"", 60),
        (b"", b"E", 60),
        (OPENING, b"", 60),
        (OPENING + b"DATA\r\n", b"", 180),
        (OPENING + b"DATA\r\n", b"a", 180),
        (OPENING + b"DATA\r\n", b"a\r\n", 180),
        (b"", b"NOOP\r\n", 900),
    ],
)
def test_deadlines(said: bytes, drip: bytes, seconds: float) -> None:
    """Who is slow is let go at an absolute deadline: dripping bytes, lines or commands does not move it."""
    server = Server(Bounds(commands=10_000))
    peer = server.connect()
    if said:
        peer.send(said)
    closes_after(server, peer, seconds, drip)
    assert server.smtp.held == 0


def test_session_ends_within_a_text() -> None:
    """A text that begins late does not outlive its session."""
    server = Server(Bounds(session_seconds=100))
    peer = server.connect(greeted=True)
    for _ in range(50):
        server.clock.advance(1)
    peer.send(OPENING + b"DATA\r\n")
    closes_after(server, peer, 50, b"a\r\n")


def test_delivery_has_no_deadline() -> None:
    """While a mail is being delivered the server is at turn: no clock runs against the client."""
    server = Server(delivery=Recorder(held=True))
    peer = server.connect()
    peer.send(MAIL)
    server.clock.pump([1] * 800)
    assert not peer.dismissed
    server.delivery.answer()
    assert peer.codes(b"NOOP\r\n") == ["250 2.0.0", "250 2.0.0"]


@pytest.mark.parametrize("mistake", [b"X", b"", b"MAIL FROM:", b"DATA", b"\xff", b"XFORWARD ADDR=1"])
def test_errors(mistake: bytes) -> None:
    """After so many mistakes it is over; a recipient that does not exist is none."""
    said = mistake + b"\r\n"
    server = Server(Bounds(errors=3))
    peer = server.connect(greeted=True)
    assert [code[0] for code in peer.codes(said * 3)] == ["5"] * 3
    assert peer.codes(b"NOOP\r\n" + said * 2) == ["250 2.0.0", "421 4.7.0"]
    assert peer.dismissed
    assert server.codes(b"MAIL FROM:<>\r\n" + b"RCPT TO:<nobody@x>\r\n" * 9)[-1] == "550 5.1.1"


def test_mails_of_a_session() -> None:
    """After so many mails another connection is asked for."""
    server = Server(Bounds(mails=2))
    peer = server.connect()
    assert peer.codes(MAIL * 2).count("250 2.0.0") == 2
    assert peer.codes(MAIL) == ["250", "421 4.7.0"]
    assert len(server.delivery.mails) == 2


def test_commands_between_mails() -> None:
    """Who only chats is let go; a mail makes good for it."""
    server = Server(Bounds(commands=10))
    peer = server.connect()
    peer.heard()
    for _ in range(3):
        assert peer.codes(b"NOOP\r\n" * 5 + MAIL)[-1] == "250 2.0.0"
    assert peer.codes(b"NOOP\r\n" * 11) == ["250 2.0.0"] * 10 + ["421 4.7.0"]


def test_connections() -> None:
    """One too many is told so and closed; when one goes there is room again, and relays are bounded in all only."""
    server = Server(Bounds(connections=6, connections_per_address=2))
    first = server.connect("2001:db8:0:1::1")
    server.connect("2001:db8:0:1:ffff::2")
    refused = server.connect("2001:db8:0:1::3")
    assert refused.heard() == b"421 4.7.0 Trop de connexions, reessayez plus tard\r\n"
    assert refused.wire.disconnecting
    relays = [server.connect(RELAY) for _ in range(4)]
    assert [relay.heard()[:3] for relay in relays] == [b"220"] * 4
    assert server.connect().heard()[:3] == b"421"
    first.wire.close()
    assert server.connect("2001:db8:0:1::3").heard()[:3] == b"220"
    relays[0].wire.close()
    assert server.connect("::ffff:192.0.2.1").heard()[:3] == b"220"


def test_counted_while_delivering() -> None:
    """Who hangs up and comes again is counted as long as his mails are worked on; they are not given up."""
    server = Server(Bounds(connections_per_address=2), Recorder(held=True))
    for _ in range(2):
        peer = server.connect()
        peer.send(MAIL)
        peer.wire.close()
    assert server.connect().heard()[:3] == b"421"
    server.delivery.answer()
    assert server.connect().heard()[:3] == b"220"
    assert server.smtp.held == len(TEXT)
    server.delivery.answer()
    assert server.smtp.held == 0
    assert len(server.delivery.mails) == 2


def test_held_bytes() -> None:
    """All mails together have a bound: beyond it clients are asked to come again, and it is given back."""
    server = Server(Bounds(held_bytes=100), Recorder(held=True))
    first, second, third = (server.connect() for _ in range(3))
    first.send(OPENING + b"DATA\r\n" + b"x" * 58 + b"\r\n")
    second.send(OPENING + b"DATA\r\n" + b"y" * 38 + b"\r\n.\r\n")
    assert server.smtp.held == 100
    assert third.codes(OPENING + b"DATA\r\n")[-1] == "452 4.3.1"
    assert first.codes(b"z\r\n.\r\n") == ["452 4.3.1"]
    assert server.smtp.held == 40
    server.delivery.answer()
    assert server.smtp.held == 0
    assert first.codes(MAIL)[:3] == ["250", "250 2.1.0", "250 2.1.5"]
    first.wire.close()
    second.send(OPENING + b"DATA\r\nabc\r\n")
    second.wire.close()
    server.delivery.answer()
    assert server.smtp.held == 0


def test_stop() -> None:
    """At the end who is idle is sent away at once, who waits for an answer gets it, and then it is finished."""
    server = Server(delivery=Recorder(held=True))
    idle, texting, waiting, gone = (server.connect(greeted=True) for _ in range(4))
    texting.send(OPENING + b"DATA\r\nabc\r\n")
    for peer in (waiting, gone):
        peer.send(MAIL)
    gone.wire.close()
    waiting.send(b"NOOP\r\n")
    ended: list[object] = []
    server.smtp.finish().addCallback(lambda _: ended.append(waiting.heard()))
    assert [peer.heard() for peer in (idle, texting)] == [b"421 4.3.2 Le service s'arrete, reessayez plus tard\r\n"] * 2
    assert server.connect().heard()[:3] == b"421"
    assert not waiting.dismissed
    server.delivery.answer()
    server.clock.advance(0.1)
    assert not ended
    server.delivery.answer()
    server.clock.advance(0.1)
    assert ended == [b"250 2.0.0 OK\r\n421 4.3.2 Le service s'arrete, reessayez plus tard\r\n"]
    for peer in (idle, texting, waiting):
        peer.wire.close()
    assert server.clock.getDelayedCalls() == []


def test_stop_is_bounded_by_the_caller() -> None:
    """A delivery that never answers does not hold who set a time; a server at rest is finished at once."""
    server = Server(delivery=Recorder(held=True))
    server.connect().send(MAIL)
    failures: list[object] = []
    server.smtp.finish().addTimeout(5, server.clock).addErrback(lambda why: failures.append(why.type))
    server.clock.pump([1] * 6)
    assert failures == [TookTooLong]
    server.delivery.answer()
    server.clock.advance(0)
    done: list[object] = []
    server.smtp.finish().addCallback(done.append)
    assert done == [None]


def test_started_again() -> None:
    """A server that was stopped serves again when it listens again."""
    server = Server()
    server.smtp.doStop()
    assert server.connect().heard()[:3] == b"421"
    server.smtp.doStart()
    assert server.connect().codes(MAIL)[-1] == "250 2.0.0"
    assert server.mail()[0].mailboxes[0].name == "sms"
