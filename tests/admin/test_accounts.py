"""``smstob account …``, ``group …``, ``contact …``, ``ledger …``: in both outputs, with every mistake."""

import re
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta

import pytest

from smstob.flow.authenticate import password_matches, secret_digest
from smstob.model.contact import Recipient
from smstob.storage import accounts, contacts
from smstob.storage.database import Connection
from tests.admin.console import EMAIL, Console


def secrets_of(console: Console) -> accounts.Secrets:
    """What the account is authenticated by."""
    found = console.transact(lambda connection: accounts.secrets_of(connection, EMAIL))
    assert found is not None
    return found


def test_create(console: Console) -> None:
    """A generated password is told once and works; the e-mail is kept in canonical form."""
    made = console.json("account", "create", " Jean@Exemple.FR ", "--credits", "12")
    assert made == {"email": EMAIL, "password": made["password"], "credits": 12}
    assert re.fullmatch("[A-Z2-9]{10}", made["password"])
    assert password_matches(secrets_of(console).password_hash, made["password"])
    assert console.json("ledger", "show", EMAIL)[0]["amount"] == 12


def test_create_with_password(console: Console) -> None:
    """A given password is not shown to people, and programs get it back."""
    told = console.text("account", "create", EMAIL, "--password", "Sésame, ouvre-toi")
    assert "Sésame" not in told
    assert f"{EMAIL}, 0 crédit." in told
    assert password_matches(secrets_of(console).password_hash, "Sésame, ouvre-toi")
    other = console.json("account", "create", "b@exemple.fr", "--password", "Sésame")
    assert other == {"email": "b@exemple.fr", "password": "Sésame", "credits": 0}


def test_generated_password_for_people(console: Console) -> None:
    """Without ``--password`` it is printed."""
    told = re.search("Mot de passe : ([A-Z2-9]{10})", console.text("account", "create", EMAIL))
    assert told is not None
    assert password_matches(secrets_of(console).password_hash, told[1])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["jean"], "« jean » n'est pas une adresse e-mail"),
        (["jean@"], "n'est pas une adresse e-mail"),
        (["je an@exemple.fr"], "n'est pas une adresse e-mail"),
        ([EMAIL], f"il y a déjà un compte « {EMAIL} »"),
        ([EMAIL.upper()], f"il y a déjà un compte « {EMAIL} »"),
        (["b@exemple.fr", "--password", ""], "le mot de passe est vide"),
        (["b@exemple.fr", "--password", "cle-0"], "c'est le début des clés d'envoi"),
        (["b@exemple.fr", "--password", "x" * 201], "trop long"),
        (["b@exemple.fr", "--password", "a\nb"], "que l'on ne peut pas taper"),
    ],
)
def test_create_mistakes(console: Console, arguments: list[str], sentence: str) -> None:
    """No account is opened by half."""
    console.open_account()
    assert sentence in console.mistake("account", "create", *arguments)


@pytest.mark.parametrize(
    "command",
    [
        ["account", "show", "x@exemple.fr"],
        ["account", "credit", "x@exemple.fr", "5"],
        ["account", "credit", "x@exemple.fr", "-5"],
        ["account", "set", "x@exemple.fr", "validity=5"],
        ["account", "disable", "x@exemple.fr"],
        ["account", "enable", "x@exemple.fr"],
        ["account", "password", "x@exemple.fr"],
        ["account", "key", "create", "x@exemple.fr", "php"],
        ["account", "key", "list", "x@exemple.fr"],
        ["account", "key", "revoke", "x@exemple.fr", "php"],
        ["group", "create", "x@exemple.fr", "Amis"],
        ["group", "list", "x@exemple.fr"],
        ["contact", "import", "x@exemple.fr", "/etc/hostname", "--group", "Amis"],
        ["message", "list", "--account", "x@exemple.fr"],
        ["ledger", "show", "x@exemple.fr"],
    ],
    ids=" ".join,
)
def test_no_such_account(console: Console, command: list[str]) -> None:
    """Every command that takes an account says that there is none."""
    console.open_account()
    assert console.mistake(*command) == "il n'y a pas de compte « x@exemple.fr »"


