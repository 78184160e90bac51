"""``docs/credits.md``: what the operator is told to type and to expect is true."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from payments.stripe import KINDS
from smstob.admin.command import parser
from smstob.admin.report import price
from smstob.billing.trials import Trials
from smstob.model.order import NotGenuine
from smstob.model.price import PRICES
from smstob.model.vat import Taxation, taxed
from tests.house import House, outcome_of

GUIDE: Final = (Path(__file__).parents[2] / "docs" / "credits.md").read_text(encoding="utf-8")
TYPED: Final = [line for line in GUIDE.splitlines() if line.startswith("smstob ")]


def plain(text: str) -> str:
    """Without the spaces that keep figures together."""
    return re.sub(r"\s", " ", text)


@pytest.mark.parametrize("line", TYPED)
def test_commands(line: str) -> None:
    """Every line of the guide is one that the command takes; what stands far to the right explains it."""
    given = parser().parse_args(shlex.split(re.split(r"\s{4,}", line)[0])[1:])
    assert callable(given.run)


def test_there_are_commands() -> None:
    """The test above has something to try."""
    assert len(TYPED) > 8


@pytest.mark.parametrize("credits_", [100, 2_500, 20_000])
def test_prices(credits_: int) -> None:
    """The table of prices is the price list."""
    amounts = taxed(PRICES.net(credits_), 2000, Taxation.STANDARD)
    each = f"0,{PRICES.tier(credits_).tenths:03} €"
    row = f"| {credits_:,} | {each} | {price(amounts.net)} | {price(amounts.vat)} | {price(amounts.gross)} |"
    assert plain(row.replace(",", " ", 1) if credits_ > 999 else row) in plain(GUIDE)


def test_events() -> None:
    """Stripe is told to call for all that we read, and for nothing else."""
    listed = re.findall(r"^   - `([a-z_.]+)`$", GUIDE, re.MULTILINE)
    assert sorted(listed) == sorted(KINDS)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house that sends nothing."""
    made = House(tmp_path / "smstob.db")
    yield made
    made.close()


def called(house: House, body: str, at: int) -> Any:
    """The premium number's provider calls at that time, with the secret of the guide."""
    found = re.search(r"avec le secret `([0-9a-f]+)`", GUIDE)
    assert found is not None
    clock = Clock()
    clock.advance(at)
    trials = Trials(house.database, clock, found[1], "3000", "1 €")
    return outcome_of(Deferred.fromCoroutine(trials.called({}, body.encode())))


def test_signed_example(house: House) -> None:
    """The example is signed as its table says: it counts, and changed it does not."""
    (example,) = re.findall(r"^ts=\S+$", GUIDE, re.MULTILINE)
    at = int(parse_qs(example)["ts"][0])
    called(house, example, at)
    for wrong in (example.replace("code=4", "code=5"), example[:-1], example.replace("call=A", "call=B")):
        with pytest.raises(NotGenuine):
            called(house, wrong, at)
    with pytest.raises(NotGenuine):
        called(house, example, at + 301)
