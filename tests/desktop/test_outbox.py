"""The outbox and the draft: what is in them after whatever happened, and what is due when."""

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smstob.desktop.outbox import RETRIES, Draft, LetterState, Outbox
from tests.desktop.office import connection_of, mailing_of, only, outbox_in, put
from tests.house import NOW


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    """An empty one."""
    return outbox_in(tmp_path)


def due_texts(outbox: Outbox, now: int) -> list[str]:
    """The texts that are to be offered, in order."""
    return [one.text for one in outbox.due(now)]


def test_draft(tmp_path: Path, outbox: Outbox) -> None:
    """What is being typed is there on another connection at once, and gone when it is sent."""
    assert outbox.draft() == Draft()
    draft = Draft("Clients, 06 12", "Bonjour\n😀", "1230")
    outbox.keep_draft(draft)
    assert outbox_in(tmp_path).draft() == draft
    put(outbox, "Bonjour")
    assert outbox_in(tmp_path).draft() == Draft()


@settings(deadline=None)
@given(recipients=st.text(), text=st.text(), moment=st.text())
def test_any_draft(tmp_path_factory: pytest.TempPathFactory, recipients: str, text: str, moment: str) -> None:
    """Whatever is typed is kept, without the halves of characters that no file can hold."""
    outbox = outbox_in(tmp_path_factory.mktemp("draft"))
    outbox.keep_draft(Draft(recipients, text + "\ud83d", moment + "\x00"))
    kept = outbox.draft()
    assert kept.text.encode() == text.replace("\x00", "").encode("utf-8", "ignore")
    assert kept.recipients == recipients.replace("\x00", "")


def test_life_of_a_sending(outbox: Outbox) -> None:
    """Waiting, then handed in part, failed in part: as a whole it waits while one does, and failed where one did."""
    sending = outbox.send(mailing_of("a", "b", "c"), "Clients", "texte", "123004122026", ["<1>", "<2>", "<3>"], NOW)
    told = only(outbox)
    assert (told.id, told.created, told.label, told.text) == (sending, NOW, "Clients", "texte")
    assert (told.moment, told.segments, told.waiting, told.due) == ("123004122026", 3, 3, NOW)
    first, second, third = outbox.due(NOW)
    assert (first.message_id, first.destination, first.text) == ("<1>", ("+33612345678",), "a")
    assert (first.moment, first.attempts) == ("123004122026", 0)
    outbox.handed(first.id, NOW)
    outbox.put_off(second.id, "451 plus tard", NOW)
    outbox.failed(third.id, "550 non", NOW)
    told = only(outbox)
    assert (told.waiting, told.handed, told.failed, told.state) == (1, 1, 1, LetterState.WAITING)
    assert told.due == outbox.next_due() == NOW + RETRIES[0]
    outbox.handed(second.id, NOW)
    told = only(outbox)
    assert (told.waiting, told.handed, told.failed, told.state) == (0, 2, 1, LetterState.FAILED)
    assert (told.reason, told.due, outbox.next_due()) == ("550 non", None, None)
    outbox.retry(NOW, sending)
    (again,) = outbox.due(NOW)
    assert (again.message_id, again.attempts) == ("<3>", 0)
    outbox.handed(again.id, NOW)
    assert (only(outbox).state, only(outbox).reason) == (LetterState.HANDED, "")


def test_back_off(outbox: Outbox) -> None:
    """A mail waits longer each time, and never longer than the last of the waits."""
    put(outbox, "a")
    now = NOW
    for attempts, wait in enumerate([*RETRIES, RETRIES[-1], RETRIES[-1]]):
        (one,) = outbox.due(now)
        assert one.attempts == attempts
        outbox.put_off(one.id, "451", now)
        assert outbox.next_due() == now + wait
        assert outbox.due(now + wait - 1) == []
        now += wait


def test_order(outbox: Outbox) -> None:
    """What was offered least comes first, then what is due longest: who is refused again and again blocks nobody."""
    put(outbox, "a", "b", "c")
    one = outbox.due(NOW)[0]
    outbox.put_off(one.id, "451", NOW)
    put(outbox, "d", now=NOW + 1)
    assert due_texts(outbox, NOW) == ["b", "c"]
    assert due_texts(outbox, NOW + RETRIES[0]) == ["b", "c", "d", "a"]
    assert [one.text for one in outbox.due(NOW + RETRIES[0], 2)] == ["b", "c"]


