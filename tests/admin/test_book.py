"""``smstob contact import``: files of every kind, again and again, beside what is in the book."""

from pathlib import Path

import pytest
from sqlalchemy import Connection

from smstob.model.merge import Variables
from smstob.storage import contacts
from tests.contacts.files import MESSAGES, PLATES, as_csv, as_workbook

from .console import EMAIL, Console


def said(console: Console, group: str) -> dict[str, Variables]:
    """What a group's contacts say, by number."""
    account = console.account().id

    def work(connection: Connection) -> dict[str, Variables]:
        found = contacts.find_group(connection, account, group)
        assert found is not None
        return {one.number: one.variables for one in contacts.members(connection, found)}

    return console.transact(work)


def kept(console: Console, name: str, content: bytes) -> str:
    """The path of a file of that name."""
    path: Path = console.directory / name
    path.write_bytes(content)
    return str(path)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_brochure(console: Console, kind: str) -> None:
    """Both tables, into two groups: who is in both is said different things of."""
    console.open_account()
    for name, table in (("Plats", PLATES), ("Messages", MESSAGES)):
        book = kept(console, f"{name}.{kind}", as_csv(table) if kind == "csv" else as_workbook(table))
        done = console.json("contact", "import", EMAIL, book, "--group", name)
        assert done == {"imported": len(table) - 1, "rejected": []}
    assert said(console, "Plats")["+33660919010"] == Variables("", "Jean", "Hédé", "la Pizza")
    assert said(console, "Messages")["+33660919010"].name == "Jean"


def test_again(console: Console) -> None:
    """Who is in the group is updated, the last row counts, and what the file does not speak of stays."""
    console.open_account()
    first = kept(console, "a.csv", "Nom;Numéro;v1\nJean;0660919010;a\nLuc;0660545465;b\n".encode())
    console.json("contact", "import", EMAIL, first, "--group", "Amis")
    second = kept(console, "b.xlsx", as_workbook([("Numéro", "v1"), (660919010, "x"), (660919010, "y"), (1, "z")]))
    done = console.json("contact", "import", EMAIL, second, "--group", "amis")
    assert (done["imported"], [fault["line"] for fault in done["rejected"]]) == (1, [4])
    assert console.json("group", "list", EMAIL) == [{"name": "Amis", "contacts": 2}]
    assert said(console, "Amis") == {
        "+33660919010": Variables("Jean", "y"),
        "+33660545465": Variables("Luc", "b"),
    }


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("  ", "ce texte est vide"),
        ("a" * 101, "100 caractères au plus"),
        ("a\nb", "d'une ligne"),
        ("0660919010", "est un numéro"),
    ],
)
def test_group_names(console: Console, name: str, sentence: str) -> None:
    """As in the pages, for a new group and for an import."""
    console.open_account()
    book = kept(console, "a.csv", b"Jean;0660919010\n")
    assert sentence in console.mistake("group", "create", EMAIL, name)
    assert sentence in console.mistake("contact", "import", EMAIL, book, "--group", name)
    assert console.json("group", "list", EMAIL) == []
