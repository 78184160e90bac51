"""Invoices as files: made once, the same for ever, nobody else's; and all of a period."""

import io
import zipfile

import pytest
from twisted.internet.defer import Deferred

from smstob.billing.invoices import Invoices
from tests.fakes import Thread
from tests.house import House, outcome_of, straw_csv

from .providers import call_of, event_of
from .scene import customer, ordered

DAY = 1_772_449_200 // 86_400


def _buy(house: House, key: str = "k", email: str = "mairie@exemple.fr") -> int:
    account = customer(house, email)
    order = ordered(house, account, key=key)
    outcome_of(house.cashier.notified("carte", {}, call_of(event_of(order, f"evt_{order.id}"))))
    return account.id


def _exported(house: House, first: int, last: int) -> bytes:
    content = outcome_of(house.invoices.export(first, last))
    assert content is not None
    return content


def test_made_once(house: House) -> None:
    """However often it is asked for; after a restart too."""
    account = _buy(house)
    first = outcome_of(house.invoices.document("F2026-000001"))
    assert first is not None
    for asked in (house.invoices, Invoices(house.database, house.clock, house.in_thread, house.document, straw_csv)):
        assert outcome_of(asked.document("F2026-000001", account)) == first
    assert house.made == ["F2026-000001"]


def test_asked_for_twice_at_once(house: House) -> None:
    """Two may be made, and one is kept: both get that."""
    _buy(house)
    thread = Thread()
    slow = Invoices(house.database, house.clock, thread, house.document, straw_csv)
    asked = [Deferred.fromCoroutine(slow.document("F2026-000001")) for _ in range(2)]
    thread.go()
    one, other = (outcome_of(each) for each in asked)
    assert one is not None
    assert one == other


@pytest.mark.parametrize("number", ["", "F2026-000002", "A2026-000001", "f2026-000001", "\x00", "../../etc/passwd"])
def test_no_such_invoice(house: House, number: str) -> None:
    """Nothing is made."""
    _buy(house)
    assert outcome_of(house.invoices.document(number)) is None
    assert house.made == []


def test_nobody_elses(house: House) -> None:
    """An account gets its own."""
    mine, other = _buy(house), _buy(house, email="autre@exemple.fr")
    assert outcome_of(house.invoices.document("F2026-000001", other)) is None
    assert outcome_of(house.invoices.document("F2026-000001", mine)) is not None


def test_too_many(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a period that does not fit into one file none is made, nor any document."""
    monkeypatch.setattr("smstob.billing.invoices.MOST_EXPORTED", 1)
    for number in range(2):
        _buy(house, email=f"a{number}@exemple.fr")
    assert outcome_of(house.invoices.export(DAY - 1, DAY)) is None
    assert house.made == []


def test_export(house: House) -> None:
    """Every invoice of the period, in their order, and a table; the same file whenever it is made."""
    for number in range(3):
        _buy(house, email=f"a{number}@exemple.fr")
    content = _exported(house, DAY - 1, DAY)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["factures.csv", *(f"F2026-00000{number}.pdf" for number in (1, 2, 3))]
        assert archive.read("factures.csv") == b"F2026-000001\nF2026-000002\nF2026-000003"
        document = outcome_of(house.invoices.document("F2026-000002"))
        assert document is not None
        assert archive.read("F2026-000002.pdf") == document.pdf
    assert _exported(house, DAY - 1, DAY) == content
    # a ZIP knows the years from 1980 to 2107, a form all from 1970 to 9999
    for first, last in ((DAY + 1, DAY + 9), (0, 9), (60_000, 60_009), (2_932_890, 2_932_896)):
        with zipfile.ZipFile(io.BytesIO(_exported(house, first, last))) as empty:
            assert empty.namelist() == ["factures.csv"]
