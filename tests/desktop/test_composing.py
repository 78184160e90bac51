"""Whom a text is for, what each gets, in which mails, and how many SMS that is."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smstob.desktop import letter
from smstob.desktop.book import ContactBook
from smstob.desktop.composing import (
    MOST_NUMBERS,
    Addressees,
    Mailing,
    addressees,
    count,
    mailing,
    site_mailing,
)
from smstob.model.account import Characters
from smstob.model.contact import Card, Group, Recipient
from smstob.model.merge import Variables
from smstob.model.segment import Coding, measure
from smstob.model.text import clean, for_sending
from tests import house
from tests.desktop.office import book_in, letter_of, read_by_service, settings_for
from tests.house import House, numbers

ANNE = Card(name="Anne Petit", number="06 11 11 11 11", v1="lundi")
BOB = Card(name="Bob", number="0622222222", v1="mardi")
DUPONT = Card(name="Dupont, Jean", number="0633333333")
BLANK = Card(name="", number="0644444444")
TEXTS = st.text(st.sampled_from("aé€[]{}êœ’\u00a0\u200b😀\n  nomv123"), max_size=400)


@pytest.fixture
def book(tmp_path: Path) -> ContactBook:
    """Anne and Bob are «Clients», Dupont is «Mairie, accueil», «Vide» is empty; Bob has a namesake."""
    found, (anne, bob, dupont, *_) = book_in(
        tmp_path, ANNE, BOB, DUPONT, BLANK, Card(name="Zoé", number="0655555555"), Card(name="zoe", number="0655555556")
    )
    groups = [found.save_group(name) for name in ("Clients", "Mairie, accueil", "Vide")]
    assert all(isinstance(one, Group) for one in groups)
    for group, members in zip(groups, ([anne.id, bob.id], [dupont.id], []), strict=True):
        assert isinstance(group, Group)
        found.join(group.id, members)
    return found


def found_numbers(typed: str, book: ContactBook) -> list[str]:
    """The numbers that something typed comes to; fails unless all of it is understood."""
    found = addressees(typed, book)
    assert (found.unknown, found.ambiguous, found.empty) == ((), (), ()), found
    return [one.number for one in found.recipients]


def people(count_: int, *variables: str) -> list[Recipient]:
    """So many recipients, each with one of these for v1."""
    said = variables or ("",)
    return [
        Recipient(number, number, "FR", Variables(v1=said[index % len(said)]))
        for index, number in enumerate(numbers(count_))
    ]


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("0612345678", ["+33612345678"]),
        ("06 12 34 56 78; +33 6 12 34 56 79\n0033612345670,336 12 34 56 71", [f"+3361234567{n}" for n in "8901"]),
        ("0612345678\r\n0612345679\u2028 0612345670 ", [f"+3361234567{n}" for n in "890"]),
        ("clients", ["+33611111111", "+33622222222"]),
        ("Bob, CLIENTS", ["+33622222222", "+33611111111"]),
        ("anne  petit", ["+33611111111"]),
        ("Dupont, Jean", ["+33633333333"]),
        ("0612345678, dupont, jean; Mairie, accueil, Bob", ["+33612345678", "+33633333333", "+33622222222"]),
        (",;  ,\n;", []),
        ("", []),
    ],
)
def test_understood(book: ContactBook, typed: str, wanted: list[str]) -> None:
    """Numbers, groups and contacts between separators, in the order typed, each number once; names may have commas."""
    assert found_numbers(typed, book) == wanted


def test_number_speaks_to_contact(book: ContactBook) -> None:
    """A number that is typed, however it is written, and is in the book speaks to its contact."""
    (found,) = addressees("+33 6 11.11.11.11, 0611111111, Anne Petit", book).recipients
    assert (found.variables.name, found.variables.v1) == ("Anne Petit", "lundi")


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("Inconnu", Addressees(unknown=("Inconnu",))),
        ("Vide", Addressees(empty=("Vide",))),
        ("zoé", Addressees(ambiguous=("zoé",))),
        ("0123456789, 12, +", Addressees(unknown=("0123456789", "12", "+"))),
        ("Dupont\nJean", Addressees(unknown=("Dupont", "Jean"))),
        ("Anne\nPetit", Addressees(unknown=("Anne", "Petit"))),
        # neither accents alone nor halves of characters are the contact without a name
        ("\u0301", Addressees(unknown=("\u0301",))),
        ("\ud83d", Addressees()),
        ("a\ud83d", Addressees(unknown=("a",))),
        ("'; DROP TABLE contact; --", Addressees(unknown=("'", "DROP TABLE contact", "--"))),
    ],
)
def test_not_understood(book: ContactBook, typed: str, wanted: Addressees) -> None:
    """What is nobody, somebody twice, or an empty group is told as it was typed, and nobody gets anything."""
    assert addressees(typed, book) == wanted


@pytest.mark.parametrize(
    ("typed", "group"),
    [
        ("Adhérents", "Adhérents"),
        ("  Les   amis ", "Les amis"),
        ("Adhérents, Amis", None),
        ("Adhérents, 0612345678", None),
        ("Vide", None),
        ("zoé", None),
        ("x" * 101, None),
        ("a\x07b", None),
        ("", None),
    ],
)
def test_site_group(book: ContactBook, typed: str, group: str | None) -> None:
    """One unknown name, and only that, may be a group of the site; what no group can be called is none."""
    assert addressees(typed, book).site_group == group


@settings(deadline=None)
@given(typed=st.text(max_size=60))
def test_anything_typed(tmp_path_factory: pytest.TempPathFactory, typed: str) -> None:
    """Whatever is typed, halves of characters too, is understood or told; every number is E.164 and there once."""
    book, _ = book_in(tmp_path_factory.mktemp("book"))
    found = addressees(typed, book)
    told = [one.number for one in found.recipients]
    assert all(one.startswith("+") and one[1:].isdigit() for one in told)
    assert len(set(told)) == len(told)


def test_thousands_typed(book: ContactBook) -> None:
    """10,000 numbers pasted are found within the time that a window may take to answer."""
    typed = "\n".join(f"06{index:08}" for index in range(10_000))
    begun = time.perf_counter()
    found = addressees(typed, book)
    assert len(found.recipients) == 10_000
    assert time.perf_counter() - begun < 2


def test_chunks_and_shared_mails() -> None:
    """One mail for each rendered text and 100 numbers; who gets the same text shares a mail."""
    made = mailing("Rendez-vous [V1]", people(250, "lundi", "mardi"), Characters.ADAPT)
    assert [(len(one.destination), one.text) for one in made.shares] == [
        *((100, "Rendez-vous lundi"), (25, "Rendez-vous lundi")),
        *((100, "Rendez-vous mardi"), (25, "Rendez-vous mardi")),
    ]
    assert MOST_NUMBERS == 100
    assert (made.messages, made.segments, made.unicode, made.empty) == (250, 250, 0, 0)
    assert sorted(number for one in made.shares for number in one.destination) == sorted(numbers(250))


def test_empty_texts() -> None:
    """Who would get an empty text gets none and is counted; of a blank text nothing goes at all."""
    made = mailing("[v1]", people(4, "oui", " \n"), Characters.ADAPT)
    assert ([one.text for one in made.shares], made.messages, made.empty) == (["oui"], 2, 2)
    for blank in ("", " \n\t", "\x00", "\u200b"):
        assert mailing(blank, people(2), Characters.ADAPT).shares == ()
    assert site_mailing(" \n", "Clients", Characters.ADAPT).shares == ()


def test_variable_is_literal() -> None:
    """Braces, per cent and variables within a variable stay as they are."""
    made = mailing("[nom] [v1] % {}", people(1, "%s {0} [v2"), Characters.ADAPT)
    assert made.shares[0].text == "%s {0} [v2 % {}"


@pytest.mark.parametrize(
    ("text", "characters", "coding", "length", "segments"),
    [
        ("a" * 160, Characters.ADAPT, Coding.GSM7, 160, 1),
        ("a" * 161, Characters.ADAPT, Coding.GSM7, 161, 2),
        ("€" * 80, Characters.ADAPT, Coding.GSM7, 160, 1),
        ("ê" * 160, Characters.ADAPT, Coding.GSM7, 160, 1),
        ("ê" * 71, Characters.AS_IS, Coding.UCS2, 71, 2),
        ("😀" * 35, Characters.ADAPT, Coding.UCS2, 70, 1),
        ("  a\r\nb ", Characters.ADAPT, Coding.GSM7, 3, 1),
        ("\ud83d", Characters.ADAPT, Coding.GSM7, 0, 1),
        ("", Characters.ADAPT, Coding.GSM7, 0, 1),
    ],
)
def test_counter(text: str, characters: Characters, coding: Coding, length: int, segments: int) -> None:
    """The counter while one types, at the limits."""
    measured = count(text, characters)
    assert (measured.coding, measured.length, measured.segments) == (coding, length, segments)


def by_the_service(at: House, made: Mailing) -> dict[str, tuple[str, str, int]]:
    """What the service keeps of the mails of a mailing, read as its own door does: text, coding and SMS by number."""
    for index, share in enumerate(made.shares):
        data = letter.write(
            letter_of(share.text, share.destination, message_id=f"<{index}@exemple.fr>"),
            settings_for(25, email=house.EMAIL), house.PASSWORD, house.NOW,
        )  # fmt: skip
        mail, request = read_by_service(data)
        assert (mail.sender, request.secret, request.when) == (house.EMAIL, house.PASSWORD, "")
        at.accepted(request.destination, request.text)
    return {row.number: (row.text, row.coding, row.segments) for row in at.messages()}


@pytest.mark.parametrize("characters", list(Characters))
@pytest.mark.parametrize(
    "text",
    [
        "Bonjour [nom], rendez-vous [v1] à « 9 h » — prêt ?",
        "\u00a0[v1]\u200b " + "œuf €[] " * 30,
        "😀" * 36 + "[v1]",
        "-- \n[v1]\n--fin\nEnvoyé de mon iPhone\n" + "_" * 20,
    ],
)
def test_counts_as_the_service(tmp_path: Path, text: str, characters: Characters) -> None:
    """The mails of a mailing, brought to the service, become those messages, and cost what was shown before."""
    at = House(tmp_path / "smstob.db")
    try:
        at.account(duplicates=False, max_segments=10, characters=characters)
        recipients = people(120, "lundi", "à l’été", "x" * 150, "")
        made = mailing(text, recipients, characters)
        assert made.messages == len(recipients)
        kept = by_the_service(at, made)
        assert kept.keys() == {one.number for one in recipients}
        assert sum(segments for _, _, segments in kept.values()) == made.segments
        assert max(segments for _, _, segments in kept.values()) == made.longest.segments
        assert sum(coding == Coding.UCS2 for _, coding, _ in kept.values()) == made.unicode
        wanted = {number: for_sending(share.text, characters) for share in made.shares for number in share.destination}
        assert {number: text for number, (text, _, _) in kept.items()} == wanted
    finally:
        at.close()


@settings(deadline=None)
@given(text=TEXTS, variables=st.lists(TEXTS, min_size=1, max_size=4), characters=st.sampled_from(Characters))
def test_mailing_holds_together(text: str, variables: list[str], characters: Characters) -> None:
    """Everybody is written to once or has nothing to read; the sums are those of the mails; clean texts stay clean."""
    recipients = people(7, *variables)
    made = mailing(text, recipients, characters)
    written = [number for share in made.shares for number in share.destination]
    assert len(set(written)) == len(written) == made.messages == len(recipients) - made.empty
    assert all(clean(share.text) == share.text != "" for share in made.shares)
    sizes = [(measure(for_sending(share.text, characters)), len(share.destination)) for share in made.shares]
    assert made.segments == sum(one.segments * many for one, many in sizes)
    assert made.unicode == sum(many for one, many in sizes if one.coding is Coding.UCS2)
    assert made.longest.segments == max((one.segments for one, _ in sizes), default=1)
