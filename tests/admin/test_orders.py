"""``smstob order …`` and ``customer …``: sold by telephone, paid by cheque, once; with every mistake."""

import re
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest

from smstob.model.order import reference_of
from smstob.storage import accounts
from smstob.storage.database import Connection
from tests.admin.console import EMAIL, Console
from tests.admin.shop import CUSTOMER, IBAN, open_shop, ordered

PARIS: Final = ZoneInfo("Europe/Paris")
ABSENT: Final = reference_of(99)


@pytest.fixture
def shop(console: Console) -> Console:
    """A console of a service that sells, with a customer who has 10 credits."""
    open_shop(console)
    return console


def in_days(days: int) -> str:
    """Another day than today, as people write it."""
    return f"{datetime.now(PARIS) + timedelta(days=days):%d/%m/%Y}"


def owed(console: Console) -> list[tuple[str, str]]:
    """What the daemon will mail: kinds, and what they are about."""

    def work(connection: Connection) -> list[tuple[str, str]]:
        rows = connection.exec_driver_sql("SELECT kind, about FROM notice ORDER BY id")
        return [(row[0], row[1]) for row in rows if row[0] != "opened"]

    return console.transact(work)


def test_create(shop: Console) -> None:
    """An order by telephone: what it costs, how it is paid, and a letter that says so."""
    made = shop.json("order", "create", EMAIL, "100", "--method", "cheque")
    reference = made["reference"]
    assert re.fullmatch("RF[0-9]{2}SMS000001", reference)
    assert made == {
        "reference": reference,
        "account": EMAIL,
        "customer": "Garage Dupont",
        "method": "cheque",
        "state": "open",
        "credits": 100,
        "net": "19.00",
        "vat": "3.80",
        "gross": "22.80",
        "created": made["created"],
        "paid": None,
        "received": None,
        "refunded": "0.00",
        "note": "",
        "invoices": [],
        "payment": {"payee": "Essai SARL", "address": "1 rue de l'Essai\n35000 Rennes", "iban": "", "bic": ""},
    }
    assert owed(shop) == [("ordered", reference)]
    assert shop.json("account", "show", EMAIL)["credits"] == 10


def test_create_for_people(shop: Console) -> None:
    """What the operator reads out on the telephone."""
    told = shop.text("order", "create", EMAIL, "20000", "--method", "virement")
    assert "20 000 crédits, 2 100,00 € HT, TVA 420,00 €, 2 520,00 € TTC" in told
    assert IBAN in told.replace(" ", "")
    assert f"C'est envoyé à {EMAIL}." in told
    told = shop.text("order", "create", EMAIL, "100", "--method", "essai")
    assert "http://127.0.0.1:8080/credits/commandes/RF" in told
    assert "envoyé" not in told


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["x@exemple.fr", "100", "--method", "cheque"], "il n'y a pas de compte"),
        ([EMAIL, "99", "--method", "cheque"], "on achète de 100 à 10 000 000 crédits à la fois"),
        ([EMAIL, "10000001", "--method", "cheque"], "on achète de 100 à 10 000 000 crédits à la fois"),
        ([EMAIL, "0", "--method", "cheque"], "n'est pas un nombre entier"),
        ([EMAIL, "-5", "--method", "cheque"], "n'est pas un nombre entier"),
        ([EMAIL, "abc", "--method", "cheque"], "« abc » n'est pas un nombre entier"),
        ([EMAIL, str(10**30), "--method", "cheque"], "n'est pas un nombre entier"),
        ([EMAIL, "100.0", "--method", "cheque"], "n'est pas un nombre entier"),
        ([EMAIL, "100"], "il manque --method"),
        ([EMAIL, "100", "--method", " "], "ce texte est vide"),
        ([EMAIL, "100", "--method", "paypal"], "« paypal » n'est pas un moyen de paiement"),
        ([EMAIL, "100", "--method", "operator"], "possible : essai, cheque, virement"),
    ],
)
def test_create_mistakes(shop: Console, arguments: list[str], sentence: str) -> None:
    """Nothing is ordered that cannot be."""
    assert sentence in shop.mistake("order", "create", *arguments)


