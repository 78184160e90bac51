"""What a draft would become: the very answer that it would get, and nothing done."""

from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from zope.interface.verify import verifyObject

from smstob.flow.estimate import MOST_REJECTS
from smstob.interfaces import IEstimator
from smstob.model.account import Account
from smstob.model.contact import Recipient
from smstob.model.draft import Credentials, Selection
from smstob.model.estimate import Estimate
from smstob.model.merge import Variables
from smstob.model.refusal import Code, Refusal
from smstob.model.route import Route
from smstob.model.segment import Coding
from smstob.model.submission import Submission
from smstob.storage import accounts, contacts
from tests.house import ADDRESS, EMAIL, NOW, PASSWORD, House, numbers, outcome_of

TOMORROW, PAST = "120003032026", "120001032026"


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house with a gateway."""
    made = House(tmp_path / "a.db", recipients=500)
    made.gateway()
    return made


@pytest.fixture
def account(house: House) -> Account:
    """A rich account, of two segments at most."""
    return house.account(max_segments=2)


def people(house: House, account: Account, name: str, *members: tuple[str, str, str]) -> None:
    """A group; each member is a number, a name and a country."""
    recipients = [Recipient(number, f"tel {number[3:]}", country, Variables(who)) for number, who, country in members]

    def create(connection: Any) -> None:
        contacts.add(connection, account.id, contacts.create_group(connection, account.id, name), recipients)

    house.write(create)


def told(house: House, account: Account, destination: str = "0612345678", text: str = "Bonjour", **rest: Any) -> Any:
    """What is told of a draft."""
    return outcome_of(house.estimator.estimate(house.draft(destination, text, sender=account, **rest)))


def estimate(house: House, account: Account, destination: str = "0612345678", **rest: Any) -> Estimate:
    """The estimate, without fail."""
    found = told(house, account, destination, **rest)
    assert isinstance(found, Estimate), found
    return found


def rejects(found: Estimate) -> list[tuple[str, str, int]]:
    """Who gets nothing, and why."""
    return [(one.typed, one.name, int(one.code)) for one in found.rejects]


def test_all_is_told(house: House, account: Account) -> None:
    """Figures, texts and lengths of a group's messages; nothing is done."""
    assert verifyObject(IEstimator, house.estimator)
    people(
        *(house, account, "clients"),
        *(("+33612000001", "Anne", "FR"), ("+33612000002", "漢cja", "FR"), ("+32470000003", "x" * 150, "BE")),
        *(("+33612000004", "Zoé", "FR"), ("+33612000005", "y" * 155, "FR")),
    )
    found = estimate(house, account, "clients", text="Bonjour [nom]", when=TOMORROW)
    assert attrs.evolve(found, samples=()) == Estimate(
        refusal=None,
        messages=5,
        segments=6,
        credits=7,
        balance=1_000_000,
        due=NOW + 86_400,
        deferred=True,
        duplicates=0,
        empty=0,
        unicode=1,
        longest=2,
        samples=(),
        rejects=(),
        rejected=0,
    )
    shown = [(one.name[:5], one.text[:13], one.coding, one.length, one.segments, one.credits) for one in found.samples]
    assert shown == [
        ("Anne", "Bonjour Anne", Coding.GSM7, 12, 1, 1),
        ("漢cja", "Bonjour 漢cja", Coding.UCS2, 12, 1, 1),
        ("xxxxx", "Bonjour xxxxx", Coding.GSM7, 158, 1, 2),
        ("yyyyy", "Bonjour yyyyy", Coding.GSM7, 163, 2, 2),
    ]
    assert (found.samples[0].number, found.samples[0].typed) == ("+33612000001", "tel 612000001")
    assert (house.messages(), house.balance(account)) == ([], 1_000_000)


