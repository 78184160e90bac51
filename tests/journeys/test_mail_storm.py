"""Relays that never hear the answer, and a daemon that is killed: each mail is sent once, paid once, told once."""

import re
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage

import attrs
import pytest
from sqlalchemy import select

from smstob.flow.dispatch import BATCH
from smstob.flow.notify import LEASE
from smstob.model.account import Confirmations
from smstob.model.notice import Kind
from smstob.model.report import MessageReport
from smstob.storage.schema import notice
from tests.daemon import e164, texts
from tests.journeys.mail import MailDaemon, body, mailbox, running

RELAYS = 8
ACCOUNTS = 50
HARD = struct.pack("ii", 1, 0)
"""SO_LINGER: the connection is reset, not closed."""


@attrs.frozen
class Posted:
    """A mail and where it goes."""

    sender: str
    curious: bool
    """Whether the sender wants to be told."""
    number: str
    text: str
    octets: bytes
    """From MAIL to the final dot, as they go over the wire."""


@pytest.fixture
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailDaemon]:
    """A daemon that lets one address have many connections."""
    with running(MailDaemon(tmp_path_factory.mktemp("storm"), {"connections_per_address": 400})) as daemon:
        yield daemon


def mails(daemon: MailDaemon, many: int) -> list[Posted]:
    """So many mails, each to another number, by ``ACCOUNTS`` senders who have just the credits.

    Every fifth sender wants to be told; letters are what costs most.
    """
    wanted = [Confirmations.ERRORS if index % 5 else Confirmations.ALL for index in range(ACCOUNTS)]
    senders = [daemon.provision(many // ACCOUNTS, options={"confirmations": one.value}) for one in wanted]
    found = []
    for index in range(many):
        sender, number, text = senders[index % ACCOUNTS], f"06590{index:05}", f"rafale {index}"
        mail = daemon.mail(sender, mailbox(number), text)
        found.append(Posted(sender, index % 5 == 0, number, text, wire(mail)))
    return found


def wire(mail: EmailMessage) -> bytes:
    """What a client says to post it."""
    octets = mail.as_bytes().replace(b"\n", b"\r\n")
    return b"MAIL FROM:<%s>\r\nRCPT TO:<%s>\r\nDATA\r\n" % (str(mail["From"]).encode(), str(mail["To"]).encode()) + (
        b"\0" + octets + b".\r\n"
    )


def converse(daemon: MailDaemon, octets: bytes) -> socket.socket:
    """A connection on which all was said, the final dot too, and nothing read since 354."""
    connection = socket.create_connection(("127.0.0.1", daemon.smtp_port), timeout=30)
    try:
        envelope, _, text = octets.partition(b"\0")
        await_reply(connection, b"220")
        connection.sendall(b"EHLO relais.exemple.fr\r\n" + envelope)
        await_reply(connection, b"354")
        connection.sendall(text)
    except BaseException:
        connection.close()
        raise
    return connection


def await_reply(connection: socket.socket, code: bytes) -> bytes:
    """All that is said up to the end of the reply with that code, and no other end."""
    received = b""
    while not re.search(rb"(?m)^%s .*\r\n" % code, received):
        more = connection.recv(65536)
        if not more or re.search(rb"(?m)^[45]", received + more):
            raise ConnectionError((received + more).decode())
        received += more
    return received


def drop(daemon: MailDaemon, posted: Posted, hard: bool) -> None:
    """Say all and be gone before the answer."""
    with converse(daemon, posted.octets) as connection:
        if hard:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, HARD)


def post(daemon: MailDaemon, posted: Posted) -> bytes:
    """Say all and give the answer to the text."""
    with converse(daemon, posted.octets) as connection:
        return await_reply(connection, b"250")


def by_relays(work: Callable[[int], object], many: int) -> None:
    """Call ``work`` for each number, by several at once."""
    with ThreadPoolExecutor(RELAYS) as pool:
        list(pool.map(work, range(many)))


def stored(daemon: MailDaemon, posted: Sequence[Posted]) -> list[MessageReport]:
    """The messages of all the senders."""
    return [told for sender in {one.sender for one in posted} for told in daemon.messages(sender)]


def owed(daemon: MailDaemon, *kinds: Kind) -> set[int]:
    """The notices of these kinds that nobody was told yet."""
    untold = select(notice.c.id).where(notice.c.told_at.is_(None), notice.c.kind.in_(kinds))
    return daemon.transact(lambda connection: set(connection.scalars(untold)))


def taken(daemon: MailDaemon) -> set[int]:
    """Those of them that a daemon has taken: when it is killed they wait for minutes."""
    leased = select(notice.c.id).where(notice.c.told_at.is_(None), notice.c.due > time.time() + LEASE / 2)
    return daemon.transact(lambda connection: set(connection.scalars(leased)))


def confirmed(daemon: MailDaemon) -> tuple[Counter[str], Counter[str]]:
    """How often the letters say of each number that it was accepted, and that it was delivered."""
    told = " ".join(body(letter) for letter in daemon.letters()).replace(" ", "")
    accepted = Counter(re.findall(r"(06590\d{5})\(code80\)", told))
    delivered = Counter(re.findall(r"Envoin°\d+au(06590\d{5}),du", told))
    return accepted, delivered


def test_unheard_answers(daemon: MailDaemon) -> None:
    """A thousand mails whose relays hang up after the final dot, half of them rudely, and come again: each once.

    Sent once, paid once, and the letters tell once that it was accepted and once that it was delivered.
    """
    posted = mails(daemon, 1000)
    answers: list[bytes] = []

    def relay(index: int) -> None:
        drop(daemon, posted[index], hard=index % 2 == 0)
        answers.append(post(daemon, posted[index]))

    by_relays(relay, len(posted))
    assert len(answers) == 1000
    assert all(b"80 accepte : 1 message" in answer for answer in answers)
    daemon.check_sent()
    assert texts(daemon.journal()) == {one.text: 1 for one in posted}
    assert {one.to for one in daemon.journal()} == {e164(one.number) for one in posted}
    assert {daemon.balance(sender) for sender in {one.sender for one in posted}} == {0}
    assert len(stored(daemon, posted)) == 1000
    once = dict.fromkeys((one.number for one in posted if one.curious), 1)
    daemon.wait(lambda: not owed(daemon, *Kind), "all is told", 30)
    assert confirmed(daemon) == (once, once)


def test_killed(daemon: MailDaemon) -> None:
    """kill -9 under a load of mails, which their relays bring again: none is lost or paid twice, none confirmed twice.

    What was in flight at the sink may leave again; it is counted.
    """
    posted = mails(daemon, 200)
    answered: list[str] = []
    heard_before: set[str] = set()
    unheard: list[int] = []
    dead = threading.Event()

    def relay(index: int) -> None:
        try:
            post(daemon, posted[index])
        except OSError:
            unheard.append(index)
        else:
            answered.append(posted[index].text)
        if len(answered) >= 60 and not dead.is_set():
            dead.set()
            daemon.kill()
            heard_before.update(answered)

    by_relays(relay, len(posted))
    assert unheard
    waits = taken(daemon)
    daemon.start()
    assert heard_before <= {told.text for told in stored(daemon, posted)}
    by_relays(lambda number: post(daemon, posted[unheard[number]]), len(unheard))
    daemon.settled()
    every = stored(daemon, posted)
    messages = {told.text: told for told in every}
    assert len(every) == len(posted)
    assert set(messages) == {one.text for one in posted}
    assert {daemon.balance(one.sender) for one in posted} == {0}
    sent = texts(daemon.journal())
    assert set(sent) == set(messages)
    assert all(times <= 1 + messages[text].repeats for text, times in sent.items())
    assert sum(times - 1 for times in sent.values()) <= BATCH
    # no receipt comes for what was handed when the sink died, and so no letter of its end
    daemon.wait(lambda: not owed(daemon, Kind.ACCEPTED) - waits, "what is due is told", 30)
    accepted, delivered = confirmed(daemon)
    assert {posted[index].number for index in unheard if posted[index].curious} <= set(accepted)
    assert set(accepted.values()) == {1}
    assert set(delivered.values()) <= {1}
