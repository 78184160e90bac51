"""Credits for others at a real browser: a transfer that opens an account, and a domain whose addresses send by mail."""

import re
from collections.abc import Iterator
from typing import Any, Final

import pytest
from playwright.sync_api import Browser

from tests.daemon import e164, fresh_email, fresh_number, wait_until
from tests.journeys.mail import SERVICE, MailDaemon, running

from .person import DESKTOP, PHONE, Person

VIEWS: Final[dict[str, Any]] = {
    "desk": {"viewport": DESKTOP, "color_scheme": "light"},
    "telephone": {"viewport": PHONE, "color_scheme": "dark", "is_mobile": True, "has_touch": True},
    "plain": {"viewport": DESKTOP, "java_script_enabled": False},
}


@pytest.fixture(scope="module")
def post_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailDaemon]:
    """A daemon with a door for mails."""
    with running(MailDaemon(tmp_path_factory.mktemp("others"))) as daemon:
        yield daemon
        daemon.check_sent()


@pytest.fixture(params=VIEWS)
def person(request: pytest.FixtureRequest, chromium: Browser, post_office: MailDaemon) -> Iterator[Person]:
    """Somebody at a desk; with a telephone, in the dark; without scripts."""
    context = chromium.new_context(locale="fr-FR", timezone_id="Europe/Paris", **VIEWS[request.param])
    someone = Person(context, post_office)
    someone.page.on("dialog", lambda dialog: dialog.accept())
    yield someone
    context.close()
    someone.check()


def whole(person: Person) -> None:
    """The page fits the screen, and all can use it."""
    person.is_not_wider_than_the_screen()
    if person.page.evaluate("document.documentElement.classList.contains('scripted')"):
        assert person.accessibility() == []


def submit(person: Person, words: str, times: int = 1) -> None:
    """Click a button of the page; to what the browser asks then he says yes."""
    person.page.click(f'main button:has-text("{words}")', click_count=times)


def test_transfer_that_opens_an_account(person: Person, post_office: MailDaemon) -> None:
    """Given once though it is clicked twice; the letter's password opens the account, which ends the following."""
    giver, receiver = post_office.provision(100), fresh_email()
    page = person.log_in(giver).go("/credits/transferts").page
    whole(person)
    page.fill("#email", receiver)
    page.fill("#combien", "30")
    submit(person, "Vérifier le transfert")
    person.sees("Si cette adresse n'a pas de compte, il est ouvert")
    whole(person)
    submit(person, "Transférer 30 crédits", times=2)
    person.sees(f"30 crédits sont maintenant à {receiver}.")
    assert page.inner_text("#credits") == "70"
    whole(person)
    assert (post_office.balance(giver), post_office.balance(receiver)) == (70, 30)
    found = re.search(r"\b[A-HJ-NP-Z2-9]{10}\b", person.letter(receiver))
    assert found is not None
    page.context.clear_cookies()
    person.log_in(receiver, found[0]).go("/credits/transferts")
    person.sees(giver)
    whole(person)
    submit(person, "Ne plus être suivi")
    person.sees("Ce compte ne voit plus vos crédits.")
    page.context.clear_cookies()
    person.log_in(giver).go("/credits/transferts").page.click(f"main a:has-text('{receiver}')")
    person.sees("Son titulaire ne veut plus être suivi")
    whole(person)


def test_use_is_followed(person: Person, post_office: MailDaemon) -> None:
    """What an account used of what it was given is a bar of this month, and a line of a table."""
    giver, receiver = post_office.provision(100), post_office.provision(0)
    page = person.log_in(giver).go("/credits/transferts").page
    page.fill("#email", receiver)
    page.fill("#combien", "10")
    submit(person, "Vérifier le transfert")
    submit(person, "Transférer 10 crédits")
    person.sees("10 crédits sont maintenant")
    number = fresh_number()
    assert post_office.sms(receiver, number, "Offert") == "80"
    post_office.sent_to(e164(number))
    person.go("/credits/transferts").page.click(f"main a:has-text('{receiver}')")
    person.sees("Mois par mois")
    cells = page.locator("tbody tr >> nth=0").locator("td").all_inner_texts()
    assert cells == ["1", "1"]
    whole(person)
    assert "Offert" not in page.content()


def test_shared_domain(person: Person, post_office: MailDaemon) -> None:
    """The text for colleagues works as it stands; who sent is seen on the domain's page and in the history."""
    domain = f"mairie-{fresh_number()}.fr"
    owner, number = post_office.provision(50, email=f"secretariat@{domain}"), fresh_number()
    page = person.log_in(owner).go("/credits/partage").page
    assert page.input_value("#domaine") == domain
    whole(person)
    page.fill("#limite", "5")
    submit(person, "Partager")
    person.sees("Ce qu'il faut dire à vos collègues")
    whole(person)
    words = " ".join(page.inner_text("#consigne").split())
    told = re.search(rf"@{domain} : À : (\S+) Objet : (\S+):0612345678 ", words)
    assert told is not None, words
    assert told[1] == SERVICE
    password, colleague = told[2], f"jean@{domain}"
    assert post_office.write(colleague, SERVICE, "De la part de Jean", f"{password}:{number}").code == 250
    post_office.sent_to(e164(number))
    assert post_office.told(colleague), "who sent is told"
    person.go(f"/credits/partage/{domain}").sees(colleague)
    whole(person)
    page.click(f"main a:has-text('{colleague}')")
    person.sees("De la part de Jean")
    assert page.input_value("#expediteur") == colleague
    whole(person)
    page.click("#envois tbody a")
    person.sees(colleague)
    assert post_office.balance(owner) == 49
    person.go(f"/credits/partage/{domain}")
    submit(person, "Changer le mot de passe")
    person.sees("L'ancien ne vaut plus rien.")
    assert post_office.write(colleague, SERVICE, "Trop tard", f"{password}:{number}").code == 550
    person.go(f"/credits/partage/{domain}")
    submit(person, "Cesser de partager")
    person.sees("Aucun domaine partagé")


def test_period_of_senders(person: Person, post_office: MailDaemon) -> None:
    """Another period changes the list."""
    domain = f"mairie-{fresh_number()}.fr"
    owner = post_office.provision(50, email=f"secretariat@{domain}")
    page = person.log_in(owner).go("/credits/partage").page
    submit(person, "Partager")
    password = page.inner_text("#mot").strip()
    for name in ("jean", "zoe"):
        subject = f"{password}:{fresh_number()}"
        assert post_office.write(f"{name}@{domain}", SERVICE, f"Bonjour {name}", subject).code == 250
    person.go(f"/credits/partage/{domain}").sees(f"zoe@{domain}")
    page.fill("#du", "2026-01-01")
    page.fill("#au", "2026-01-02")
    if page.evaluate("!document.documentElement.classList.contains('scripted')"):
        submit(person, "Filtrer")
    wait_until(lambda: "Aucun envoi sur cette période" in person.seen, "nobody sent then")