def test_who_is_left_out_is_named(house: House, account: Account) -> None:
    """Duplicates and empty texts: the others would be sent."""
    people(
        *(house, account, "clients"),
        *(("+33612000001", "Anne", "FR"), ("+33612000002", "", "FR"), ("+33612000003", "Bob", "FR")),
    )
    house.submit("0612000003", "Bob", sender=account)
    found = estimate(house, account, "clients", text="[nom]")
    assert (found.refusal, found.messages, found.duplicates, found.empty, found.rejected) == (None, 1, 1, 1, 2)
    assert rejects(found) == [("tel 612000002", "", 90), ("tel 612000003", "Bob", 91)]
    made = house.submit("clients", "[nom]", sender=account)
    assert isinstance(made, Submission)
    assert (made.messages, made.duplicates, made.empty) == (1, 1, 1)


def test_for_whose_sake_all_is_refused(house: House, account: Account) -> None:
    """Every one whose text is too long, though sending stops at the first; every one whose country is closed."""
    long = [(f"+336120000{index:02}", "x" * (400 if index % 3 else 5), "FR") for index in range(9)]
    people(house, account, "longs", *long)
    people(house, account, "fermés", ("+4915100000001", "Ute", "DE"), *long, ("+4915100000002", "", "DE"))
    found = estimate(house, account, "longs", text="Bonjour [nom]")
    assert (found.refusal, found.messages, found.segments, found.rejected) == (Code.TOO_LONG, 3, 3, 6)
    assert {code for _, _, code in rejects(found)} == {92}
    found = estimate(house, account, "fermés", text="[nom]")
    assert (found.refusal, found.messages, found.empty, found.rejected) == (Code.BAD_NUMBER, 3, 1, 8)
    assert sorted({code for _, _, code in rejects(found)}) == [84, 90, 92]
    assert rejects(found)[0] == ("tel 15100000001", "Ute", 84)
    found = estimate(house, account, "fermés", text="x" * 9999)
    assert (found.refusal, {code for _, _, code in rejects(found)}) == (Code.BAD_NUMBER, {84, 92})


def test_many_rejects_are_counted(house: House, account: Account) -> None:
    """A hundred are named, all are counted."""
    people(house, account, "longs", *((number, "x" * 500, "FR") for number in numbers(300)))
    found = estimate(house, account, "longs", text="[nom]")
    assert (len(found.rejects), found.rejected, found.messages) == (MOST_REJECTS, 300, 0)


def test_bad_numbers_are_named(house: House, account: Account) -> None:
    """Which of a list, of a selection; a word that is no group; an empty group has nobody to name."""
    people(house, account, "vide")
    found = estimate(house, account, "0612345678, 0112345678 ;x")
    assert (found.refusal, rejects(found)) == (Code.BAD_NUMBER, [("0112345678", "", 84), ("x", "", 84)])
    found = estimate(house, account, "choisis", selection=Selection(numbers=("0612345678", "06")))
    assert (found.refusal, rejects(found)) == (Code.BAD_NUMBER, [("06", "", 84)])
    assert rejects(estimate(house, account, "inconnu")) == [("inconnu", "", 84)]
    found = estimate(house, account, "vide")
    assert (found.refusal, rejects(found), found.messages) == (Code.EMPTY_GROUP, [], 0)
    found = estimate(house, account, "x;" * 10_000)
    assert (found.refusal, found.rejected) == (Code.BAD_NUMBER, MOST_REJECTS)


def test_a_refusal_of_the_whole_still_tells(house: House, account: Account) -> None:
    """A bad date, or too little credit: what it would be else, and what it would cost."""
    poor = house.account("pauvre@exemple.fr", 2)
    found = estimate(house, account, text="x" * 161, when=PAST)
    assert (found.refusal, found.messages, found.segments) == (Code.BAD_DATE, 1, 2)
    found = estimate(house, poor, ",".join(numbers(3)))
    assert (found.refusal, found.messages, found.credits, found.balance) == (Code.NO_CREDIT, 3, 3, 2)
    assert house.code(",".join(numbers(3)), sender=poor) == Code.NO_CREDIT


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        ({"destination": " "}, Code.NO_DESTINATION),
        ({"selection": Selection()}, Code.NO_DESTINATION),
        ({"text": " \n\0"}, Code.NO_TEXT),
        ({"destination": ",".join(numbers(501))}, Code.TOO_MANY),
        ({"destination": "+262692123456"}, Code.UNAVAILABLE),
    ],
)
def test_what_is_not_looked_at(tmp_path: Path, draft: dict[str, Any], code: Code) -> None:
    """Where there is nothing to tell there is a refusal, the same as that of sending."""
    house = House(tmp_path / "b.db", [Route("+33", ("A",))], recipients=500)
    account = house.account()
    assert told(house, account, **draft) == Refusal(code)
    assert house.code(sender=account, **draft) == code


