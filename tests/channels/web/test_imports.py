"""Import: a file is kept, looked at, arranged, confirmed once and followed; nothing is in the book before."""

from io import BytesIO
from typing import Any, Final
from urllib.parse import urlencode

import pytest
from openpyxl import Workbook
from sqlalchemy import delete

from smstob.channels.http.server import Bounds
from smstob.contacts import importer
from smstob.storage.schema import contact_group
from tests.house import House, outcome_of

from .book_on_disk import HOSTILE, OTHER, card, group, is_harmless, names, of, on_disk
from .browser import Answer, Browser, File, site_of

FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
LISTENING: Final = {"Accept": "text/event-stream"}

PIZZERIA: Final = "Variable1;Numéro;Variable2;Variable3\r\nJean;0660919010;Hédé;la Pizza\r\n"
FAULTY: Final = (
    "Nom;Portable;Ville\n"
    "Jean;660919010;Hédé\n"
    "Y;bonjour;Lille\n"
    "X;6,61E+08;Paris\n"
    "Jean bis;0660919010;Hédé\n"
    "Jérôme;06 60 54 54 65;Rennes\n"
)


def uploaded(customer: Browser, content: str | bytes, name: str = "clients.csv", **fields: Any) -> Answer:
    """The page after the file was sent: its preview, or why there is none."""
    file = File(name, content.encode() if isinstance(content, str) else content)
    return customer.submit(customer.get("/carnet/import"), "/carnet/import", fields, files={"fichier": file})


def id_of(preview: Answer) -> str:
    """The import whose preview that is."""
    action = preview.page.xpath("//form[@id='reglages']/@action")[0]
    return str(action).rpartition("/")[2]


def arranged(customer: Browser, preview: Answer, **changes: Any) -> Answer:
    """The preview after those changes."""
    return customer.submit(preview, f"/carnet/import/{id_of(preview)}", _changes(changes))


def confirmed(customer: Browser, preview: Answer, **changes: Any) -> Answer:
    """What comes after the click on «Importer»."""
    return customer.submit(preview, f"/carnet/import/{id_of(preview)}/confirmer", _changes(changes))


def _changes(changes: dict[str, Any]) -> dict[str, Any]:
    return {name.replace("_", "-"): value for name, value in changes.items()}


def chosen(preview: Answer) -> list[str]:
    """What each column is for."""
    return [
        str(select.xpath("option[@selected]/@value")[0]) for select in preview.page.xpath("//thead//select")
    ]


def figures(answer: Answer) -> dict[str, str]:
    """Each figure of a page under what it counts."""
    found = answer.page.xpath("//div[contains(@class,'figures')]/div")
    return {one.xpath("string(span)"): one.xpath("string(strong)") for one in found}


def test_explains_itself(customer: Browser) -> None:
    """What a file may look like, and a model that is one."""
    page = customer.get("/carnet/import")
    assert "10 Mo et 100 000 lignes au plus" in page.seen
    assert "/carnet/modele.csv" in page.page.xpath("//main//a/@href")
    model = customer.get("/carnet/modele.csv")
    assert model.headers["content-disposition"] == "attachment; filename*=UTF-8''modele-contacts.csv"
    preview = uploaded(customer, model.body, "modele-contacts.csv")
    assert chosen(preview) == ["nom", "numero", "v1", "v2", "v3"]
    assert figures(preview) == {"à importer": "2", "lignes lues": "2", "ligne fautive": "0"}


def test_preview_tells_all(house: House, customer: Browser) -> None:
    """Columns, what is repaired, repeated and faulty and why, line by line; the book is as it was."""
    before = on_disk(house)
    page = uploaded(customer, FAULTY)
    assert chosen(page) == ["nom", "numero", "v1"]
    told = {"à importer": "2", "lignes lues": "5", "lignes fautives": "2", "numéro réparé": "1", "numéro répété": "1"}
    assert figures(page) == told
    rows = page.page.xpath("//div[contains(@class,'preview')]//tbody/tr")
    assert [row.get("class") for row in rows] == [None, "faulty", "faulty", None, None]
    assert rows[0].xpath("string(.//mark)").replace("\u00a0", " ") == "06 60 91 90 10"
    assert "« bonjour » n'est pas un numéro de mobile" in rows[1].text_content()
    faults = [" ".join(item.text_content().split()) for item in page.page.xpath("//ul[@class='faults']/li")]
    assert faults[0] == "Ligne 3 : « bonjour » n'est pas un numéro de mobile"
    assert faults[1].startswith("Ligne 4 : Excel a perdu des chiffres")
    assert page.page.xpath("//input[@name='groupe']/@value") == ["clients"]
    assert "Importer 2 contacts" in page.seen
    assert on_disk(house) == before


