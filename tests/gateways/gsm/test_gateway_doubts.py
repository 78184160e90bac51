"""Messages of which nobody knows: told as such, settled by what comes later, and never sent again by the gateway."""

import pytest

from smstob.model.message import Doubtful, Handed, State
from smstob.model.modem import ModemState
from tests.fakes import Hearing
from tests.gateways.gsm.pool import Pool
from tests.gateways.gsm.sender import Sender
from tests.peers.modem.network import FAILED, Report
from tests.sims import HeldSims


@pytest.mark.parametrize("again", [None, 600.0])
@pytest.mark.parametrize("taken", [False, True])
def test_modem_that_hangs(taken: bool, again: float | None) -> None:
    """No answer after the text was given leaves a doubt, with a reference, and the delay of the settings."""
    pool = Pool(again=again).start()
    pool.modems[0].faults.set("hang_after_pdu", taken=taken, until="reopen")
    message = pool.message()
    assert pool.send(message) == [Doubtful("1", again)]
    pool.wait(1200, 0.2)
    assert pool.outcomes(message) == [Doubtful("1", again)]
    assert len(pool.network.taken) == taken
    assert (pool.states(), pool.hearing.late) == ([ModemState.UP], [])


@pytest.mark.parametrize("code", [197, 332])
def test_errors_that_leave_a_doubt(code: int) -> None:
    """A centre that has it already, or a network that was too slow to answer: it may have been sent."""
    pool = Pool().start()
    pool.modems[0].faults.set("refuse_pdu", code=code, taken=True)
    message = pool.message(total=3)
    assert pool.send(message) == [Doubtful("1"), Handed("2"), Handed("3")]
    assert [one.part for one in pool.network.taken] == [1, 2, 3]


def test_rest_of_the_message() -> None:
    """What is left of a message after a doubt is sent by the same card, also when its modem had to be healed."""
    pool = Pool(2).start()
    for modem in pool.modems:
        modem.faults.set("hang_after_pdu", taken=True, until="reopen")
    message = pool.message(total=3)
    sender = Sender(pool)
    assert sender.finish(message, seconds=200) < 150
    assert isinstance(sender.outcomes(message)[0], Doubtful)
    assert [one.part for one in pool.network.taken] == [1, 2, 3]
    assert len({one.sim for one in pool.network.taken}) == 1


def test_rest_comes_first() -> None:
    """What is left of a message after a doubt, and the pause that it brings, is sent before what waited meanwhile."""
    pool = Pool().start()
    pool.modems[0].faults.set("refuse_pdu", code=332)
    pool.send(pool.message("long", total=3), pool.message("un"), pool.message("deux"))
    assert [one.text for one in pool.network.taken] == ["long", "long", "un", "deux"]


def test_three_in_a_row() -> None:
    """Three in a row have the modem restarted; it is shown as being healed, and sends again."""
    pool = Pool().start()
    pool.modems[0].faults.set("refuse_pdu", code=332, count=3)
    sender = Sender(pool)
    messages = [pool.message() for _ in range(5)]
    sender.give(*messages)
    sender.run(lambda: pool.states() == [ModemState.HEALING], 60)
    (report,) = pool.reports()
    assert report.reason == "Le réseau ne répond plus aux envois de ce modem : il reprend de lui-même."
    sender.run(lambda: pool.states() == [ModemState.UP], 60)
    sender.run(lambda: sender.are_handed(*messages[3:]), 30)
    pool.wait(1)
    assert "AT+CFUN=1,1" in pool.modems[0].commands
    assert [len(sender.outcomes(one)) for one in messages[:3]] == [1] * 3
    assert (pool.reports()[0].resets, pool.reports()[0].sent, pool.reports()[0].failed) == (1, 2, 3)


def test_two_in_a_row() -> None:
    """Two in a row, a message that is taken, and two more: no restart, only a pause after each."""
    pool = Pool().start()
    sender = Sender(pool)
    for _ in range(2):
        pool.modems[0].faults.set("refuse_pdu", code=332, count=2)
        sender.finish(*(pool.message() for _ in range(3)), seconds=60)
    pool.wait(60)
    assert "AT+CFUN=1,1" not in pool.modems[0].commands
    assert (pool.reports()[0].resets, pool.reports()[0].sent, pool.reports()[0].failed) == (0, 2, 4)