def test_put_off_together(outbox: Outbox) -> None:
    """When nothing can be offered all that is due waits, by its own back-off; what waits already stays as it is."""
    put(outbox, "a", "b")
    outbox.put_off(outbox.due(NOW)[0].id, "451", NOW)
    outbox.put_off_due("injoignable", NOW + 1)
    assert due_texts(outbox, NOW + RETRIES[0]) == ["a"]
    assert due_texts(outbox, NOW + 1 + RETRIES[0]) == ["a", "b"]
    outbox.put_off_rest("451 encore", NOW + 60, 30)
    assert due_texts(outbox, NOW + 89) == []
    assert [one.attempts for one in outbox.due(NOW + 90)] == [1, 1]


def test_wrong_clock(outbox: Outbox) -> None:
    """What was put off while the clock was a year ahead does not wait for a year."""
    put(outbox, "a")
    outbox.put_off(outbox.due(NOW)[0].id, "451", NOW + 31_000_000)
    assert due_texts(outbox, NOW) == ["a"]
    outbox.put_off_due("injoignable", NOW)
    assert due_texts(outbox, NOW) == []
    assert due_texts(outbox, NOW + RETRIES[1]) == ["a"]


def test_retry_all(outbox: Outbox) -> None:
    """When the network is back all that waits is due at once; what failed is offered only where its sender says so."""
    put(outbox, "a")
    put(outbox, "b")
    one, other = outbox.due(NOW)
    outbox.put_off(one.id, "451", NOW)
    outbox.failed(other.id, "550", NOW)
    outbox.retry(NOW)
    assert due_texts(outbox, NOW) == ["a"]


def test_given_up(outbox: Outbox) -> None:
    """What is given up is not offered, and can be taken back; a mail that the server took meanwhile is handed."""
    sending = put(outbox, "a", "b")
    under_way, _ = outbox.due(NOW)
    outbox.give_up(sending, "Abandonné", NOW)
    assert (outbox.due(NOW), only(outbox).failed, only(outbox).reason) == ([], 2, "Abandonné")
    outbox.put_off(under_way.id, "451", NOW)
    assert outbox.due(NOW + 999) == []
    outbox.handed(under_way.id, NOW)
    assert (only(outbox).handed, only(outbox).failed) == (1, 1)
    outbox.retry(NOW, sending)
    assert due_texts(outbox, NOW) == ["b"]


def test_forgotten(outbox: Outbox) -> None:
    """What ended goes from the list with its mails; what waits does not."""
    sending = put(outbox, "a")
    outbox.forget(sending)
    assert only(outbox).waiting == 1
    outbox.handed(outbox.due(NOW)[0].id, NOW)
    outbox.forget(sending)
    assert outbox.sendings() == []
    assert connection_of(outbox).execute("SELECT count(*) FROM letter").fetchone() == (0,)
    outbox.forget(999)
    outbox.give_up(999, "", NOW)
    outbox.retry(NOW, 999)


def test_all_or_nothing(outbox: Outbox) -> None:
    """A sending of which one mail cannot be kept is not kept at all, and the draft stays."""
    outbox.keep_draft(Draft("0612345678", "Bonjour"))
    with pytest.raises(ValueError, match="zip"):
        outbox.send(mailing_of("a", "b"), "Clients", "texte", "", ["<1>"], NOW)
    assert outbox.sendings() == []
    assert outbox.draft().text == "Bonjour"


def test_full_disk(tmp_path: Path, outbox: Outbox) -> None:
    """A disk that takes nothing raises sqlite3.Error; what was there is there, and more is taken once there is room."""
    put(outbox, "a")
    outbox.keep_draft(Draft("0612345678", "court"))
    (pages,) = connection_of(outbox).execute("PRAGMA page_count").fetchone()
    connection_of(outbox).execute(f"PRAGMA max_page_count = {pages}")
    for work in (
        lambda: outbox.keep_draft(Draft("0612345678", "x" * 100_000)),
        lambda: put(outbox, *["y" * 5000] * 20),
    ):
        with pytest.raises(sqlite3.Error):
            work()
    assert (outbox.draft().text, only(outbox).waiting) == ("court", 1)
    connection_of(outbox).execute("PRAGMA max_page_count = 1000000")
    put(outbox, *["y" * 5000] * 20)
    assert len(outbox_in(tmp_path).due(NOW)) == 21


def test_thousands(outbox: Outbox) -> None:
    """The newest two hundred sendings are shown; of a thousand mails as many are taken at once as asked."""
    for index in range(205):
        put(outbox, *[str(index)] * 5)
    told = outbox.sendings()
    assert [one.text.split("\n")[0] for one in told] == [str(index) for index in range(204, 4, -1)]
    assert len(outbox.due(NOW)) == 50
    assert len(outbox.due(NOW, 2000)) == 1025