def test_the_account_and_the_database(house: House, account: Account) -> None:
    """A closed account is 82, as are credentials; a database that is away is 99."""
    shown = Credentials(email=EMAIL, secret=PASSWORD, address=ADDRESS)
    assert outcome_of(house.estimator.estimate(house.draft(sender=shown))) == Refusal(Code.BAD_CREDENTIALS)
    house.database.away = True
    assert told(house, account) == Refusal(Code.UNAVAILABLE)
    house.database.away = False
    house.write(lambda connection: accounts.set_disabled(connection, account.id, True))
    assert told(house, account) == Refusal(Code.BAD_CREDENTIALS)


TEXTS = st.sampled_from(["Bonjour", "[nom]", "[v1][nom]", "x" * 161, "ł" * 71, "x" * 9999, "[nom]" * 40, "\u200b", " "])
DESTINATIONS = st.one_of(
    st.sampled_from(["clients", "vide", "rien", "Bons", "0612345678", "0692123456;0612000001", "x,0612345678", ""]),
    st.lists(st.sampled_from([*numbers(3, 612_000_000), "+32470000003", "+4915100000001", "0112"]), max_size=6).map(
        ",".join
    ),
)
SELECTIONS = st.builds(
    Selection,
    numbers=st.lists(st.sampled_from([*numbers(3), "06", "+32470000003"]), max_size=3).map(tuple),
    contacts=st.lists(st.integers(0, 9), max_size=3).map(tuple),
    groups=st.lists(st.integers(0, 4), max_size=3).map(tuple),
)


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_it_is_what_sending_answers(data: st.DataObject) -> None:
    """Whatever is drafted, one draft after the other: the same code, and the same messages, SMS and credits."""
    house = House(Path(mkdtemp(prefix="smstob")) / "a.db", recipients=5)
    house.gateway()
    poor, odd = house.account(credits=14), house.account("autre@exemple.fr", max_segments=1, duplicates=False)
    for account in (poor, odd):
        long = [(number, "n" * 60 * place, "FR") for place, number in enumerate(numbers(4))]
        people(house, account, "clients", *long)
        people(house, account, "bons", ("+33612000001", "Zoé", "FR"), ("+32470000003", "", "BE"), ("+49151", "U", "DE"))
        people(house, account, "vide")
    for _ in range(8):
        selection = data.draw(st.one_of(st.none(), st.none(), SELECTIONS))
        account, when = data.draw(st.sampled_from([poor, odd])), data.draw(st.sampled_from(["", "", TOMORROW, PAST]))
        rest = {"sender": account, "when": when, "selection": selection}
        draft = house.draft(data.draw(DESTINATIONS), data.draw(TEXTS), **rest)
        found = outcome_of(house.estimator.estimate(draft))
        answer = outcome_of(house.submitter.submit(draft))
        if isinstance(found, Refusal):
            assert answer == found
        elif isinstance(answer, Refusal):
            assert answer.code == found.refusal
        else:
            rows = [row for row in house.messages() if row.submission_id == answer.id]
            assert found.refusal is None
            assert (found.messages, found.duplicates, found.empty) == (answer.messages, answer.duplicates, answer.empty)
            assert (found.segments, found.credits) == (sum(row.segments for row in rows), answer.credits)
            assert (found.due, found.deferred) == (answer.due, answer.code == Code.DEFERRED)
            assert {one.text for one in found.samples} <= {row.text for row in rows}
            assert found.rejected == found.duplicates + found.empty
    house.close()