@pytest.mark.parametrize("seconds", [61.0, 64.0])
def test_late_answer(seconds: float) -> None:
    """A modem that answers after it was given up has sent it: that is told once, under the reference of the doubt."""
    pool = Pool().start()
    pool.network.default = ()
    pool.modems[0].faults.set("slow_after_pdu", seconds=seconds)
    message = pool.message()
    assert pool.send(message) == [Doubtful("1")]
    pool.run(lambda: pool.hearing.late, 120)
    pool.wait(300)
    (late,) = pool.hearing.late
    assert (late.message, late.part, late.outcome) == (message[0].message, 1, Handed("1"))
    assert pool.outcomes(message) == [Doubtful("1")]
    assert len(pool.network.taken) == 1
    assert pool.hearing.sims.kept[0].reference == pool.network.taken[0].mr


@pytest.mark.parametrize(("status", "state"), [(0, State.DELIVERED), (FAILED, State.FAILED)])
def test_report_settles_it(status: int, state: State) -> None:
    """The network's report on a message in doubt has the reference that was told with the doubt."""
    pool = Pool().start()
    pool.network.default = (Report(status, 200.0),)
    pool.send(pool.message())
    pool.run(lambda: len(pool.hearing.receipts) == 1, 210)
    pool.modems[0].faults.set("hang_after_pdu", taken=True, until="reopen")
    message = pool.message()
    assert pool.send(message) == [Doubtful("2")]
    pool.run(lambda: len(pool.hearing.receipts) == 2, 320)
    pool.wait(60)
    (_, receipt) = pool.hearing.receipts
    assert (receipt.reference, receipt.state, receipt.gateway) == ("2", state, "A")


def test_others_go_on() -> None:
    """While one modem is silent, all others' messages are handed by the other, and none of them twice."""
    pool = Pool(2).start()
    pool.modems[0].faults.set("hang_after_pdu", taken=True, until="restart")
    sender, messages = Sender(pool), [pool.message() for _ in range(20)]
    sender.give(*messages)
    sender.run(lambda: len(pool.answered()) >= 19, 30)
    sender.run(lambda: len(pool.answered()) == 20, 90)
    assert sum(isinstance(one.outcome, Doubtful) for one in pool.answered()) == 1
    sender.run(lambda: pool.states() == [ModemState.UP] * 2, 120)
    assert len(pool.network.taken) == 20


def test_restart_of_the_daemon() -> None:
    """After a restart reports on what the first run sent are still known, by the references that it told."""
    pool = Pool(2).start()
    pool.network.default = (Report(after=90.0),)
    pool.modems[0].faults.set("refuse_pdu", code=332, taken=True)
    told = pool.send(*(pool.message(number=f"+3361234000{index}") for index in range(4)))
    assert sum(isinstance(one, Doubtful) for one in told) == 1
    pool.gateway.stopService()
    pool.wait(5)
    pool.gateway = pool.another()
    pool.start()
    told += pool.send(pool.message())
    pool.run(lambda: len(pool.hearing.receipts) == 5, 200)
    references = {one.reference for one in told if isinstance(one, Handed | Doubtful)}
    assert {one.reference for one in pool.hearing.receipts} == references == {"1", "2", "3", "4", "5"}


def test_report_that_a_healed_modem_brings() -> None:
    """A report that comes while a modem that hung is set up anew settles the doubt that it left."""
    pool = Pool().start()
    pool.network.default = (Report(after=5.0),)
    pool.modems[0].faults.set("hang_after_pdu", taken=True, until="reopen")
    assert pool.send(pool.message()) == [Doubtful("1")]
    pool.run(lambda: pool.network.brought["report"] == 1, 60)
    pool.run(lambda: pool.hearing.receipts, 60)
    assert [one.reference for one in pool.hearing.receipts] == ["1"]


@pytest.mark.parametrize(
    ("code", "is_refused"), [(38, True), (500, True), (1, True), (197, False), (332, False), (None, False)]
)
def test_what_a_kill_finds(code: int | None, is_refused: bool) -> None:
    """On disk is which part a card was given, and that it did not leave only where that is known."""
    pool = Pool(again=600.0).start()
    if code is not None:
        pool.modems[0].faults.set("refuse_pdu", code=code)
    pool.send(pool.message())
    first = pool.hearing.sims.kept[0]
    assert (first.message, first.part, first.again, first.is_refused) == (1, 1, 600, is_refused)
    assert (first.reference is not None) == (code is None)


def test_what_a_kill_finds_of_one_that_was_not_given() -> None:
    """A modem that goes while the use is written was given nothing, and that is on disk."""
    hearing = Hearing()
    hearing.sims = sims = HeldSims()
    pool = Pool(hearing=hearing).start()
    pool.gateway.submit(pool.message())
    pool.run(lambda: bool(sims.waiting))
    pool.ports.unplug(pool.path(0))
    pool.wait(1, 0.1)
    sims.go()
    pool.wait(1, 0.1)
    assert [one.is_refused for one in sims.kept] == [True]
    assert pool.network.taken == []
