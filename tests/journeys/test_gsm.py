"""A thousand messages through a pool of modems to which everything happens: what is accepted ends, and only once."""

from collections import Counter, defaultdict
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from gateways.gsm.gateway import GsmGateway
from smstob.model.account import Characters, Format
from smstob.model.message import State
from smstob.model.modem import ModemState
from smstob.model.segment import split
from tests.gateways.gsm.pool import imsi, settings
from tests.house import House, numbers, outcome_of
from tests.peers.modem.card import Sim
from tests.peers.modem.memory import SimulatedPorts
from tests.peers.modem.modem import SimulatedModem
from tests.peers.modem.network import FAILED, Refusal, Report, SimulatedNetwork
from tests.peers.modem.profiles import GENERIC, HUAWEI, QUECTEL, SIMCOM

MESSAGES: Final = 1_000
BACK: Final = 60.0
"""Seconds in which a modem that can come back has to be back."""
AWAY: Final = 10.0
"""Seconds that a fault of the simulation lasts, where it lasts."""
PIN: Final = "1234"
AT_WORK: Final = frozenset({ModemState.UP, ModemState.PAUSED, ModemState.LIMITED})
UNKNOWN_THERE: Final = "9"
"""How numbers end that the network takes, and then says that they do not exist."""
TEXTS: Final = (
    "Réunion à 18 h, salle des fêtes, n° {n}",
    "Coupure d'eau demain de 8 h à 12 h rue {n} : prévoyez quelques bouteilles. " * 4,
    "Ça y est, la fête commence ! Le n° {n} est prêt 🎉",
    "Cœur de ville : le marché déménage place {n}. Où ? Près de l'église, côté sud, où l'on vend du pâté. " * 2,
    "{{[€]}} {n} " * 20,
)

FAULTS: Final[dict[str, dict[str, Any]]] = {
    "ignore": {"match": "AT+CSQ"},
    "slow": {"match": "AT+C", "seconds": 4.0},
    "hang_after_pdu": {"seconds": 70.0, "taken": True},
    "slow_after_pdu": {"seconds": 75.0},
    "error": {"match": "AT+CMG"},
    "refuse_pdu": {"code": 500},
    "garbage": {},
    "interrupt": {},
    "interrupt_prompt": {},
    "pieces": {},
    "echo_stays": {},
    "bare_prompt": {},
    "prompt_lost": {},
    "reference_lost": {},
    "ok_lost": {},
    "error_after_reference": {},
    "port_loss": {"match": "AT+C", "seconds": AWAY},
    "port_loss_after_pdu": {"seconds": AWAY, "taken": True},
    "reset_in_send": {"seconds": AWAY},
    "cnmi_forgotten": {"match": "AT+CSQ"},
}
"""Which of ``OF_MODEM`` happen by chance, every hundredth time; the others are set at their hours."""
OFTEN: Final = {
    "echo_stays": 0.3,
    "garbage": 0.05,
    "interrupt": 0.05,
    "pieces": 0.2,
    "bare_prompt": 0.2,
    "slow": 0.002,
    "port_loss": 0.0005,
}
DISABLING: Final = (
    "no_network",
    "sim_busy",
    "hang",
    "hang_after_pdu",
    "port_loss",
    "port_loss_after_pdu",
    "reset_in_send",
)
REFUSED: Final = {"01": (1, None), "38": (38, 2), "50": (500, 2), "21": (21, None), "17": (517, 3), "31": (331, 2)}
"""Last digits of numbers: what their messages are refused with, and how many times."""
LASTING: Final = ("no_network", "sim_busy", "hang")
REPORTS: Final = ("report_missing", "report_doubled", "report_early", "report_empty", "report_zone")


