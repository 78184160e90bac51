"""Codes of SIM cards: a card is never given one that it may have refused, whatever fails and starts anew."""

from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

import pytest
from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from zope.interface import implementer

from gateways.gsm.pins import SETTLED, Pins
from gateways.gsm.script import Locked
from gateways.gsm.settings import ANY
from smstob.model.modem import ModemState
from smstob.sim_interfaces import ISims
from smstob.storage.database import Unavailable
from tests.gateways.gsm.pool import Pool
from tests.sims import KeptSims

T = TypeVar("T")

CARD: Final = "8933012345678901234"
IMEI: Final = "490154203237518"
CODE: Final = "4711"
OTHER: Final = "97531"
NAMELESS: Final = "Le modem ne dit ni son numéro ni celui de sa carte SIM : ôtez le code PIN de la carte."
NO_PIN: Final = (
    "La carte SIM demande son code PIN : mettez-le dans pin_file, sous le numéro de la carte (ICCID) ou sous celui du "
    "modem (IMEI), puis relancez le service."
)
UNDER_WAY: Final = "La carte SIM vient de recevoir son code PIN : sa réponse est attendue."
REFUSED: Final = (
    "La carte SIM a refusé son code PIN : corrigez-le, relancez le service, puis « smstob modem retry-pin {} »."
)
ANOTHER: Final = (
    "La carte SIM a refusé un code PIN, et un autre est configuré : donnez-le-lui par « smstob modem retry-pin {} »."
)


def done(work: Coroutine[Any, Any, T]) -> T:
    """What it gives, or raises, at once."""
    outcomes: list[T | Failure] = []
    ensureDeferred(work).addBoth(outcomes.append)
    (outcome,) = outcomes
    if isinstance(outcome, Failure):
        outcome.raiseException()
    return outcome


def locked(pins: Pins, card: str = CARD, imei: str = IMEI, tries: int | None = None) -> str:
    """Why no code is given."""
    with pytest.raises(Locked) as why:
        done(pins.give(card, imei, tries))
    return why.value.reason


@implementer(ISims)
class SlowSims(KeptSims):
    """Does everything only when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[Callable[[], None]] = []

    def _do(self, work: Callable[[], T]) -> "Deferred[T]":
        fired: Deferred[T] = Deferred()
        self.waiting.append(lambda: fired.callback(work()))
        return fired

    def go_on(self) -> None:
        """Do the next thing."""
        self.waiting.pop(0)()


def test_one_code_for_all() -> None:
    """Every card is given it, once each."""
    clock = Clock()
    pins = Pins({ANY: CODE}, KeptSims(), clock)
    assert done(pins.give(CARD, IMEI, None)) == CODE
    assert done(pins.give("8933012345678901235", IMEI, None)) == CODE
    assert locked(pins) == UNDER_WAY
    clock.advance(SETTLED)
    assert locked(pins) == REFUSED.format(CARD)


@pytest.mark.parametrize(
    ("card", "imei", "code"),
    [
        (CARD, IMEI, CODE),
        (CARD, "", CODE),
        (CARD, "490154203237519", CODE),
        ("8933012345678901235", IMEI, OTHER),
        ("", IMEI, OTHER),
    ],
)
def test_lines(card: str, imei: str, code: str) -> None:
    """The card's own line comes first, whatever modem it is in; then its modem's."""
    assert done(Pins({CARD: CODE, IMEI: OTHER}, KeptSims(), Clock()).give(card, imei, None)) == code


@pytest.mark.parametrize("pins", [{}, {"8933012345678901235": CODE}, {"490154203237519": CODE}])
def test_no_code(pins: dict[str, str]) -> None:
    """A card for which there is none is given none, which says where it is to be written; nothing is kept of it."""
    sims = KeptSims()
    assert locked(Pins(pins, sims, Clock())) == NO_PIN
    assert not sims.pins


def test_kept_before_it_is_given() -> None:
    """The code comes out only when it is on disk that the card is given it."""
    sims = SlowSims()
    given: list[Any] = []
    ensureDeferred(Pins({ANY: CODE}, sims, Clock()).give(CARD, IMEI, None)).addBoth(given.append)
    sims.go_on()
    assert (given, sims.pins) == ([], {})
    sims.go_on()
    assert given == [CODE]
    assert list(sims.pins) == [CARD]


def test_what_is_kept_does_not_tell_the_code() -> None:
    """A digest, another for each card, without the code's own digits in it."""
    sims = KeptSims()
    pins = Pins({ANY: CODE}, sims, Clock())
    done(pins.give(CARD, IMEI, None))
    done(pins.give("8933012345678901235", IMEI, None))
    first, second = sims.pins.values()
    assert len(first) == len(second) == 32
    assert first != second


def test_refused_once_is_never_given_again() -> None:
    """However often the daemon starts anew, a code that no card accepted is not given again; what helps is told."""
    sims = KeptSims()
    assert done(Pins({ANY: CODE}, sims, Clock()).give(CARD, IMEI, None)) == CODE
    for _ in range(5):
        assert locked(Pins({ANY: CODE}, sims, Clock())) == REFUSED.format(CARD)
    assert locked(Pins({CARD: CODE}, sims, Clock())) == REFUSED.format(CARD)
    assert locked(Pins({IMEI: CODE}, sims, Clock())) == REFUSED.format(CARD)


