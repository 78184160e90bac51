"""Letters through a mail server, over real sockets: what it takes, refuses, and how it goes wrong."""

from typing import Any

import attrs
import pytest
from twisted.internet import reactor as global_reactor
from twisted.internet.defer import Deferred, DeferredList

from smstob.couriers.mail import dialogue
from smstob.couriers.mail.smarthost import SmarthostCourier
from smstob.model.notice import Acknowledgement, Letter, Outcome
from tests.contracts.reactor import in_reactor
from tests.ports import free_port

from .letters import LETTERS, ONE, RECIPIENT, acknowledgement, letter
from .sending import closed, courier, refusal_of
from .smtp_server import DROP, SILENCE, MailServer, listening, self_made


@in_reactor
async def test_letter_arrives() -> None:
    """From nobody, to one; the mail byte for byte with the line ends of mail; with our name, and a goodbye."""
    server = MailServer()
    with listening(server) as port:
        await courier(port).carry(letter())
        await closed(server)
    (taken,) = server.taken
    assert (taken.sender, taken.recipients, taken.helo) == ("", [RECIPIENT], "smstob.example")
    assert taken.mail == LETTERS.compose(letter()).replace(b"\n", b"\r\n")
    assert b"\r\r" not in taken.mail
    assert server.said == [
        *(b"EHLO smstob.example", b"MAIL FROM:<>", b"RCPT TO:<mairie@exemple.fr>", b"DATA", b"QUIT"),
    ]


DOTS = b"".join(b"." * length + b"\n" for length in range(1, 300))
"""Longer than what is sent, or read, at once."""


@in_reactor
async def test_dots_arrive() -> None:
    """Lines that begin with dots neither end the mail nor lose one."""

    class Dotted:
        domain = "smstob.example"

        def compose(self, letter: Letter) -> bytes:
            return b"Subject: x\n\n.\n..a\n" + DOTS + b".b\nno end"

    letters: Any = Dotted()
    server = MailServer()
    with listening(server) as port:
        await SmarthostCourier(letters, f"tcp:127.0.0.1:{port}", global_reactor).carry(letter())
        await closed(server)
    assert server.taken[0].mail == b"\r\n".join(
        [b"Subject: x", b"", b".", b"..a", *DOTS.split(), b".b", b"no end", b""]
    )


STAGES = ["banner", "EHLO", "MAIL", "RCPT", "DATA", "."]


@pytest.mark.parametrize("stage", STAGES)
@in_reactor
async def test_refused_for_now(stage: str) -> None:
    """4xx at any stage: later, in the server's words."""
    server = MailServer({stage: b"451-4.3.0 pas\r\n451 4.3.0 maintenant"})
    with listening(server) as port:
        refusal = await refusal_of(courier(port))
        await closed(server)
    assert (str(refusal), refusal.lasting) == ("451 4.3.0 pas 4.3.0 maintenant", False)


@pytest.mark.parametrize("stage", STAGES)
@in_reactor
async def test_refused_for_good(stage: str) -> None:
    """5xx ends a letter where it is about the letter; what comes before is refused to all of them, and will pass."""
    server = MailServer({stage: b"550 5.1.1 jamais"})
    with listening(server) as port:
        refusal = await refusal_of(courier(port))
        await closed(server)
    assert (str(refusal), refusal.lasting) == ("550 5.1.1 jamais", stage in {"RCPT", "DATA", "."})


@in_reactor
async def test_log_in_that_is_missing_is_no_letters_fault() -> None:
    """A server that first wants a log-in says so at RCPT or at DATA: the letter waits until it is set right."""
    for stage in ("RCPT", "DATA"):
        server = MailServer({stage: b"530 5.7.0 Authentication required"})
        with listening(server) as port:
            assert not (await refusal_of(courier(port))).lasting
            await closed(server)


@pytest.mark.parametrize("stage", [*STAGES, "QUIT"])
@in_reactor
async def test_hang_up(stage: str) -> None:
    """A connection that ends is no answer; but once the mail is taken it is carried."""
    server = MailServer({stage: DROP})
    with listening(server) as port:
        if stage == "QUIT":
            await courier(port).carry(letter())
        else:
            assert not (await refusal_of(courier(port))).lasting
        await closed(server)


