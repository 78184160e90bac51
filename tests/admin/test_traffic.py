"""``smstob message …``, ``submission …``, ``gateway …``, ``queue …``: in both outputs, with every mistake."""

import time
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

import attrs
import pytest

from smstob.model.message import Receipt, Reply, State
from smstob.model.report import GatewayStatus
from smstob.storage import queue, receipts, replies, settlement, status
from smstob.storage.database import Connection
from smstob.storage.settlement import Settlement
from tests.admin.console import EMAIL, Console

PARIS = ZoneInfo("Europe/Paris")
STATUS = GatewayStatus(
    name="sink", daemon="a", type="sink", state="up", sent=10, failed=2, repeated=1, rate=1.5, at=0
)


def deferred(minutes: int = 60) -> str:
    """A minute to come, as people type it."""
    return f"{datetime.fromtimestamp(time.time() + 60 * minutes, PARIS):%H%M%d%m%Y}"


def test_messages(console: Console) -> None:
    """Exactly the contract's fields, newest first; a table for people."""
    console.open_account()
    assert console.json("message", "list") == []
    assert console.text("message", "list") == "Il n'y a pas de message.\n"
    made = console.submit("0660919010", "Bonjour à tous")
    later = console.submit("0660545465", "a" * 200, when=deferred())
    newest, oldest = console.json("message", "list")
    created = oldest.pop("created")
    assert oldest.pop("due") == created
    assert datetime.fromisoformat(created).utcoffset() == datetime.fromtimestamp(time.time(), PARIS).utcoffset()
    assert oldest == {
        "id": oldest["id"],
        "submission": made.id,
        "to": "+33660919010",
        "text": "Bonjour à tous",
        "state": "queued",
        "segments": 1,
        "credits": 1,
        "gateway": "sink",
        "channel": "http",
        "error": None,
        "parts": [],
    }
    assert (newest["submission"], newest["segments"], newest["credits"]) == (later.id, 2, 2)
    assert datetime.fromisoformat(newest["due"]).timestamp() == later.due
    told = console.text("message", "list").splitlines()
    assert told[0].split()[:5] == ["n°", "envoi", "compte", "à", "état"]
    assert "a" * 39 + "…" in told[1]
    assert "en attente" in told[2]


def test_messages_chosen(console: Console) -> None:
    """By account, by state, by number."""
    console.open_account()
    console.open_account("b@exemple.fr")
    for number in ("0660919010", "0660545465"):
        console.submit(number, "Bonjour")
    other = console.submit("0660919010", "Bonjour", email="b@exemple.fr", when=deferred())
    assert len(console.json("message", "list")) == 3
    (mine,) = console.json("message", "list", "--account", " B@exemple.fr")
    assert mine["submission"] == other.id
    assert len(console.json("message", "list", "--limit", "2")) == 2
    console.text("submission", "cancel", str(other.id))
    (cancelled,) = console.json("message", "list", "--state", "cancelled")
    assert cancelled["submission"] == other.id
    assert len(console.json("message", "list", "--state", "queued", "--account", EMAIL)) == 2


def test_hostile_text(console: Console) -> None:
    """What a customer wrote can neither break a line of the table nor command the terminal."""
    console.open_account()
    console.submit("0660919010", "un\ndeux\u202e\u2028trois")
    assert len(console.text("message", "list").splitlines()) == 2
    assert "\u202e" not in console.text("message", "list")


def test_rejected(console: Console) -> None:
    """The gateway's error is told."""
    console.open_account()
    console.submit("0660919010", "Bonjour")
    now = int(time.time())

    def reject(connection: Connection) -> None:
        (claimed,) = queue.claim(connection, "sink", "a", now, now + 60, 10)
        refused = Settlement(
            id=claimed.id, lease="a", state=State.REJECTED, gateway="sink", due=0, attempts=1, error="Inconnu.", at=now
        )
        settlement.settle(connection, [refused])

    console.transact(reject)
    (told,) = console.json("message", "list")
    assert (told["state"], told["error"]) == ("rejected", "Inconnu.")
    assert "refusé" in console.text("message", "list")
    assert [one["reason"] for one in console.json("ledger", "show", EMAIL)] == ["adjustment", "debit", "refund"]
    assert "remboursement" in console.text("ledger", "show", EMAIL)


def test_parts(console: Console) -> None:
    """Programs are told which part is where under which reference; the table stays as it is."""
    console.open_account()
    console.submit("0660919010", "a" * 400)
    before = console.text("message", "list").replace("en attente", "")
    now = int(time.time())

    def hand(connection: Connection) -> None:
        (claimed,) = queue.claim(connection, "sink", "a", now, now + 60, 10)
        parts = ((1, "r1"), (3, "né'ant"))
        partly = Settlement(
            id=claimed.id, lease="a", state=State.QUEUED, gateway="sink", due=now, attempts=1, at=now, parts=parts
        )
        settlement.settle(connection, [partly])
        delivered = Receipt(gateway="sink", reference="r1", state=State.DELIVERED, at=now)
        assert receipts.receive(connection, [delivered]) == [True]

    console.transact(hand)
    (told,) = console.json("message", "list")
    assert told["parts"] == [
        {"part": 1, "state": "delivered", "gateway": "sink", "reference": "r1"},
        {"part": 3, "state": "handed", "gateway": "sink", "reference": "né'ant"},
    ]
    assert console.text("message", "list").replace("en attente", "") == before