def test_show(console: Console) -> None:
    """Credits, options, date of opening with the zone's offset."""
    console.open_account()
    shown = console.json("account", "show", EMAIL)
    assert shown["email"] == EMAIL
    assert shown["credits"] == 10
    assert shown["options"] == {
        "duplicates": True,
        "format": "normal",
        "validity": 72,
        "confirmations": "all",
        "characters": "adapt",
        "max_segments": 5,
        "alert_threshold": None,
        "alert_phone": None,
        "sender_checks": "off",
    }
    created = datetime.fromisoformat(shown["created"])
    assert created.utcoffset() in (timedelta(hours=1), timedelta(hours=2))
    assert abs(created.timestamp() - datetime.now(created.tzinfo).timestamp()) < 60
    told = console.text("account", "show", EMAIL)
    assert re.search(r"^crédits +10$", told, re.MULTILINE)
    assert re.search(r"^duplicates +on$", told, re.MULTILINE)


def test_credit(console: Console) -> None:
    """Credits come and go; each movement has a reference of its own and the reason that was given."""
    console.open_account()
    assert console.json("account", "credit", EMAIL, "5") == {"email": EMAIL, "credits": 15}
    assert console.json("account", "credit", EMAIL, "-15", "--reason", "Erreur de saisie")["credits"] == 0
    assert "Donné : 1 200 crédits" in console.text("account", "credit", EMAIL, "+1200")
    assert "Repris : 1 crédit." in console.text("account", "credit", EMAIL, "-1")
    movements = console.json("ledger", "show", EMAIL)
    assert [one["amount"] for one in movements] == [10, 5, -15, 1200, -1]
    assert [one["balance"] for one in movements] == [10, 15, 0, 1200, 1199]
    assert {one["reason"] for one in movements} == {"adjustment"}
    assert len({one["reference"] for one in movements}) == 5
    assert "Erreur de saisie" in console.text("ledger", "show", EMAIL)


def test_credit_below_zero(console: Console) -> None:
    """More than there is cannot be taken back."""
    console.open_account()
    assert console.mistake("account", "credit", EMAIL, "-11") == f"{EMAIL} n'a que 10 crédits : rien n'a été repris"


def test_set(console: Console) -> None:
    """Every option of the contract; the account is another version then, so that daemons see it."""
    console.open_account()
    before = console.account().version
    changed = console.json(
        *("account", "set", EMAIL, "duplicates=off", "format=normal+flash", "validity=24", "confirmations=errors"),
        *("characters=as-is", "max_segments=1", "alert_threshold=5", "alert_phone=06 60 91 90 10"),
        "sender_checks=required",
    )
    wanted = {
        "duplicates": False,
        "format": "normal+flash",
        "validity": 24,
        "confirmations": "errors",
        "characters": "as-is",
        "max_segments": 1,
        "alert_threshold": 5,
        "alert_phone": "+33660919010",
        "sender_checks": "required",
    }
    assert changed == {"email": EMAIL, "options": wanted}
    assert console.json("account", "show", EMAIL)["options"] == wanted
    assert console.account().version > before
    assert "alert_phone -" in console.text("account", "set", EMAIL, "alert_phone=", "alert_threshold=")
    cleared = console.json("account", "show", EMAIL)["options"]
    assert cleared == wanted | {"alert_phone": None, "alert_threshold": None}


@pytest.mark.parametrize(
    "wrong",
    [
        *("duplicates=maybe", "duplicates=", "format=big", "validity=0", "validity=73", "validity=1.5", "validity="),
        *("confirmations=some", "characters=any", "max_segments=0", "max_segments=11", "alert_threshold=-1"),
        *("alert_threshold=many", "alert_phone=0123456789", "alert_phone=+32470123456", "email=x", "duplicates", "=on"),
        "validity=²",
    ],
)
def test_set_mistakes(console: Console, wrong: str) -> None:
    """One wrong option, and the right ones beside it are not changed either."""
    console.open_account()
    console.mistake("account", "set", EMAIL, "max_segments=2", wrong)


def test_set_tells_all_mistakes(console: Console) -> None:
    """All at once, each by its name."""
    console.open_account()
    told = console.mistake("account", "set", EMAIL, "validity=99", "format=big", "validity=3", "color=red", "on")
    assert "\n" not in told
    for part in ("validity : attendu", "format : attendu", "validity est donné plusieurs fois", "« color »", "« on »"):
        assert part in told


def test_disable_and_enable(console: Console) -> None:
    """A closed account is shown as such."""
    console.open_account()
    assert console.json("account", "disable", EMAIL) == {"email": EMAIL, "disabled": True}
    assert secrets_of(console).disabled
    assert console.json("account", "show", EMAIL)["disabled"] is True
    assert "fermé" in console.text("account", "list")
    assert "ouvert" in console.text("account", "enable", EMAIL)
    assert not secrets_of(console).disabled


