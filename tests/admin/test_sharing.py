"""``smstob account transfer`` and ``smstob domain …``: credits for others, with every mistake."""

import pytest

from smstob.model.sharing import MOST_DOMAINS
from smstob.storage.database import Connection
from tests.admin.console import EMAIL, Console

OTHER = "marie@exemple.org"


def balances(console: Console) -> dict[str, int]:
    """Of all accounts."""
    return {one["email"]: one["credits"] for one in console.json("account", "list")}


def owed(console: Console, email: str) -> list[str]:
    """What the daemon will mail to somebody: kinds of notices."""

    def work(connection: Connection) -> list[str]:
        wanted = "SELECT kind FROM notice WHERE recipient = ? ORDER BY id"
        return [row[0] for row in connection.exec_driver_sql(wanted, (email,))]

    return console.transact(work)


def test_transfer(console: Console) -> None:
    """Credits go from one account to the other, and whoever gets them is told."""
    console.open_account()
    console.open_account(OTHER, 5)
    moved = console.json("account", "transfer", EMAIL, f" {OTHER.upper()} ", "4")
    assert moved == {"from": {"email": EMAIL, "credits": 6}, "to": {"email": OTHER, "credits": 9}}
    assert balances(console) == {EMAIL: 6, OTHER: 9}
    assert owed(console, OTHER) == ["given"]
    assert console.json("ledger", "verify")["differences"] == []
    assert "transfert" in console.text("ledger", "show", OTHER)
    told = console.text("account", "transfer", EMAIL, OTHER, "6")
    assert told == f"Passé : 6 crédits. {EMAIL} en a maintenant 0, {OTHER} 15.\n"


def test_transfer_opens_an_account(console: Console) -> None:
    """Where there is no account one is opened; the daemon mails its password, which nobody here sees."""
    console.open_account()
    told = console.text("account", "transfer", EMAIL, OTHER, "10")
    assert "Ce compte vient d'être ouvert : son mot de passe lui est envoyé." in told
    assert balances(console) == {EMAIL: 0, OTHER: 10}
    assert owed(console, OTHER) == ["opened"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["x@exemple.fr", OTHER, "5"], "il n'y a pas de compte « x@exemple.fr »"),
        ([EMAIL, "marie", "5"], "« marie » n'est pas une adresse e-mail"),
        ([EMAIL, "marie@", "5"], "n'est pas une adresse e-mail"),
        ([EMAIL, f"{'m' * 400}@exemple.fr", "5"], "n'est pas une adresse e-mail"),
        ([EMAIL, EMAIL.upper(), "5"], "ne se donne rien à lui-même"),
        ([EMAIL, OTHER, "11"], f"{EMAIL} n'a que 10 crédits : rien n'a été passé"),
        ([EMAIL, "nouveau@exemple.fr", "11"], f"{EMAIL} n'a que 10 crédits : rien n'a été passé"),
        ([EMAIL, OTHER, "0"], "« 0 » n'est pas un nombre entier de 1 à"),
        ([EMAIL, OTHER, "-5"], "« -5 » n'est pas un nombre entier de 1 à"),
        ([EMAIL, OTHER, "abc"], "« abc » n'est pas un nombre entier"),
        ([EMAIL, OTHER, "1.5"], "n'est pas un nombre entier"),
        ([EMAIL, OTHER, str(10**30)], "n'est pas un nombre entier"),
        ([EMAIL, OTHER, "١٠"], "n'est pas un nombre entier"),
        ([EMAIL, OTHER], "il manque N"),
        ([EMAIL, " ", "5"], "ce texte est vide"),
        ([EMAIL, "a\udce9@exemple.fr", "5"], "ce texte n'est pas en UTF-8"),
    ],
)
def test_transfer_mistakes(console: Console, arguments: list[str], sentence: str) -> None:
    """Nothing moves, and no account is opened."""
    console.open_account()
    console.open_account(OTHER)
    assert sentence in console.mistake("account", "transfer", *arguments)


def test_transfer_from_a_closed_account(console: Console) -> None:
    """A closed account gives nothing; the sentence says how to open it."""
    console.open_account()
    console.text("account", "disable", EMAIL)
    assert "account enable" in console.mistake("account", "transfer", EMAIL, OTHER, "5")


def test_last_credits_are_given_once(console: Console) -> None:
    """Three commands with the same credits: one has them."""
    console.open_account(credits_=5)
    console.open_account(OTHER, 0)
    running = [console.start("account", "transfer", EMAIL, OTHER, "5") for _ in range(3)]
    errors = sorted(process.communicate(timeout=120)[1] for process in running)
    assert errors == ["", *[f"smstob : {EMAIL} n'a que 0 crédit : rien n'a été passé\n"] * 2]
    assert balances(console) == {EMAIL: 0, OTHER: 5}


