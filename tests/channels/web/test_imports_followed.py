"""Imports that are under way: followed by their page and its script; and hostile words, strangers, forged forms."""

from typing import Any, Final
from urllib.parse import urlencode

import pytest
from sqlalchemy import delete

from smstob.contacts import importer
from smstob.storage.schema import contact_group
from tests.house import House, outcome_of

from .book_on_disk import HOSTILE, OTHER, is_harmless, names, of, on_disk
from .browser import Browser, File
from .importing import FAULTY, PIZZERIA, arranged, confirmed, figures, id_of, uploaded

FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
LISTENING: Final = {"Accept": "text/event-stream"}


def test_big_file_is_followed(house: House, customer: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred thousand rows: the page says how far it is, is told as it gets on, and needs no script for it."""
    monkeypatch.setattr(importer, "SLICE", 25_000)
    rows = "".join(f"Client {at};0{612_000_000 + at}\n" for at in range(100_000))
    preview = uploaded(customer, f"Nom;Numéro\n{rows}")
    assert figures(preview)["à importer"] == "100\u202f000"
    here = f"/carnet/import/{id_of(preview)}"
    house.workers.held = True
    fields = [*preview.page.forms[-1].form_values()]
    wire, _ = customer.open("POST", f"{here}/confirmer", urlencode(fields).encode(), FORM)
    house.workers.step()
    assert b"303 See Other" in wire.value()
    page = customer.get(f"{here}/suivi")
    assert "Import en cours" in page.seen
    assert "0 contacts sur 100 000" in page.seen
    assert f"{here}/suivi" in page.page.xpath("//main//a/@href")
    stream, _ = customer.open("GET", page.page.xpath("//*[@data-watch]/@data-watch")[0], headers=LISTENING)
    assert told(stream) == []
    for _slice in range(2):
        house.workers.step()
        house.advance(3)
    assert told(stream) == ["25000", "50000"]
    assert customer.get(f"{here}/suivi").page.xpath("//progress/@value") == ["50000"]
    house.workers.go()
    house.advance(3)
    assert told(stream) == ["25000", "50000", "100000", "{}"]
    done = customer.get(f"{here}/suivi")
    assert "100 000 contacts sont dans le groupe." in done.seen
    assert not done.page.xpath("//*[@data-watch]")
    listed = customer.get("/carnet", page="2000")
    assert "Page 2 000 sur 2 000" in listed.seen


def told(stream: Any) -> list[str]:
    """What a script has heard."""
    return [line[6:].decode() for line in stream.value().splitlines() if line.startswith(b"data: ")]


def test_group_that_goes_meanwhile(house: House, customer: Browser) -> None:
    """The import ends, and says why."""
    preview = uploaded(customer, FAULTY)
    here = f"/carnet/import/{id_of(preview)}"
    house.workers.held = True
    customer.open("POST", f"{here}/confirmer", urlencode([*preview.page.forms[-1].form_values()]).encode(), FORM)
    house.workers.step()
    house.write(lambda connection: connection.execute(delete(contact_group)))
    house.workers.go()
    page = customer.get(f"{here}/suivi")
    assert "Import arrêté" in page.seen
    assert "le groupe a été supprimé pendant l'import" in page.seen
    assert "/envoyer" not in " ".join(page.page.xpath("//main//a/@href"))


@pytest.mark.parametrize("text", HOSTILE)
def test_texts_stay_texts(house: House, customer: Browser, text: str) -> None:
    """Names of files, titles, cells, faults and groups are shown as they are, on every page of the way."""
    cell = text.replace('"', '""')
    content = f'"{cell}";Numéro;Nom;"{cell}"\n"{cell}";0660919010;"{cell}";"{cell}"\n"{cell}";"{cell}";"{cell}";x\n'
    preview = uploaded(customer, content, text.replace('"', "%22").replace("/", "") + ".csv")
    shown = preview.page.text_content()
    assert text in shown
    assert is_harmless(preview)
    for page in (arranged(customer, preview, groupe=text), confirmed(customer, preview, groupe=text)):
        assert is_harmless(page)
    assert is_harmless(customer.get("/carnet"))
    assert names(house) == [text]


def test_names_of_files(customer: Browser) -> None:
    """Without folders, on one line; what is left makes the group's name."""
    for name, file, made in (
        ("C:\\Users\\moi\\Clients 2026.csv", "Clients 2026.csv", "Clients 2026"),
        ("../../etc/passwd", "passwd", "passwd"),
        ("a.b.csv", "a.b.csv", "a.b"),
        ("é" * 300 + ".csv", "é" * 96 + ".csv", "é" * 100),
    ):
        preview = uploaded(customer, PIZZERIA, name)
        assert file in preview.seen
        assert preview.page.xpath("//input[@name='groupe']/@value") == [made]


def test_others_imports_are_not_there(house: House, customer: Browser) -> None:
    """No address shows, changes, confirms or forgets another account's file."""
    house.account(OTHER)
    stranger = Browser(customer.site).log_in(OTHER)
    preview = uploaded(stranger, PIZZERIA, "secret.csv")
    here, fields = f"/carnet/import/{id_of(preview)}", dict(preview.page.forms[-1].form_values())
    before = on_disk(house)
    mine = {**fields, "jeton": customer.token}
    for path in ("", "/suivi", "/evenements"):
        assert customer.get(f"{here}{path}").status == 404
    for path in ("", "/confirmer", "/oublier"):
        assert customer.post(f"{here}{path}", mine).status == 404
    assert on_disk(house) == before
    assert "Import terminé" in confirmed(stranger, preview).seen
    assert customer.get(f"{here}/suivi").status == 404
    assert names(house, OTHER) == [""]


def test_forged_forms(house: House, customer: Browser) -> None:
    """Without this browser's own token nothing is kept, imported or forgotten."""
    preview = uploaded(customer, PIZZERIA)
    here, fields = f"/carnet/import/{id_of(preview)}", dict(preview.page.forms[-1].form_values())
    for token in ("", "0" * 64, "é"):
        for path in ("", "/confirmer", "/oublier"):
            assert customer.post(f"{here}{path}", {**fields, "jeton": token}).status == 403
        file = {"fichier": File("a.csv", PIZZERIA.encode())}
        assert customer.post("/carnet/import", {"jeton": token}, files=file).status == 403
    assert names(house) == []
    assert outcome_of(house.importer.report(of(house).id, int(id_of(preview)) + 1)) is None
    assert "Import terminé" in confirmed(customer, preview).seen


def test_visitors_import_nothing(house: House, visitor: Browser) -> None:
    """Who has not logged in is sent to log in."""
    house.account()
    for path in ("", "/1", "/1/suivi"):
        assert visitor.get(f"/carnet/import{path}").seen.startswith("Se connecter")
    answer = visitor.post("/carnet/import", files={"fichier": File("a.csv", PIZZERIA.encode())})
    assert answer.seen.startswith("Se connecter")
    assert outcome_of(house.importer.report(of(house).id, 1)) is None


def test_database_away(house: House, customer: Browser) -> None:
    """A page says so, and nothing was kept or imported."""
    preview = uploaded(customer, PIZZERIA)
    fields = dict(preview.page.forms[-1].form_values())
    house.database.away = True
    here = f"/carnet/import/{id_of(preview)}"
    file = {"fichier": File("a.csv", PIZZERIA.encode())}
    for answer in (
        customer.get(here),
        customer.post(f"{here}/confirmer", fields),
        customer.post("/carnet/import", {"jeton": fields["jeton"]}, files=file),
    ):
        assert answer.status == 503
        assert is_harmless(answer)
    house.database.away = False
    assert names(house) == []
    assert "Import terminé" in confirmed(customer, preview).seen
