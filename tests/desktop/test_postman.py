"""Rounds of the postman: what is handed, put off, refused, and what one bad mail or one bad server does to others."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from smstob.desktop import delivery
from smstob.desktop.delivery import Sentences
from smstob.desktop.outbox import RETRIES, LetterState, Outbox
from smstob.desktop.postman import MOST_PUT_OFF, Bag, Round
from tests.desktop.mail_server import CONNECT, DOT, WRONG_PASSWORD, Act, MailServer, Step, Taken
from tests.desktop.office import (
    DOMAIN,
    EMAIL,
    PASSWORD,
    USER,
    Watch,
    bag_for,
    connection_of,
    only,
    outbox_in,
    put,
    read_by_service,
)
from tests.house import NOW

LATER = b"451 4.3.0 Plus tard"


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A server without protection."""
    with MailServer() as running:
        yield running


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    """An empty one."""
    return outbox_in(tmp_path)


@pytest.fixture
def watch() -> Watch:
    """What time it is."""
    return Watch()


@pytest.fixture
def round_(outbox: Outbox, watch: Watch) -> Round:
    """The rounds of that outbox."""
    return Round(outbox, delivery.session, watch)


def nothing() -> None:
    """Is told, and does nothing."""


def texts(server: MailServer) -> list[str]:
    """The texts of the mails that a server took, as the service reads them."""
    return [read_by_service(one.content)[1].text for one in server.mails]


def refusing(*bad: str, step: Step = LATER) -> Callable[[Taken], Step | None]:
    """A server that does that to mails with these texts, and takes others."""
    return lambda taken: step if read_by_service(taken.content)[1].text in bad else None


def run(round_: Round, watch: Watch, bag: Bag, times: int) -> None:
    """So many rounds, each when something is due again at the latest."""
    for _ in range(times):
        assert round_.make(bag, nothing) == ""
        watch.time += RETRIES[-1]


def test_handed(server: MailServer, outbox: Outbox, round_: Round) -> None:
    """All that is due goes by one connection, in order, from the account to the service, once; each is told."""
    put(outbox, *map(str, range(20)))
    told: list[int] = []
    assert round_.make(bag_for(server.port), lambda: told.append(only(outbox).handed)) == ""
    assert told == list(range(1, 21))
    assert texts(server) == [str(index) for index in range(20)]
    assert {(one.sender, one.recipients) for one in server.mails} == {(EMAIL, (f"sms@{DOMAIN}",))}
    assert server.connections == 1
    assert round_.make(bag_for(server.port), nothing) == ""
    assert (len(server.mails), server.connections, only(outbox).state) == (20, 1, LetterState.HANDED)


def test_put_off_then_handed(server: MailServer, outbox: Outbox, round_: Round, watch: Watch) -> None:
    """451 each time: the waits grow as they should, the sentence is shown, and in the end the mail is handed once."""
    put(outbox, "a")
    server.next(DOT, *[LATER] * 7)
    for wait in (*RETRIES, RETRIES[-1], RETRIES[-1]):
        assert round_.make(bag_for(server.port), nothing) == ""
        told = only(outbox)
        assert (told.state, told.reason, told.due) == (LetterState.WAITING, "451 4.3.0 Plus tard", watch() + wait)
        watch.time += wait - 1
        round_.make(bag_for(server.port), nothing)
        watch.time += 1
    assert server.connections == 7
    round_.make(bag_for(server.port), nothing)
    assert (texts(server), only(outbox).state, only(outbox).reason) == (["a"], LetterState.HANDED, "")


def test_refused(server: MailServer, outbox: Outbox, round_: Round) -> None:
    """550 is for good, with the server's sentence; others go on."""
    put(outbox, "a", "b")
    server.next(DOT, "550 5.7.1 82 L'adresse n'est pas valide à 100 %.".encode())
    assert round_.make(bag_for(server.port), nothing) == ""
    told = only(outbox)
    assert (told.handed, told.failed, told.reason) == (1, 1, "550 5.7.1 82 L'adresse n'est pas valide à 100 %.")
    assert texts(server) == ["b"]


def test_held(outbox: Outbox, round_: Round) -> None:
    """A wrong password of the mail server: its sentence, and every mail is as it was."""
    put(outbox, "a", "b")
    with MailServer(user=USER, password="un autre") as server:
        assert round_.make(bag_for(server.port, user=USER), nothing) == f"535 5.7.8 {WRONG_PASSWORD}"
    assert [one.attempts for one in outbox.due(NOW)] == [0, 0]
    with MailServer(user=USER, password=PASSWORD) as server:
        assert round_.make(bag_for(server.port, user=USER), nothing) == ""
        assert texts(server) == ["a", "b"]


def test_unwritable_secret(server: MailServer, outbox: Outbox, round_: Round) -> None:
    """A password of the account that no subject carries: a sentence, and nothing leaves."""
    put(outbox, "a")
    assert round_.make(bag_for(server.port, secret="a:b"), nothing) == Sentences.unwritable
    assert (server.mails, only(outbox).waiting) == ([], 1)


def test_away_and_back(outbox: Outbox, round_: Round, watch: Watch) -> None:
    """While the server is away all wait, by the same back-off; when it is back all go."""
    put(outbox, "a", "b")
    server = MailServer()
    for wait in RETRIES:
        round_.make(bag_for(server.port), nothing)
        told = only(outbox)
        assert (told.waiting, told.due) == (2, watch() + wait)
        assert "localhost est injoignable" in told.reason
        watch.time += wait
    with server:
        round_.make(bag_for(server.port), nothing)
        assert (texts(server), only(outbox).state) == (["a", "b"], LetterState.HANDED)


