"""What others read: gateways' status, the history of messages, what is queued where."""

import attrs
from sqlalchemy import Connection, event

from smstob.model.message import State
from smstob.model.report import GatewayStatus
from smstob.storage import history, receipts, settlement, status

from .scenes import NOW, claim, hand, open_account, receipt, send, settled

UP = GatewayStatus(
    name="sink", daemon="one", type="sink", state="up", sent=5_000_000_000, failed=1, repeated=2, rate=12.5, at=NOW
)


def test_status_of_daemons(connection: Connection) -> None:
    """Each replaces its own; who was silent is forgotten."""
    other = attrs.evolve(UP, daemon="two", state="en panne", at=NOW - 100)
    old = attrs.evolve(UP, name="autre")
    status.write(connection, "one", [old, UP])
    status.write(connection, "two", [other])
    assert history.statuses(connection) == [old, UP, other]
    status.write(connection, "one", [UP])
    assert history.statuses(connection) == [UP, other]
    status.forget_silent(connection, NOW)
    assert history.statuses(connection) == [UP]
    status.write(connection, "one", [])
    assert history.statuses(connection) == []


def test_history(connection: Connection) -> None:
    """Newest first, with whose it is and what was asked for; of one account or state where wanted."""
    account, other = open_account(connection), open_account(connection)
    first = send(connection, account, "a", due=NOW + 60)
    refused = send(connection, other, "b")
    claim(connection, NOW)
    settlement.settle(connection, [settled(refused, State.REJECTED, error="refusé", repeated=1)])
    handed = hand(connection, account, "r1", "r2")
    told = history.messages(connection)
    assert [one.id for one in told] == [handed, refused, first]
    assert [one.id for one in history.messages(connection, limit=2)] == [handed, refused]
    assert [one.id for one in history.messages(connection, account.id)] == [handed, first]
    assert [one.id for one in history.messages(connection, state=State.REJECTED)] == [refused]
    assert history.messages(connection, other.id, State.HANDED) == []
    assert (told[1].account, told[1].error, told[1].repeats, told[1].ended) == (other.email, "refusé", 1, NOW)
    assert (told[0].segments, told[0].credits, told[0].handed, told[0].channel) == (2, 2, NOW, "http")
    assert (told[2].due, told[2].created, told[2].state, told[2].text) == (NOW + 60, NOW, "queued", "a")
    assert history.queued_by_gateway(connection) == {"sink": 1}


def test_history_has_the_parts(connection: Connection) -> None:
    """What became of each part that a gateway took, in order; three queries for all messages, not one for each."""
    account = open_account(connection)
    waiting = send(connection, account, "a", due=NOW + 60)
    handed = hand(connection, account, "r1", "r2", "r3")
    other = hand(connection, account, "s")
    receipts.receive(connection, [receipt("r2")])
    statements: list[str] = []
    event.listen(connection, "before_cursor_execute", lambda *told: statements.append(told[2]))
    parts = {one.id: one.parts for one in history.messages(connection)}
    assert len(statements) == 3
    assert parts[waiting] == ()
    assert [attrs.astuple(part) for part in parts[handed]] == [
        (1, "handed", "sink", "r1"),
        (2, "delivered", "sink", "r2"),
        (3, "handed", "sink", "r3"),
    ]
    assert [part.reference for part in parts[other]] == ["s"]