def test_another_code_waits_for_a_person() -> None:
    """A code that was corrected is not given by itself: who counts tries is a person. Then it is, once."""
    sims = KeptSims()
    done(Pins({ANY: CODE}, sims, Clock()).give(CARD, IMEI, None))
    clock = Clock()
    pins = Pins({ANY: OTHER}, sims, clock)
    assert locked(pins) == ANOTHER.format(CARD)
    sims.pins.pop(CARD)  # smstob modem retry-pin
    assert done(pins.give(CARD, IMEI, None)) == OTHER
    clock.advance(SETTLED)
    assert locked(pins) == REFUSED.format(CARD)
    assert locked(Pins({ANY: CODE}, sims, Clock())) == ANOTHER.format(CARD)


def test_the_card_in_another_modem() -> None:
    """What a card refused counts wherever it is; another card in the same modem is given its code."""
    sims = KeptSims()
    clock = Clock()
    pins = Pins({ANY: CODE}, sims, clock)
    done(pins.give(CARD, IMEI, None))
    clock.advance(SETTLED)
    assert locked(pins, imei="490154203237519") == REFUSED.format(CARD)
    assert done(pins.give("8933012345678901235", IMEI, None)) == CODE


def test_accepted_is_given_again() -> None:
    """A card that opened is given its code at its next start."""
    sims = KeptSims()
    pins = Pins({ANY: CODE}, sims, Clock())
    for _ in range(3):
        assert done(pins.give(CARD, IMEI, None)) == CODE
        done(pins.accepted(CARD, IMEI))
    assert not sims.pins


def test_card_that_tells_its_number_only_when_open() -> None:
    """A card that is closed and silent is known by its modem; open, it tells its ICCID, and both are forgotten."""
    sims = KeptSims()
    clock = Clock()
    pins = Pins({ANY: CODE}, sims, clock)
    assert done(pins.give("", IMEI, None)) == CODE
    clock.advance(SETTLED)
    assert locked(pins, card="") == REFUSED.format(IMEI)
    done(pins.accepted(CARD, IMEI))
    assert done(pins.give("", IMEI, None)) == CODE


@pytest.mark.parametrize("tries", [None, 0, 1, 2])
def test_card_that_may_have_refused_it(tries: int | None) -> None:
    """A card that takes fewer codes than all, or does not tell how many, is not given one again."""
    sims = KeptSims()
    done(Pins({ANY: CODE}, sims, Clock()).give(CARD, IMEI, 3))
    assert locked(Pins({ANY: CODE}, sims, Clock()), tries=tries) == REFUSED.format(CARD)
    assert locked(Pins({ANY: OTHER}, sims, Clock()), tries=tries) == ANOTHER.format(CARD)


def test_card_that_cannot_have_refused_it() -> None:
    """A card that still takes all its codes has not refused one: a start that was broken off costs nothing."""
    sims = KeptSims()
    for code in (CODE, CODE, OTHER):
        assert done(Pins({ANY: code}, sims, Clock()).give(CARD, IMEI, 3)) == code
        assert list(sims.pins) == [CARD]
    assert locked(Pins({ANY: OTHER}, sims, Clock()), tries=2) == REFUSED.format(CARD)


def test_two_ports_of_one_modem() -> None:
    """Both want the code of one card at once, and each says that all tries are left: only one is given it."""
    sims, clock = SlowSims(), Clock()
    pins = Pins({ANY: CODE}, sims, clock)
    given: list[Any] = []
    for _ in range(2):
        ensureDeferred(pins.give(CARD, IMEI, 3)).addBoth(given.append)
    while sims.waiting:
        sims.go_on()
    assert sorted(one if isinstance(one, str) else one.value.reason for one in given) == [CODE, UNDER_WAY]
    clock.advance(SETTLED - 1)
    assert locked(pins, tries=3) == UNDER_WAY


def test_nameless() -> None:
    """A card that nothing tells from others is given no code: nobody could keep that it was."""
    sims = KeptSims()
    for tries in (None, 3):
        assert locked(Pins({ANY: CODE}, sims, Clock()), card="", imei="", tries=tries) == NAMELESS
    assert not sims.pins


def test_database_away() -> None:
    """Without the database no code is given, and none is kept as given; with it, it is."""
    sims = KeptSims()
    pins = Pins({ANY: CODE}, sims, Clock())
    sims.away = True
    with pytest.raises(Unavailable):
        done(pins.give(CARD, IMEI, None))
    sims.away = False
    assert not sims.pins
    assert done(pins.give(CARD, IMEI, None)) == CODE


def test_database_goes_between() -> None:
    """A database that answers whether the code was given, and cannot keep that it is: none is given."""

    class Failing(KeptSims):
        def give_pin(self, card: str, digest: str) -> "Deferred[None]":
            self.away = True
            return super().give_pin(card, digest)

    sims = Failing()
    with pytest.raises(Unavailable):
        done(Pins({ANY: CODE}, sims, Clock()).give(CARD, IMEI, None))
    assert not sims.pins


def test_open_card_is_given_it_again() -> None:
    """As soon as a card is open what was kept of its code goes: after any loss of its port it is given it again."""
    pool = Pool(pin="4711", pins={ANY: "4711"}).start()
    assert pool.hearing.sims.pins == {}
    pool.modems[0].faults.set("port_loss", seconds=2.0)
    pool.wait(40)
    assert pool.states() == [ModemState.UP], pool.reports()[0].reason


def test_card_that_opens_before_a_loss() -> None:
    """A card that took its code, whose port goes before it is known whose card it is, does not count as refusing it."""
    pool = Pool(pin="4711", pins={ANY: "4711"})
    pool.modems[0].faults.set("port_loss", match="AT+CIMI", seconds=2.0)
    pool.gateway.startService()
    pool.wait(60)
    assert pool.states() == [ModemState.UP], pool.reports()[0].reason
    card = pool.modems[0].sim
    assert card is not None
    assert (card.tries, pool.modems[0].commands.count("AT+CPIN=…")) == (3, 2)