def test_confirmed_once(house: House, customer: Browser) -> None:
    """It is taken in; the end says how much, and leads on. Clicked again, or sent again later, nothing more is done."""
    preview = uploaded(customer, FAULTY)
    done = confirmed(customer, preview)
    assert "Import terminé" in done.seen
    assert figures(done) == {"ajoutés": "2", "mis à jour": "0", "lignes fautives": "2"}
    made = outcome_of(house.book.groups(of(house).id))[0]
    assert (made.name, made.contacts) == ("clients", 2)
    links = done.page.xpath("//main//a/@href")
    assert f"/envoyer?groupe={made.id}" in links
    assert f"/carnet?groupe={made.id}" in links
    after = on_disk(house)
    again = confirmed(customer, preview)
    assert figures(again) == figures(done)
    for path in ("", "/suivi"):
        assert "Import terminé" in customer.get(f"/carnet/import/{id_of(preview)}{path}").seen
    assert "Import terminé" in arranged(customer, preview).seen
    forgotten = customer.submit(preview, f"/carnet/import/{id_of(preview)}/oublier")
    assert "Import terminé" in forgotten.seen
    assert on_disk(house) == after


def test_known_contacts_are_updated(house: House, customer: Browser) -> None:
    """Who is in the group already is counted before, and updated: no double."""
    clients = group(house, "Clients")
    card(house, "Ancien", "0660919010", clients.id)
    preview = arranged(customer, uploaded(customer, FAULTY), groupe="clients")
    assert figures(preview)["déjà dans le groupe"] == "1"
    done = confirmed(customer, preview)
    assert figures(done) == {"ajouté": "1", "mis à jour": "1", "lignes fautives": "2"}
    assert names(house) == ["Jean bis", "Jérôme"]


def test_into_a_group_that_is_named_before(house: House, customer: Browser) -> None:
    """From a group's page: the file goes into that group."""
    clients = group(house, "Clients & amis")
    form = customer.get(f"/carnet/import?groupe={clients.id}")
    assert "Clients & amis" in form.seen
    file = File("autre.csv", PIZZERIA.encode())
    preview = customer.submit(form, "/carnet/import", files={"fichier": file})
    assert preview.page.xpath("//input[@name='groupe']/@value") == ["Clients & amis"]
    confirmed(customer, preview)
    assert [one.contacts for one in outcome_of(house.book.groups(of(house).id))] == [1]


def test_other_columns(house: House, customer: Browser) -> None:
    """A column chosen for what another was takes its place; what is ignored is not kept."""
    preview = uploaded(customer, FAULTY)
    changed = arranged(customer, preview, colonne_2="nom")
    assert chosen(changed) == ["", "numero", "nom"]
    confirmed(customer, changed)
    assert names(house) == ["Hédé", "Rennes"]


def test_what_was_not_seen_is_not_imported(house: House, customer: Browser) -> None:
    """Settings changed since the preview: it is shown anew first. Only the group may change without."""
    preview = uploaded(customer, FAULTY)
    before = on_disk(house)
    for changes in (
        {"colonne_0": ""},
        {"colonne_2": "v2"},
        {"titres": ""},
        {"separateur": "44"},
        {"vu": "59 0/0:name titres"},
        {"vu": ""},
    ):
        answer = confirmed(customer, preview, **changes)
        assert answer.status == 422
        assert answer.page.xpath("//p[@class='warning']")
        assert on_disk(house) == before
    bare = customer.post(f"/carnet/import/{id_of(preview)}/confirmer", {"groupe": "x", "colonne-1": "numero"})
    assert bare.status == 422
    assert on_disk(house) == before
    assert "Import terminé" in confirmed(customer, preview, groupe="Autre nom").seen
    assert outcome_of(house.book.groups(of(house).id))[0].name == "Autre nom"


def test_no_column_of_numbers(house: House, customer: Browser) -> None:
    """It is asked for, by the preview and by the button alike."""
    preview = uploaded(customer, FAULTY)
    for answer in (arranged(customer, preview, colonne_1=""), confirmed(customer, preview, colonne_1="")):
        assert answer.status == 422
        assert "Dites quelle colonne contient les numéros." in answer.seen
        assert chosen(answer) == ["nom", "numero", "v1"]
    assert names(house) == []


