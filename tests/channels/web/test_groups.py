"""Groupes: made, renamed, deleted with or without their contacts; and everybody's own only."""

import pytest

from smstob.model.contact import Fault
from tests.house import House, outcome_of

from .book_on_disk import HOSTILE, OTHER, card, group, is_harmless, names, of, on_disk
from .browser import Browser


def groups(house: House) -> list[tuple[str, int]]:
    """The customer's groups, and how many contacts are in each."""
    return [(one.name, one.contacts) for one in outcome_of(house.book.groups(of(house).id))]


def test_create(house: House, customer: Browser) -> None:
    """An empty page says how; then the group is in the list, with its count and what can be done with it."""
    page = customer.get("/carnet/groupes")
    assert "Pas encore de groupe" in page.seen
    answer = customer.submit(page, "/carnet/groupes", {"nom": "  Adhérents   2026 "})
    assert "Le groupe est créé." in answer.seen
    assert groups(house) == [("Adhérents 2026", 0)]
    links = answer.page.xpath("//table//a/@href")
    assert links == ["/carnet?groupe=1", "/carnet/import?groupe=1", "/carnet/groupes/1"]
    card(house, "Jean", "0612345678", 1)
    links = customer.get("/carnet/groupes").page.xpath("//table//a/@href")
    assert links == ["/carnet?groupe=1", "/envoyer?groupe=1", "/carnet/export?groupe=1", "/carnet/groupes/1"]


def test_write_to_a_group(house: House, customer: Browser) -> None:
    """Its link leads to the form that sends, with the group ticked."""
    clients = group(house, "Clients")
    composed = customer.get(f"/envoyer?groupe={clients.id}")
    assert composed.page.xpath("//input[@name='groupe'][@checked]/@value") == [str(clients.id)]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "Il manque quelque chose ici."),
        (" \t ", "Il manque quelque chose ici."),
        ("x" * 101, "C'est trop long."),
        ("un\ndeux", "Il y a trop de lignes"),
        ("clients", "Ce nom est déjà pris."),
        ("0612345678", "C'est un numéro : un groupe de ce nom ne recevrait jamais rien."),
    ],
)
def test_faulty_names(house: House, customer: Browser, name: str, said: str) -> None:
    """Each is told at the field, what was typed is still there, and nothing changed; for a new and an old group."""
    group(house, "Clients")
    other = group(house, "Autres")
    before = on_disk(house)
    for path in ("/carnet/groupes", f"/carnet/groupes/{other.id}"):
        answer = customer.post(path, {"nom": name})
        assert answer.status == 422
        assert said in " ".join(answer.page.xpath("//*[@id='nom-note']")[0].text_content().split())
        assert answer.page.xpath("//input[@name='nom']/@value") == [name]
    assert on_disk(house) == before


def test_rename(house: House, customer: Browser) -> None:
    """Another name, or the same in another case."""
    clients = group(house, "Clients")
    page = customer.get(f"/carnet/groupes/{clients.id}")
    assert page.page.xpath("//input[@name='nom']/@value") == ["Clients"]
    answer = customer.submit(page, f"/carnet/groupes/{clients.id}", {"nom": "CLIENTS"})
    assert "Le groupe est renommé." in answer.seen
    assert groups(house) == [("CLIENTS", 0)]


def test_delete_keeps_contacts(house: House, customer: Browser) -> None:
    """The group goes, its contacts stay in the book."""
    clients = group(house, "Clients")
    card(house, "Jean", "0612345678", clients.id)
    page = customer.get(f"/carnet/groupes/{clients.id}")
    answer = customer.submit(page, f"/carnet/groupes/{clients.id}/supprimer")
    assert "Ses contacts restent dans le carnet." in answer.seen
    assert groups(house) == []
    assert names(house) == ["Jean"]


def test_delete_with_contacts(house: House, customer: Browser) -> None:
    """Those that are in no other group go with it; how many is told."""
    clients, presse = group(house, "Clients"), group(house, "Presse")
    card(house, "Jean", "0612345678", clients.id)
    card(house, "Jules", "0612345677", clients.id)
    card(house, "Anne", "0612345679", clients.id, presse.id)
    answer = customer.post(f"/carnet/groupes/{clients.id}/supprimer", {"contacts": "oui"})
    assert "Le groupe est supprimé, avec 2 contacts." in answer.seen
    assert groups(house) == [("Presse", 1)]
    assert names(house) == ["Anne"]


@pytest.mark.parametrize("text", HOSTILE)
def test_names_stay_names(house: House, customer: Browser, text: str) -> None:
    """They are shown as they were typed: in the list, in the group's own page, beside a fault."""
    id_ = group(house, text).id
    for path in ("/carnet/groupes", f"/carnet/groupes/{id_}", f"/carnet/import?groupe={id_}"):
        page = customer.get(path)
        assert text in page.page.text_content()
        assert is_harmless(page)
    again = customer.post("/carnet/groupes", {"nom": text})
    assert again.page.xpath("//input[@name='nom']/@value") == [text]
    assert is_harmless(again)


def test_others_groups_are_not_there(house: House, customer: Browser) -> None:
    """No address shows or changes what is another account's."""
    house.account(OTHER)
    theirs = group(house, "Secret", OTHER)
    card(house, "Autrui", "0612345678", theirs.id, email=OTHER)
    before = on_disk(house)
    path = f"/carnet/groupes/{theirs.id}"
    for answer in (
        customer.get(path),
        customer.post(path, {"nom": "Pris"}),
        customer.post(f"{path}/supprimer"),
        customer.post(f"{path}/supprimer", {"contacts": "oui"}),
        customer.get(f"/carnet/import?groupe={theirs.id}"),
        customer.get("/carnet/groupes/9000000000000001"),
    ):
        assert answer.status == 404
    assert "Secret" not in customer.get("/carnet/groupes").text
    assert on_disk(house) == before


@pytest.mark.parametrize("path", ["", "/1", "/1/supprimer"])
def test_forged_forms(house: House, customer: Browser, path: str) -> None:
    """Without this browser's own token nothing is done."""
    group(house, "Clients")
    before = on_disk(house)
    for token in ("", "0" * 64, "é"):
        assert customer.post(f"/carnet/groupes{path}", {"jeton": token, "nom": "Pris"}).status == 403
    assert on_disk(house) == before


def test_no_room_and_database_away(house: House, customer: Browser) -> None:
    """A book that is full says so; a database that is away is told, and nothing was changed."""
    for number in range(1000):
        group(house, f"Groupe {number}")
    before = on_disk(house)
    answer = customer.post("/carnet/groupes", {"nom": "Un de trop"})
    assert answer.status == 422
    assert "Il n'y a plus de place" in answer.seen
    assert outcome_of(house.book.create_group(of(house).id, "Un de trop")) is Fault.TOO_MANY
    token = customer.token
    house.database.away = True
    assert customer.post("/carnet/groupes/1/supprimer", {"jeton": token}).status == 503
    assert customer.get("/carnet/groupes").status == 503
    house.database.away = False
    assert on_disk(house) == before