def test_list(console: Console) -> None:
    """All accounts, by e-mail; a table for people."""
    assert console.json("account", "list") == []
    assert console.text("account", "list") == "Il n'y a pas de compte.\n"
    console.open_account("b@exemple.fr", 1234567)
    console.open_account("a@exemple.fr", 0)
    listed = console.json("account", "list")
    assert [(one["email"], one["credits"], one["disabled"]) for one in listed] == [
        ("a@exemple.fr", 0, False),
        ("b@exemple.fr", 1234567, False),
    ]
    lines = console.text("account", "list").splitlines()
    assert lines[0].split()[:2] == ["compte", "crédits"]
    assert lines[1].startswith("a@exemple.fr          0  ")
    assert lines[2].startswith("b@exemple.fr  1 234 567  ")


def test_password(console: Console) -> None:
    """The old one is worth nothing then."""
    console.text("account", "create", EMAIL, "--password", "Ancien")
    changed = console.json("account", "password", EMAIL)
    assert password_matches(secrets_of(console).password_hash, changed["password"])
    assert not password_matches(secrets_of(console).password_hash, "Ancien")
    assert "Nouveau" not in console.text("account", "password", EMAIL, "--password", "Nouveau")
    assert password_matches(secrets_of(console).password_hash, "Nouveau")
    assert "vide" in console.mistake("account", "password", EMAIL, "--password", " ")


def test_keys(console: Console) -> None:
    """A key is shown once, kept as a digest, and revoked by its name."""
    console.open_account()
    made = console.json("account", "key", "create", EMAIL, "site php")
    assert made == {"email": EMAIL, "name": "site php", "key": made["key"]}
    assert secrets_of(console).key_digests == {secret_digest(made["key"])}
    assert "cle-" in console.text("account", "key", "create", EMAIL, "relais")
    assert console.json("account", "key", "list", EMAIL) == [{"name": "relais"}, {"name": "site php"}]
    assert console.text("account", "key", "list", EMAIL) == "relais\nsite php\n"
    assert "déjà" in console.mistake("account", "key", "create", EMAIL, "relais")
    assert "100" in console.mistake("account", "key", "create", EMAIL, "x" * 101)
    before = console.account().version
    assert console.json("account", "key", "revoke", EMAIL, "site php") == {"email": EMAIL, "name": "site php"}
    assert console.account().version > before
    assert "n'a pas de clé" in console.mistake("account", "key", "revoke", EMAIL, "site php")
    assert "révoquée" in console.text("account", "key", "revoke", EMAIL, "relais")
    assert "pas de clé" in console.text("account", "key", "list", EMAIL)


def test_ledger(console: Console) -> None:
    """What is sound is told so; the last movements are shown, oldest first."""
    assert console.json("ledger", "verify") == {"entries": 0, "sum": 0, "differences": []}
    console.open_account()
    assert console.text("ledger", "verify") == "Le grand livre est juste : écritures 1, somme 0.\n"
    console.text("account", "credit", EMAIL, "-3")
    (last,) = console.json("ledger", "show", EMAIL, "--limit", "1")
    assert {key: last[key] for key in ("reason", "amount", "balance")} == {
        "reason": "adjustment",
        "amount": -3,
        "balance": 7,
    }
    assert set(last) == {"at", "reason", "reference", "amount", "balance"}
    assert datetime.fromisoformat(last["at"]).tzinfo is not None
    told = console.text("ledger", "show", EMAIL).splitlines()
    assert told[0].split() == ["date", "motif", "référence", "montant", "solde", "note"]
    assert "opérateur" in told[2]
    console.open_account("b@exemple.fr", 0)
    assert console.text("ledger", "show", "b@exemple.fr") == "Il n'y a pas de mouvement.\n"


def test_ledger_unsound(console: Console) -> None:
    """A damaged balance: the figures on stdout, a sentence on stderr, 1."""
    console.open_account()
    with closing(sqlite3.connect(console.database)) as connection:
        connection.execute("UPDATE purse SET balance = balance + 3 WHERE kind = 'account'")
        connection.commit()
    answer = console.run("ledger", "verify", "--json")
    assert answer.status == 1
    assert '"sum": 3' in answer.out
    assert "n'est pas juste : somme 3, 1 portefeuille faux" in answer.err
    plain = console.run("ledger", "verify")
    assert (plain.status, plain.err) == (1, answer.err)
    assert "balance 13, entries 10" in plain.out