def test_create_for_nobody(shop: Console) -> None:
    """No invoice without an address, and no order for a closed account; both say what to do."""
    shop.open_account("b@exemple.fr")
    told = shop.mistake("order", "create", "b@exemple.fr", "100", "--method", "cheque")
    assert "n'a pas donné son adresse de facturation" in told
    assert "smstob customer set b@exemple.fr name=" in told
    shop.text("account", "disable", EMAIL)
    told = shop.mistake("order", "create", EMAIL, "100", "--method", "cheque")
    assert f"« smstob account enable {EMAIL} » le rouvre" in told


def test_create_too_many(shop: Console) -> None:
    """Orders that nobody pays do not pile up."""
    for _ in range(20):
        ordered(shop)
    assert "a déjà 20 commandes à payer" in shop.mistake("order", "create", EMAIL, "100", "--method", "cheque")


def test_nothing_is_sold(console: Console) -> None:
    """Without a payment in the configuration there is none to choose."""
    console.open_account()
    assert "possible : aucun" in console.mistake("order", "create", EMAIL, "100", "--method", "cheque")
    assert console.text("order", "list") == "Il n'y a pas de commande.\n"


def test_confirm(shop: Console) -> None:
    """The cheque came: credits, invoice, letter, and the ledger stays sound."""
    reference = ordered(shop)
    done = shop.json("order", "confirm", reference, "--date", in_days(-3), "--note", "Chèque 0123456")
    year = datetime.now(PARIS).year
    invoice = f"F{year}-000001"
    assert (done["state"], done["invoices"], done["note"]) == ("paid", [invoice], "Chèque 0123456")
    assert done["received"] == (datetime.now(PARIS) - timedelta(days=3)).date().isoformat()
    assert datetime.fromisoformat(done["paid"]).utcoffset() is not None
    assert shop.json("account", "show", EMAIL)["credits"] == 110
    assert shop.json("ledger", "verify") == {"entries": 2, "sum": 0, "differences": []}
    assert owed(shop) == [("ordered", reference), ("invoiced", invoice)]
    assert shop.json("order", "list") == [done]
    moved = shop.json("ledger", "show", EMAIL)[-1]
    assert (moved["reason"], moved["reference"], moved["amount"], moved["balance"]) == ("top-up", reference, 100, 110)
    assert "achat" in shop.text("ledger", "show", EMAIL)


def test_confirm_for_people(shop: Console) -> None:
    """The reference as somebody types it off a cheque; today where no date is said."""
    reference = ordered(shop)
    told = shop.text("order", "confirm", f" {reference[:4].lower()} {reference[4:8]} {reference[8:]} ")
    assert shop.json("order", "show", reference)["received"] == datetime.now(PARIS).date().isoformat()
    assert f"Payée : {reference}, 100 crédits, 19,00 € HT, TVA 3,80 €, 22,80 € TTC." in told
    assert f"{EMAIL} a maintenant 110 crédits." in told


def test_confirm_twice(shop: Console) -> None:
    """The second time changes nothing and says what the first did."""
    reference = ordered(shop)
    shop.text("order", "confirm", reference)
    told = shop.mistake("order", "confirm", reference, "--note", "encore")
    assert re.fullmatch(rf"la commande {reference} est déjà payée \(F[0-9]{{4}}-000001\) : rien n'a été changé", told)


def test_cancelled_order_is_paid_after_all(shop: Console) -> None:
    """Money that comes late counts."""
    reference = ordered(shop)
    told = shop.text("order", "cancel", reference)
    assert told.startswith(f"Annulée : {reference}")
    assert "déjà annulée" in shop.mistake("order", "cancel", reference)
    assert shop.json("order", "confirm", reference)["state"] == "paid"
    assert "déjà payée" in shop.mistake("order", "cancel", reference)