class Weather:
    """A house with a pool of four modems of different makers, and all that happens to them."""

    def __init__(self, path: Path, seed: int, again: float | None) -> None:
        self.random = Random(seed)
        self.house = House(path / "house.db")
        self.clock = self.house.clock
        self.network = SimulatedNetwork(answers={end: Refusal(*how) for end, how in REFUSED.items()})
        self.network.plans[UNKNOWN_THERE] = (Report(status=FAILED),)
        for name in REPORTS:
            self.network.faults.set(name, count=None, probability=0.03)
        self.ports = SimulatedPorts(self.clock)
        self.modems = []
        for index, profile in enumerate((GENERIC, HUAWEI, SIMCOM, QUECTEL)):
            sim = Sim(imsi=imsi(index), iccid=f"8933{index:015}", pin=PIN if index % 2 else None, mr=250)
            modem = SimulatedModem(
                self.network, sim, profile, send_seconds=1.0, seed=seed + index, imei=f"35{index:013}"
            )
            for name, how in FAULTS.items():
                modem.faults.set(name, count=None, probability=OFTEN.get(name, 0.01), **how)
            self.modems.append(modem)
            self.ports.plug(f"/dev/ttyUSB{index}", modem)
        given = settings(pins={"": PIN}, again=again)
        self.gateway = GsmGateway("A", given, self.ports, self.clock, self.house.network)
        self.house.gateways["A"] = self.gateway  # type: ignore[assignment]
        self.house.network.add(self.gateway, 0)
        self.longest = 0.0
        """Seconds for which a modem was away after the last that happened to it, the longest time."""
        self.written: list[str] = []
        """What telephones wrote."""
        self.moves = 0
        self._events = cycle(("no_network", "sim_busy", "reopen", "restart", "full", "moved"))
        self._away: dict[str, float] = {}
        self._struck: Counter[str] = Counter()

    def accept(self) -> None:
        """All the messages."""
        self.house.account(characters=Characters.AS_IS, max_segments=10)
        for index, number in enumerate(numbers(MESSAGES)):
            text = self.random.choice(TEXTS).format(n=index)
            way = {"format": Format.FLASH} if self.random.random() < 0.2 else {}
            self.house.accepted(number, text, validity=self.random.choice((1, 2, 24, 72)), **way)

    def live(self, most: float) -> None:
        """Let time pass until nothing waits to be sent, a hundred seconds at a time; in each something happens."""
        end = self.clock.seconds() + most
        while self.house.states()[State.QUEUED]:
            assert self.clock.seconds() < end, (self.house.states(), self.gateway.modems())
            self.happen()
            for _ in range(100):
                self.house.advance(1)
                self._watch()

    def settle(self) -> None:
        """Let four days pass: reports that do not come in these do not come."""
        for modem in self.modems:
            modem.faults.clear()
        self.house.advance(2 * BACK)
        assert {one.state for one in self.gateway.modems()} <= AT_WORK
        self.gateway.stopService()
        self.house.advance(4 * 86_400, step=30)

    def happen(self) -> None:
        """Something that lasts, to one of them; and telephones write to it."""
        modem = self.random.choice(self.modems)
        sim = modem.sim
        assert sim is not None
        name = next(self._events)
        if name == "full":
            sim.memory.fill(b"\x03")
        elif name in {"reopen", "restart"}:
            modem.faults.set("hang", until=name, match="AT+CSQ")
        elif name == "moved":
            self.moves += 1
            modem.faults.set("port_loss", match="AT+CSQ", seconds=AWAY, path=f"/dev/ttyUSB{10 + self.moves}")
        else:
            modem.faults.set(name, seconds=AWAY)
        for index in range(2):
            text = f"Merci {len(self.written)} {index} " * 12
            self.written.append(text)
            self.network.send_message(sim.imsi, "+33687654321", text, self.clock.seconds())

    def struck(self) -> Counter[str]:
        """How often each fault happened."""
        return sum((one.faults.struck for one in self.modems), self.network.faults.struck)

    def _watch(self) -> None:
        now = self.clock.seconds()
        for one in self.gateway.modems():
            modem = next(modem for modem in self.modems if modem.state.imei == one.imei) if one.imei else self.modems[0]
            struck = sum(modem.faults.struck[name] for name in DISABLING)
            if one.state in AT_WORK or not one.imei or modem.is_out or struck != self._struck[one.imei]:
                self._away.pop(one.imei, None)
                self._struck[one.imei] = struck
            else:
                self.longest = max(self.longest, now - self._away.setdefault(one.imei, now))


def expected(state: State, error: str | None, number: str) -> bool:
    """Whether a message to ``number`` may have ended so."""
    if state is State.DELIVERED:
        return not number.endswith(UNKNOWN_THERE)
    if state is State.UNKNOWN:
        return True
    is_refused = number[-2:] in REFUSED
    is_undelivered = state is State.FAILED and number.endswith(UNKNOWN_THERE)
    return bool(error) and (is_refused or is_undelivered)


@pytest.mark.parametrize(("seed", "again"), [(1, None), (2, 600.0)], ids=["fail", "retry"])
def test_thousand_messages(tmp_path: Path, seed: int, again: float | None) -> None:
    """All end; none is lost, none is in the network twice but after an unknown outcome; modems are soon back."""
    weather = Weather(tmp_path, seed, again)
    house, network = weather.house, weather.network
    weather.accept()
    house.open()
    weather.live(20_000)
    weather.settle()

    rows = house.messages()
    assert len(rows) == MESSAGES
    assert [row for row in rows if not expected(State(row.state), row.error, row.number)] == []
    parts: defaultdict[str, Counter[int]] = defaultdict(Counter)
    cut = {row.number: split(row.text) for row in rows}
    for taken in network.taken:
        parts[taken.number][taken.part] += 1
        assert cut[taken.number][taken.part - 1] == taken.text
    for row in rows:
        whole = dict.fromkeys(range(1, row.segments + 1), 1)
        had = parts[row.number]
        if row.state == State.DELIVERED:
            assert had.keys() == whole.keys()
        if row.state == State.REJECTED:
            assert not had
        assert had.keys() <= whole.keys()
        assert max(had.values(), default=0) <= 1 + row.repeats
        assert again or not row.repeats
    states = house.states()
    assert states[State.DELIVERED] > 0.7 * MESSAGES, states
    assert not house.verification().differences

    struck = weather.struck()
    assert {*FAULTS, *LASTING, *REPORTS} - struck.keys() == set()
    assert weather.longest <= BACK
    assert all(sum(taken.sim == imsi(index) for taken in network.taken) > 256 for index in range(4)), (
        "TP-MRs come round"
    )
    kept = Counter(one.text for one in outcome_of(house.reporter.replies(10_000)))
    assert kept.keys() == set(weather.written)
