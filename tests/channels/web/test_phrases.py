"""Phrases types: kept, changed, deleted, offered where messages are written; and everybody's own only."""

import pytest

from smstob.model.contact import Phrase
from tests.house import House, outcome_of

from .book_on_disk import HOSTILE, OTHER, is_harmless, of, on_disk
from .browser import Browser


def phrase(house: House, name: str = "Rappel", text: str = "À demain [nom]", email: str | None = None) -> Phrase:
    """A new one."""
    account = of(house, email) if email else of(house)
    made = outcome_of(house.book.save_phrase(account.id, None, name, text))
    assert isinstance(made, Phrase)
    return made


def kept(house: House) -> list[tuple[str, str]]:
    """The customer's."""
    return [(one.name, one.text) for one in outcome_of(house.book.phrases(of(house).id))]


def test_add_change_delete(house: House, customer: Browser) -> None:
    """Line ends and variables are kept; the page that sends offers it."""
    page = customer.get("/carnet/phrases")
    assert "Pas encore de phrase type" in page.seen
    answer = customer.submit(page, "/carnet/phrases", {"nom": "Rappel", "texte": "Bonjour [nom],\r\nà demain."})
    assert "La phrase type est enregistrée." in answer.seen
    assert kept(house) == [("Rappel", "Bonjour [nom],\nà demain.")]
    assert "Bonjour [nom],<br>à demain." in answer.text
    options = customer.get("/envoyer").page.xpath("//select[@id='phrases']/option/@value")
    assert "Bonjour [nom],\nà demain." in options
    (link,) = answer.page.xpath("//main//article//a/@href")
    edit = customer.get(link)
    assert edit.page.xpath("string(//textarea)").strip() == "Bonjour [nom],\nà demain."
    customer.submit(edit, link, {"texte": "À tout à l'heure"})
    assert kept(house) == [("Rappel", "À tout à l'heure")]
    answer = customer.submit(customer.get("/carnet/phrases"), f"{link}/supprimer")
    assert "La phrase type est supprimée." in answer.seen
    assert kept(house) == []


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"nom": "", "texte": "x"}, "nom", "Il manque quelque chose ici."),
        ({"nom": "x", "texte": " \n "}, "texte", "Il manque quelque chose ici."),
        ({"nom": "x" * 101, "texte": "x"}, "nom", "C'est trop long."),
        ({"nom": "x", "texte": "y" * 2001}, "texte", "C'est trop long."),
        ({"nom": "un\ndeux", "texte": "x"}, "nom", "Il y a trop de lignes"),
        ({"nom": "RAPPEL", "texte": "x"}, "nom", "Ce nom est déjà pris."),
    ],
)
def test_faults(house: House, customer: Browser, fields: dict[str, str], field: str, said: str) -> None:
    """Each is told at its field, with what was typed still there; nothing changed. For a new one and an old one."""
    phrase(house)
    other = phrase(house, "Autre")
    before = on_disk(house)
    for path in ("/carnet/phrases", f"/carnet/phrases/{other.id}"):
        answer = customer.post(path, fields)
        assert answer.status == 422
        assert said in " ".join(answer.page.xpath(f"//*[@id='{field}-note']")[0].text_content().split())
        assert answer.page.xpath("//input[@name='nom']/@value") == [fields["nom"]]
        assert answer.page.xpath("string(//textarea)").strip() == fields["texte"].strip()
    assert on_disk(house) == before


@pytest.mark.parametrize("text", HOSTILE)
def test_texts_stay_texts(house: House, customer: Browser, text: str) -> None:
    """They are shown as they were typed, on every page that has them."""
    made = phrase(house, text, text)
    for path in ("/carnet/phrases", f"/carnet/phrases/{made.id}", "/envoyer"):
        page = customer.get(path)
        assert text in page.page.text_content()
        assert is_harmless(page)
    assert is_harmless(customer.post("/carnet/phrases", {"nom": text, "texte": ""}))


def test_others_phrases_are_not_there(house: House, customer: Browser) -> None:
    """No address shows, changes or deletes what is another account's."""
    house.account(OTHER)
    theirs = phrase(house, "Secret", "Secret", OTHER)
    before = on_disk(house)
    path = f"/carnet/phrases/{theirs.id}"
    assert customer.get(path).status == 404
    assert customer.post(path, {"nom": "Pris", "texte": "Pris"}).status == 404
    assert customer.post(f"{path}/supprimer").status == 404
    assert "Secret" not in customer.get("/carnet/phrases").text
    assert on_disk(house) == before


@pytest.mark.parametrize("path", ["", "/1", "/1/supprimer"])
def test_forged_forms(house: House, customer: Browser, path: str) -> None:
    """Without this browser's own token nothing is done."""
    phrase(house)
    before = on_disk(house)
    for token in ("", "0" * 64, "é"):
        fields = {"jeton": token, "nom": "Pris", "texte": "Pris"}
        assert customer.post(f"/carnet/phrases{path}", fields).status == 403
    assert on_disk(house) == before


def test_no_room_and_database_away(house: House, customer: Browser) -> None:
    """A book that is full says so; a database that is away is told."""
    for number in range(500):
        phrase(house, f"Phrase {number}")
    answer = customer.post("/carnet/phrases", {"nom": "De trop", "texte": "x"})
    assert answer.status == 422
    assert "Il n'y a plus de place" in answer.seen
    token = customer.token
    house.database.away = True
    assert customer.post("/carnet/phrases/1/supprimer", {"jeton": token}).status == 503
    house.database.away = False
    assert len(kept(house)) == 500
