"""Envoyer: from an empty form to messages in the queue, and everything that keeps them from it."""

from typing import Any

import pytest

from smstob.channels.web.pages.send import MOST_PREVIEWED
from smstob.model.merge import Variables
from smstob.model.message import State
from tests.house import NOW, NUMBER, House, numbers

from .browser import Answer, Browser

HOSTILE = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "%(n)s %s")


def checked(customer: Browser, **fields: Any) -> Answer:
    """The page that asks to confirm, or the form once more."""
    form = customer.get("/envoyer")
    named = {{"numeros": "numeros", "message": "message"}.get(name, name): value for name, value in fields.items()}
    return customer.submit(form, "/envoyer/verifier", named)


def confirmed(customer: Browser, page: Answer) -> Answer:
    """What comes after the click on «Envoyer maintenant»; the submission's own page is others' business."""
    return customer.submit(page, "/envoyer/confirmer", followed=False)


def test_send_to_a_number(house: House, customer: Browser) -> None:
    """Form, confirmation with the cost, confirmed: the message is queued, paid, and the page of it is next."""
    page = checked(customer, numeros="06 12 34 56 78", message="Bonjour à vous")
    assert page.status == 200
    assert "1 crédit coût total" in page.seen
    assert "Bonjour à vous" in page.seen
    assert house.messages() == []
    answer = confirmed(customer, page)
    assert answer.status == 303
    assert answer.headers["location"].startswith("/historique/")
    (row,) = house.messages()
    assert (row.number, row.text) == ("+33612345678", "Bonjour à vous")


def test_send_twice_is_sent_once(house: House, customer: Browser) -> None:
    """A double click, or the page sent again from the browser's memory, leads to the same submission."""
    page = checked(customer, numeros=NUMBER, message="Une fois")
    first, second = confirmed(customer, page), confirmed(customer, page)
    assert first.headers["location"] == second.headers["location"]
    assert len(house.messages()) == 1


def test_pasted_numbers(house: House, customer: Browser) -> None:
    """A column of a spreadsheet, with names and a double in it: each number once, what is none is told."""
    pasted = "Jean\t06 12 34 56 78\n0698765432 ; +33612345678\r\n06.11.22.33.44 n'importe quoi"
    page = checked(customer, numeros=pasted, message="Bonjour")
    assert "3 destinataires" in page.seen
    assert "« Jean »" in page.seen
    confirmed(customer, page)
    assert {row.number for row in house.messages()} == {"+33612345678", "+33698765432", "+33611223344"}


def test_group_with_variables(house: House, customer: Browser) -> None:
    """Each gets his own; the page shows who will read what before it is confirmed."""
    account = house.read(_only_account)
    house.group(account, "Clients", ["+33612345678", "+33612345679"], Variables("Jean", "la Pizza"))
    form = customer.get("/envoyer")
    (group,) = form.page.xpath("//input[@name='groupe']/@value")
    page = customer.submit(
        form, "/envoyer/verifier", [("groupe", group), ("message", "[nom] aime [V1]"), ("numeros", "")]
    )
    assert "Jean aime la Pizza" in page.seen
    assert "2 crédits" in page.seen
    confirmed(customer, page)
    assert [row.text for row in house.messages()] == ["Jean aime la Pizza"] * 2


