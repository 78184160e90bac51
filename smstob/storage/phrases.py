"""Phrases of an account: texts that are used again."""

from sqlalchemy import Connection, delete, insert, select, update

from ..model.contact import Phrase, plain
from .schema import phrase


def by_name(connection: Connection, account: int) -> list[Phrase]:
    """All of them; case and accents do not count for the order."""
    wanted = select(phrase.c.id, phrase.c.name, phrase.c.text).where(phrase.c.account_id == account)
    found = [Phrase(row.id, row.name, row.text) for row in connection.execute(wanted)]
    return sorted(found, key=lambda one: (plain(one.name), one.name))


def create(connection: Connection, account: int, name: str, text: str) -> int:
    """A new one, of a name that no other has; gives its id."""
    key = connection.execute(insert(phrase).values(account_id=account, name=name, text=text)).inserted_primary_key
    assert key is not None
    return int(key[0])


def change(connection: Connection, account: int, id_: int, name: str, text: str) -> bool:
    """Another name, that no other has, and text; whether the phrase is there."""
    mine = update(phrase).where(phrase.c.id == id_, phrase.c.account_id == account)
    return connection.execute(mine.values(name=name, text=text)).rowcount > 0


def remove(connection: Connection, account: int, id_: int) -> bool:
    """Delete one; whether there was one."""
    gone = delete(phrase).where(phrase.c.id == id_, phrase.c.account_id == account)
    return connection.execute(gone).rowcount > 0
