"""What a mail server does and says, and what that means for a mail, for all of them, or for the settings."""

import ssl
import time
from collections.abc import Iterator

import pytest

from smstob.desktop import delivery
from smstob.desktop.delivery import Accepted, Held, Outcome, PutOff, Refused, Sentences, Trouble, offer, session
from smstob.desktop.settings import Security
from tests.desktop.mail_server import CONNECT, DOT, WRONG_PASSWORD, Act, MailServer, Taken, secured, trusting
from tests.desktop.office import EMAIL, PASSWORD, USER, settings_for
from tests.ports import free_port
from tests.txsmpp.certificates import Certificate, self_signed

MAIL = b"Subject: essai\r\n\r\n.point\r\n..\r\nfin\r\n"
TO = "sms@sms.exemple.fr"
TLS = (Security.STARTTLS, Security.TLS)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """One for localhost, which only who is told trusts."""
    return self_signed(tmp_path_factory.mktemp("certificate"), "localhost")


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A server without protection."""
    with MailServer() as running:
        yield running


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a second for each answer."""
    monkeypatch.setattr(delivery, "PATIENCE", 0.5)


def offered(server: MailServer, *, times: int = 1) -> list[Outcome]:
    """What becomes of a mail that is offered so often in one connection."""
    with session(settings_for(server.port), "") as connection:
        return [offer(connection, EMAIL, TO, MAIL) for _ in range(times)]


def trouble(
    where: MailServer | int, security: Security = Security.NONE, context: ssl.SSLContext | None = None, **more: str
) -> PutOff | Held:
    """Why there is no connection."""
    port = where.port if isinstance(where, MailServer) else where
    with pytest.raises(Trouble) as caught, session(settings_for(port, security, **more), PASSWORD, context):
        raise AssertionError("connected")
    return caught.value.outcome


def test_taken_as_it_is(server: MailServer) -> None:
    """A mail arrives octet by octet, lines of dots included, and a second in the same connection, too."""
    assert offered(server, times=2) == [Accepted(), Accepted()]
    assert server.mails == [Taken(EMAIL, (TO,), MAIL)] * 2
    assert server.connections == 1
    assert server.log[0].line == b"ehlo [127.0.0.1]"


@pytest.mark.parametrize(
    ("step", "answer", "outcome"),
    [
        (DOT, b"550 5.7.1 82 Mot de passe faux", Refused("550 5.7.1 82 Mot de passe faux")),
        (DOT, b"554 non", Refused("554 non")),
        (DOT, b"550", Refused("550")),
        (DOT, b"451 4.3.0 plus tard", PutOff("451 4.3.0 plus tard")),
        (DOT, b"530 5.7.0 qui ?", Held("530 5.7.0 qui ?")),
        (DOT, b"999 ?", Refused("999 ?")),
        (DOT, b"xyz", PutOff(Sentences.unclear)),
        (DOT, b"", PutOff(Sentences.unclear)),
        ("DATA", b"452 plein", PutOff("452 plein")),
        ("DATA", b"554 rien ici", Refused("554 rien ici")),
        ("DATA", b"250 hein", PutOff("250 hein")),
        # sender and recipient are those of all mails
        ("MAIL", b"550 pas vous", Held("550 pas vous")),
        ("MAIL", b"451 attendez", PutOff("451 attendez")),
        ("RCPT", b"554 5.7.1 Relay access denied", Held("554 5.7.1 Relay access denied")),
        ("RCPT", b"450 4.2.0 greylisted", PutOff("450 4.2.0 greylisted")),
    ],
)
def test_answers(server: MailServer, step: str, answer: bytes, outcome: Outcome) -> None:
    """Each refusal at each step, in the server's own words; the next mail goes all the same."""
    server.next(step, answer)
    assert offered(server, times=2) == [outcome, Accepted()]
    assert len(server.mails) == 1


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("550 Accès refusé".encode(), "550 Accès refusé"),
        ("550 Accès refusé à 5 €".encode("cp1252"), "550 Accès refusé à 5 €"),
        (b"550-5.7.1 Une\r\n550-5.7.1 deux\r\n550 5.7.1 trois", "550 5.7.1 Une deux trois"),
        (b"550-Une\r\n550-\r\n550 trois", "550 Une trois"),
        (b"550 a\x1b[31mb\x00c\td\x7f", "550 a?[31mb?c d?"),
        ("550 \u202egnp.exe".encode(), "550 ?gnp.exe"),
        (b"550-" + b"x" * 400 + (b"\r\n550-" + b"y" * 400) * 24 + b"\r\n550 fin", f"550 {'x' * 400} {'y' * 99}"),
    ],
)
def test_sentences(server: MailServer, said: bytes, reason: str) -> None:
    """What a server says is shown on one line, in any charset, without what would play tricks, and not endless."""
    server.next(DOT, said)
    assert offered(server) == [Refused(reason)]