def test_deferred(house: House, customer: Browser) -> None:
    """For later: the message waits, and the page says when, in words."""
    later = {"quand": "plus-tard", "date": "2026-03-03", "heure": "09:30"}
    page = checked(customer, numeros=NUMBER, message="À demain", **later)
    assert "mardi 3 mars 2026 à 09:30" in page.seen
    confirmed(customer, page)
    (row,) = house.messages()
    assert (row.state, row.due) == (State.QUEUED.value, NOW + 77_400)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"numeros": "", "message": "Bonjour"}, "Indiquez au moins un destinataire"),
        ({"numeros": NUMBER, "message": " \n "}, "Écrivez le message."),
        ({"numeros": "personne", "message": "Bonjour"}, "Indiquez au moins un destinataire"),
        ({"numeros": NUMBER, "message": "a" * 800}, "plus long que votre compte"),
        ({"numeros": NUMBER, "message": "B", "quand": "plus-tard"}, "La date d'envoi doit être"),
        ({"numeros": NUMBER, "message": "B", "quand": "plus-tard", "date": "2026-02-01", "heure": "10:00"}, "La date"),
        ({"numeros": NUMBER, "message": "B", "quand": "plus-tard", "date": "2026-03-29", "heure": "02:30"}, "La date"),
        ({"numeros": NUMBER, "message": "B", "quand": "plus-tard", "date": "'; DROP", "heure": "--"}, "La date"),
        ({"numeros": NUMBER, "message": "B", "groupe": "999999"}, None),
        ({"numeros": "", "message": "B", "groupe": "999999"}, "Indiquez au moins un destinataire"),
        ({"numeros": "", "message": "B", "groupe": "9" * 40}, "Indiquez au moins un destinataire"),
        ({"numeros": NUMBER, "message": "B", "format": "flash'--", "validite": "999"}, None),
    ],
)
def test_what_is_wrong_is_told_at_the_field(
    house: House, customer: Browser, fields: dict[str, str], said: str | None
) -> None:
    """Each mistake in words that say what to do, with all that was typed still there; nothing is queued."""
    page = checked(customer, **fields)
    if said is None:
        assert page.status == 200
        return
    assert page.status in (200, 422)
    assert said in page.seen
    assert "Traceback" not in page.text
    assert house.messages() == []


def test_what_was_typed_is_still_there(customer: Browser) -> None:
    """A mistake costs nobody his text."""
    page = checked(customer, numeros="06 12", message="Un long texte\nde deux lignes")
    assert page.page.xpath("//textarea[@name='message']")[0].text.strip() == "Un long texte\nde deux lignes"
    assert page.page.xpath("//textarea[@name='numeros']")[0].text.strip() == "06 12"


def test_not_enough_credits(house: House, visitor: Browser) -> None:
    """Nothing is sent in part: the page says what it costs, what is there, and offers no button to send."""
    house.account(credits=1)
    customer = visitor.log_in()
    page = checked(customer, numeros="0612345678, 0612345679", message="Bonjour")
    assert "Il n'y a pas assez de crédits" in page.seen
    assert house.messages() == []


def test_one_in_the_list_is_too_long(house: House, customer: Browser) -> None:
    """Who is too long is named, and nothing can be sent until that is mended."""
    account = house.read(_only_account)
    house.group(account, "Long", ["+33612345678"], Variables("Jean", "x" * 1900))
    form = customer.get("/envoyer")
    (group,) = form.page.xpath("//input[@name='groupe']/@value")
    page = customer.submit(form, "/envoyer/verifier", [("groupe", group), ("message", "A[v1]"), ("numeros", "")])
    assert "Jean" in page.seen
    assert "son message est trop long" in page.seen
    assert not page.page.xpath("//form[@action='/envoyer/confirmer']")


def test_forged_confirmation_is_checked_again(house: House, customer: Browser) -> None:
    """What the confirmation page carried is only typed text: another number, text or date is checked as the first."""
    answer = customer.post("/envoyer/confirmer", {"numeros": "0512345678", "message": "x", "reference": "r"})
    assert answer.status == 422
    answer = customer.post("/envoyer/confirmer", {"numeros": NUMBER, "message": "a" * 900, "reference": "r"})
    assert answer.status == 422
    assert house.messages() == []


@pytest.mark.parametrize("path", ["verifier", "confirmer", "apercu", "essai", "modifier"])
def test_forms_of_others_do_nothing(house: House, customer: Browser, path: str) -> None:
    """Without this browser's own token: 403, nothing is sent."""
    for token in ("", "0" * 64, "é"):
        fields = {"jeton": token, "numeros": NUMBER, "message": "Bonjour", "mobile": NUMBER}
        assert customer.post(f"/envoyer/{path}", fields).status == 403
    assert house.messages() == []


def test_visitors_send_nothing(house: House, visitor: Browser) -> None:
    """Who has not logged in is sent to log in; a script is told so."""
    house.account()
    answer = visitor.post("/envoyer/confirmer", {"numeros": NUMBER, "message": "x", "reference": "r"}, followed=False)
    assert (answer.status, answer.headers["location"]) == (303, "/connexion")
    assert visitor.get("/envoyer").seen.startswith("Se connecter")
    assert house.messages() == []


