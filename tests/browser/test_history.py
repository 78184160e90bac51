"""Sends that are followed at a real browser, and the pages of what was sent as people look at them."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from tests.daemon import fresh_number, wait_until

from .person import Person

LATE: Final = "0639980004"
"""Its receipt comes after a second."""

PAGES: Final = ("/accueil", "/historique", "/historique/messages", "/programmes", "/credits")


def stocked(person: Person) -> tuple[str, str]:
    """Log in to an account that has sent, and that has something to send; its address, and a submission's page."""
    address = person.daemon.provision(credits_=500)
    at = datetime.now(ZoneInfo("Europe/Paris")) + timedelta(days=2)
    assert person.daemon.sms(address, fresh_number(), "Demain", diff=at.strftime("%H%M%d%m%Y")) == "81"
    numbers = ",".join([fresh_number(), fresh_number(), "0639980002", "0639980006"])
    assert person.daemon.sms(address, numbers, "Bonjour à tous") == "80"
    person.log_in(address)
    link = person.go("/historique").page.get_attribute("#envois tbody tr:first-child a", "href")
    assert link is not None
    return address, link


def test_a_send_is_seen_to_arrive(person: Person) -> None:
    """The page gets on by itself, and what was opened in it stays open; so does the list of another window."""
    address = person.daemon.provision()
    page = person.log_in(address).page
    assert person.daemon.sms(address, LATE, "En direct") == "80"
    person.go("/historique")
    page.click("#envois tbody a")
    page.click("#suivi details.more-of summary")
    page.evaluate("window.same = true")
    person.sees("1 remis")
    assert page.evaluate("window.same") is True
    assert page.evaluate("document.querySelector('#suivi details.more-of').open") is True
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_a_new_filter_is_followed(person: Person) -> None:
    """The list that a filter leaves comes without another page, and gets on too."""
    address = person.daemon.provision()
    page = person.log_in(address).go("/historique").page
    assert person.daemon.sms(address, fresh_number(), "Pizza") == "80"
    assert person.daemon.sms(address, LATE, "Salade") == "80"
    page.evaluate("window.same = true")
    page.fill("#q", "salade")
    wait_until(lambda: page.locator("#envois tbody tr").count() == 1, "one submission")
    person.sees("1 remis")
    assert "q=salade" in page.url
    assert page.evaluate("window.same") is True


def test_taken_back_after_a_question(person: Person) -> None:
    """«Annuler» asks first: who says no has changed nothing."""
    stocked(person)
    page = person.go("/programmes").page
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.click("text=Annuler l'envoi")
    assert person.go("/programmes").page.locator("article").count() == 1
    page.once("dialog", lambda dialog: dialog.accept())
    page.click("text=Annuler l'envoi")
    person.sees("1 message annulé et remboursé.")


def test_without_scripts(plain: Person) -> None:
    """Every page works as plain pages; the hour is changed by a form."""
    _, link = stocked(plain)
    plain.go(link).sees("Bonjour à tous")
    page = plain.go("/programmes").page
    page.click("summary:has-text(\"Changer l'heure\")")
    page.fill("article input[type=time]", "18:45")
    page.click("article button:has-text(\"Changer l'heure\")")
    plain.sees("à 18:45")


def test_accessible(person: Person, walker: Person) -> None:
    """Nothing serious is found in the light at a desk, nor in the dark on a telephone, where all fits the screen."""
    for someone in (person, walker):
        _, link = stocked(someone)
        for path in (*PAGES, link, "/accueil?periode=365", "/historique?q=rien", "/programmes"):
            someone.go(path)
            assert someone.accessibility() == []
            someone.is_not_wider_than_the_screen()
