"""What an account's pages are told: its own, as it stands, and nothing else's."""

from functools import partial
from pathlib import Path
from typing import Any

import attrs
import pytest
from twisted.internet.defer import Deferred
from zope.interface.verify import verifyObject

from smstob.flow.report import SILENT, Reporter
from smstob.interfaces import IReporter
from smstob.model.account import Account
from smstob.model.draft import Channel
from smstob.model.message import State
from smstob.model.modem import ModemReport, ModemState
from smstob.model.moment import day_of
from smstob.model.report import MessageQuery, SubmissionQuery
from smstob.storage import status
from smstob.storage.database import Unavailable
from tests.house import NOW, PARIS, House, numbers, outcome_of

TOMORROW = "120003032026"


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house that sends."""
    made = House(tmp_path / "a.db")
    made.gateway()
    return made.open()


@pytest.fixture
def account(house: House) -> Account:
    """An account with a hundred credits."""
    return house.account(credits=100)


def test_the_story_of_a_day(house: House, account: Account) -> None:
    """Sent, delivered, failed, deferred, cancelled: each list says so."""
    reporter = house.reporter
    assert verifyObject(IReporter, reporter)
    group = house.accepted(",".join(numbers(3)), "à tous", sender=account)
    house.advance(0.5)
    late = house.accepted(numbers(1)[0], "demain", sender=account, when=TOMORROW)
    gone = house.accepted(numbers(1)[0], "jamais", sender=account, when=TOMORROW)
    for reference, state in zip(house.gateways["A"].references, (State.DELIVERED, State.FAILED), strict=False):
        outcome_of(house.receipt("A", reference, state))
    assert outcome_of(house.deferrals.cancel(account.id, gone.id)) == (1, 1)
    assert outcome_of(reporter.balance(account.id)) == 96
    listed = outcome_of(reporter.submissions(account.id, SubmissionQuery()))
    assert [(one.id, dict(one.states)) for one in listed] == [
        (gone.id, {"cancelled": 1}),
        (late.id, {"queued": 1}),
        (group.id, {"delivered": 1, "failed": 1, "handed": 1}),
    ]
    assert outcome_of(reporter.submission(account.id, group.id)) == listed[-1]
    assert (listed[-1].underway, listed[-1].count("failed")) == (1, 1)
    assert outcome_of(reporter.scheduled(account.id)) == [listed[1]]
    failed = outcome_of(reporter.history(account.id, MessageQuery(state="failed")))
    assert [(one.submission, one.error) for one in failed] == [(group.id, "Le téléphone est éteint.")]
    today = day_of(NOW, PARIS)
    days = outcome_of(reporter.days(account.id, today, today + 1))
    assert [(day.messages, day.failed, day.cancelled) for day in days] == [(3, 1, 0), (1, 0, 1)]


def test_a_quick_look_while_it_leaves(house: House, account: Account) -> None:
    """From queued to handed, message by message, the sum is always all of them."""
    made = house.accepted(",".join(numbers(90)), sender=account)
    seen = []
    for _ in range(20):
        found = outcome_of(house.reporter.submission(account.id, made.id))
        assert found is not None
        assert sum(found.states.values()) == 90
        seen.append(dict(found.states))
        house.advance(0.05)
    assert seen[-1] == {"handed": 90}


def test_nobody_s_account(house: House, account: Account) -> None:
    """Of another's nothing is told, however it is asked for."""
    made = house.accepted(sender=account)
    other = house.account("autre@exemple.fr")
    reporter = house.reporter
    for id_ in (made.id, 0, -1, 2**63, 10**40):
        assert outcome_of(reporter.submission(other.id, id_)) is None
        assert outcome_of(reporter.history(other.id, MessageQuery(submission=id_))) == []
    assert outcome_of(reporter.submissions(other.id, SubmissionQuery(channel=Channel.HTTP.value))) == []
    assert outcome_of(reporter.history(other.id, MessageQuery(number="+33612345678"))) == []
    assert outcome_of(reporter.days(other.id, 0, 10**6)) == []
    assert outcome_of(reporter.days(account.id, -(10**40), 10**40)) != []


def test_the_database_is_away(house: House, account: Account) -> None:
    """It is said, each time."""
    house.database.away = True
    reads: list[Deferred[Any]] = [
        house.reporter.balance(account.id),
        house.reporter.submissions(account.id, SubmissionQuery()),
        house.reporter.history(account.id, MessageQuery()),
        house.reporter.days(account.id, 0, 1),
        house.reporter.modems(),
    ]
    for read in reads:
        with pytest.raises(Unavailable):
            outcome_of(read)


def test_modems(house: House) -> None:
    """Of all daemons that were heard of, by the configuration's gateways and by port; of no other gateway."""
    reporter = Reporter(house.database, house.clock, {"Z": "gsm", "A": "gsm"})
    modem = ModemReport(gateway="A", port="/dev/ttyUSB1", state=ModemState.UP, since=NOW)
    usb0, last, gone = (attrs.evolve(modem, port=port) for port in ("/dev/ttyUSB0", "/dev/ttyUSB2", "/dev/ttyUSB3"))
    z, stranger = attrs.evolve(modem, gateway="Z"), attrs.evolve(modem, gateway="B")
    for daemon, told, at in (
        ("one", [last, modem, stranger], house.now),
        ("two", [usb0, z], house.now - SILENT),
        ("dead", [gone], house.now - SILENT - 1),
    ):
        house.write(partial(status.write_modems, daemon=daemon, reports=told, at=at))
    assert outcome_of(reporter.modems()) == [z, usb0, modem, last]
    assert outcome_of(Reporter(house.database, house.clock, {}).modems()) == []
