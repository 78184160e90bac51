"""What the tests of the book look at: everything that is kept of it, and texts that mean harm."""

from typing import Any, Final

from sqlalchemy import Connection, select

from smstob.model.account import Account
from smstob.model.contact import Card, Contact, Group
from smstob.storage import accounts
from smstob.storage.schema import contact, contact_group, membership, phrase
from tests.house import EMAIL, House, outcome_of

from .browser import Answer

HOSTILE: Final = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }}",
    "%(n)s %s",
    "=HYPERLINK(0)",
)
OTHER: Final = "autre@exemple.fr"


def on_disk(house: House) -> tuple[Any, ...]:
    """All rows of all books: the same as long as nothing was changed."""

    def read(connection: Connection) -> tuple[Any, ...]:
        tables = (contact, contact_group, membership, phrase)
        return tuple(sorted(map(tuple, connection.execute(select(*table.c)))) for table in tables)

    return house.read(read)


def of(house: House, email: str = EMAIL) -> Account:
    """The account of that address."""
    found = house.read(lambda connection: accounts.by_email(connection, email))
    assert found is not None
    return found


def group(house: House, name: str, email: str = EMAIL) -> Group:
    """A new group."""
    made = outcome_of(house.book.create_group(of(house, email).id, name))
    assert isinstance(made, Group), made
    return made


def card(house: House, name: str, number: str, *groups: int, email: str = EMAIL, **said: str) -> Contact:
    """A new contact."""
    saved = outcome_of(
        house.book.save(of(house, email).id, None, Card(name=name, number=number, groups=groups, **said))
    )
    assert isinstance(saved, Contact), saved
    return saved


def names(house: House, email: str = EMAIL) -> list[str]:
    """The names of an account's contacts, in order."""
    rows = select(contact.c.name).where(contact.c.account_id == of(house, email).id).order_by(contact.c.key)
    return house.read(lambda connection: list(connection.execute(rows).scalars()))


def is_harmless(answer: Answer) -> bool:
    """Whether nothing that was typed became part of the page."""
    return not answer.page.xpath("//script[not(@src)] | //img[@onerror]") and "Traceback" not in answer.text