def test_groups(console: Console) -> None:
    """Empty groups; names differ by more than case and accents' form."""
    console.open_account()
    assert console.text("group", "list", EMAIL) == "Il n'y a pas de groupe.\n"
    assert console.json("group", "create", EMAIL, " Été ") == {"name": "Été", "contacts": 0}
    assert console.text("group", "create", EMAIL, "Pâques") == "Le groupe « Pâques » est créé, encore vide.\n"
    assert "déjà un groupe" in console.mistake("group", "create", EMAIL, "E\u0301TE\u0301")
    assert "est un numéro" in console.mistake("group", "create", EMAIL, "06 60 91 90 10")
    assert "d'une ligne" in console.mistake("group", "create", EMAIL, "a\nb")
    assert {group["name"]: group["contacts"] for group in console.json("group", "list", EMAIL)} == {
        "Été": 0,
        "Pâques": 0,
    }


def test_import(console: Console) -> None:
    """Good lines are taken, faulty ones told with their line; the group is made where there is none."""
    console.open_account()
    book = console.directory / "carnet.csv"
    book.write_bytes("Nom;Numéro;v1\nJean;660919010;Hédé\nLuc;0123456789;\nZoé;+32470123456;\n".encode("cp1252"))
    done = console.json("contact", "import", EMAIL, str(book), "--group", "Amis")
    assert done["imported"] == 1
    assert [fault["line"] for fault in done["rejected"]] == [3, 4]
    assert "n'est pas un numéro de mobile" in done["rejected"][0]["reason"]
    assert "(BE)" in done["rejected"][1]["reason"]
    assert console.json("group", "list", EMAIL) == [{"name": "Amis", "contacts": 1}]
    account = console.account().id

    def members(connection: Connection) -> list[Recipient]:
        group = contacts.find_group(connection, account, "amis")
        assert group is not None
        return contacts.members(connection, group)

    (jean,) = console.transact(members)
    assert (jean.number, jean.typed, jean.variables.name, jean.variables.v1) == (
        *("+33660919010", "0660919010", "Jean", "Hédé"),
    )
    told = console.text("contact", "import", EMAIL, str(book), "--group", "amis")
    assert "1 contact importé" in told
    assert "ligne 3 : " in told
    assert console.json("group", "list", EMAIL) == [{"name": "Amis", "contacts": 1}]


def test_import_of_an_open_country(console: Console) -> None:
    """The configured countries count."""
    console.configure(countries={"BE": 2})
    console.open_account()
    book = console.directory / "carnet.csv"
    book.write_text("Zoé;+32470123456\n", encoding="utf-8")
    assert console.json("contact", "import", EMAIL, str(book), "--group", "Amis") == {"imported": 1, "rejected": []}


def test_import_of_many(console: Console) -> None:
    """More than one slice."""
    console.open_account()
    book = console.directory / "carnet.csv"
    book.write_text("".join(f"Nom {n};06{n:08};v\n" for n in range(2500)), encoding="utf-8")
    assert console.json("contact", "import", EMAIL, str(book), "--group", "Tous")["imported"] == 2500
    assert console.json("group", "list", EMAIL) == [{"name": "Tous", "contacts": 2500}]


def test_import_of_nothing(console: Console) -> None:
    """Where no line will do, the lines are told, nothing is made, and it ends with 1."""
    console.open_account()
    book = console.directory / "carnet.csv"
    book.write_text("Jean;0123456789\n", encoding="utf-8")
    answer = console.run("contact", "import", EMAIL, str(book), "--group", "Amis", "--json")
    assert answer.status == 1
    assert '"imported": 0' in answer.out
    assert "aucun contact n'a été importé" in answer.err
    assert console.json("group", "list", EMAIL) == []


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("absent.csv", None, "ce fichier n'existe pas"),
        (".", None, "c'est un répertoire"),
        ("vide.csv", b"", "ce fichier est vide"),
        ("classeur.xlsx", b"PK\x03\x04...", "enregistrez-le au format CSV"),
        ("gros.csv", b"a" * (10 * 2**20 + 1), "trop gros"),
        ("large.csv", b"0660919010" + b";x" * 60, "la ligne 1 a plus de 50 colonnes"),
    ],
)
def test_import_mistakes(console: Console, name: str, content: bytes | None, sentence: str) -> None:
    """A file that is no list of contacts changes nothing."""
    console.open_account()
    book = console.directory / name
    if content is not None:
        book.write_bytes(content)
    assert sentence in console.mistake("contact", "import", EMAIL, str(book), "--group", "Amis")
