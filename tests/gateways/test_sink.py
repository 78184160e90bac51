"""The sink: its journal, the numbers that play each fate, its settings, and how gateways are found."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.task import Clock

from gateways.sink import AGAIN, ERRORS, SANDBOX, WINDOW, SinkGateway, SinkSettings, make_gateway, parse_settings
from smstob.assembly import gateway_makers
from smstob.model.message import Answer, Handed, Rejected, Segment, State, Throttled, Unavailable
from smstob.model.segment import Coding
from smstob.table import Table
from tests.configurations import toml
from tests.fakes import Hearing

ROOT = Path(__file__).resolve().parent.parent.parent
PLUGIN = '''
"""A third party's gateway."""
from twisted.plugin import IPlugin
from zope.interface import implementer
from smstob.interfaces import IGatewayMaker

@implementer(IPlugin, IGatewayMaker)
class Maker:
    name = "pigeon"
    description = "Des pigeons voyageurs"
    def parse_settings(self, table):
        return table.text("loft")
    def make_gateway(self, name, settings, reactor, receiver):
        raise NotImplementedError

pigeon = Maker()
'''
FIND = (
    "from smstob.assembly import gateway_makers; from smstob.configuration import load; import sys; "
    "print(sorted(gateway_makers())); "
    "(one,) = load(sys.argv[1], gateway_makers()).gateways; print(one.type, one.settings)"
)


class Sink:
    """A sink on a clock, and what it said."""

    def __init__(self, path: Path, **settings: Any) -> None:
        self.journal = path / "new" / "sink.jsonl"
        told: dict[str, Any] = {"journal": self.journal, "receipt": State.DELIVERED}
        told |= {"receipt_delay": 0.5, "late_delay": 60.0}
        self.clock = Clock()
        self.clock.advance(1000)
        self.hearing = Hearing()
        self.gateway = SinkGateway("s", SinkSettings(**(told | settings)), self.clock, self.hearing)
        self.gateway.startService()
        self._serial = 0

    def send(self, number: str = "+33612345678", **rest: Any) -> Answer:
        """What a segment to ``number`` is answered."""
        self._serial += 1
        told: dict[str, Any] = {"message": self._serial, "part": 1, "total": 1, "text": "é", "coding": Coding.GSM7}
        told |= {"flash": False, "validity": 60} | rest
        self.gateway.submit([Segment(number=number, **told)])
        return self.hearing.answers[-1]

    def states(self) -> list[State]:
        """Of the receipts that came."""
        return [receipt.state for receipt in self.hearing.receipts]

    def lines(self) -> list[dict[str, Any]]:
        """Of the journal."""
        return [json.loads(line) for line in self.journal.read_text("utf-8").splitlines()]


@pytest.fixture
def sink(tmp_path: Path) -> Sink:
    """A sink that delivers after half a second."""
    return Sink(tmp_path)


def test_journal(sink: Sink) -> None:
    """One line for each segment taken, on disk before the answer, with all that the network would have got."""
    first = sink.send(text="Été «\n»", validity=3600)
    second = sink.send(message=0x1FF, part=2, total=3, flash=True, coding=Coding.UCS2, text="漢")
    assert isinstance(first.outcome, Handed)
    assert isinstance(second.outcome, Handed)
    assert sink.lines() == [
        {
            "to": "+33612345678",
            "text": "Été «\n»",
            "coding": "gsm7",
            "class": None,
            "validity": 3600,
            "udh": None,
            "reference": first.outcome.reference,
        },
        {
            "to": "+33612345678",
            "text": "漢",
            "coding": "ucs2",
            "class": 0,
            "validity": 60,
            "udh": "050003ff0302",
            "reference": second.outcome.reference,
        },
    ]


def test_journal_is_continued(tmp_path: Path) -> None:
    """A second run adds to the journal, with references of its own."""
    references = set()
    for _ in range(2):
        sink = Sink(tmp_path)
        sink.send()
        sink.gateway.stopService()
        references |= {line["reference"] for line in sink.lines()}
    assert len(sink.lines()) == len(references) == 2


@pytest.mark.parametrize(
    ("last", "after", "states", "late"),
    [
        (1, Handed, [State.DELIVERED], [State.DELIVERED]),
        (2, Handed, [State.FAILED], [State.FAILED]),
        (3, Handed, [State.EXPIRED], [State.EXPIRED]),
        (4, Handed, [], [State.DELIVERED]),
        (5, Handed, [], []),
        (6, Rejected, [], []),
        (7, Throttled, [], []),
        (8, Unavailable, [], []),
        (9, Handed, [State.DELIVERED], [State.DELIVERED]),
    ],
)
def test_sandbox(sink: Sink, last: int, after: type, states: list[State], late: list[State]) -> None:
    """Each number does what the configuration's manual says of it."""
    number = f"+26263998000{last}"
    assert number in SANDBOX
    assert isinstance(sink.send(number).outcome, after)
    sink.clock.advance(0.5)
    assert sink.states() == states
    sink.clock.advance(60)
    assert sink.states() == late
    assert [receipt.error for receipt in sink.hearing.receipts] == [ERRORS.get(state) for state in late]


@pytest.mark.parametrize(("last", "refusals"), [(7, 1), (8, 2)])
def test_refused_a_few_times(sink: Sink, last: int, refusals: int) -> None:
    """Then taken; each segment counts for itself, and starts anew."""
    number = f"+26263998000{last}"
    for _ in range(2):
        taken = [isinstance(sink.send(number, message=1).outcome, Handed) for _ in range(refusals + 1)]
        assert taken == [False] * refusals + [True]
    assert not isinstance(sink.send(number, message=1, part=2).outcome, Handed)
    assert len(sink.lines()) == 2


def test_early_receipt_comes_first(sink: Sink) -> None:
    """The receipt is told before the answer."""
    sink.send("+262639980009")
    assert sink.hearing.told == ["receipts", "answers"]


def test_late_receipt_holds_up_no_other(sink: Sink) -> None:
    """A receipt due in a minute does not delay those due in half a second."""
    sink.send("+262639980004")
    sink.send()
    sink.clock.advance(0.5)
    assert len(sink.states()) == 1


def test_receipts_come_again(sink: Sink) -> None:
    """What the receiver could not keep is given again until it can; nothing is lost or doubled."""
    sink.hearing.deaf = True
    sink.send()
    sink.send("+262639980009")
    sink.clock.pump([AGAIN] * 5)
    assert sink.states() == []
    sink.hearing.deaf = False
    sink.clock.pump([AGAIN] * 5)
    assert len({receipt.reference for receipt in sink.hearing.receipts}) == len(sink.states()) == 2


def test_stopped_it_keeps_nothing(sink: Sink) -> None:
    """No receipt comes after the stop, not even one that failed before, nor after another start."""
    sink.hearing.deaf = True
    sink.send()
    sink.clock.advance(0.5)
    sink.gateway.stopService()
    assert sink.clock.getDelayedCalls() == []
    assert isinstance(sink.send().outcome, Unavailable)
    sink.gateway.startService()
    sink.hearing.deaf = False
    sink.clock.pump([1.0] * 10)
    assert sink.states() == []


def test_receipts_as_set(tmp_path: Path) -> None:
    """Ordinary numbers follow the setting; none means none."""
    for receipt in (State.FAILED, None):
        sink = Sink(tmp_path, receipt=receipt)
        sink.send()
        sink.clock.advance(1)
        assert sink.states() == ([receipt] if receipt else [])


def parsed(settings: dict[str, Any]) -> tuple[SinkSettings, list[str]]:
    """The settings and the mistakes of a table."""
    mistakes: list[str] = []
    with Table(settings, "gateways.s.settings", mistakes) as table:
        return parse_settings(table), mistakes


def test_settings() -> None:
    """Defaults, values, and mistakes by their keys."""
    assert parsed({}) == (SinkSettings(Path("var/sink.jsonl"), State.DELIVERED, 0.5, 60), [])
    given = {"journal": "/tmp/j", "receipts": "none", "receipt_delay": 0, "late_delay": 1}
    assert parsed(given) == (SinkSettings(Path("/tmp/j"), None, 0, 1), [])
    mistakes = parsed({"receipts": "maybe", "receipt_delay": -1, "late_delay": "soon", "journal": 1})[1]
    assert sorted(line.partition(" : ")[0].rpartition(".")[2] for line in mistakes) == [
        *("journal", "late_delay", "receipt_delay", "receipts")
    ]


def test_found_as_a_plugin(tmp_path: Path) -> None:
    """``twisted.plugin`` finds its maker, which reads the settings and makes it."""
    maker = gateway_makers()["sink"]
    mistakes: list[str] = []
    settings = maker.parse_settings(Table({"journal": str(tmp_path / "j")}, "s", mistakes))
    gateway = maker.make_gateway("s", settings, Clock(), Hearing())
    assert isinstance(gateway, SinkGateway)
    assert isinstance(make_gateway("s", settings, Clock(), Hearing()), SinkGateway)
    gateway.startService()
    assert gateway.capacity == WINDOW
    gateway.stopService()


def test_third_party_gateway(tmp_path: Path) -> None:
    """A module dropped into ``twisted/plugins`` of any directory on the path is a type of gateway."""
    plugins = tmp_path / "theirs" / "twisted" / "plugins"
    plugins.mkdir(parents=True)
    (plugins / "pigeon.py").write_text(PLUGIN, "utf-8")
    config = tmp_path / "smstob.toml"
    gateway = {"type": "pigeon", "settings": {"loft": "Sète"}}
    told = {"gateways": {"p": gateway}, "routes": [{"prefix": "+", "gateways": ["p"]}]}
    config.write_text(toml(told), "utf-8")
    environment = os.environ | {"PYTHONPATH": f"{ROOT}:{tmp_path / 'theirs'}"}
    found = subprocess.run(
        [sys.executable, "-c", FIND, config], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert found.stdout.splitlines() == ["['gsm', 'pigeon', 'sink', 'smpp']", "pigeon Sète"], found.stderr


def test_full_disk(tmp_path: Path) -> None:
    """What the journal does not take is not taken: unavailable, without a receipt; refusals stay what they are."""
    sink = Sink(tmp_path, journal=Path("/dev/full"))
    segments = [
        Segment(
            message=index, part=1, total=1, number=number, text="x", coding=Coding.GSM7, flash=False, validity=60
        )
        for index, number in enumerate(("+33612345678", "+262639980009", "+262639980006"))
    ]
    sink.gateway.submit(segments)
    assert {one.message: type(one.outcome) for one in sink.hearing.answers} == {
        0: Unavailable,
        1: Unavailable,
        2: Rejected,
    }
    sink.clock.pump([1.0] * 90)
    assert sink.states() == []
    sink.gateway.stopService()


def test_journal_takes_half(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a block is taken back; when there is room again each line is there once, and whole."""
    sink.send()
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, block: write(descriptor, block[:-5]))
    assert isinstance(sink.send(message=7).outcome, Unavailable)
    monkeypatch.undo()
    assert isinstance(sink.send(message=7).outcome, Handed)
    sink.gateway.stopService()
    assert len(sink.lines()) == 2
    assert sink.states() == []
