"""Whom a draft is for: numbers typed and recipients picked, each once, in the right words."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from smstob.model.account import Account
from smstob.model.contact import Recipient
from smstob.model.draft import Selection
from smstob.model.merge import Variables
from smstob.model.refusal import Code
from smstob.storage import contacts
from smstob.storage.schema import contact
from tests.house import House, numbers

FIRST, SECOND, THIRD = "+33612000001", "+33612000002", "+33612000003"
TEXT = "Bonjour [nom]"


class Story:
    """Two accounts with a book each."""

    def __init__(self, path: Path) -> None:
        self.house = House(path / "a.db")
        self.house.gateway()
        self.account = self.house.account()
        self.other = self.house.account("autre@exemple.fr")
        self.ours = self.group(self.account, "Nous", (FIRST, "Anne"), (SECOND, "Bob"))
        self.both = self.group(self.account, "Deux", (SECOND, "Robert"), (THIRD, "Carl"))
        self.empty = self.group(self.account, "Vide")
        self.theirs = self.group(self.other, "Eux", ("+33698000001", "Eve"))

    def group(self, account: Account, name: str, *people: tuple[str, str]) -> int:
        """A group of contacts, each a number and a name; its id."""

        def create(connection: Any) -> int:
            made = contacts.create_group(connection, account.id, name)
            members = [Recipient(number, f"0{number[3:]}", "FR", Variables(who)) for number, who in people]
            contacts.add(connection, account.id, made, members)
            return made

        return self.house.write(create)

    def ids(self, account: Account) -> list[int]:
        """The ids of an account's contacts."""
        wanted = select(contact.c.id).where(contact.c.account_id == account.id).order_by(contact.c.id)
        return self.house.read(lambda connection: list(connection.execute(wanted).scalars()))

    def code(self, text: str = TEXT, destination: str = "choisis", **selection: Any) -> Code:
        """What a draft to that selection is answered."""
        chosen = Selection(**selection)
        return self.house.code(destination, text, sender=self.account, selection=chosen)

    def sent(self, **selection: Any) -> list[tuple[str, str, str]]:
        """The messages that it became: number, as typed, text."""
        assert self.code(**selection) == Code.SENT
        return [(row.number, row.typed, row.text) for row in self.house.messages()]


@pytest.fixture
def story(tmp_path: Path) -> Story:
    """Theirs and ours."""
    return Story(tmp_path)


def test_numbers_first_then_contacts_then_groups(story: Story) -> None:
    """Each number once, the first one's name wins."""
    _, bob, _, carl = story.ids(story.account)
    assert story.sent(numbers=("06 99 00 00 01",), contacts=(carl, bob), groups=(story.both, story.ours)) == [
        ("+33699000001", "06 99 00 00 01", "Bonjour"),
        (THIRD, "0612000003", "Bonjour Carl"),
        (SECOND, "0612000002", "Bonjour Bob"),
        (FIRST, "0612000001", "Bonjour Anne"),
    ]


def test_a_typed_number_that_is_also_picked_has_the_contact_s_name(story: Story) -> None:
    """Who types a number and picks a group expects the name, at the place and in the form of what was typed."""
    assert story.sent(numbers=("+33 6 12 00 00 02", "0612 00 00 02"), groups=(story.both,)) == [
        (SECOND, "+33 6 12 00 00 02", "Bonjour Robert"),
        (THIRD, "0612000003", "Bonjour Carl"),
    ]


def test_the_destination_is_how_it_is_told(story: Story) -> None:
    """It is kept as given, and never read: not even where it is a number or a group."""
    assert story.code(destination="Nous", numbers=(THIRD,)) == Code.SENT
    assert story.code(destination="0698000001", numbers=(FIRST,)) == Code.SENT
    assert [row.number for row in story.house.messages()] == [THIRD, FIRST]


@pytest.mark.parametrize("bad", ["0112345678", "x", "", "0612345678,0612345679", "٠٦١٢٣٤٥٦٧٨", "\0", "9" * 9999])
def test_a_bad_number_makes_all_of_it_84(story: Story, bad: str) -> None:
    """Whatever else is picked."""
    assert story.code(numbers=(FIRST, bad), groups=(story.ours,)) == Code.BAD_NUMBER
    assert story.house.messages() == []


def test_who_is_there(story: Story) -> None:
    """86 where chosen groups are empty, 84 where nothing chosen is there, 89 where nothing was chosen."""
    theirs = story.ids(story.other)
    assert story.code(groups=(story.empty,)) == Code.EMPTY_GROUP
    assert story.code(groups=(story.empty, 999), contacts=(998,)) == Code.EMPTY_GROUP
    assert story.code(groups=(999,), contacts=(998,)) == Code.BAD_NUMBER
    assert story.code(groups=(story.theirs,), contacts=tuple(theirs)) == Code.BAD_NUMBER
    assert story.code() == Code.NO_DESTINATION
    assert story.house.messages() == []
    assert story.code(groups=(story.theirs, story.ours), contacts=(*theirs, 998)) == Code.SENT
    assert {row.number for row in story.house.messages()} == {FIRST, SECOND}


def test_ids_that_no_database_has(story: Story) -> None:
    """They are nobody's, however large."""
    odd = (0, -1, 2**63 - 1, 2**63, -(2**63), 10**40)
    assert story.code(groups=odd, contacts=odd) == Code.BAD_NUMBER
    assert story.code(groups=(*odd, story.ours)) == Code.SENT


def test_many(story: Story) -> None:
    """A thousand are found, beside two groups that share them."""
    many = numbers(1000, 620_000_000)
    one, two = (story.group(story.account, name, *((number, name) for number in many)) for name in ("Un", "Deux b"))
    assert len(story.sent(contacts=tuple(story.ids(story.account)), groups=(two, one))) == 1003