@pytest.mark.parametrize("step", [LATER, b"421 trop", Act.CUT])
def test_poisoned(server: MailServer, outbox: Outbox, round_: Round, watch: Watch, step: Step) -> None:
    """Mails that a server never takes, however many and first in line, do not keep back the others."""
    bad = [f"mauvais {index}" for index in range(2 * MOST_PUT_OFF)]
    put(outbox, *bad, "bon 1", bad[0], "bon 2")
    server.judge = refusing(*bad, step=step)
    run(round_, watch, bag_for(server.port), 5)
    assert texts(server) == ["bon 1", "bon 2"]
    assert (only(outbox).waiting, only(outbox).handed) == (len(bad) + 1, 2)


def test_poisoned_stays_where_it_is(server: MailServer, outbox: Outbox, round_: Round) -> None:
    """One mail that is put off, or at which the server hangs up, costs others nothing: they go in the same round."""
    put(outbox, "a", "mauvais", "b", "c")
    server.judge = refusing("mauvais", step=Act.CUT)
    round_.make(bag_for(server.port), nothing)
    assert (texts(server), only(outbox).reason) == (["a", "b", "c"], Sentences.cut)


def test_server_that_puts_all_off(server: MailServer, outbox: Outbox, round_: Round, watch: Watch) -> None:
    """A server that takes nothing now is asked for a few mails only, at growing intervals, and in the end has all."""
    put(outbox, *map(str, range(200)))
    server.judge = lambda _: LATER
    asked: list[float] = []
    for _ in range(8):
        round_.make(bag_for(server.port), nothing)
        asked.append(watch())
        due = outbox.next_due()
        assert due is not None
        # by what nobody offered yet, which is the greater part
        watch.time = max(due, connection_of(outbox).execute("SELECT max(due) FROM letter").fetchone()[0])
    assert server.connections == 8
    assert sum(one.line == b"data" for one in server.log) == 8 * MOST_PUT_OFF
    waits = [after - before for before, after in pairwise(asked)]
    assert waits == sorted(waits)
    assert waits[-1] == RETRIES[-1]
    server.judge = lambda _: None
    run(round_, watch, bag_for(server.port), 5)
    assert sorted(texts(server), key=int) == [str(index) for index in range(200)]


def test_cut_around_the_answer(server: MailServer, outbox: Outbox, round_: Round, watch: Watch) -> None:
    """Cut before its answer, a mail that was taken goes again under its Message-ID; cut after it, it does not."""
    put(outbox, "a", "b", "c", "d")
    server.next(DOT, Act.NORMAL, Act.DO_AND_CUT, Act.NORMAL, Act.ANSWER_AND_CUT)
    run(round_, watch, bag_for(server.port), 2)
    assert Counter(texts(server)) == {"a": 1, "b": 2, "c": 1, "d": 1}
    assert only(outbox).handed == 4
    again = [read_by_service(one.content)[0] for one in server.mails if texts(server)[server.mails.index(one)] == "b"]
    assert len({(one.message_id, one.digest) for one in again}) == 1


def test_one_mail_a_connection(server: MailServer, outbox: Outbox, round_: Round) -> None:
    """A server that takes one mail in each connection gets all in one round, none twice."""
    put(outbox, *map(str, range(10)))
    server.next(DOT, *[Act.ANSWER_AND_CUT] * 10)
    round_.make(bag_for(server.port), nothing)
    assert texts(server) == [str(index) for index in range(10)]
    assert (server.connections, only(outbox).handed) == (10, 10)


def test_connection_refused_between(server: MailServer, outbox: Outbox, round_: Round, watch: Watch) -> None:
    """A server that goes away in the middle of a round: the rest waits, and nothing is lost."""
    put(outbox, *map(str, range(6)))
    server.next(CONNECT, Act.NORMAL, b"421 trop de monde")
    server.next(DOT, Act.NORMAL, Act.NORMAL, Act.CUT)
    round_.make(bag_for(server.port), nothing)
    assert (texts(server), only(outbox).waiting, only(outbox).reason) == (["0", "1"], 4, "421 trop de monde")
    run(round_, watch, bag_for(server.port), 3)
    assert sorted(texts(server)) == [str(index) for index in range(6)]


def test_told_to_stop(server: MailServer, outbox: Outbox, round_: Round) -> None:
    """It ends after the mail under way, and the rest is due as it was."""
    put(outbox, *map(str, range(10)))
    assert round_.make(bag_for(server.port), nothing, lambda: len(server.mails) < 3) == ""
    assert (len(server.mails), only(outbox).handed, len(outbox.due(NOW))) == (3, 3, 7)


def test_full_disk(server: MailServer, outbox: Outbox, watch: Watch) -> None:
    """A mail whose handing the disk does not take is not sent again while the program lives, and noted first later."""
    put(outbox, *["x" * 300] * 2, "c")
    connection = connection_of(outbox)
    round_ = Round(outbox, delivery.session, watch)
    bag = bag_for(server.port)
    connection.execute("PRAGMA query_only = ON")
    for _ in range(4):
        with pytest.raises(sqlite3.Error):
            round_.make(bag, nothing)
    assert (len(server.mails), only(outbox).handed) == (1, 0)
    connection.execute("PRAGMA query_only = OFF")
    round_.make(bag, nothing)
    assert (texts(server), only(outbox).handed) == (["x" * 300, "x" * 300, "c"], 3)


def test_passed_moment(server: MailServer, outbox: Outbox, round_: Round, watch: Watch) -> None:
    """A moment that passed while its mail waited goes as it was asked: the service says 85, we do not send it now."""
    put(outbox, "a", moment="120002032026")
    server.next(DOT, LATER)
    run(round_, watch, bag_for(server.port), 2)
    (taken,) = server.mails
    assert read_by_service(taken.content)[1].when == "120002032026"
