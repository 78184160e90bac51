"""Options: every choice is kept, a faulty one is told at its field, and then none of them is changed."""

from typing import Any

import attrs
import pytest

from smstob.channels.web.pages.options import NO_PHONE, NO_THRESHOLD, UNPROPOSED
from smstob.model.account import Characters, Confirmations, Format, Options, SenderChecks
from smstob.storage import accounts
from tests.house import EMAIL, House

from .browser import Answer, Browser, site_of

HOSTILE = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "%(n)s %s", "\x00", "é" * 1000)


def kept(house: House) -> Options:
    """What is on disk."""
    found = house.read(lambda connection: accounts.by_id(connection, 1))
    assert found is not None
    return found.options


def saved(customer: Browser, **changes: Any) -> Answer:
    """The page after the form was sent with those changes."""
    return customer.submit(customer.get("/options"), "/options", changes)


def error_at(answer: Answer, field: str) -> str:
    """What is wrong with a field, where a reader's ears are told of it."""
    (note,) = answer.page.xpath(f"//*[@id='{field}-note']")
    assert "error" in note.get("class", ""), note.text_content()
    assert answer.page.xpath(f"//*[@aria-describedby='{field}-note']")
    return " ".join(note.text_content().split())


def test_shown_as_they_are(house: House, visitor: Browser) -> None:
    """The form sent back untouched changes nothing, whatever the options are."""
    house.account(
        duplicates=False,
        format=Format.NORMAL_THEN_FLASH,
        validity=5,
        confirmations=Confirmations.NONE,
        characters=Characters.AS_IS,
        max_segments=1,
        alert_threshold=1200,
        alert_phone="+33698765432",
        sender_checks=SenderChecks.REQUIRED,
    )
    before = kept(house)
    answer = saved(visitor.log_in())
    assert "Les options sont enregistrées." in answer.seen
    assert kept(house) == before
    assert answer.page.xpath("//input[@name='mobile']/@value") == ["0698765432"]
    assert "5 heures" in answer.seen


@pytest.mark.parametrize(
    ("field", "typed", "changed"),
    [
        ("doublons", "non", {"duplicates": False}),
        ("format", "flash", {"format": Format.FLASH}),
        ("format", "normal+flash", {"format": Format.NORMAL_THEN_FLASH}),
        ("validite", "1", {"validity": 1}),
        ("validite", "48", {"validity": 48}),
        ("caracteres", "as-is", {"characters": Characters.AS_IS}),
        ("longueur", "1", {"max_segments": 1}),
        ("longueur", "10", {"max_segments": 10}),
        ("confirmations", "errors", {"confirmations": Confirmations.ERRORS}),
        ("expediteurs", "required", {"sender_checks": SenderChecks.REQUIRED}),
        ("mobile", "06 12 34 56 78", {"alert_phone": "+33612345678"}),
        ("mobile", " +33 (0)6.12.34.56.78 ", {"alert_phone": "+33612345678"}),
        ("mobile", "+32 470 12 34 56", {"alert_phone": "+32470123456"}),
    ],
)
def test_one_changed(house: House, customer: Browser, field: str, typed: str, changed: dict[str, Any]) -> None:
    """That one, and no other; it is shown so from then on, and holds for the next message."""
    before = kept(house)
    assert saved(customer, **{field: typed}).status == 200
    assert kept(house) == attrs.evolve(before, **changed)
    again = saved(customer)
    assert again.status == 200
    assert kept(house) == attrs.evolve(before, **changed)


@pytest.mark.parametrize("typed", ["0", "250", "1 200", "1\u202f000\u00a0000", "1000000000"])
def test_threshold(house: House, customer: Browser, typed: str) -> None:
    """As people write numbers; an empty field takes it away."""
    saved(customer, mobile="0612345678", seuil=typed)
    assert kept(house).alert_threshold == int("".join(typed.split()))
    saved(customer, seuil="", mobile="")
    assert (kept(house).alert_threshold, kept(house).alert_phone) == (None, None)


