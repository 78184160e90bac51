"""TLS and log-ins: what a listener or a forger of certificates gets to see, which is nothing worth having."""

from pathlib import Path
from typing import Any

import pytest
from twisted.internet.ssl import Certificate, trustRootFromCertificates
from twisted.logger import ILogObserver, globalLogPublisher
from zope.interface import implementer

from smstob.couriers.mail.smarthost import SmarthostCourier
from tests.contracts.reactor import in_reactor

from .letters import letter
from .sending import closed, courier, refusal_of
from .smtp_server import PASSWORD, USER, MailServer, SelfMade, listening, self_made

OWN = self_made()


def with_log_in(port: int, **options: Any) -> SmarthostCourier:
    """With a name and a password, and trust in our own certificate."""
    return courier(port, **{"username": USER, "password": PASSWORD, "trust": _trust(OWN), **options})


def _trust(made: SelfMade) -> Any:
    return trustRootFromCertificates([Certificate.loadPEM(made.pem)])


@in_reactor
async def test_starttls_without_log_in() -> None:
    """Where it is offered it is used, whoever signed the certificate; nothing but the greeting is in clear."""
    server = MailServer()
    server.tls = OWN.options
    with listening(server) as port:
        await courier(port).carry(letter())
        await closed(server)
    commands = b" ".join(line.split()[0] for line in server.said)
    assert commands == b"EHLO STARTTLS EHLO MAIL RCPT DATA QUIT"
    assert server.taken[0].mail


@in_reactor
async def test_starttls_that_fails_is_not_gone_round() -> None:
    """No second try in clear, neither of the mail nor of a password."""
    for answer in (b"454 4.7.0 later", b"220 go on", b"220 go on\r\nnonsense"):
        for make in (courier, with_log_in):
            server = MailServer({"STARTTLS": answer})
            server.tls = OWN.options
            with listening(server) as port:
                assert not (await refusal_of(make(port, seconds=1.0))).lasting
                await closed(server)
            assert [line.split()[0] for line in server.said[:2]] == [b"EHLO", b"STARTTLS"]
            assert not [line for line in server.said if line.startswith((b"MAIL", b"AUTH"))]


@in_reactor
async def test_words_in_clear_are_not_taken_for_answers() -> None:
    """What a stranger adds behind the answer to STARTTLS ends the conversation."""
    server = MailServer()
    server.tls = OWN.options
    server.injected = b"250-me\r\n250 AUTH PLAIN\r\n"
    with listening(server) as port:
        refusal = await refusal_of(with_log_in(port))
        await closed(server)
    assert str(refusal) == "Unspoken: words in clear behind the answer to STARTTLS"
    assert server.said[:2] == [b"EHLO smstob.example", b"STARTTLS"]


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5"])
@in_reactor
async def test_log_in(mechanism: str) -> None:
    """By each mechanism, inside of TLS only."""
    server = MailServer()
    server.tls, server.mechanisms = OWN.options, (mechanism,)
    with listening(server) as port:
        await with_log_in(port).carry(letter())
        await closed(server)
    assert server.taken[0].mail
    commands = [line.split()[0] for line in server.said]
    assert commands.index(b"STARTTLS") < commands.index(b"AUTH") < commands.index(b"MAIL")


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5"])
@in_reactor
async def test_wrong_password(mechanism: str) -> None:
    """Refused for now: letters wait until it is set right. Neither the reason nor the log has it."""
    seen: list[str] = []

    @implementer(ILogObserver)
    def observe(event: Any) -> None:
        seen.append(repr(event))

    server = MailServer()
    server.tls, server.mechanisms = OWN.options, (mechanism,)
    globalLogPublisher.addObserver(observe)
    try:
        with listening(server) as port:
            asked = with_log_in(port, password="tout-faux")
            refusal = await refusal_of(asked)
            await closed(server)
    finally:
        globalLogPublisher.removeObserver(observe)
    assert str(refusal).startswith("535")
    assert not refusal.lasting
    told = "".join((*seen, str(refusal), repr(refusal), repr(asked._way)))
    assert "tout-faux" not in told
    assert "dG91dC1mYXV4" not in told
    assert not [line for line in server.said if line.startswith(b"MAIL")]


@in_reactor
async def test_password_stays_here_without_tls() -> None:
    """A server that offers a log-in in clear does not get it."""
    server = MailServer()
    server.mechanisms = ("PLAIN", "LOGIN")
    with listening(server) as port:
        refusal = await refusal_of(with_log_in(port))
        await closed(server)
    assert (str(refusal), refusal.lasting) == ("the server offers no STARTTLS: the password stays here", False)
    assert server.said == [b"EHLO smstob.example", b"QUIT"]


@pytest.mark.parametrize("made", [self_made(), self_made("localhost")])
@in_reactor
async def test_password_stays_here_before_strangers(made: SelfMade) -> None:
    """A certificate that nobody we trust signed, or that is another host's: TLS ends before a word is said in it."""
    server = MailServer()
    server.tls, server.mechanisms = made.options, ("PLAIN",)
    trusted = _trust(made) if made.own.getSubject().commonName == b"localhost" else _trust(OWN)
    with listening(server) as port:
        refusal = await refusal_of(with_log_in(port, trust=trusted))
        await closed(server)
    assert not refusal.lasting
    assert server.said == [b"EHLO smstob.example", b"STARTTLS"]


@in_reactor
async def test_server_without_log_in() -> None:
    """A log-in that was configured and is not offered is not passed over."""
    server = MailServer()
    server.tls = OWN.options
    with listening(server) as port:
        refusal = await refusal_of(with_log_in(port))
        await closed(server)
    assert str(refusal) == "the server offers none of AUTH PLAIN, LOGIN and CRAM-MD5"
    assert not refusal.lasting


@in_reactor
async def test_tls_from_the_first_byte(tmp_path: Path) -> None:
    """``tls:`` is verified by Twisted and logs in at once; a certificate that is not trusted gets nothing."""
    server = MailServer()
    server.mechanisms = ("PLAIN",)
    with listening(server, OWN.options) as port:
        trusted = f"tls:127.0.0.1:{port}:trustRoots={OWN.folder(tmp_path / 'own')}"
        await with_log_in(port, endpoint=trusted).carry(letter())
        await closed(server)
        assert server.taken[0].mail
        server.said.clear()
        other = f"tls:127.0.0.1:{port}:trustRoots={self_made().folder(tmp_path / 'other')}"
        assert not (await refusal_of(with_log_in(port, endpoint=other))).lasting
        await closed(server)
    assert not server.said
