"""A pool of modems as one way out: all are used, long texts go whole, and what a card may is never exceeded."""

from collections import Counter
from itertools import pairwise

import pytest

from gateways.gsm.guard import DAY
from smstob.model.message import Handed, Rejected, State, Throttled, Unavailable
from smstob.model.modem import ModemState, SimLimits
from smstob.model.segment import Coding
from tests.gateways.gsm.pool import NOW, NUMBER, Pool, imsi
from tests.gateways.gsm.sender import Sender
from tests.peers.modem.network import Report
from tests.sims import segment_to

LOOK = 1.0
"""Seconds in which the gateway sees what became of a limit or a pause."""


def gaps(times: list[float]) -> list[float]:
    """Seconds between one and the next."""
    return [late - early for early, late in pairwise(times)]


def number(index: int) -> str:
    """One of many."""
    return f"+3361234{index:04}"


def used_yesterday(segments: int, seconds: float, **limits: int) -> Pool:
    """Two modems whose cards sent so much a day ago, but for some seconds."""
    pool = Pool(2, limits=SimLimits(per_minute=0, **limits))
    for index in range(2 * segments):
        pool.hearing.sims.use(imsi(index % 2), segment_to(NUMBER), int(NOW - DAY + seconds), None)
    return pool.start()


class TestSharing:
    """Several modems before one queue."""

    @pytest.mark.parametrize("modems", [1, 2, 3, 8])
    def test_all_are_used(self, modems: int) -> None:
        """Every modem has the same share, and they send at the same time."""
        pool = Pool(modems, send_seconds=3.0).start()
        messages = [pool.message() for _ in range(modems * 6)]
        assert Sender(pool).finish(*messages) < 6 * 4
        assert set(Counter(one.modem for one in pool.network.taken).values()) == {6}
        assert len({one.modem for one in pool.network.taken}) == modems
        assert [one.sent for one in pool.reports()] == [6] * modems

    def test_rare_messages(self) -> None:
        """Where one message comes at a time they take turns: no card sends all."""
        pool = Pool(3).start()
        for _ in range(9):
            pool.send(pool.message())
            pool.wait(5)
        sims = [one.sim for one in pool.network.taken]
        assert Counter(sims) == {imsi(index): 3 for index in range(3)}
        assert all(len(set(sims[at : at + 3])) == 3 for at in range(0, 9, 3))

    def test_slow_one(self) -> None:
        """A modem that takes half a minute for each message holds up nobody else's."""
        pool = Pool(2).start()
        pool.modems[0].faults.set("slow_after_pdu", seconds=30.0, count=None)
        messages = [pool.message() for _ in range(40)]
        assert Sender(pool).finish(*messages) < 60
        counts = Counter(one.sim for one in pool.network.taken)
        assert counts[imsi(0)] <= 2
        assert counts.total() == 40

    def test_order(self) -> None:
        """One modem sends messages in the order in which they came."""
        pool = Pool().start()
        pool.send(*(pool.message(f"le {index}") for index in range(12)))
        assert [one.text for one in pool.network.taken] == [f"le {index}" for index in range(12)]


