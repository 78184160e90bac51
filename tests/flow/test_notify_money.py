"""Letters about money: each alone, whatever the options say, with what is so when they are told."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select
from twisted.logger import capturedLogs

from smstob.flow import notify
from smstob.model.account import Confirmations
from smstob.model.ledger import Reason
from smstob.model.notice import (
    Acknowledgement,
    Decided,
    Given,
    Invoiced,
    Kind,
    Lapsed,
    Line,
    NotCarried,
    Opening,
    Ordered,
)
from smstob.model.order import GIVEN_UP, Instructions, Order, OrderState
from smstob.model.refusal import Code
from smstob.storage import accounts, customers, ledger, notices, orders, payments
from smstob.storage.billing_schema import transfer
from smstob.storage.database import Connection
from smstob.storage.schema import notice
from tests.house import EMAIL, SELLER, House, outcome_of, password_hash
from tests.storage.orders import CUSTOMER, payment

DAY = 86_400
GIVER = "siege@exemple.fr"


@pytest.fixture
def house(tmp_path: Path) -> House:
    """With an account of ten credits, that wants no confirmations and may order."""
    house = House(tmp_path / "a.db")
    account = house.account(credits=10, confirmations=Confirmations.NONE)
    house.write(lambda connection: customers.keep(connection, account.id, CUSTOMER))
    house.notifier.startService()
    return house


def order(house: House, method: str = "cheque", key: str = "k") -> Order:
    """A hundred credits that were ordered."""
    made = outcome_of(house.cashier.order(1, 100, method, key))
    assert isinstance(made, Order), made
    return made


def pay(house: House, made: Order) -> None:
    """The money came."""
    house.write(lambda connection: payments.pay(connection, payment(made, at=house.now), SELLER))


def pay_back(house: House, made: Order) -> None:
    """It went again."""
    told = payment(made, event="back", at=house.now)
    house.write(lambda connection: payments.refund(connection, told, SELLER))


def told(house: House) -> list[Any]:
    """The sections of all letters, each of which has one."""
    sections = []
    for letter in house.courier.letters:
        (section,) = letter.sections
        sections.append(section)
    return sections


def owed(house: House) -> int:
    """Notices that are to be told."""

    def count(connection: Connection) -> int:
        return len(connection.execute(select(notice.c.id).where(notice.c.told_at.is_(None))).all())

    return house.read(count)


def attempts(house: House) -> int:
    """How often the first notice was tried in vain."""
    return house.read(lambda connection: connection.execute(select(notice.c.attempts)).scalars().first() or 0)


def give(house: House, credits_: int = 5, opened: bool = False) -> int:
    """Another account gives credits to the first, or to one that is opened for it; gives the transfer's id."""

    def work(connection: Connection) -> int:
        giver = accounts.by_email(connection, GIVER) or accounts.create(connection, GIVER, "hash", house.now)
        email = "neuf@exemple.fr" if opened else EMAIL
        receiver = accounts.by_email(connection, email) or accounts.create(connection, email, "hash", house.now)
        nth = connection.exec_driver_sql("SELECT count(*) FROM transfer").scalar_one()
        values = {"giver_id": giver.id, "receiver_id": receiver.id, "key": f"{nth}", "credits": credits_}
        made = connection.execute(insert(transfer).values(opened=opened, at=house.now, **values))
        assert made.inserted_primary_key is not None
        id_ = int(made.inserted_primary_key[0])
        ledger.issue(connection, receiver.id, credits_, Reason.TRANSFER, f"{id_}", house.now, "don")
        kind = Kind.OPENED if opened else Kind.GIVEN
        key = accounts.opening_key(receiver.id) if opened else f"{Kind.GIVEN}:{id_}"
        notices.owe_about(connection, kind, receiver.id, email, f"{id_}", key, house.now)
        return id_

    return house.write(work)


def test_ordered(house: House) -> None:
    """How it is paid, at once and once; by mail though the account wants no confirmations."""
    made = order(house)
    house.advance(2)
    (section,) = told(house)
    assert isinstance(section, Ordered)
    assert section.order.reference == made.reference
    assert section.instructions == Instructions(payee="SMStoB", address="1 rue du Test\n35000 Rennes")
    assert not section.reminder
    (letter,) = house.courier.letters
    assert (letter.recipient, letter.thread, letter.attachments) == (EMAIL, None, ())
    house.advance(4000, 5)
    assert len(house.courier.tries) == 1
    assert owed(house) == 0


