"""The book at a real browser: looked through while one types, filled by a file that is followed, written to."""

from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Page

from tests.daemon import e164, fresh_number, wait_until

from .person import Person

FAULTY: Final = "Nom;Portable;Ville\nJean;{};Hédé\nY;bonjour;Lille\nJérôme;{};Rennes\n"


def file_of(tmp_path: Path, content: str, name: str = "clients.csv") -> str:
    """A file on the disk."""
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    return str(path)


def crowd(count: int) -> list[tuple[str, ...]]:
    """So many contacts."""
    return [(f"+33{612_000_000 + at}", f"Client {at:04}", "Madame" if at % 2 else "Monsieur") for at in range(count)]


def focused(page: Page) -> str:
    """The field that has the keyboard."""
    return str(page.evaluate("document.activeElement.name || document.activeElement.id"))


def test_from_a_file_to_telephones(person: Person, tmp_path: Path) -> None:
    """The preview follows what is chosen, focus stays; the import is followed to its end; its group is written to."""
    first, second = fresh_number(), fresh_number()
    page = person.log_in(person.daemon.provision()).go("/carnet/import").page
    page.set_input_files("#fichier", file_of(tmp_path, FAULTY.format(first, second)))
    page.click("text=Voir l'aperçu")
    person.sees("Importer 2 contacts")
    page.focus("#colonne-2")
    page.select_option("#colonne-2", "v3")
    wait_until(lambda: "2:v3" in page.input_value("[name=vu]"), "the preview with v3")
    assert focused(page) == "colonne-2"
    page.select_option("#colonne-1", "")
    person.expected.add(422)
    person.sees("Dites quelle colonne contient les numéros.")
    page.uncheck("#titres")
    person.sees("Importer 2 contacts")
    page.check("#titres")
    page.fill("#groupe", "Clients de Rennes")
    page.click("#importer")
    person.sees("Import terminé")
    page.click("text=Envoyer à ce groupe")
    page.fill("#message", "Bonjour [nom]")
    page.click("text=Vérifier l'envoi")
    page.click("text=Envoyer maintenant")
    assert [one.text for one in person.daemon.sent_to(e164(first))] == ["Bonjour Jean"]
    assert [one.text for one in person.daemon.sent_to(e164(second))] == ["Bonjour Jérome"]


def test_big_file_is_followed(person: Person, tmp_path: Path) -> None:
    """The page of a long import gets on by itself, and becomes the page of its end."""
    rows = "".join(f"Client {at};0{612_000_000 + at}\n" for at in range(60_000))
    page = person.log_in(person.daemon.provision()).go("/carnet/import").page
    page.set_input_files("#fichier", file_of(tmp_path, f"Nom;Numéro\n{rows}"))
    page.click("text=Voir l'aperçu")
    page.wait_for_selector("#importer", timeout=60_000)
    page.click("#importer")
    page.wait_for_url("**/suivi")
    person.sees("60 000 contacts sont dans le groupe.", 60)
    page.click("text=Voir le groupe")
    person.sees("Page 1 sur 1 200")


def test_too_big_is_told_before_it_is_sent(person: Person, tmp_path: Path) -> None:
    """Nobody waits for megabytes to be told that there are too many; another file can be chosen at once."""
    page = person.log_in(person.daemon.provision()).go("/carnet/import").page
    page.set_input_files("#fichier", file_of(tmp_path, "x" * 10_500_000, "gros.csv"))
    person.sees("Ce fichier dépasse 10 Mo")
    page.click("text=Voir l'aperçu")
    assert page.url.endswith("/carnet/import")
    page.set_input_files("#fichier", file_of(tmp_path, FAULTY.format(fresh_number(), fresh_number())))
    page.click("text=Voir l'aperçu")
    person.sees("Importer 2 contacts")