class TestCapacity:
    """What it takes, and when it says so."""

    def test_capacity(self) -> None:
        """There is room for two segments for each modem that is up; what is not answered takes of it."""
        pool = Pool(3, send_seconds=3.0)
        assert (pool.gateway.state, pool.gateway.capacity) == ("down", 0)
        pool.start()
        assert pool.gateway.capacity == 6
        pool.submit(*(pool.message() for _ in range(4)))
        assert pool.gateway.capacity == 2
        pool.submit(pool.message(total=5))
        assert pool.gateway.capacity == 0
        pool.run(lambda: len(pool.answered()) == 9)
        assert pool.gateway.capacity == 6

    def test_changes(self) -> None:
        """It is told when the first modem is up, when there is room again, and when the last is gone; not otherwise."""
        pool = Pool(2, send_seconds=3.0)
        pool.gateway.startService()
        pool.run(lambda: pool.gateway.state == "up")
        first = pool.hearing.changes
        assert first == 1
        pool.run(lambda: pool.states() == [ModemState.UP] * 2)
        pool.wait(10)
        assert (pool.hearing.changes, pool.gateway.capacity) == (first, 4)
        pool.submit(*(pool.message() for _ in range(4)))
        pool.run(lambda: pool.hearing.changes == first + 1)
        assert pool.gateway.capacity > 0
        pool.run(lambda: len(pool.answered()) == 4)
        assert pool.hearing.changes == first + 1
        pool.ports.unplug(pool.path(0))
        pool.wait(10)
        assert (pool.hearing.changes, pool.gateway.state, pool.gateway.capacity) == (first + 1, "up", 2)
        pool.ports.unplug(pool.path(1))
        pool.run(lambda: pool.gateway.state == "down", LOOK)
        assert (pool.hearing.changes, pool.gateway.capacity) == (first + 2, 0)

    def test_nobody_is_up(self) -> None:
        """What is given before a modem is up, or when none is any more, is given back at once."""
        pool = Pool()
        pool.gateway.startService()
        early, late = pool.message(total=2), pool.message()
        pool.submit(early)
        assert pool.outcomes(early) == [Unavailable(), Unavailable()]
        pool.run(lambda: pool.states() == [ModemState.UP])
        pool.ports.unplug(pool.path(0))
        pool.wait(LOOK)
        pool.submit(late)
        assert pool.outcomes(late) == [Unavailable()]
        assert not pool.network.taken

    def test_last_one_goes(self) -> None:
        """What waits when the last modem goes is given back within a second, and sent when it is back."""
        pool = Pool(send_seconds=3.0).start()
        messages = [pool.message() for _ in range(6)]
        pool.submit(*messages)
        pool.wait(4)
        pool.ports.unplug(pool.path(0))
        pool.run(lambda: len(pool.answered()) == 6, LOOK + 0.1)
        assert [type(pool.outcomes(one)[0]).__name__ for one in messages][2:] == ["Unavailable"] * 4
        pool.ports.plug(pool.path(0), pool.modems[0])
        pool.run(lambda: pool.gateway.state == "up")
        assert all(isinstance(one, Handed) for one in pool.send(*(pool.message() for _ in range(4))))

    def test_limited(self) -> None:
        """Where every card has sent all that it may it is «limited», has no room, and says why; for a day."""
        pool = used_yesterday(1, 60, per_day=2)
        sender = Sender(pool)
        sender.finish(pool.message())
        assert pool.gateway.state == "up"
        assert sorted(pool.states()) == [ModemState.LIMITED, ModemState.UP]
        changes = pool.hearing.changes
        sender.finish(pool.message())
        pool.run(lambda: pool.gateway.state == "limited", LOOK + 0.1)
        assert (pool.gateway.capacity, pool.hearing.changes) == (0, changes + 1)
        assert {one.reason for one in pool.reports()} == {
            "La carte SIM a envoyé 2 SMS en 24 heures, sa limite (per_day)."
        }
        third = pool.message()
        pool.submit(third)
        assert pool.outcomes(third) == [Unavailable()]
        pool.run(lambda: pool.gateway.state == "up", 180)
        assert sender.finish(pool.message()) < 90
        assert len(pool.network.taken) == 3


