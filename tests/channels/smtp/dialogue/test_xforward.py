"""XFORWARD: relays that are trusted tell whose mail they bring, and nobody else does."""

import pytest

from smstob.channels.smtp.mail import Client

from .peer import MAIL, RELAY, STRANGER, Server

NOBODY = Client(address="", relayed=True)


def client_after(said: bytes, address: str = RELAY) -> Client:
    """Who a mail is said to come from, after that."""
    server = Server()
    peer = server.connect(address, greeted=True)
    peer.send(said)
    peer.send(MAIL.partition(b"\r\n")[2])
    return server.mail()[0].client


@pytest.mark.parametrize(
    ("said", "client"),
    [
        (b"ADDR=203.0.113.9 HELO=pc.example", Client(address="203.0.113.9", helo="pc.example", relayed=True)),
        (b"NAME=x PORT=3 PROTO=ESMTP HELO=pc IDENT=1 SOURCE=REMOTE", Client(address="", helo="pc", relayed=True)),
        (b"addr=IPV6:2001:DB8::0:1", Client(address="2001:db8::1", relayed=True)),
        (b"ADDR=ipv6:::ffff:203.0.113.9", Client(address="203.0.113.9", relayed=True)),
        (b"ADDR=[UNAVAILABLE] HELO=[UNAVAILABLE] NAME=[TEMPUNAVAIL]", NOBODY),
        (b"HELO=a+2Bb+20+C3+A9", Client(address="", helo="a+b ??", relayed=True)),
        (b"ADDR=203.0.113.9\r\nXFORWARD HELO=pc", Client(address="203.0.113.9", helo="pc", relayed=True)),
        (b"ADDR=203.0.113.9\r\nXFORWARD ADDR=[UNAVAILABLE]", NOBODY),
        (b"HELO=" + b"h" * 1000, Client(address="", helo="h" * 255, relayed=True)),
    ],
)
def test_told(said: bytes, client: Client) -> None:
    """Address and name of who was before the relay."""
    assert client_after(b"XFORWARD " + said + b"\r\n") == client


@pytest.mark.parametrize(
    "said",
    [
        *(b"", b"ADDR", b"ADDR=", b"=1", b"ADDR=1.2.3", b"ADDR=pc.example", b"ADDR=IPV6:x", b"COLOUR=red"),
        *(b"HELO=a+", b"HELO=a+2", b"HELO=+zz", b"HELO=a=b", b"ADDR=203.0.113.9 COLOUR=red", b"ADDR=IPV6:IPV6:::1"),
    ],
)
def test_malformed(said: bytes) -> None:
    """Refused with 501, and none of it believed."""
    assert Server().codes(b"XFORWARD " + said + b"\r\n", RELAY) == ["501 5.5.4"]
    assert client_after(b"XFORWARD " + said + b"\r\n") == NOBODY


def test_stranger() -> None:
    """Who is not trusted is not heard, nor told that there is such a thing."""
    said = b"XFORWARD ADDR=203.0.113.9 HELO=x\r\n"
    server = Server()
    assert server.codes(said) == ["550 5.7.1"]
    assert client_after(said, STRANGER) == Client(address=STRANGER, helo="c")
    assert b"XFORWARD" not in server.connect().send(b"EHLO c\r\n")
    assert b"250 XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE\r\n" in server.connect(RELAY).send(b"EHLO c\r\n")


def test_silent_relay() -> None:
    """Behind a relay that tells nothing stands nobody: its own address is never taken for the sender's."""
    assert client_after(b"") == NOBODY


@pytest.mark.parametrize("between", [b"", b"RSET\r\n", b"EHLO c\r\n"])
def test_for_one_mail(between: bytes) -> None:
    """What was told of one mail is not believed of the next."""
    server = Server()
    peer = server.connect(RELAY, greeted=True)
    mail = MAIL.partition(b"\r\n")[2]
    peer.send(b"XFORWARD ADDR=203.0.113.9\r\n" + (between or mail) + mail)
    assert server.delivery.mails[-1][0].client == NOBODY


def test_not_within_a_mail() -> None:
    """Nor before EHLO: 503."""
    said = b"XFORWARD ADDR=203.0.113.9\r\n"
    peer = Server().connect(RELAY)
    peer.heard()
    assert peer.codes(said) == ["503 5.5.1"]
    assert peer.codes(b"EHLO c\r\nMAIL FROM:<>\r\n" + said) == ["250", "250 2.1.0", "503 5.5.1"]
