"""What others read: gateways' status, the history of messages, what is queued where."""

import attrs
from sqlalchemy import Connection, event

from smstob.model.message import State
from smstob.model.modem import ModemReport, ModemState, SimLimits
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


MODEM = ModemReport(
    gateway="gsm",
    port="/dev/ttyUSB2",
    state=ModemState.LIMITED,
    reason="Sa carte a tout envoyé : «demain» 😀\x00\ud800",
    since=NOW - 5,
    model="HUAWEI E173",
    imei="353567040000000",
    card="8933012345678901234",
    sim="208011234567890",
    network="Orange F",
    roaming=True,
    signal=-71,
    sent=5_000_000_000,
    failed=2,
    resets=3,
    day=40,
    month=41,
    recipients=30,
    limits=SimLimits(per_minute=7, per_day=40, per_month=900, recipients_per_month=200),
    until=NOW + 86_400,
    heard=NOW - 1,
)


def test_modems_of_daemons(connection: Connection) -> None:
    """All that they tell, in order, of who was heard of; each daemon replaces its own, and goes when it is silent."""
    bare = ModemReport(gateway="gsm", port="/dev/ttyUSB1", state=ModemState.ABSENT, since=NOW)
    first = attrs.evolve(MODEM, gateway="a")
    status.write_modems(connection, "one", [MODEM, bare, first], NOW)
    status.write_modems(connection, "two", [attrs.evolve(MODEM, signal=None)], NOW - 100)
    assert status.modems(connection, NOW - 100) == [first, bare, MODEM, attrs.evolve(MODEM, signal=None)]
    assert status.modems(connection, NOW - 99) == [first, bare, MODEM]
    status.write_modems(connection, "one", [bare], NOW + 1)
    assert status.modems(connection, NOW) == [bare]
    status.forget_silent(connection, NOW + 1)
    assert status.modems(connection, 0) == [bare]
    status.write_modems(connection, "one", [], NOW + 2)
    assert status.modems(connection, 0) == []


def test_modem_that_is_told_twice(connection: Connection) -> None:
    """A gateway with one port twice spoils nothing: the last is told."""
    other = attrs.evolve(MODEM, sent=1)
    status.write_modems(connection, "one", [MODEM, other], NOW)
    assert status.modems(connection, 0) == [other]


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