def test_line_without_end(server: MailServer) -> None:
    """A line of 10 kB, which nobody may say, is no refusal: its code may be any."""
    server.next(DOT, b"550 " + b"x" * 10_000)
    assert offered(server) == [PutOff(Sentences.unclear)]


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", DOT])
def test_cut(server: MailServer, step: str) -> None:
    """A connection that is cut at any step is told, and answers no more; a new one works."""
    server.next(step, Act.CUT)
    assert offered(server, times=2) == [PutOff(Sentences.cut)] * 2
    assert offered(server) == [Accepted()]


def test_cut_around_the_answer(server: MailServer) -> None:
    """Cut before its answer a mail may have been taken, so that it goes again; cut after it, it was taken."""
    server.next(DOT, Act.DO_AND_CUT, Act.ANSWER_AND_CUT)
    assert offered(server) == [PutOff(Sentences.cut)]
    assert offered(server) == [Accepted()]
    assert len(server.mails) == 2


def test_421(server: MailServer) -> None:
    """A server that closes says why, and is not asked any more in that connection."""
    server.next(DOT, b"421 4.3.2 On ferme")
    assert offered(server, times=2) == [PutOff("421 4.3.2 On ferme"), PutOff(Sentences.cut)]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("step", ["MAIL", "DATA", DOT])
def test_silence(server: MailServer, step: str) -> None:
    """A server that falls silent is not waited for without end."""
    server.next(step, Act.SILENCE)
    begun = time.monotonic()
    assert offered(server) == [PutOff(Sentences.silent)]
    assert time.monotonic() - begun < 5


# connecting

@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("step", "act", "outcome"),
    [
        (CONNECT, b"SSH-2.0-OpenSSH_9.2", Held(Sentences.foreign)),
        (CONNECT, b"+OK POP3", Held(Sentences.foreign)),
        (CONNECT, b"421 trop de monde", PutOff("421 trop de monde")),
        (CONNECT, b"554 pas de courrier ici", PutOff("554 pas de courrier ici")),
        (CONNECT, Act.CUT, PutOff(Sentences.cut)),
        (CONNECT, Act.SILENCE, PutOff(Sentences.silent)),
        ("EHLO", Act.CUT, PutOff(Sentences.cut)),
    ],
)
def test_greeting(server: MailServer, step: str, act: bytes | Act, outcome: Outcome) -> None:
    """What answers on that port is no mail server, or none now."""
    server.next(step, act)
    assert trouble(server) == outcome


def test_unreachable() -> None:
    """Nobody listens, or there is no such server: told with its name and the system's reason."""
    refused = trouble(free_port())
    assert isinstance(refused, PutOff)
    assert "localhost est injoignable : " in refused.reason
    for name in ("serveur.invalid", "x" * 70, "a..b"):
        unknown = trouble(25, server=name)
        assert isinstance(unknown, PutOff)
        assert f"{name} est injoignable : " in unknown.reason


# logging in

def test_logged_in() -> None:
    """Log-in with a password of any letters; the mail goes."""
    with MailServer(user=USER, password=PASSWORD) as server:
        with session(settings_for(server.port, user=USER), PASSWORD) as connection:
            assert offer(connection, EMAIL, TO, MAIL) == Accepted()
        assert [one.line[:10] for one in server.log][1] == b"AUTH PLAIN"


def test_wrong_password() -> None:
    """A wrong password is tried once, and the server's sentence says so: nothing is sent until the settings change."""
    with MailServer(user=USER, password="un autre") as server:
        assert trouble(server, user=USER) == Held(f"535 5.7.8 {WRONG_PASSWORD}")
        assert sum(one.line.upper().startswith(b"AUTH") for one in server.log) == 1


@pytest.mark.parametrize(
    ("act", "outcome"),
    [
        (b"535 5.7.8 Non", Held("535 5.7.8 Non")),
        (b"534 5.7.9 Application-specific password required", Held("534 5.7.9 Application-specific password required")),
        (b"454 4.7.0 malade", PutOff("454 4.7.0 malade")),
        (b"421 trop", PutOff("421 trop")),
        (Act.CUT, PutOff(Sentences.cut)),
        (b"xyz", PutOff(Sentences.unclear)),
    ],
)
def test_log_in_refused(act: bytes | Act, outcome: Outcome) -> None:
    """A log-in that is refused is for the settings; a server that is ill is waited for."""
    with MailServer(user=USER, password=PASSWORD) as server:
        server.next("AUTH", act)
        assert trouble(server, user=USER) == outcome


