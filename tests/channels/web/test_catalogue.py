"""The pages in English: every text has its translation, with the same gaps, and is shown."""

import re
from collections.abc import Iterator
from typing import Final

import pytest
from babel.messages.catalog import Catalog

from smstob.channels.web.language import Language, preferred
from tests.house import PARIS, House

from .browser import Browser, site_of
from .catalogue import extracted, translated

GAPS: Final = re.compile(r"%\((\w+)\)s|%%")


@pytest.fixture(scope="module")
def english() -> Catalog:
    """The catalogue."""
    return translated()


def pairs(english: Catalog) -> Iterator[tuple[str, str]]:
    """Each French form with each English one that may stand for it."""
    for message in english:
        if message.id:
            ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
            texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
            yield from ((french, text or "") for french in ids for text in texts)


def test_every_message_is_translated(english: Catalog) -> None:
    """What the sources say and what the catalogue has are the same, and nothing of it is empty or guessed."""
    known, wanted = ({one.id for one in catalogue if one.id} for catalogue in (english, extracted()))
    assert known == wanted, "make messages, then translate what is new"
    assert not english.obsolete
    assert not [one.id for one in english if one.id and (one.fuzzy or not one.string)]
    assert all(text.strip() for _, text in pairs(english))


def test_translations_have_the_same_gaps(english: Catalog) -> None:
    """Names, figures and percent signs stand in both; outer spaces are the same."""
    for french, text in pairs(english):
        assert sorted(set(GAPS.findall(french))) == sorted(set(GAPS.findall(text))), (french, text)
        assert french.count("%%") == text.count("%%"), (french, text)
        assert GAPS.sub("", text).count("%") == GAPS.sub("", french).count("%"), (french, text)
        assert (french[:1].isspace(), french[-1:].isspace()) == (text[:1].isspace(), text[-1:].isspace()), french


def test_pages_in_english_have_no_french(house: House, english: Catalog) -> None:
    """Who asks for English reads no sentence of the sources on any page that links lead to."""
    sentences = [
        french.partition("%")[0]
        for french, text in pairs(english)
        if text not in (french, "") and len(french.partition("%")[0]) > 24
    ]
    house.account()
    house.code("0612345678", "Hello")
    browser = Browser(site_of(house), language="en-GB,en;q=0.9,fr;q=0.3").log_in()
    ahead, seen = ["/accueil"], set[str]()
    while ahead:
        path = ahead.pop()
        if path in seen or path.startswith(("/static/", "/langue/", "/telecharger/")) or "export" in path:
            continue
        seen.add(path)
        answer = browser.get(path)
        if answer.status != 200 or not answer.headers["content-type"].startswith("text/html"):
            continue
        assert answer.page.get("lang") == "en", path
        words = " ".join(answer.page.text_content().split())
        assert not [one for one in sentences if " ".join(one.split()) in words], path
        links = answer.page.xpath("//a/@href")
        ahead += [link.partition("#")[0] for link in links if link.startswith("/") and "?" not in link]
    assert len(seen) > 20


def test_chosen_language_is_kept(house: House) -> None:
    """By a link, whatever the browser asks for; another link leads back."""
    browser = Browser(site_of(house), language="fr")
    assert "Log in" in browser.get("/langue/en").text or "Sign in" in browser.get("/").text
    assert browser.get("/connexion").page.get("lang") == "en"
    assert browser.get("/langue/fr").page.get("lang") == "fr"
    assert browser.get("/langue/de").status == 404


@pytest.mark.parametrize(
    ("cookie", "accepted", "language"),
    [
        ("", "", "fr"),
        ("", "en", "en"),
        ("", "en-US,en;q=0.9,fr;q=0.8", "en"),
        ("", "fr-FR,fr;q=0.9,en;q=0.8", "fr"),
        ("", "de,en;q=0.5", "en"),
        ("", "de", "fr"),
        ("", "en;q=0", "fr"),
        ("", "en;q=zzz", "fr"),
        ("", "en;q=1e999,fr", "en"),
        ("", ";;;,,,=;q=", "fr"),
        ("", "fr;q=0.1,en;q=0.2", "en"),
        ("en", "fr", "en"),
        ("fr", "en", "fr"),
        ("../../etc", "en", "en"),
        ("", "x" * 100_000, "fr"),
    ],
)
def test_which_language(cookie: str, accepted: str, language: str) -> None:
    """What was chosen, else what the browser likes best of ours, else French; whatever the header is."""
    assert preferred(cookie, accepted) == language


@pytest.mark.parametrize(
    ("code", "number", "said"),
    [("fr", 0, "0 ami"), ("fr", 1, "1 ami"), ("fr", 1234, "1 234 amis")],
)
def test_french_counts(code: str, number: int, said: str) -> None:
    """Zero is singular in French; thousands are set apart."""
    assert " ".join(Language(code, PARIS).count("%(n)s ami", "%(n)s amis", number).split()) == said


@pytest.mark.parametrize(("number", "said"), [(0, "0 contacts"), (1, "1 contact"), (1234, "1,234 contacts")])
def test_english_counts(number: int, said: str) -> None:
    """Zero is plural in English."""
    assert Language("en", PARIS).count("%(n)s contact", "%(n)s contacts", number) == said


def test_dates_and_money() -> None:
    """The service's clocks, each language's ways; a tenth of a cent is shown where there is one."""
    french, english = Language("fr", PARIS), Language("en", PARIS)
    at = 1_772_449_200
    assert french.full_date_time(at) == "lundi 2 mars 2026 à 12:00"
    assert english.full_date_time(at) == "Monday 2 March 2026 at 12:00"
    assert french.date_time(at) == "2 mars 2026, 12:00"
    assert [" ".join(french.tenths(tenths).split()) for tenths in (105, 190)] == ["0,105 €", "0,19 €"]
    assert " ".join(french.euros(1900).split()) == "19,00 €"