@pytest.mark.parametrize(
    ("date", "sentence"),
    [
        ("31/02/2026", "« 31/02/2026 » n'est pas un jour du calendrier"),
        ("2026-11-22", "attendu : JJ/MM/AAAA"),
        ("22/11/26", "attendu : JJ/MM/AAAA"),
        ("22/11/2026 10:00", "attendu : JJ/MM/AAAA"),
        ("٢٢/١١/٢٠٢٦", "attendu : JJ/MM/AAAA"),
        ("00/00/2026", "n'est pas un jour du calendrier"),
        ("demain", "attendu : JJ/MM/AAAA"),
        ("", "attendu : JJ/MM/AAAA"),
        ("01/01/0001", "attendu : JJ/MM/AAAA"),
        ("31/12/9999", "l'argent n'a pas pu arriver le 31/12/9999"),
        (in_days(1), "aujourd'hui au plus tard"),
        (in_days(-40), "un mois avant la commande au plus tôt"),
    ],
)
def test_confirm_dates(shop: Console, date: str, sentence: str) -> None:
    """A payment came on a day that there was, and not to come."""
    assert sentence in shop.mistake("order", "confirm", ordered(shop), "--date", date)


@pytest.mark.parametrize("verb", ["show", "confirm", "cancel", "refund"])
def test_references(shop: Console, verb: str) -> None:
    """A typing mistake is told apart from an order that there is not."""
    reference = ordered(shop)
    swapped = reference[:-3] + "100"
    assert "ses chiffres de contrôle sont faux" in shop.mistake("order", verb, swapped)
    for nonsense in ("42", "RF", "é", "RF²²SMS000001", "F2026-000001", "R" * 5000, "RF18SMS\n", "🙂" * 30):
        assert "n'est pas une référence de commande" in shop.mistake("order", verb, nonsense)
    assert shop.mistake("order", verb, ABSENT) == f"il n'y a pas de commande {ABSENT}"
    assert "ce texte est vide" in shop.mistake("order", verb, "")


def test_notes(shop: Console) -> None:
    """A note has an end, and is kept on one line."""
    reference = ordered(shop)
    assert "200 caractères au plus" in shop.mistake("order", "confirm", reference, "--note", "n" * 201)
    assert shop.json("order", "confirm", reference, "--note", " Chèque\n 12 ")["note"] == "Chèque 12"


def test_refund(shop: Console) -> None:
    """All paid back: a credit note, and the credits that are left; the rest was sent."""
    reference = ordered(shop)
    assert "est à payer" in shop.mistake("order", "refund", reference)
    shop.text("order", "confirm", reference)
    shop.text("account", "credit", EMAIL, "-80")
    told = shop.text("order", "refund", reference, "--note", "Rétractation")
    year = datetime.now(PARIS).year
    assert f"Avoir A{year}-000001 ; 30 crédits repris, les autres étaient dépensés : 70." in told
    done = shop.json("order", "show", reference)
    assert (done["state"], done["refunded"]) == ("refunded", "22.80")
    assert done["invoices"] == [f"F{year}-000001", f"A{year}-000001"]
    assert shop.json("account", "show", EMAIL)["credits"] == 0
    assert shop.json("ledger", "verify")["differences"] == []
    assert "déjà remboursée" in shop.mistake("order", "refund", reference)


def test_show(shop: Console) -> None:
    """How an open order is paid; what became of one that is not."""
    reference = ordered(shop, method="virement")
    value = shop.json("order", "show", reference)
    assert value["payment"]["iban"].replace(" ", "") == IBAN
    told = shop.text("order", "show", reference)
    assert "Garage Dupont" in told
    assert f"en rappelant la référence {reference}" in told
    shop.text("order", "confirm", reference)
    assert "payment" not in shop.json("order", "show", reference)
    assert "argent reçu" in shop.text("order", "show", reference)


def test_payment_that_is_gone(shop: Console) -> None:
    """An order of a payment that the configuration has no longer is shown, and may be confirmed."""
    reference = ordered(shop, method="virement")
    shop.configure()
    told = shop.text("order", "show", reference)
    assert "virement (il n'est plus dans la configuration)" in told
    shop.text("order", "cancel", reference)