@pytest.mark.parametrize(
    ("offered_", "outcome"),
    [
        (b"250 ici", Held(Sentences.insecure_login)),
        (b"250-ici\r\n250 AUTH XOAUTH2 GSSAPI", Held(Sentences.no_method)),
    ],
)
def test_no_log_in(server: MailServer, offered_: bytes, outcome: Outcome) -> None:
    """A server that asks for no password, or for none that a program could know."""
    server.next("EHLO", offered_)
    assert trouble(server, user=USER) == outcome


def test_login_mechanism() -> None:
    """Where a server knows LOGIN only, that is what is done."""
    with MailServer(user=USER, password=PASSWORD) as server:
        server.next("EHLO", b"250-ici\r\n250 AUTH=LOGIN\r\n".strip())
        with session(settings_for(server.port, user=USER), PASSWORD) as connection:
            assert offer(connection, EMAIL, TO, MAIL) == Accepted()
        assert [one.line for one in server.log][1].startswith(b"AUTH LOGIN ")


def test_needed_log_in() -> None:
    """A server that wants a log-in which the settings have not says so."""
    with MailServer(user=USER, password=PASSWORD) as server:
        assert offered(server) == [Held("530 5.7.0 Identifiez-vous d'abord.")]


# TLS

@pytest.mark.parametrize("security", TLS)
def test_protected(certificate: Certificate, security: Security) -> None:
    """With a certificate that is trusted all goes by TLS; before STARTTLS nothing is said but that."""
    with MailServer(secured(certificate, implicit=security is Security.TLS), USER, PASSWORD) as server:
        settings = settings_for(server.port, security, user=USER)
        with session(settings, PASSWORD, trusting(certificate)) as connection:
            assert offer(connection, EMAIL, TO, MAIL) == Accepted()
        in_clear = [one.line for one in server.log if not one.secure]
        assert in_clear == ([b"ehlo [127.0.0.1]", b"STARTTLS"] if security is Security.STARTTLS else [])
        assert len(server.mails) == 1


@pytest.mark.parametrize("security", TLS)
def test_certificate_not_trusted(certificate: Certificate, security: Security) -> None:
    """A certificate that nobody vouches for, or for another name, is told; no password is said."""
    with MailServer(secured(certificate, implicit=security is Security.TLS), USER, PASSWORD) as server:
        unknown = trouble(server, security, user=USER)
        assert isinstance(unknown, Held)
        assert unknown.reason.startswith("Le certificat du serveur d'envoi n'est pas celui de localhost : self")
        other = trouble(server, security, trusting(certificate), user=USER, server="127.0.0.1")
        assert isinstance(other, Held)
        assert "127.0.0.1" in other.reason
        assert {one.line for one in server.log} <= {b"ehlo [127.0.0.1]", b"STARTTLS"}


def test_no_starttls() -> None:
    """A server that knows no STARTTLS, or a stranger who hides that it does, gets no password."""
    with MailServer(user=USER, password=PASSWORD) as server:
        assert trouble(server, Security.STARTTLS, user=USER) == Held(Sentences.no_tls)
        assert {one.line for one in server.log} <= {b"ehlo [127.0.0.1]", b"quit"}


@pytest.mark.parametrize(
    ("act", "outcome"),
    [
        (b"454 4.7.0 TLS malade", PutOff("454 4.7.0 TLS malade")),
        (b"501 non", Held("501 non")),
        (Act.CUT, PutOff(Sentences.cut)),
        (Act.ANSWER_AND_CUT, PutOff(Sentences.cut)),
    ],
)
def test_starttls_refused(certificate: Certificate, act: bytes | Act, outcome: Outcome) -> None:
    """STARTTLS that does not come about ends the connection: nothing goes in clear."""
    with MailServer(secured(certificate, implicit=False), USER, PASSWORD) as server:
        server.next("STARTTLS", act)
        assert trouble(server, Security.STARTTLS, trusting(certificate), user=USER) == outcome
        assert all(one.line in (b"ehlo [127.0.0.1]", b"STARTTLS", b"quit") for one in server.log)


def test_plain_server_on_tls_port(server: MailServer) -> None:
    """TLS with a server that speaks none is told in a sentence."""
    outcome = trouble(server, Security.TLS)
    assert isinstance(outcome, Held)
    assert outcome.reason.startswith("Le serveur d'envoi ne répond pas comme la protection choisie le veut : ")


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("security", [Security.NONE, Security.STARTTLS])
def test_tls_server_on_plain_port(certificate: Certificate, security: Security) -> None:
    """A server that waits for TLS is silent to who does not speak it: the sentence says what to look at."""
    with MailServer(secured(certificate, implicit=True)) as server:
        assert trouble(server, security) == PutOff(Sentences.silent)


def test_tls_cut(certificate: Certificate) -> None:
    """A connection that ends while TLS begins is no fault of the settings."""
    with MailServer() as server:
        server.next(CONNECT, Act.CUT)
        assert trouble(server, Security.TLS, trusting(certificate)) == PutOff(Sentences.cut)