@pytest.mark.parametrize("text", HOSTILE)
def test_texts_stay_texts(house: House, customer: Browser, text: str) -> None:
    """Whatever is typed is shown as it was typed, on every page of the way."""
    page = checked(customer, numeros=f"{NUMBER} {text}", message=text)
    for shown in (page, customer.submit(page, "/envoyer/modifier"), checked(customer, numeros=text, message=text)):
        assert text in shown.page.text_content()
        assert not shown.page.xpath("//script[not(@src)] | //img[@onerror]")
        assert "49" not in shown.page.xpath("string(//textarea[@name='message'])") or "49" in text


def test_preview_is_a_part_of_a_page(customer: Browser) -> None:
    """While one types: recipients, SMS and cost, as words only."""
    answer = customer.post("/envoyer/apercu", {"numeros": f"{NUMBER} 0698765432", "message": "a" * 161})
    assert "<html" not in answer.text
    words = " ".join(answer.page.text_content().split())
    assert "Destinataires2 SMS4 Coût4 crédits" in words


def test_preview_of_very_many_is_left_for_the_next_step(house: House, customer: Browser) -> None:
    """Each pause in typing must not reckon through a whole campaign; the next step tells all of it."""
    account = house.read(_only_account)
    house.group(account, "Tous", numbers(MOST_PREVIEWED + 1))
    form = customer.get("/envoyer")
    (group,) = form.page.xpath("//input[@name='groupe']/@value")
    answer = customer.post("/envoyer/apercu", {"numeros": "", "groupe": group, "message": "Bonjour"})
    assert "5 001 contacts choisis." in " ".join(answer.page.text_content().split())
    page = customer.submit(form, "/envoyer/verifier", [("groupe", group), ("message", "Bonjour"), ("numeros", "")])
    assert "5 001 crédits" in page.seen


def test_suggestions_are_ones_own(house: House, customer: Browser) -> None:
    """Contacts by some letters; another account's never."""
    mine = house.read(_only_account)
    house.group(mine, "A", ["+33612345678"], Variables("Hédé Martin"))
    other = house.account("autre@exemple.fr")
    house.group(other, "B", ["+33612345679"], Variables("Hédé Autre"))
    found = customer.request("GET", "/envoyer/contacts?q=hede", headers={"Accept": "application/json"}).json
    assert [one["name"] for one in found] == ["Hédé Martin"]
    assert customer.request("GET", "/envoyer/contacts?q=").json == []


def test_contacts_and_submissions_of_others(house: House, customer: Browser) -> None:
    """Ids of others in the address of the form fill in nothing."""
    other = house.account("autre@exemple.fr")
    house.group(other, "Secret", ["+33612345679"], Variables("Personne"))
    form = customer.get("/envoyer?contact=1&groupe=1&contact=2")
    assert "Personne" not in form.text
    assert "Secret" not in form.text
    assert customer.get("/envoyer?de=1").status == 404
    assert customer.get("/envoyer?de=99999999999999999999").status == 200


def test_test_to_ones_own_phone(house: House, customer: Browser) -> None:
    """The first of the messages goes to the number of the field; the form is still there after."""
    page = customer.post("/envoyer/essai", {"numeros": "", "message": "Essai", "mobile": "06 98 76 54 32"})
    assert "L'essai est parti" in page.seen
    assert [row.number for row in house.messages()] == ["+33698765432"]
    page = customer.post("/envoyer/essai", {"numeros": "", "message": "Essai", "mobile": "rien"})
    assert page.page.xpath("//textarea[@name='message']")[0].text.strip() == "Essai"
    assert len(house.messages()) == 1


def test_database_away(house: House, customer: Browser) -> None:
    """A page that says so, without a traceback; nothing is lost or sent."""
    page = checked(customer, numeros=NUMBER, message="Bonjour")
    token = page.page.xpath("//input[@name='jeton']/@value")[0]
    house.database.away = True
    answer = customer.post("/envoyer/confirmer", {"jeton": token, "numeros": NUMBER, "message": "B", "reference": "r"})
    assert answer.status == 503
    assert "Réessayez" in answer.page.text_content()
    house.database.away = False
    assert house.messages() == []


def _only_account(connection: Any) -> Any:
    from smstob.storage import accounts
    from tests.house import EMAIL

    found = accounts.by_email(connection, EMAIL)
    assert found is not None
    return found