def test_delimiter_and_header(house: House, customer: Browser) -> None:
    """Both are recognised and can be said otherwise; another delimiter makes other columns."""
    preview = uploaded(customer, "0660919010,Jean\n0660545465,Jérôme\n")
    assert preview.page.xpath("//select[@name='separateur']/option[@selected]/text()") == ["Virgule ,"]
    assert not preview.page.xpath("//input[@name='titres'][@checked]")
    assert chosen(preview) == ["numero", "nom"]
    titled = arranged(customer, preview, titres="oui")
    assert figures(titled)["ligne lue"] == "1"
    assert chosen(titled) == ["numero", "nom"]
    cut = arranged(customer, preview, separateur="59")
    assert chosen(cut) == ["numero"]
    assert figures(cut)["à importer"] == "0"
    assert cut.page.xpath("//button[@id='importer'][@disabled]")
    for odd in ("0", "34", "10", "1114112", "55296", "x", "9" * 30):
        assert arranged(customer, preview, separateur=odd).status in (200, 422)
    assert names(house) == []


def test_workbook_with_sheets(house: House, customer: Browser) -> None:
    """Another sheet can be chosen; it has columns of its own."""
    file = workbook({"Vide": [["a"]], "Clients": [["Tel", "Nom"], ["0660919010", "Jean"]]})
    preview = uploaded(customer, file, "c.xlsx")
    assert preview.page.xpath("//select[@name='feuille']/option/text()") == ["Vide", "Clients"]
    assert not preview.page.xpath("//select[@name='separateur']")
    second = arranged(customer, preview, feuille="1")
    assert chosen(second) == ["numero", "nom"]
    confirmed(customer, second)
    assert names(house) == ["Jean"]


def workbook(sheets: dict[str, list[list[Any]]]) -> bytes:
    """A workbook with those sheets."""
    book = Workbook()
    assert book.active is not None
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "vide.csv", "ce fichier est vide"),
        (b"PK\x03\x04 pas un classeur", "faux.xlsx", "Ce fichier ne peut pas être importé"),
        (b"\xd0\xcf\x11\xe0 rien", "vieux.xls", "Ce fichier ne peut pas être importé"),
        (b"x;" * 60, "large.csv", "plus de 50 colonnes"),
    ],
)
def test_what_is_no_list(house: House, customer: Browser, content: bytes, name: str, said: str) -> None:
    """It is told why, on the page that asks for a file; nothing is kept."""
    answer = uploaded(customer, content, name)
    assert answer.status == 422
    assert said in answer.seen
    assert answer.page.xpath("//input[@type='file']")
    assert outcome_of(house.importer.report(of(house).id, 1)) is None


def test_no_file(customer: Browser) -> None:
    """It is asked for."""
    for answer in (
        customer.post("/carnet/import", {"fichier": "texte"}),
        customer.post("/carnet/import", files={"fichier": File("", b"")}),
        customer.post("/carnet/import", files={"autre": File("a.csv", PIZZERIA.encode())}),
    ):
        assert answer.status == 422
        assert "Choisissez un fichier." in answer.seen


def test_too_big(house: House, customer: Browser) -> None:
    """A file beyond what is taken is told; one beyond what the server reads is not read to its end."""
    answer = uploaded(customer, b"0660919010\n" * 953_251)
    assert answer.status == 422
    assert "trop gros (10 Mo au plus)" in answer.seen
    small = Browser(site_of(house, bounds=Bounds(upload_bytes=200_000))).log_in()
    refused = small.post("/carnet/import", files={"fichier": File("a.csv", b"x" * 200_000)})
    assert refused.status == 413
    assert "10 Mo" in refused.text


def test_group_names_that_no_group_has(house: House, customer: Browser) -> None:
    """They are told at the field, and nothing is imported."""
    preview = uploaded(customer, PIZZERIA)
    for name, said in (("", "Il manque"), ("x" * 101, "trop long"), ("0612345678", "C'est un numéro")):
        answer = confirmed(customer, preview, groupe=name)
        assert answer.status == 422
        assert said in " ".join(answer.page.xpath("//*[@id='groupe-note']")[0].text_content().split())
    assert names(house) == []


def test_no_good_line(house: House, customer: Browser) -> None:
    """There is no button to import nothing; who sends the form all the same is told."""
    preview = uploaded(customer, "Nom;Numéro\nJean;bonjour\n")
    assert preview.page.xpath("//button[@id='importer'][@disabled]")
    answer = confirmed(customer, preview)
    assert answer.status == 422
    assert "aucune ligne qui convienne" in answer.seen
    assert outcome_of(house.book.groups(of(house).id)) == []


def test_forget(house: House, customer: Browser) -> None:
    """The file is gone; its pages are too."""
    preview = uploaded(customer, PIZZERIA)
    answer = customer.submit(preview, f"/carnet/import/{id_of(preview)}/oublier")
    assert "Le fichier est oublié : rien n'a été importé." in answer.seen
    for path in ("", "/suivi", "/evenements"):
        assert customer.get(f"/carnet/import/{id_of(preview)}{path}").status == 404
    assert confirmed(customer, preview).status == 404
    assert names(house) == []


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