@pytest.mark.parametrize("stage", STAGES)
@in_reactor
async def test_silence(stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that says nothing is left after a while, and its connection closed without a goodbye."""
    monkeypatch.setattr(dialogue, "PARTING", 1_000.0)
    server = MailServer({stage: SILENCE})
    with listening(server) as port:
        refusal = await refusal_of(courier(port, seconds=0.15))
        await closed(server)
    assert (str(refusal), refusal.lasting) == ("no end in 0.15 seconds", False)


@in_reactor
async def test_silent_goodbye(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who never says goodbye has taken the letter all the same, and is left."""
    monkeypatch.setattr(dialogue, "PARTING", 0.05)
    server = MailServer({"QUIT": SILENCE})
    with listening(server) as port:
        await courier(port).carry(letter())
        assert server.taken[0].mail
        await closed(server)


@pytest.mark.parametrize(
    "babble",
    [
        b"HTTP/1.1 400 Bad Request",
        b"999 what",
        b"",
        b"\xff\xfe\x00",
        b"2" * 100_000,
        b"\r\n".join([b"220-more"] * 1_000),
        b"\r\n".join([b"220 again"] * 1_000),
    ],
)
@in_reactor
async def test_no_mail_server(babble: bytes) -> None:
    """Another protocol, endless lines, endless replies, answers that nobody asked for: closed, and later again."""
    server = MailServer({"banner": babble + b"\r\n", "EHLO": SILENCE})
    with listening(server) as port:
        refusal = await refusal_of(courier(port))
        await closed(server)
    assert not refusal.lasting
    assert str(refusal).isprintable()
    assert len(str(refusal)) <= 250


@in_reactor
async def test_nobody_listens() -> None:
    """A port that is closed, a name that is none: later; and no place is lost by it."""
    carrier = courier(free_port(), connections=1, seconds=5.0)
    for _ in range(3):
        refusal = await refusal_of(carrier)
        assert "refused" in str(refusal)
        assert not refusal.lasting
    assert not (await refusal_of(courier(0, endpoint="tcp:nowhere.invalid:25"))).lasting


@in_reactor
async def test_words_are_bounded() -> None:
    """A refusal is one printable line, however a server words it."""
    line = b"550-" + b"\x1b[31m\xe9\xff" * 100
    server = MailServer({"RCPT": b"\r\n".join([line] * 50) + b"\r\n550 end"})
    with listening(server) as port:
        refusal = await refusal_of(courier(port))
        await closed(server)
    assert refusal.lasting
    assert str(refusal).isprintable()
    assert len(str(refusal)) <= 204


@pytest.mark.parametrize("recipient", ["hélène@exemple.fr", "a@b.fr>\r\nRCPT TO:<c@d.fr", "", "a b@c.fr"])
@in_reactor
async def test_address_that_cannot_be_written(recipient: str) -> None:
    """Nobody is even called: it never will be."""
    server = MailServer()
    with listening(server) as port:
        refusal = await refusal_of(courier(port), attrs.evolve(letter(), recipient=recipient))
    assert refusal.lasting
    assert not server.said


@in_reactor
async def test_connections_are_bounded() -> None:
    """Of thirty letters three are on their way at once; all arrive, each once."""
    server = MailServer()
    with listening(server) as port:
        carrier = courier(port, connections=3)
        carried = [Deferred.fromCoroutine(carrier.carry(letter(id_=nth))) for nth in range(30)]
        assert all(done for done, _ in await DeferredList(carried))
        await closed(server)
    assert server.most_open == 3
    assert sorted(taken.mail for taken in server.taken) == sorted(
        LETTERS.compose(letter(id_=nth)).replace(b"\n", b"\r\n") for nth in range(30)
    )


@in_reactor
async def test_waiting_is_bounded_and_frees_its_place() -> None:
    """A silent server keeps no letter longer than one, however many wait; then the same courier carries again."""
    server = MailServer({"banner": SILENCE})
    with listening(server) as port:
        carrier = courier(port, connections=2, seconds=1.0)
        refusals = await DeferredList([Deferred.fromCoroutine(refusal_of(carrier)) for _ in range(20)])
        assert {str(refusal) for _, refusal in refusals} == {"no end in 1 seconds"}
        await closed(server)
        server.plan.clear()
        await carrier.carry(letter())
        await closed(server)
    assert len(server.taken) == 1


@pytest.mark.parametrize("endpoint", ["ssl:127.0.0.1:465", "nonsense", "", "tcp"])
def test_endpoints_that_are_refused(endpoint: str) -> None:
    """``ssl:`` verifies no host, and the others are none: said when the courier is made."""
    with pytest.raises(ValueError, match="no tls:, tcp: or unix: endpoint"):
        courier(0, endpoint=endpoint)


@in_reactor
async def test_long_letter() -> None:
    """Two hundred recipients, in TLS: every byte arrives."""
    told: Acknowledgement | Outcome = acknowledgement(*[ONE] * 200)
    server = MailServer()
    server.tls = self_made().options
    with listening(server) as port:
        await courier(port).carry(letter(told))
        await closed(server)
    assert server.taken[0].mail == LETTERS.compose(letter(told)).replace(b"\n", b"\r\n")
