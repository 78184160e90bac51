"""Phrases types: kept by name, refused with a reason."""

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smstob.desktop import database
from smstob.desktop.phrases import Phrases
from smstob.model.contact import Fault, Phrase


@pytest.fixture
def phrases(tmp_path: Path) -> Phrases:
    """None yet."""
    return Phrases(database.connect(tmp_path))


def test_kept(phrases: Phrases, tmp_path: Path) -> None:
    """A phrase is kept, changed, sorted as people read, there on another connection, and deleted."""
    first = phrases.save(" Élections  du maire ", " Bonjour [nom],\r\nvotez !\n")
    second = phrases.save("eau", "Coupure d'eau")
    assert (first, second) == (
        Phrase(1, "Élections du maire", "Bonjour [nom],\nvotez !"),
        Phrase(2, "eau", "Coupure d'eau"),
    )
    assert [one.id for one in Phrases(database.connect(tmp_path)).all()] == [2, 1]
    assert phrases.save("Élections", "Votez !", 1) == Phrase(1, "Élections", "Votez !")
    assert phrases.save("EAU", "Coupure", 2) == Phrase(2, "EAU", "Coupure")
    phrases.delete(1)
    phrases.delete(999)
    assert phrases.all() == [Phrase(2, "EAU", "Coupure")]


@pytest.mark.parametrize(
    ("name", "text", "id_", "fault"),
    [
        ("", "texte", None, Fault.EMPTY),
        ("  ", "texte", None, Fault.EMPTY),
        ("Nom", " \n\x00\ud83d", None, Fault.EMPTY),
        ("x" * 101, "texte", None, Fault.TOO_LONG),
        ("a\nb", "texte", None, Fault.SEVERAL_LINES),
        ("a\ud83d", "texte", None, Fault.SEVERAL_LINES),
        ("EAU", "texte", None, Fault.NAME_TAKEN),
        ("eau", "texte", 7, Fault.NAME_TAKEN),
        ("Autre", "texte", 7, Fault.GONE),
    ],
)
def test_wrong(phrases: Phrases, name: str, text: str, id_: int | None, fault: Fault) -> None:
    """What cannot be kept is told, and what there is stays."""
    kept = phrases.save("Eau", "Coupure")
    assert phrases.save(name, text, id_) == fault
    assert phrases.all() == [kept]


def test_full_disk(tmp_path: Path) -> None:
    """A full disk raises sqlite3.Error, and what there was stays."""
    connection = database.connect(tmp_path)
    phrases = Phrases(connection)
    kept = phrases.save("Eau", "Coupure")
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(sqlite3.Error):
        phrases.save("Long", "x" * 100_000)
    assert phrases.all() == [kept]
    connection.execute("PRAGMA max_page_count = 100000")
    assert isinstance(phrases.save("Long", "x" * 100_000), Phrase)


@settings(deadline=None)
@given(name=st.text(max_size=110), text=st.text(max_size=300))
def test_anything(tmp_path_factory: pytest.TempPathFactory, name: str, text: str) -> None:
    """Whatever is typed is kept as it comes back, or refused."""
    phrases = Phrases(database.connect(tmp_path_factory.mktemp("phrases")))
    made = phrases.save(name, text)
    assert phrases.all() == ([made] if isinstance(made, Phrase) else [])