class TestLimits:
    """What a card may send."""

    def test_spacing(self) -> None:
        """Segments of one card are apart as ``per_minute`` says, those of a long message too."""
        pool = Pool(limits=SimLimits(per_minute=12)).start()
        messages = [pool.message(total=3), *(pool.message() for _ in range(9))]
        Sender(pool).finish(*messages, step=0.02)
        times = [one.at for one in pool.network.taken]
        assert len(times) == 12
        assert all(4.0 < gap < 6.0 for gap in gaps(times)), gaps(times)
        assert times[-1] - times[0] >= 11 * 5

    def test_spacing_is_a_card_s(self) -> None:
        """Two cards send twice as much, and each its own share."""
        pool = Pool(2, limits=SimLimits(per_minute=6)).start()
        assert Sender(pool).finish(*(pool.message() for _ in range(12)), step=0.02) < 70
        for index in range(2):
            times = [one.at for one in pool.network.taken if one.sim == imsi(index)]
            assert len(times) == 6
            assert all(gap >= 10 for gap in gaps(times))

    def test_spacing_after_a_restart(self) -> None:
        """What a card sent just before a restart of the daemon keeps its distance from what it sends after it."""
        pool = Pool(limits=SimLimits(per_minute=2)).start()
        pool.send(pool.message())
        pool.gateway.stopService()
        pool.wait(1)
        pool.gateway = pool.another()
        pool.start()
        pool.send(pool.message())
        assert all(29 < gap < 33 for gap in gaps([one.at for one in pool.network.taken]))

    def test_per_day(self) -> None:
        """No card sends more in 24 hours than ``per_day``, whatever waits: the rest goes as soon as there is room."""
        pool = used_yesterday(3, 600, per_day=5)
        sender, messages = Sender(pool), [pool.message() for _ in range(16)]
        sender.give(*messages)
        sender.wait(590)
        assert Counter(one.sim for one in pool.network.taken) == {imsi(0): 2, imsi(1): 2}
        sender.wait(120)
        assert Counter(one.sim for one in pool.network.taken) == {imsi(0): 5, imsi(1): 5}
        sender.wait(1200, 0.2)
        assert len(pool.network.taken) == 10
        assert sum(sender.are_handed(one) for one in messages) == 10

    def test_no_room_for_a_whole_one(self) -> None:
        """A long message that a card has no room for today is put off; a short one takes the room that is left."""
        pool = Pool(limits=SimLimits(per_minute=0, per_day=3)).start()
        pool.send(pool.message())
        long, short = pool.message(total=3), pool.message()
        assert pool.send(long) == [Throttled(3600)] * 3
        assert isinstance(pool.send(short)[0], Handed)
        assert len(pool.network.taken) == 2

    @pytest.mark.parametrize("limit", ["per_day", "per_month"])
    def test_longer_than_any_limit(self, limit: str) -> None:
        """A message that no card could ever send is refused at once, with a reason; the next one goes."""
        pool = Pool(2, limits=SimLimits(**{"per_minute": 0, limit: 3})).start()
        reason = "Le message a plus de SMS que les limites des cartes SIM n'en permettent."
        assert pool.send(pool.message(total=4)) == [Rejected(reason)] * 4
        assert all(isinstance(one, Handed) for one in pool.send(pool.message(total=3)))

    def test_recipients(self) -> None:
        """Beyond ``recipients_per_month`` a card writes to whom it knows; who is new is put off, and it says so."""
        pool = Pool(limits=SimLimits(per_minute=0, recipients_per_month=2)).start()
        pool.send(pool.message(number=number(1)), pool.message(number=number(2)))
        new, known = pool.message(number=number(3)), pool.message(number=number(1))
        assert pool.send(new) == [Throttled(3600)]
        assert isinstance(pool.send(known)[0], Handed)
        (report,) = pool.reports()
        assert (report.state, report.recipients) == (ModemState.UP, 2)
        assert report.reason == (
            "La carte SIM a écrit à autant de numéros qu'elle peut en 31 jours : elle n'écrit plus qu'à ceux-là."
        )
        assert pool.gateway.state == "up"

    def test_recipients_of_two_cards(self) -> None:
        """Who is new goes by the card that has room for him, and who is known by the one that knows him."""
        pool = Pool(2, limits=SimLimits(per_minute=0, recipients_per_month=3)).start()
        for index in range(6):
            pool.send(pool.message(number=number(index)))
        of = {one.number: one.sim for one in pool.network.taken}
        assert Counter(of.values()) == {imsi(0): 3, imsi(1): 3}
        for index in (*range(6), *range(5, -1, -1)):
            assert isinstance(pool.send(pool.message(number=number(index)))[0], Handed)
        assert all(of[one.number] == one.sim for one in pool.network.taken)
        assert pool.send(pool.message(number=number(7))) == [Throttled(3600)]

    def test_database_away(self) -> None:
        """What cannot be counted before it leaves does not leave; with the database back it goes."""
        pool = Pool(2).start()
        pool.hearing.sims.away = True
        long = pool.message(total=3)
        assert pool.send(long, pool.message()) == [Unavailable()] * 4
        assert not pool.network.taken
        pool.hearing.sims.away = False
        pool.send(long)
        assert len(pool.network.taken) == 3

    def test_database_goes_in_a_message(self) -> None:
        """Where it goes between two parts, the rest waits for it, and no part goes out twice."""
        pool = Pool(send_seconds=2.0).start()
        sender, long = Sender(pool), pool.message(total=4)
        sender.give(long)
        sender.run(lambda: len(pool.network.taken) == 2, 20)
        pool.hearing.sims.away = True
        sender.wait(30)
        assert len(pool.network.taken) == 2
        pool.hearing.sims.away = False
        sender.run(lambda: sender.are_handed(long), 20)
        assert [one.part for one in pool.network.taken] == [1, 2, 3, 4]


