"""A campaign of a thousand, from the spreadsheet to the telephones; and the options that it goes by."""

from typing import Any, Final

from tests.daemon import e164, fresh_number

from .person import Person

COUNT: Final = 1_000


def test_campaign_of_a_thousand(person: Person) -> None:
    """Import, preview, a text of each one's own, the cost before, progress while it goes, every figure right after."""
    address = person.daemon.provision(credits_=5_000)
    book = {fresh_number(): (f"Client {at}", f"{at % 24} h 30") for at in range(COUNT)}
    lines = "".join(f"{name};{number};{hour}\n" for number, (name, hour) in book.items())
    page = person.log_in(address).go("/carnet/import").page
    content = f"Nom;Portable;Rendez-vous\n{lines}".encode("cp1252")
    file: Any = {"name": "rendez-vous.csv", "mimeType": "text/csv", "buffer": content}
    page.set_input_files("#fichier", file)
    page.click("text=Voir l'aperçu")
    person.sees("Importer 1 000 contacts")
    page.click("#importer")
    person.sees("Import terminé", 60)
    page.click("text=Envoyer à ce groupe")
    page.fill("#message", "Bonjour [nom], rendez-vous à [v1].")
    page.wait_for_selector("#estimation:not([hidden])")
    page.click("text=Vérifier l'envoi")
    person.sees("1 000 crédits")
    person.sees("Bonjour Client 0, rendez-vous à 0 h 30.")
    page.click("text=Envoyer maintenant")
    person.sees("1 000 remis", 60)
    assert page.inner_text("#credits").split() == ["4", "000"]
    told = {told.to: told.text for told in person.daemon.messages(address)}
    assert told == {
        f"+33{number[1:]}": f"Bonjour {name}, rendez-vous à {hour}." for number, (name, hour) in book.items()
    }


def test_options_are_gone_by(person: Person) -> None:
    """Flash, an hour, one SMS at most, texts as they are: the next send goes by what was chosen."""
    address, number = person.daemon.provision(), fresh_number()
    page = person.log_in(address).go("/options").page
    page.check("input[name=doublons][value=non]")
    page.check("input[name=format][value=flash]")
    page.check("input[name=caracteres][value=as-is]")
    page.select_option("#validite", "1")
    page.select_option("#longueur", "1")
    page.fill("#mobile", "06 98 76 54 32")
    page.click("text=Enregistrer les options")
    person.sees("Les options sont enregistrées")
    page = person.go("/envoyer").page
    assert page.input_value("#mobile") == "+33698765432"
    page.fill("#numeros", number)
    page.fill("#message", "a" * 161)
    assert "trop long" in page.inner_text("#compte")
    for _ in range(2):
        page = person.go("/envoyer").page
        page.fill("#numeros", number)
        page.fill("#message", "Fête à l'hôtel")
        page.click("text=Vérifier l'envoi")
        page.click("text=Envoyer maintenant")
        person.sees("Remis")
    sent = person.daemon.sent_to(e164(number), segments=2)
    assert {(one.text, one.coding, one.flash) for one in sent} == {("Fête à l'hôtel", "ucs2", True)}
    # what is left of the hour when it is handed over
    assert all(3590 < one.validity <= 3600 for one in sent)
