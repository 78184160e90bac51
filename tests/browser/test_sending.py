"""From the first page to a telephone, as people do it: at a desk, with a telephone, without scripts, by keyboard."""

import re
import time
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from smstob.model.ledger import Reason
from smstob.storage import ledger
from tests.daemon import e164, fresh_email, fresh_number

from .person import Person


def give_credits(person: Person, address: str, credits_: int) -> None:
    """As the operator does."""
    now = int(time.time())

    def issue(connection: Any, account: int) -> int:
        return ledger.issue(connection, account, credits_, Reason.TOP_UP, f"{address} {now}", now, "essai")

    person.daemon.change(address, issue)


def test_from_sign_up_to_delivered(person: Person) -> None:
    """An address, the mailed password, credits, a first SMS that is seen to arrive: no page complains on the way."""
    address, number = fresh_email(), fresh_number()
    page = person.go("/").page
    page.fill("main input[type=email]", address)
    page.click("main button[type=submit]")
    person.sees("Regardez votre courrier")
    found = re.search(r"\b[A-HJ-NP-Z2-9]{10}\b", person.letter(address))
    assert found is not None
    person.log_in(address, found[0])
    give_credits(person, address, 10)
    page.click("nav.side a[href='/envoyer']")
    page.fill("#numeros", number)
    page.fill("#message", "Bonjour, c'est mon premier SMS.")
    page.wait_for_selector("#estimation:not([hidden])")
    assert "1 crédit" in page.inner_text("#estimation")
    page.click("text=Vérifier l'envoi")
    person.sees("Ce qui sera reçu")
    page.click("text=Envoyer maintenant")
    person.sees("Remis")
    assert page.inner_text("#credits") == "9"
    assert [one.text for one in person.daemon.sent_to(e164(number))] == ["Bonjour, c'est mon premier SMS."]


def test_without_scripts(plain: Person) -> None:
    """Log-in, form, confirmation, the submission's page: all of it works as plain pages."""
    address, number = plain.daemon.provision(), fresh_number()
    page = plain.log_in(address).go("/envoyer").page
    page.fill("#numeros", number)
    page.fill("#message", "Sans script")
    page.click("text=Vérifier l'envoi")
    page.click("text=Envoyer maintenant")
    plain.daemon.sent_to(e164(number))
    plain.sees("Sans script")


def test_on_a_telephone(walker: Person) -> None:
    """At 390 pixels: the bar at the bottom leads everywhere, and the whole way fits the screen."""
    address, number = walker.daemon.provision(), fresh_number()
    page = walker.log_in(address).page
    page.tap("nav.side a[href='/envoyer']")
    walker.sees("À qui ?")
    walker.is_not_wider_than_the_screen()
    page.fill("#numeros", number)
    page.fill("#message", "Du téléphone")
    page.tap("text=Vérifier l'envoi")
    walker.sees("Ce qui sera reçu")
    walker.is_not_wider_than_the_screen()
    page.tap("text=Envoyer maintenant")
    walker.sees("Remis")
    walker.is_not_wider_than_the_screen()


def test_by_keyboard(person: Person) -> None:
    """Nobody needs a mouse: the field is reached by Tab, each button by Enter."""
    address, number = person.daemon.provision(), fresh_number()
    page = person.log_in(address).go("/envoyer").page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    for _ in range(3):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "numeros":
            break
    page.keyboard.type(number)
    while page.evaluate("document.activeElement.id") != "message":
        page.keyboard.press("Tab")
    page.keyboard.type("Au clavier")
    _tab_to(person, "Vérifier l'envoi")
    page.keyboard.press("Enter")
    person.sees("Ce qui sera reçu")
    _tab_to(person, "Envoyer maintenant")
    page.keyboard.press("Enter")
    person.sees("Remis")


def _tab_to(person: Person, button: str) -> None:
    """Go on by Tab until the button has the focus."""
    for _ in range(100):
        if person.page.locator("button:focus").all_inner_texts() == [button]:
            return
        person.page.keyboard.press("Tab")
    raise AssertionError(f"Tab never leads to «{button}»")


def test_double_click(person: Person) -> None:
    """An impatient click on the last button sends nothing twice."""
    address, number = person.daemon.provision(), fresh_number()
    page = person.log_in(address).go("/envoyer").page
    page.fill("#numeros", number)
    page.fill("#message", "Une seule fois")
    page.click("text=Vérifier l'envoi")
    page.dblclick("text=Envoyer maintenant")
    person.sees("Remis")
    assert len(person.daemon.messages(address)) == 1


def test_contact_by_some_letters(person: Person) -> None:
    """A name is begun, a contact chosen by keyboard; he gets the message with his name in it."""
    number = fresh_number()
    address = person.daemon.provision(groups={"Amis": [(number, "Hédé Martin", "", "", "")]})
    page = person.log_in(address).go("/envoyer").page
    page.fill("#cherche", "hede")
    page.wait_for_selector("#trouves:not([hidden]) button")
    page.keyboard.press("Enter")
    page.wait_for_selector("#choisis li")
    page.fill("#message", "Bonjour [nom]")
    person.daemon.wait(lambda: page.inner_text("#bulle") == "Bonjour Hédé Martin", "the preview has the name")
    page.click("text=Vérifier l'envoi")
    page.click("text=Envoyer maintenant")
    person.sees("Remis")
    assert person.daemon.sent_to(e164(number))[0].text == "Bonjour Hédé Martin"


def test_deferred_then_moved_then_cancelled(person: Person) -> None:
    """For tomorrow; then an hour later; then not at all: the credits come back."""
    address, number = person.daemon.provision(), fresh_number()
    tomorrow = datetime.now(ZoneInfo("Europe/Paris")) + timedelta(days=1)
    page = person.log_in(address).go("/envoyer").page
    page.fill("#numeros", number)
    page.fill("#message", "À demain")
    page.check("input[value=plus-tard]", force=True)
    page.fill("#date", f"{tomorrow:%Y-%m-%d}")
    page.fill("#heure", "10:00")
    page.click("text=Vérifier l'envoi")
    page.click("text=Programmer l'envoi")
    person.daemon.wait(lambda: person.daemon.balance(address) == 99, "it is paid")
    person.go("/programmes").sees("À demain")
    page.click("summary >> text=Changer l'heure")
    page.fill("input[type=time]", "11:15")
    page.click("button >> text=Changer l'heure")
    person.sees("à 11:15")
    page.once("dialog", lambda dialog: dialog.accept())
    page.click("main button >> text=Annuler")
    person.daemon.wait(lambda: person.daemon.balance(address) == 100, "it is refunded")
    person.sees("1 message annulé et remboursé")
