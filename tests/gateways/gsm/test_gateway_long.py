"""Long messages: every part by one card, for telephones join parts of one sender only; and what is left finds a way."""

from collections import defaultdict

import pytest

from gateways.gsm.job import TOGETHER, UNEXPLAINED_WAIT, WAITS
from smstob.model.message import Handed, Throttled
from smstob.model.modem import ModemState, SimLimits
from tests.gateways.gsm.pool import Pool, imsi
from tests.gateways.gsm.sender import Sender
from tests.peers.modem.network import Refusal

LONG = "+33611111111"
OTHER = "+33622222222"


def parts(pool: Pool) -> list[tuple[int, str]]:
    """What the network has of the long message: part and card."""
    return [(one.part, one.sim) for one in pool.network.taken if one.number == LONG]


def half_sent(pool: Pool, sender: Sender, total: int = 4) -> int:
    """Give a long message and wait until half of it is gone: the number of the modem that sends it."""
    long = pool.message(number=LONG, total=total)
    sender.give(long)
    sender.run(lambda: len(parts(pool)) == total // 2, 60, 0.02)
    return int(parts(pool)[0][1].removeprefix("20801"))


def busy_pool(modems: int = 2) -> Pool:
    """A pool whose messages take a second each."""
    return Pool(modems, send_seconds=1.0).start()


@pytest.mark.parametrize("modems", [1, 3])
def test_by_one_card(modems: int) -> None:
    """Messages of many parts, among short ones, all go by one card each, whole, in order and joined."""
    pool = Pool(modems, send_seconds=0.5).start()
    messages = [pool.message(f"le {index}", number=f"+3361234{index:04}", total=1 + index % 5) for index in range(20)]
    sender = Sender(pool)
    sender.finish(*messages)
    assert sender.are_handed(*messages)
    taken = defaultdict(list)
    for one in pool.network.taken:
        taken[one.number].append(one)
    for message in messages:
        found = taken[message[0].number]
        assert [one.part for one in found] == [one.part for one in message]
        assert len({(one.sim, one.reference, one.total) for one in found}) == 1
    assert len({one.sim for one in pool.network.taken}) == modems


def test_waits_for_its_card() -> None:
    """Where its card is lost in the middle, the rest waits for it; others go on meanwhile, and it takes no room."""
    pool = busy_pool()
    sender = Sender(pool)
    mine = half_sent(pool, sender)
    pool.modems[mine].faults.set("port_loss", seconds=60.0)
    pool.run(lambda: pool.states()[mine] is ModemState.ABSENT)
    sender.wait(5)
    assert (pool.gateway.state, pool.gateway.capacity) == ("up", 2)
    others = [pool.message(number=OTHER, total=2) for _ in range(5)]
    assert sender.finish(*others) < 30
    assert {one.sim for one in pool.network.taken if one.number == OTHER} == {imsi(1 - mine)}
    before = parts(pool)
    assert len(before) <= 3
    sender.run(lambda: len(parts(pool)) >= 4, 90)
    assert {sim for _, sim in parts(pool)} == {imsi(mine)}
    assert {part for part, _ in parts(pool)} == {1, 2, 3, 4}


def test_modem_that_restarts_between_two_parts() -> None:
    """A part that its modem had no time for is no end: it goes by the same card soon after that is back, and once."""
    pool = busy_pool()
    sender = Sender(pool)
    mine = half_sent(pool, sender)
    pool.modems[mine].faults.set("port_loss", match="AT+CMGS", seconds=20.0)
    sender.run(lambda: 4 in {part for part, _ in parts(pool)}, 60)
    assert pool.modems[mine].faults.struck["port_loss"] == 1
    assert parts(pool) == [(part, imsi(mine)) for part in (1, 2, 3, 4)]


def test_card_that_does_not_return() -> None:
    """After two minutes without its card the rest goes by another: that is better than half a message for ever."""
    pool = busy_pool()
    sender = Sender(pool)
    mine = half_sent(pool, sender)
    begin = pool.clock.seconds()
    pool.ports.unplug(pool.path(mine))
    sender.run(lambda: 4 in {part for part, _ in parts(pool)}, TOGETHER + 15)
    assert pool.clock.seconds() - begin > TOGETHER - 2
    assert (4, imsi(1 - mine)) in parts(pool)


def test_card_that_waits_for_a_person() -> None:
    """A card that asks for its PUK is not waited for: the rest goes by another at once."""
    pool = busy_pool()
    sender = Sender(pool)
    mine = half_sent(pool, sender)
    card = pool.modems[mine].sim
    assert card is not None
    card.pin, card.tries = "4711", 0
    pool.modems[mine].faults.set("port_loss", seconds=2.0)
    sender.run(lambda: 4 in {part for part, _ in parts(pool)}, 60)
    assert (4, imsi(1 - mine)) in parts(pool)


def test_card_in_another_modem() -> None:
    """The card is waited for, not the modem: in another one it sends the rest."""
    pool = busy_pool()
    sender = Sender(pool)
    mine = half_sent(pool, sender)
    card = pool.modems[mine].sim
    pool.ports.unplug(pool.path(mine))
    sender.wait(5)
    pool.modems[1 - mine].insert(card, pool.clock.seconds())
    sender.run(lambda: 4 in {part for part, _ in parts(pool)}, TOGETHER)
    assert {sim for _, sim in parts(pool)} == {imsi(mine)}
    assert pool.network.taken[-1].modem == pool.modems[1 - mine].state.imei


@pytest.mark.parametrize(("code", "wait"), [(21, WAITS[0]), (None, UNEXPLAINED_WAIT)])
def test_part_that_its_card_is_refused(code: int | None, wait: float) -> None:
    """A part that its card alone may send, and is refused, is put off at once, and goes by it when given again."""
    pool = busy_pool()
    sender = Sender(pool)
    mine = half_sent(pool, sender)
    pool.modems[mine].faults.set("refuse_pdu", code=code)
    pool.run(lambda: len(pool.answered()) == 4, 5)
    assert [one.outcome for one in pool.answered()[2:]] == [Throttled(wait)] * 2
    assert (pool.gateway.state, pool.gateway.capacity) == ("up", 4)
    sender.run(lambda: len(parts(pool)) == 4, wait + 10)
    assert parts(pool) == [(part, imsi(mine)) for part in (1, 2, 3, 4)]


def test_part_that_is_refused_for_good() -> None:
    """A part that the network refuses for good takes the parts after it with it; those before it stay handed."""
    pool = busy_pool()
    long = pool.message(number=LONG, total=4)
    pool.submit(long)
    pool.run(lambda: len(pool.network.taken) == 2)
    pool.network.answers[LONG] = Refusal(1)
    pool.run(lambda: len(pool.answered()) == 4)
    assert [type(one).__name__ for one in pool.outcomes(long)] == ["Handed", "Handed", "Rejected", "Rejected"]


def test_limit_in_the_middle() -> None:
    """A long message begins only by a card with room for all of it, so that no limit cuts it."""
    pool = Pool(2, limits=SimLimits(per_minute=0, per_day=4)).start()
    for _ in range(4):
        pool.send(pool.message())
    pool.send(pool.message())
    room = {one.sim: 4 - one.day for one in pool.reports()}
    assert sorted(room.values()) == [1, 2]
    assert all(isinstance(one, Handed) for one in pool.send(pool.message(number=LONG, total=2)))
    assert len({sim for _, sim in parts(pool)}) == 1
    assert room[parts(pool)[0][1]] == 2


def test_longer_than_there_is_room() -> None:
    """The rest of one message beyond the capacity is taken, however long it is, and goes out whole."""
    pool = Pool(limits=SimLimits(per_minute=60)).start()
    long = pool.message(number=LONG, total=40)
    assert all(isinstance(one, Handed) for one in pool.send(long))
    assert [part for part, _ in parts(pool)] == list(range(1, 41))
