"""What networks refuse: a bad number is that number's alone, a bad card that card's, and an outage nobody's."""

from typing import Any, Final

import attrs
import pytest

from gateways.gsm.health import CARD, PAUSES
from gateways.gsm.job import WAITS
from smstob.model.message import Handed, Outcome, Rejected, Segment, Throttled
from smstob.model.modem import ModemState
from tests.gateways.gsm.pool import Pool, imsi
from tests.gateways.gsm.sender import Sender
from tests.peers.modem.network import Refusal, SimulatedNetwork
from tests.peers.modem.state import Refused
from tests.peers.modem.tpdus import Submit

BAD: Final = "+33699999999"
HOUR: Final = 3600.0
AT_ONCE: Final = {
    1: "L'opérateur n'accepte pas ce numéro (CMS 1).",
    30: "L'opérateur n'accepte pas ce numéro (CMS 30).",
}
"""What leaves no hope."""
EXPLAINED: Final = (21, 28, 38, 41, 42, 50, 8, 10, 513)
"""What may pass, or be the card's."""
MODEM: Final = (330, 331, 302)
"""What the modem has to be looked at for."""
UNEXPLAINED: Final = (500, None)
CODES: Final = (*AT_ONCE, *EXPLAINED, *UNEXPLAINED)


@attrs.define(kw_only=True, eq=False)
class BluntNetwork(SimulatedNetwork):
    """Refuses some numbers without any reason."""

    def submit(self, submit: Submit, *, sim: str, modem: str, mr: int, now: float) -> int | None:
        """See ``SimulatedNetwork``. Raises Refused."""
        if submit.number == BAD:
            raise Refused
        return super().submit(submit, sim=sim, modem=modem, mr=mr, now=now)


def refusing(code: int | None, modems: int, **given: Any) -> Pool:
    """A pool whose network refuses one number with that code; None is ERROR."""
    pool = Pool(modems, **given)
    if code is None:
        pool.network = BluntNetwork()
        for modem in pool.modems:
            modem.network = modem.state.network = pool.network
    else:
        pool.network.answers[BAD] = Refusal(code)
    return pool.start()


def good(pool: Pool, count: int) -> list[list[Segment]]:
    """So many messages to as many people."""
    return [pool.message(number=f"+3361234{index:04}") for index in range(count)]


def kinds(outcomes: list[Outcome]) -> set[type[Outcome]]:
    """Of what kinds they are."""
    return {type(one) for one in outcomes}