def test_list(shop: Console) -> None:
    """Newest first, by state, by account, and no more than asked for."""
    shop.open_account("b@exemple.fr")
    shop.text("customer", "set", "b@exemple.fr", *CUSTOMER)
    first, second = ordered(shop), ordered(shop, 500, "virement")
    third = shop.json("order", "create", "b@exemple.fr", "100", "--method", "cheque")["reference"]
    shop.text("order", "confirm", second)

    def listed(*options: str) -> list[Any]:
        return [one["reference"] for one in shop.json("order", "list", *options)]

    assert listed() == [third, second, first]
    assert listed("--limit", "1") == [third]
    assert listed("--state", "open") == [third, first]
    assert listed("--state", "paid", "--account", EMAIL.upper()) == [second]
    assert listed("--state", "refunded") == []
    told = shop.text("order", "list")
    assert "102,00 €" in told
    assert "payée" in told
    assert "il n'y a pas de compte" in shop.mistake("order", "list", "--account", "x@exemple.fr")
    assert "possible : open, paid, cancelled, refunded" in shop.mistake("order", "list", "--state", "payée")
    assert "n'est pas un nombre entier" in shop.mistake("order", "list", "--limit", "0")


def test_customer(console: Console) -> None:
    """Whom invoices are for: told, tidied, changed in part."""
    console.open_account()
    assert console.text("customer", "show", EMAIL) == "L'adresse de facturation n'est pas donnée.\n"
    console.text("customer", "set", EMAIL, *CUSTOMER)
    console.text("customer", "set", EMAIL, "siren=552 100 554", "address=1 rue A\nBâtiment B")
    value = console.json("customer", "show", EMAIL)
    assert (value["name"], value["siren"], value["country"]) == ("Garage Dupont", "552100554", "FR")
    assert value["address"] == "1 rue A\nBâtiment B"
    assert "Bâtiment B" in console.text("customer", "show", EMAIL)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (["name="], "name : il manque"),
        (["siren=123456789"], "siren : ce n'est ni un SIREN ni un SIRET"),
        (["vat_number=FR00123456789"], "vat_number : ce n'est pas un numéro de TVA intracommunautaire"),
        (["vat_number=DE136695976"], "vat_number : ce numéro est d'un autre pays"),
        (["siren=732829320", "vat_number=FR11123456782"], "vat_number : ce numéro est d'un autre SIREN"),
        (["country=Allemagne"], "country : attendu : un code de pays"),
        (["postcode=6900"], "postcode : attendu : cinq chiffres"),
        ([f"city={'x' * 81}"], "city : 80 caractères au plus"),
        (["address=a\nb\nc\nd\ne"], "address : 300 caractères et 4 lignes au plus"),
        (["zip=69007"], "« zip=69007 » : attendu : CHAMP=VALEUR"),
        (["name"], "« name » : attendu : CHAMP=VALEUR"),
    ],
)
def test_customer_mistakes(console: Console, changes: list[str], sentence: str) -> None:
    """All or none is changed."""
    console.open_account()
    console.text("customer", "set", EMAIL, *CUSTOMER)
    assert sentence in console.mistake("customer", "set", EMAIL, "name=Autre", *changes)


def test_customer_of_nobody(console: Console) -> None:
    """An account that there is not."""
    assert "il n'y a pas de compte" in console.mistake("customer", "show", EMAIL)
    assert "il n'y a pas de compte" in console.mistake("customer", "set", EMAIL, *CUSTOMER)


def test_same_order_confirmed_by_many(shop: Console) -> None:
    """Two operators have the same cheque in their hands: it counts once."""
    reference = ordered(shop)
    running = [shop.start("order", "confirm", reference) for _ in range(3)]
    errors = sorted(process.communicate(timeout=120)[1] for process in running)
    assert errors[0] == ""
    assert all("déjà payée" in error for error in errors[1:]), errors
    account = shop.transact(lambda connection: accounts.by_email(connection, EMAIL))
    assert account is not None
    assert shop.json("account", "show", EMAIL)["credits"] == 110
    assert len(shop.json("invoice", "list")) == 1