def test_reminded_then_lapsed(house: House) -> None:
    """Three letters about an order that nobody pays."""
    made = order(house)
    house.advance(2)
    house.clock.advance(16 * DAY)
    house.write(lambda connection: orders.remind(connection, 0, house.now, house.now, 10))
    house.advance(2)
    house.clock.advance(GIVEN_UP * DAY)
    house.write(lambda connection: orders.lapse(connection, house.now, house.now, house.now, 10))
    house.advance(2)
    first, reminder, lapsed = told(house)
    assert (first.reminder, reminder.reminder) == (False, True)
    assert isinstance(lapsed, Lapsed)
    assert lapsed.order.reference == made.reference
    assert lapsed.order.state is OrderState.CANCELLED


def test_paid_before_it_is_told(house: House) -> None:
    """Nobody is told how to pay, or that it lapsed, what he has paid; he gets his invoice."""
    outcome_of(house.notifier.stopService())
    made = order(house)
    house.write(lambda connection: orders.remind(connection, 0, house.now + 1, house.now, 10))
    house.write(lambda connection: orders.lapse(connection, house.now + 1, house.now, house.now, 10))
    pay(house, made)
    house.notifier.startService()
    house.advance(2)
    assert [type(one) for one in told(house)] == [Invoiced]
    assert owed(house) == 0


def test_order_of_a_page(house: House) -> None:
    """Where it is paid on the provider's page the letter says no more than that."""
    made = order(house, "carte")
    house.write(
        lambda connection: notices.owe_about(connection, Kind.ORDERED, 1, EMAIL, made.reference, "k", house.now)
    )
    house.advance(2)
    (section,) = told(house)
    assert section.instructions is None


def test_provider_that_is_away(house: House) -> None:
    """The letter waits for it, however long it takes."""
    made = order(house, "carte")
    house.bank.away = True
    house.write(
        lambda connection: notices.owe_about(connection, Kind.ORDERED, 1, EMAIL, made.reference, "k", house.now)
    )
    with capturedLogs() as events:
        house.advance(2)
    assert any("cannot be had yet" in one["log_format"] for one in events)
    house.advance(4 * DAY, 300)
    assert house.courier.tries == []
    assert 40 < attempts(house) < 150
    house.bank.away = False
    house.advance(notify.LAST_RETRY + 10, 10)
    assert [type(one) for one in told(house)] == [Ordered]


@pytest.mark.parametrize("about", ["", "RF99SMS999999", "²", "1; DROP TABLE notice"])
@pytest.mark.parametrize("kind", [Kind.ORDERED, Kind.REMINDED, Kind.LAPSED, Kind.INVOICED, Kind.GIVEN])
def test_about_nothing(house: House, kind: Kind, about: str) -> None:
    """What is not there is not told, and not looked for again."""
    house.write(lambda connection: notices.owe_about(connection, kind, 1, EMAIL, about, "k", house.now))
    house.advance(2)
    assert house.courier.tries == []
    assert owed(house) == 0


def test_invoiced(house: House) -> None:
    """The credits that came, the balance, and the file."""
    made = order(house, "carte")
    pay(house, made)
    house.advance(2)
    (section,) = told(house)
    assert isinstance(section, Invoiced)
    assert (section.credits, section.balance, section.invoice.order) == (100, 110, made.reference)
    (letter,) = house.courier.letters
    (file,) = letter.attachments
    number = section.invoice.number
    assert (file.name, file.type) == (f"Facture {number}.pdf", "application/pdf")
    assert file.content.startswith(b"%PDF")
    house.advance(4000, 5)
    assert len(house.courier.tries) == 1
    assert house.made == [number]


def test_credit_note(house: House) -> None:
    """The credits that were there to be taken back, not those that were paid for."""
    made = order(house, "carte")
    pay(house, made)
    house.write(lambda connection: ledger.issue(connection, 1, -50, Reason.ADJUSTMENT, "x", house.now, "essai"))
    pay_back(house, made)
    house.advance(2)
    _, section = told(house)
    assert isinstance(section, Invoiced)
    assert (section.credits, section.balance, section.invoice.credits) == (60, 0, 100)
    assert house.courier.letters[1].attachments[0].name == f"Avoir {section.invoice.number}.pdf"