class TestBadNumber:
    """One number that the network does not take."""

    @pytest.mark.parametrize("modems", [1, 3])
    @pytest.mark.parametrize("code", [*CODES, *MODEM])
    def test_blocks_nobody(self, code: int | None, modems: int) -> None:
        """Whatever is answered, thirty messages around ten to it are all handed within minutes, each once."""
        pool = refusing(code, modems)
        sender, others = Sender(pool), good(pool, 30)
        bad = [pool.message(number=BAD) for _ in range(10)]
        for index, message in enumerate(others):
            if index % 3 == 0:
                sender.give(bad[index // 3])
            sender.give(message)
        sender.run(lambda: sender.are_handed(*others), 600)
        assert len(pool.network.taken) == 30
        assert BAD not in {one.number for one in pool.network.taken}
        assert not any(isinstance(one, Handed) for message in bad for one in sender.outcomes(message))

    @pytest.mark.parametrize("modems", [1, 3])
    @pytest.mark.parametrize("code", AT_ONCE)
    def test_that_does_not_exist(self, code: int, modems: int) -> None:
        """It is refused for good at once, with what the network says of it, and no other modem is asked."""
        pool = refusing(code, modems)
        assert pool.send(pool.message(number=BAD, total=2)) == [Rejected(AT_ONCE[code])] * 2
        assert len(pool.hearing.sims.kept) == 1
        assert pool.states() == [ModemState.UP] * modems

    @pytest.mark.parametrize("modems", [1, 3])
    @pytest.mark.parametrize("code", EXPLAINED)
    def test_for_an_hour(self, code: int, modems: int) -> None:
        """What may pass is tried again ever later by every modem; after an hour, that is its end, with the reason."""
        pool = refusing(code, modems)
        sender, bad = Sender(pool), pool.message(number=BAD)
        took = sender.finish(bad, seconds=3 * HOUR)
        *later, end = sender.outcomes(bad)
        assert later == [Throttled(wait) for wait in WAITS]
        assert isinstance(end, Rejected)
        assert end.reason.endswith(f"(CMS {code}).")
        assert HOUR <= took <= 1.2 * HOUR
        assert len(pool.hearing.sims.kept) == 5 * modems
        assert len({one.sim for one in pool.hearing.sims.kept}) == modems
        assert isinstance(pool.send(pool.message())[0], Handed)

    @pytest.mark.parametrize("modems", [1, 3])
    @pytest.mark.parametrize("code", MODEM)
    def test_that_modems_are_blamed_for(self, code: int, modems: int) -> None:
        """A modem that is blamed is looked at, and goes on; what it refused is handed a minute later."""
        pool = refusing(code, modems)
        pool.network.answers[BAD] = Refusal(code, 1)
        sender, bad, others = Sender(pool), pool.message(number=BAD), good(pool, 10)
        assert sender.finish(bad, *others) < 90
        assert sender.are_handed(bad, *others)

    @pytest.mark.parametrize("modems", [1, 3])
    @pytest.mark.parametrize("code", UNEXPLAINED)
    def test_without_a_reason(self, code: int | None, modems: int) -> None:
        """What no modem explains is tried again soon and for ever: that is no reason to refuse a message."""
        pool = refusing(code, modems)
        sender, bad = Sender(pool), pool.message(number=BAD)
        sender.give(bad)
        sender.wait(1.5 * HOUR, 0.5)
        assert Rejected not in kinds(sender.outcomes(bad))
        assert len(sender.outcomes(bad)) >= 5

    def test_that_becomes_good(self) -> None:
        """A number that is good again before its hour is over gets its message, and the next one has a new hour."""
        pool = refusing(21, 2)
        sender, first, second = Sender(pool), pool.message(number=BAD), pool.message(number=BAD)
        sender.give(first)
        sender.wait(1500)
        pool.network.answers.clear()
        sender.run(lambda: sender.are_handed(first), 2400 + 10)
        pool.network.answers[BAD] = Refusal(21)
        sender.give(second)
        sender.wait(1500)
        assert sender.outcomes(second) == [Throttled(wait) for wait in WAITS[:4]]

    def test_part_that_is_taken(self) -> None:
        """Once a part of a message is taken, the tries of the parts before it do not count for the next one."""
        pool = refusing(21, 1, send_seconds=1.0)
        sender, bad = Sender(pool), pool.message(number=BAD, total=2)
        sender.give(bad)
        sender.wait(sum(WAITS[:2]) + 60)
        pool.network.answers.clear()
        sender.run(lambda: len(pool.network.taken) == 1, WAITS[2], 0.02)
        pool.network.answers[BAD] = Refusal(21)
        sender.wait(5)
        assert sender.outcomes(bad)[-1] == Throttled(WAITS[0])

    def test_other_causes_do_not_count(self) -> None:
        """Refusals without a reason, a lost modem, limits and an absent database take none of a message's tries."""
        pool = refusing(None, 1)
        sender, bad = Sender(pool), pool.message(number=BAD)
        sender.give(bad)
        for _ in range(6):
            sender.wait(60)
            pool.hearing.sims.away = not pool.hearing.sims.away
            pool.modems[0].faults.set("port_loss", seconds=2.0)
            sender.wait(60)
        pool.hearing.sims.away = False
        assert Rejected not in kinds(sender.outcomes(bad))
        network = pool.modems[0].network = pool.modems[0].state.network = SimulatedNetwork(answers={BAD: Refusal(21)})
        sender.run(lambda: Throttled(WAITS[0]) in sender.outcomes(bad), 600)
        network.answers.clear()
        sender.run(lambda: sender.are_handed(bad), WAITS[0] + 30)

    def test_refused_by_one_card_only(self) -> None:
        """What one card is refused another may send: it does so at once, and the message is not put off."""
        pool = Pool(2).start()
        pool.modems[0].faults.set("refuse_pdu", code=21, count=None)
        for _ in range(4):
            assert isinstance(pool.send(pool.message(), seconds=5)[0], Handed)
        assert {one.sim for one in pool.network.taken} == {imsi(1)}


class TestOutage:
    """A network that takes nothing for a while."""

    @pytest.mark.parametrize("modems", [1, 2])
    @pytest.mark.parametrize("code", [38, 41, 42])
    def test_five_minutes(self, code: int, modems: int) -> None:
        """No message is refused for good, and when it is over all are handed, each once, without anybody's help."""
        pool = Pool(modems).start()
        pool.network.answers[""] = Refusal(code)
        sender, messages = Sender(pool), good(pool, 20)
        sender.give(*messages)
        sender.wait(300)
        assert not pool.network.taken
        pool.network.answers.clear()
        sender.run(lambda: sender.are_handed(*messages), 1200)
        assert len(pool.network.taken) == 20
        assert pool.states() == [ModemState.UP] * modems

    @pytest.mark.parametrize("modems", [1, 3])
    @pytest.mark.parametrize("code", [302, 331, 500, None])
    def test_of_modems(self, code: int | None, modems: int) -> None:
        """Modems that say for five minutes that it is they, or do not say why, refuse no message for good either."""
        pool = Pool(modems).start()
        for modem in pool.modems:
            modem.faults.set("refuse_pdu", code=code, count=None)
        sender, messages = Sender(pool), good(pool, 5)
        sender.give(*messages)
        sender.wait(300)
        for modem in pool.modems:
            modem.faults.clear()
        sender.run(lambda: sender.are_handed(*messages), 1200)


class TestBarredCard:
    """A card that may not send, or has no credit."""

    @pytest.mark.parametrize("code", [8, 10, 50])
    def test_others_send(self, code: int) -> None:
        """After two numbers it is left alone, and shown so with the reason; all messages go by the other card."""
        pool = Pool(2).start()
        pool.modems[0].faults.set("refuse_pdu", code=code, count=None)
        messages = good(pool, 20)
        sender = Sender(pool)
        assert sender.finish(*messages) < 60
        assert sender.are_handed(*messages)
        assert {one.sim for one in pool.network.taken} == {imsi(1)}
        assert sum(one.sim == imsi(0) for one in pool.hearing.sims.kept) == 2
        barred, other = pool.reports()
        assert (barred.state, other.state) == (ModemState.PAUSED, ModemState.UP)
        assert barred.reason.endswith(f"contrat (CMS {code}).")
        assert barred.until is not None
        assert PAUSES[CARD] - 60 < barred.until - pool.clock.seconds() <= PAUSES[CARD]
        assert (barred.sent, barred.failed, other.sent) == (0, 2, 20)

    def test_longer_each_time(self) -> None:
        """As long as it is barred it is tried ever more seldom; when it is not any more, it sends its share."""
        pool = Pool(2).start()
        pool.modems[0].faults.set("refuse_pdu", code=8, count=None)
        sender, pauses = Sender(pool), list[float]()
        for at in range(3 * 3600 // 10):
            sender.give(pool.message(number=f"+3361234{at:04}"))
            sender.wait(10, 0.5)
            (barred, _) = pool.reports()
            if barred.until is not None and barred.until - pool.clock.seconds() > max(pauses, default=0) + 60:
                pauses.append(barred.until - pool.clock.seconds())
        assert pauses == pytest.approx(PAUSES[CARD:], abs=15)
        assert sum(one.sim == imsi(0) for one in pool.hearing.sims.kept) <= 20
        pool.modems[0].faults.clear()
        sender.run(lambda: pool.states() == [ModemState.UP] * 2, PAUSES[-1] + 10, 0.5)
        messages = good(pool, 10)
        sender.finish(*messages)
        assert {one.sim for one in pool.network.taken[-10:]} == {imsi(0), imsi(1)}

    def test_alone(self) -> None:
        """Where there is no other card nothing is lost: the messages wait for the operator, and go when he acted."""
        pool = Pool().start()
        pool.modems[0].faults.set("refuse_pdu", code=8, count=None)
        sender, messages = Sender(pool), good(pool, 8)
        sender.give(*messages)
        sender.wait(200)
        assert (pool.gateway.state, pool.gateway.capacity) == ("down", 0)
        assert pool.states() == [ModemState.PAUSED]
        sender.wait(600, 0.5)
        assert all(Rejected not in kinds(sender.outcomes(one)) for one in messages)
        pool.modems[0].faults.clear()
        sender.run(lambda: sender.are_handed(*messages), 3600, 0.5)
        assert len(pool.network.taken) == 8

    def test_to_some_numbers(self) -> None:
        """A card that may not write to one number, such as a premium one, is not left alone for that."""
        pool = refusing(8, 1)
        sender = Sender(pool)
        for _ in range(6):
            sender.give(pool.message(number=BAD))
            sender.wait(2)
        assert pool.states() == [ModemState.UP]


class TestWithoutValidity:
    """A network that does not want to be told how long it may try."""

    @pytest.mark.parametrize("code", [198, 199])
    def test_once_more(self, code: int) -> None:
        """It is sent again without, at once and by the same modem, and so is the rest of its message."""
        pool = Pool(2, send_seconds=1.0).start()
        for modem in pool.modems:
            modem.faults.set("refuse_pdu", code=code)
        pool.wait(5)
        begin = pool.clock.seconds()
        assert all(isinstance(one, Handed) for one in pool.send(pool.message(total=3)))
        assert [one.validity for one in pool.network.taken] == [None] * 3
        assert len({one.sim for one in pool.network.taken}) == 1
        assert pool.network.taken[0].at - begin < 2.5
        assert len(pool.hearing.sims.kept) == 4
        assert sum(modem.faults.struck["refuse_pdu"] for modem in pool.modems) == 1

    def test_next_message(self) -> None:
        """The next message has its validity again; in the middle of a message the part that was refused goes once."""
        pool = Pool(send_seconds=1.0).start()
        pool.submit(pool.message(total=3), pool.message())
        pool.run(lambda: len(pool.network.taken) == 1)
        pool.modems[0].faults.set("refuse_pdu", code=199)
        pool.run(lambda: len(pool.answered()) == 4)
        assert [one.validity for one in pool.network.taken] == [3600, None, None, 3600]
        assert [one.part for one in pool.network.taken] == [1, 2, 3, 1]

    def test_refused_without_it_too(self) -> None:
        """What is refused again is like any message that may pass: later, then for good, and never without end."""
        pool = Pool(2).start()
        pool.network.answers[BAD] = Refusal(198)
        sender, bad = Sender(pool), pool.message(number=BAD)
        sender.finish(bad, seconds=2 * HOUR)
        *later, end = sender.outcomes(bad)
        assert later == [Throttled(wait) for wait in WAITS]
        assert end == Rejected("Le réseau n'accepte pas de durée de validité (CMS 198).")
        assert isinstance(pool.send(pool.message())[0], Handed)