def test_search_tick_and_delete(person: Person) -> None:
    """The list follows what is typed and the keyboard stays in the field; what came anew can be ticked as a whole."""
    page = person.log_in(person.daemon.provision(groups={"Clients": crowd(120)})).go("/carnet").page
    page.locator("input[name=q]").press_sequentially("madame 00", delay=20)
    person.sees("60 contacts trouvés")
    assert focused(page) == "q"
    assert "q=madame+00" in page.url
    page.check("[data-all]")
    assert page.inner_text("#coches") == "· 50 cochés"
    page.uncheck("input[name=contact] >> nth=3")
    assert page.inner_text("#coches") == "· 49 cochés"
    page.click("text=Supprimer…")
    person.sees("Supprimer 49 contacts ?")
    page.click("button:has-text('Supprimer 49 contacts')")
    person.sees("49 contacts supprimés.")
    page.fill("input[name=q]", "")
    person.sees("Tous les contacts : 71")
    page.check("input[name=tous]")
    page.uncheck("input[name=contact] >> nth=0")
    assert not page.is_checked("input[name=tous]")
    page.click("button:has-text('Écrire')")
    page.wait_for_url("**/envoyer?contact=*")
    assert page.locator("#choisis li").count() == 49


def test_questions_before_what_cannot_be_undone(person: Person) -> None:
    """Who says no has lost nothing."""
    page = person.log_in(person.daemon.provision(groups={"Clients": crowd(2)})).go("/carnet/groupes").page
    page.click("text=Modifier")
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.click("text=Supprimer le groupe et ses contacts")
    assert page.url.rpartition("/")[2].isdigit()
    page.once("dialog", lambda dialog: dialog.accept())
    page.click("text=Supprimer le groupe et ses contacts")
    person.sees("Le groupe est supprimé, avec 2 contacts.")


def test_without_scripts(plain: Person, tmp_path: Path) -> None:
    """Search, group, import and its progress are plain pages."""
    page = plain.log_in(plain.daemon.provision(groups={"Clients": crowd(60)})).go("/carnet").page
    page.fill("input[name=q]", "madame")
    page.click("text=Chercher")
    plain.sees("30 contacts trouvés")
    page.goto(f"{plain.base}/carnet/import")
    page.set_input_files("#fichier", file_of(tmp_path, FAULTY.format(fresh_number(), fresh_number())))
    page.click("text=Voir l'aperçu")
    page.select_option("#colonne-2", "v2")
    plain.expected.add(422)
    page.click("#importer")
    plain.sees("Les réglages ont changé")
    page.click("#importer")
    page.wait_for_url("**/suivi")
    while page.locator("text=Actualiser").count():
        page.click("text=Actualiser")
    plain.sees("Import terminé")


@pytest.mark.parametrize("who", ["person", "walker"])
def test_accessible_and_narrow(request: pytest.FixtureRequest, who: str, tmp_path: Path) -> None:
    """Nothing serious on any page, at a desk in the light or with a telephone in the dark; none is too wide."""
    someone: Person = request.getfixturevalue(who)
    long = "Un groupe dont le nom est vraiment très long, pour voir ce qu'un téléphone en fait"
    page = someone.log_in(someone.daemon.provision(groups={long: crowd(60), "Vide": []})).page
    found = []
    for path in ("", "?q=personne", "?page=2", "/nouveau", "/groupes", "/phrases", "/import"):
        someone.go(f"/carnet{path}").is_not_wider_than_the_screen()
        found += someone.accessibility()
    page.set_input_files("#fichier", file_of(tmp_path, FAULTY.format("612345678", fresh_number())))
    page.click("text=Voir l'aperçu")
    someone.sees("Importer 2 contacts")
    found += someone.accessibility()
    someone.is_not_wider_than_the_screen()
    page.click("#importer")
    someone.sees("Import terminé")
    found += someone.accessibility()
    someone.go("/carnet")
    page.click("tbody th a >> nth=0")
    found += someone.accessibility()
    someone.go("/carnet/groupes")
    page.click("text=Modifier >> nth=0")
    found += someone.accessibility()
    someone.is_not_wider_than_the_screen()
    assert not found, "\n".join(found)