def test_share(console: Console) -> None:
    """The operator has proven the right: a domain that is not the account's own is shared, its password shown once."""
    console.open_account()
    made = console.json("domain", "share", EMAIL, " @Mairie-Exemple.FR ", "--limit", "50")
    assert made == {
        "email": EMAIL,
        "domain": "mairie-exemple.fr",
        "password": made["password"],
        "daily_limit": 50,
    }
    assert len(made["password"]) >= 8
    (listed,) = console.json("domain", "list")
    assert listed == {
        "domain": "mairie-exemple.fr",
        "account": EMAIL,
        "daily_limit": 50,
        "created": listed["created"],
        "senders": 0,
        "credits": 0,
    }
    assert console.json("domain", "list", EMAIL.upper()) == [listed]
    told = console.text("domain", "list")
    assert made["password"] not in told
    assert "mairie-exemple.fr" in told


def test_international_domain(console: Console) -> None:
    """A domain with accents is the one that the DNS has."""
    console.open_account()
    assert console.json("domain", "share", EMAIL, "Mairie-Été.fr")["domain"] == "xn--mairie-t-h1ab.fr"
    console.text("domain", "unshare", EMAIL, "moi@mairie-été.fr")


def test_share_for_people(console: Console) -> None:
    """A drawn password is printed, a given one is not."""
    console.open_account()
    told = console.text("domain", "share", EMAIL, "exemple.fr")
    assert "Mot de passe du domaine : " in told
    told = console.text("domain", "share", EMAIL, "autre-exemple.fr", "--password", "K7P2W9X4QZ")
    assert "K7P2W9X4QZ" not in told
    assert console.json("domain", "list")[0]["daily_limit"] is None


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["x@exemple.fr", "exemple.fr"], "il n'y a pas de compte"),
        ([EMAIL, "gmail.com"], "n'importe qui peut avoir une adresse chez « gmail.com »"),
        ([EMAIL, "GMail.com"], "n'importe qui peut avoir une adresse"),
        ([EMAIL, "exemple"], "n'est pas un nom de domaine"),
        ([EMAIL, "exem ple.fr"], "n'est pas un nom de domaine"),
        ([EMAIL, "192.0.2.1"], "n'est pas un nom de domaine"),
        ([EMAIL, f"{'a' * 300}.fr"], "n'est pas un nom de domaine"),
        ([EMAIL, "_.fr"], "n'est pas un nom de domaine"),
        ([EMAIL, "co.uk"], "« co.uk »"),
        ([EMAIL, "exemple.fr", "--limit", "1000001"], "la limite va de 1 à 1 000 000 crédits"),
        ([EMAIL, "exemple.fr", "--limit", "0"], "n'est pas un nombre entier"),
        ([EMAIL, "exemple.fr", "--limit", "-1"], "n'est pas un nombre entier"),
        ([EMAIL, "exemple.fr", "--limit", str(10**30)], "n'est pas un nombre entier"),
        ([EMAIL, "exemple.fr", "--password", ""], "le mot de passe est vide"),
        ([EMAIL, "exemple.fr", "--password", "a"], "ce mot de passe ne convient pas"),
        ([EMAIL, "exemple.fr", "--password", "x" * 5000], "ce mot de passe ne convient pas"),
        ([EMAIL], "il manque DOMAINE"),
    ],
)
def test_share_mistakes(console: Console, arguments: list[str], sentence: str) -> None:
    """Nothing is shared that anybody could use."""
    console.open_account()
    assert sentence in console.mistake("domain", "share", *arguments)


def test_shared_by_another(console: Console) -> None:
    """A domain is one account's, until that ends."""
    console.open_account()
    console.open_account(OTHER)
    console.text("domain", "share", EMAIL, "exemple.fr")
    assert "déjà partagé par un autre compte" in console.mistake("domain", "share", OTHER, "exemple.fr")
    assert "ne partage pas « exemple.fr »" in console.mistake("domain", "unshare", OTHER, "exemple.fr")
    assert console.json("domain", "unshare", EMAIL, "Exemple.fr") == {"email": EMAIL, "domain": "exemple.fr"}
    assert "ne partage pas" in console.mistake("domain", "unshare", EMAIL, "exemple.fr")
    assert console.text("domain", "list") == "Il n'y a pas de domaine partagé.\n"
    console.text("domain", "share", OTHER, "exemple.fr")


def test_too_many_domains(console: Console) -> None:
    """An account shares no more than so many."""
    console.open_account()
    for number in range(MOST_DOMAINS):
        console.text("domain", "share", EMAIL, f"exemple{number}.fr")
    told = console.mistake("domain", "share", EMAIL, "exemple.fr")
    assert told == f"{EMAIL} partage déjà {MOST_DOMAINS} domaines"