class TestText:
    """What reaches the network."""

    @pytest.mark.parametrize("validity", [3600, 86_400, 172_800])
    @pytest.mark.parametrize("flash", [False, True])
    def test_fields(self, validity: int, flash: bool) -> None:
        """Number, text, validity, class and the wish for a report are those of the segment."""
        pool = Pool().start()
        pool.send(
            pool.message("Ça va ? [€]", flash=flash, validity=validity, coding=Coding.UCS2),
            pool.message("Où est l'été ?", number=number(1), flash=flash, validity=validity),
        )
        first, second = pool.network.taken
        assert (first.number, first.text, first.coding) == (NUMBER, "Ça va ? [€]", "ucs2")
        assert (second.number, second.text, second.coding) == (number(1), "Où est l'été ?", "gsm7")
        for one in (first, second):
            assert (one.validity, one.message_class, one.wants_report) == (validity, 0 if flash else None, True)
            assert (one.reference, one.total, one.part) == (None, 1, 1)

    def test_no_reports(self) -> None:
        """With ``reports`` off none is asked for, and none comes."""
        pool = Pool(reports=False).start()
        pool.send(pool.message(), pool.message(total=2))
        pool.wait(60)
        assert [one.wants_report for one in pool.network.taken] == [False] * 3
        assert pool.hearing.receipts == []

    def test_reports(self) -> None:
        """Each part has its receipt, under the reference that was told when it was handed."""
        pool = Pool(2).start()
        pool.network.default = (Report(after=5.0),)
        handed = pool.send(pool.message(total=2), pool.message(number=number(1)))
        pool.run(lambda: len(pool.hearing.receipts) == 3)
        assert {one.reference for one in pool.hearing.receipts} == {
            one.reference for one in handed if isinstance(one, Handed)
        }
        assert {one.state for one in pool.hearing.receipts} == {State.DELIVERED}

    def test_what_joins_parts(self) -> None:
        """All parts of a message are joined by one reference, also when it is given again, and after a restart."""
        pool = Pool().start()
        long = pool.message(total=4)
        pool.submit(long[:2])
        pool.run(lambda: len(pool.answered()) == 2)
        pool.submit(long[2:])
        pool.run(lambda: len(pool.answered()) == 4)
        pool.gateway.stopService()
        pool.wait(1)
        pool.gateway = pool.another()
        pool.start()
        pool.send(long)
        assert [(one.part, one.total) for one in pool.network.taken] == [(part, 4) for part in (1, 2, 3, 4)] * 2
        assert len({one.reference for one in pool.network.taken}) == 1

    def test_what_tells_messages_apart(self) -> None:
        """Messages in a row, and those 256 apart, are joined by different references; but for few of them."""
        pool = Pool().start()
        messages = [pool.message("x", total=2) for _ in range(40)]
        pool.send(*messages)
        references = [one.reference for one in pool.network.taken if one.part == 1]
        assert all(early != late for early, late in pairwise(references))
        assert len(set(references)) > 25

    def test_unwritable(self) -> None:
        """A text or a number that has no form is refused in French, before anything leaves; the others go."""
        pool = Pool().start()
        reason = "Un modem ne peut pas envoyer ce message."
        for bad in (pool.message("Ça ? ê 🎉"), pool.message(number="+33x"), pool.message("x" * 200)):
            assert pool.send(bad) == [Rejected(reason)], bad
        assert pool.hearing.sims.kept == []
        assert isinstance(pool.send(pool.message())[0], Handed)