@pytest.mark.parametrize(
    ("changes", "field", "why"),
    [
        ({"doublons": "peut-être"}, "doublons", UNPROPOSED),
        ({"format": "grand"}, "format", UNPROPOSED),
        ({"validite": "0"}, "validite", UNPROPOSED),
        ({"validite": "73"}, "validite", UNPROPOSED),
        ({"validite": "1.5"}, "validite", UNPROPOSED),
        ({"validite": "٣"}, "validite", UNPROPOSED),
        ({"longueur": "11"}, "longueur", UNPROPOSED),
        ({"longueur": ""}, "longueur", UNPROPOSED),
        ({"confirmations": "ALL"}, "confirmations", UNPROPOSED),
        ({"caracteres": "adapt,as-is"}, "caracteres", UNPROPOSED),
        ({"expediteurs": "on"}, "expediteurs", UNPROPOSED),
        ({"seuil": "-1", "mobile": "0612345678"}, "seuil", NO_THRESHOLD),
        ({"seuil": "beaucoup", "mobile": "0612345678"}, "seuil", NO_THRESHOLD),
        ({"seuil": "1000000001", "mobile": "0612345678"}, "seuil", NO_THRESHOLD),
        ({"seuil": "9" * 400, "mobile": "0612345678"}, "seuil", NO_THRESHOLD),
        ({"seuil": "10", "mobile": ""}, "mobile", NO_PHONE),
        ({"mobile": "01 23 45 67 89"}, "mobile", "Ce n'est pas un numéro de mobile."),
        ({"mobile": "Jean"}, "mobile", "Ce n'est pas un numéro de mobile."),
        ({"mobile": "0612345678, 0698765432"}, "mobile", "Ce n'est pas un numéro de mobile."),
        ({"mobile": "+44 7911 123456"}, "mobile", "Les envois vers ce pays ne sont pas ouverts."),
    ],
)
def test_faulty(house: House, customer: Browser, changes: dict[str, str], field: str, why: str) -> None:
    """It is told at its field, what was typed is still there, and what was right beside it is not changed either."""
    before = kept(house)
    answer = saved(customer, **{"format": "flash", **changes})
    assert answer.status == 422
    assert error_at(answer, field) == why
    assert "Rien n'a été changé" in answer.seen
    assert kept(house) == before
    if field in ("seuil", "mobile"):
        assert answer.page.xpath(f"//input[@name='{field}']/@value") == [changes[field]]
    assert answer.page.xpath("//input[@name='format'][@checked]/@value") == [changes.get("format", "flash")][
        : field != "format"
    ]


def test_all_faults_together(house: House, customer: Browser) -> None:
    """An empty form, which no browser sends, is told of every field that has to be there."""
    answer = customer.post("/options", {})
    assert answer.status == 422
    assert len(answer.page.xpath("//small[@class='error']")) == 7
    assert kept(house) == Options()


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile(house: House, customer: Browser, hostile: str) -> None:
    """In every field at once: nothing is kept, nothing of it becomes a tag."""
    fields = ("doublons", "format", "validite", "caracteres", "longueur", "confirmations", "seuil", "mobile")
    answer = customer.post("/options", {**dict.fromkeys(fields, hostile), "expediteurs": hostile})
    assert answer.status == 422
    assert not answer.page.xpath("//main//script | //main//img")
    assert "49" not in answer.page.xpath("//input[@name='mobile']/@value")
    assert kept(house) == Options()


def test_only_ones_own(house: House, customer: Browser) -> None:
    """Another account keeps its options, and a visitor has none to change."""
    house.account("autre@exemple.fr")
    saved(customer, format="flash")
    other = house.read(lambda connection: accounts.by_id(connection, 2))
    assert other is not None
    assert other.options == Options()
    stranger = Browser(site_of(house))
    assert stranger.post("/options", {"format": "normal"}, followed=False).headers["location"] == "/connexion"
    assert kept(house).format is Format.FLASH


def test_forged(house: House, customer: Browser) -> None:
    """Without the token of this browser nothing is changed."""
    for token in ("", "0" * 64, Browser(site_of(house)).token):
        assert customer.post("/options", {"jeton": token, "format": "flash"}).status == 403
    assert kept(house) == Options()


def test_database_away(house: House, customer: Browser) -> None:
    """A page that says so, and nothing of what went wrong."""
    form = customer.get("/options")
    house.database.away = True
    for answer in (customer.get("/options"), customer.submit(form, "/options", {"format": "flash"})):
        assert answer.status == 503
        assert "Le service est occupé" in answer.text
        assert "Traceback" not in answer.text
    house.database.away = False
    assert kept(house) == Options()


def test_the_phone_of_tests(house: House, customer: Browser) -> None:
    """«Mon mobile» is proposed where a test is sent."""
    saved(customer, mobile="06 98 76 54 32")
    page = customer.get("/envoyer").page
    assert "".join(page.xpath("//input[@name='mobile']/@value")[0].split()).removeprefix("+33").endswith("698765432")
    assert EMAIL in customer.get("/options").text