def test_document_that_cannot_be_made(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The letter waits until it can, for days, and is no letter without it."""
    broken = True
    real = house.document

    def document(said: Any) -> Any:
        if broken:
            raise OSError("no font")
        return real(said)

    monkeypatch.setattr(house.invoices, "_make", document)
    pay(house, order(house, "carte"))
    with capturedLogs() as events:
        house.advance(2)
    assert any("cannot be had yet" in one["log_format"] for one in events)
    house.advance(4 * DAY, 300)
    assert house.courier.tries == []
    broken = False
    house.advance(notify.LAST_RETRY + 10, 10)
    assert len(house.courier.letters) == 1
    assert len(house.courier.letters[0].attachments) == 1


def test_letter_that_is_not_carried(house: House) -> None:
    """Is carried again, the same but for its date."""
    house.courier.refusal = NotCarried("421 occupé")
    pay(house, order(house, "carte"))
    house.advance(2)
    house.courier.refusal = None
    house.advance(90, 1)
    first, second = house.courier.tries
    assert (first.id, first.sections, first.attachments) == (second.id, second.sections, second.attachments)
    assert house.courier.letters == [second]


def test_daemon_that_dies(house: House) -> None:
    """What was not told is told by the next daemon; what was is not told again."""
    order(house)
    house.advance(2)
    house.courier.slow = True
    order(house, key="other")
    house.advance(2)
    assert len(house.courier.tries) == 2
    house.close()
    after = House(house.path, start=house.now + notify.LEASE + 1)
    after.notifier.startService()
    after.advance(60, 1)
    assert [one.id for one in after.courier.letters] == [house.courier.tries[1].id]


def test_given(house: House) -> None:
    """Who, how many, and what there is now."""
    give(house)
    house.advance(2)
    assert told(house) == [Given(giver=GIVER, credits=5, balance=15)]


def test_given_by_a_notice_of_another(house: House) -> None:
    """A transfer is told to who received it, and to nobody else."""
    id_ = give(house)
    house.account("autre@exemple.fr")
    house.write(
        lambda connection: notices.owe_about(connection, Kind.GIVEN, 3, "autre@exemple.fr", f"{id_}", "x", house.now)
    )
    house.advance(2)
    assert [one.recipient for one in house.courier.letters] == [EMAIL]


def test_opened_for_a_transfer(house: House) -> None:
    """One letter: a password, and whose credits these are."""
    give(house, 50, opened=True)
    house.advance(2)
    (section,) = told(house)
    assert isinstance(section, Opening)
    assert (section.email, section.given) == ("neuf@exemple.fr", Given(giver=GIVER, credits=50, balance=50))
    assert len(section.password) == 10


def test_opened_by_its_holder(house: House) -> None:
    """Nobody gave anything."""
    assert outcome_of(house.entrance.sign_up("neuf@exemple.fr", "")) is None
    house.advance(2)
    (section,) = told(house)
    assert section.given is None


def test_each_alone(house: House) -> None:
    """However many wait, beside confirmations that are told together."""
    house.write(lambda connection: accounts.set_options(connection, 1, {"confirmations": Confirmations.ALL}))
    outcome_of(house.notifier.stopService())
    for nth in range(8):
        give(house)
        order(house, key=f"{nth}")
        line = Line(destination="x", code=Code.BAD_NUMBER)
        decided = Decided(key=f"k{nth}", email=EMAIL, recipient=EMAIL, thread=None, lines=(line,))
        outcome_of(house.notifier.owe(decided))
    house.notifier.startService()
    house.advance(2)
    assert sorted(len(one.sections) for one in house.courier.letters) == [*[1] * 16, 8]
    assert sum(isinstance(one.sections[0], Acknowledgement) for one in house.courier.letters) == 1


def test_no_more_than_so_many_an_hour(house: House) -> None:
    """Whoever gives one credit after the other floods nobody; all is told in its time."""
    for _ in range(notify.HOURLY + 20):
        give(house, 1)
    house.advance(5)
    assert len(house.courier.letters) == notify.HOURLY
    house.advance(3600, 1)
    assert len(house.courier.letters) == notify.HOURLY + 20


def test_database_away(house: House) -> None:
    """Nothing is lost, nothing told twice."""
    order(house)
    house.database.away = True
    house.advance(30)
    house.database.away = False
    house.advance(notify.LEASE + 5, 1)
    assert len(house.courier.tries) == 1


def test_holder_who_logged_in_first(house: House) -> None:
    """Is told neither a password nor takes one away; the credits are on his account."""
    outcome_of(house.notifier.stopService())
    give(house, 50, opened=True)

    def choose(connection: Connection) -> None:
        made = accounts.by_email(connection, "neuf@exemple.fr")
        assert made is not None
        accounts.set_password(connection, made.id, password_hash())

    house.write(choose)
    house.notifier.startService()
    house.advance(2)
    assert house.courier.tries == []