def test_replies(console: Console) -> None:
    """Exactly the contract's fields, newest first, long ones whole; what a stranger wrote commands no terminal."""
    assert console.json("reply", "list") == []
    assert console.text("reply", "list") == "Il n'y a pas de réponse.\n"
    now = int(time.time())
    pieces = ((2, "fin"), (1, "Début, "))
    long = [Reply("sink", "+33612345678", "36111", text, now, 7, part, 2) for part, text in pieces]
    hostile = Reply("sink", "Orange", "36111", "un\n\x1b[2Jdeux \u202e" + "x" * 99, now - 60)
    console.transact(lambda connection: replies.keep(connection, [hostile, *long]))
    first, second = console.json("reply", "list")
    assert datetime.fromisoformat(first.pop("at")).timestamp() == now
    assert first == {
        "id": first["id"],
        "gateway": "sink",
        "from": "+33612345678",
        "to": "36111",
        "text": "Début, fin",
    }
    assert (second["from"], second["text"]) == ("Orange", hostile.text)
    assert [one["id"] for one in console.json("reply", "list", "--limit", "1")] == [first["id"]]
    told = console.text("reply", "list")
    assert len(told.splitlines()) == 3
    assert told.splitlines()[0].split() == ["n°", "reçue", "passerelle", "de", "à", "texte"]
    assert not {"\x1b", "\u202e"} & set(told)
    for limit in ("0", "-1", "beaucoup"):
        assert "--limit" in console.mistake("reply", "list", "--limit", limit)
    assert "existe pas" in console.mistake("reply", "delete")


def test_cancel(console: Console) -> None:
    """What has not left is cancelled and refunded, once."""
    console.open_account()
    made = console.submit("0660919010, 0660545465", "a" * 200, when=deferred())
    assert console.json("account", "show", EMAIL)["credits"] == 6
    assert console.json("submission", "cancel", str(made.id)) == {"cancelled": 2, "credits": 4}
    assert console.json("account", "show", EMAIL)["credits"] == 10
    assert "plus rien à annuler" in console.mistake("submission", "cancel", str(made.id))
    assert console.json("ledger", "verify")["differences"] == []
    made = console.submit("0660919010", "Bonjour", when=deferred())
    assert console.text("submission", "cancel", str(made.id)) == "1 message annulé ; remboursé : 1 crédit.\n"


def test_cancel_what_is_leaving(console: Console) -> None:
    """A message that a daemon holds is left to it."""
    console.open_account()
    made = console.submit("0660919010", "Bonjour")
    now = int(time.time())
    console.transact(lambda connection: queue.claim(connection, "sink", "a", now, now + 60, 10))
    assert "plus rien à annuler" in console.mistake("submission", "cancel", str(made.id))


@pytest.mark.parametrize("number", ["1", "9223372036854775807"])
def test_cancel_nothing(console: Console, number: str) -> None:
    """There is no such submission."""
    assert console.mistake("submission", "cancel", number) == f"il n'y a pas d'envoi {number}"


def test_gateways(console: Console) -> None:
    """Sums over daemons; what a silent one wrote does not count."""
    console.open_account()
    console.submit("0660919010", "Bonjour")
    stopped = {"name": "sink", "type": "sink", "state": "stopped", "queued": 1, "sent": 0, "failed": 0, "rate": 0}
    assert console.json("gateway", "list") == [stopped | {"repeated": 0}]
    now = int(time.time())
    for daemon, state, age in (("a", "down", 10), ("b", "up", 100), ("c", "up", 200)):
        told = attrs.evolve(STATUS, daemon=daemon, state=state, at=now - age)
        console.transact(partial(status.write, daemon=daemon, statuses=[told]))
    up = {"state": "up", "sent": 20, "failed": 4, "rate": 3.0, "repeated": 2}
    assert console.json("gateway", "list") == [stopped | up]
    lines = console.text("gateway", "list").splitlines()
    assert lines[1].split() == ["sink", "sink", "en", "marche", "1", "20", "4", "2", "3,0"]


def test_queue(console: Console) -> None:
    """What is queued, what is due, what is handed."""
    console.open_account()
    empty = {"queued": 0, "due": 0, "handed": 0, "oldest_due_age": 0}
    assert console.json("queue", "show") == empty
    console.submit("0660919010", "Bonjour")
    console.submit("0660545465", "Bonjour", when=deferred())
    shown = console.json("queue", "show")
    assert 0 <= shown.pop("oldest_due_age") < 60
    assert shown == {"queued": 2, "due": 1, "handed": 0}
    lines = console.text("queue", "show").splitlines()
    assert lines[0].split() == ["en", "attente", "2"]
    assert "le plus ancien attend depuis" in lines[1]
