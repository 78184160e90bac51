"""Import: a file is kept, looked at, arranged, and confirmed once; nothing is in the book before."""

import pytest

from smstob.channels.http.server import Bounds
from tests.house import House, outcome_of

from .book_on_disk import card, group, names, of, on_disk
from .browser import Browser, File, site_of
from .importing import FAULTY, PIZZERIA, arranged, chosen, confirmed, figures, id_of, uploaded, workbook


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
