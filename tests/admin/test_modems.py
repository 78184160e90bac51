"""``smstob modem …``: each modem with all that is known of it, and a PIN that is given once more."""

import time
from datetime import datetime
from functools import partial

import attrs
import pytest

from smstob.admin.report import MODEM_STATES
from smstob.model.modem import ModemReport, ModemState, SimLimits
from smstob.storage import sims, status
from tests.admin.console import Console

CARD = "8933012345678901234"


def told(console: Console, *reports: ModemReport, age: int = 0) -> None:
    """A daemon told of its modems so many seconds ago."""
    at = int(time.time()) - age
    console.transact(partial(status.write_modems, daemon=f"d{age}", reports=reports, at=at))


def test_modems(console: Console) -> None:
    """Every field, with times as people of the service read clocks; a table for people, that nothing can break."""
    assert console.json("modem", "list") == []
    assert console.text("modem", "list") == "Il n'y a pas de modem.\n"
    now = int(time.time())
    full = ModemReport(
        gateway="sink",
        port="/dev/ttyUSB2",
        state=ModemState.LIMITED,
        reason="Limite\x1b[2J atteinte",
        since=now - 5,
        model="HUAWEI E173",
        imei="353567040000000",
        card=CARD,
        sim="208011234567890",
        network="Orange F",
        roaming=True,
        signal=-71,
        sent=5000,
        failed=2,
        resets=3,
        day=40,
        month=41,
        recipients=30,
        limits=SimLimits(per_minute=7, per_day=40),
        until=now + 60,
        heard=now - 1,
    )
    bare = ModemReport(gateway="sink", port="/dev/ttyUSB1", state=ModemState.ABSENT, since=now)
    stranger = attrs.evolve(bare, gateway="ailleurs")
    told(console, full, bare, stranger)
    told(console, attrs.evolve(bare, port="/dev/ttyUSB9"), age=200)
    first, second = console.json("modem", "list")
    assert set(second) == {one.name for one in attrs.fields(ModemReport)}
    assert {name: datetime.fromisoformat(second.pop(name)).timestamp() for name in ("since", "until", "heard")} == {
        "since": now - 5,
        "until": now + 60,
        "heard": now - 1,
    }
    assert second == {name: value for name, value in attrs.asdict(full).items() if name in second}
    assert (first["port"], first["state"], first["until"], first["heard"]) == ("/dev/ttyUSB1", "absent", None, None)
    lines = console.text("modem", "list").splitlines()
    assert len(lines) == 3
    assert lines[0].split()[:4] == ["passerelle", "port", "état", "depuis"]
    assert "absent" in lines[1]
    assert all(word in lines[2] for word in ("limite atteinte", CARD, "-71 dBm", "5 000", "Orange F"))
    assert "\x1b" not in lines[2]


def test_every_state_has_a_name() -> None:
    """Whatever a modem's state is, the table has French for it."""
    assert set(MODEM_STATES) == set(ModemState)


def test_retry_pin(console: Console) -> None:
    """The refusal of that card alone is forgotten, typed as it stands on it; there is no second time."""
    console.transact(lambda connection: sims.give_pin(connection, CARD, "digest"))
    console.transact(lambda connection: sims.give_pin(connection, "8933099", "digest"))
    assert console.json("modem", "retry-pin", "8933 0123 4567 8901 234") == {"card": CARD}
    assert console.transact(lambda connection: sims.given_pin(connection, CARD)) is None
    assert console.transact(lambda connection: sims.given_pin(connection, "8933099")) == "digest"
    assert console.mistake("modem", "retry-pin", CARD) == f"aucun code PIN refusé n'est connu de la carte « {CARD} »"
    assert "de nouveau" in console.text("modem", "retry-pin", "8933099")


@pytest.mark.parametrize("typed", [[], [""], [" "], ["1", "2"], ["\x1b[2J"], ["é" * 200], ["' OR 1=1 --"]])
def test_cards_that_there_are_not(console: Console, typed: list[str]) -> None:
    """A sentence, and no PIN is forgotten."""
    console.transact(lambda connection: sims.give_pin(connection, CARD, "digest"))
    assert "\x1b" not in console.mistake("modem", "retry-pin", *typed)
    assert "n'existe pas" in console.mistake("modem", "unlock", CARD)
