"""The operator's command beside a running daemon, and on PostgreSQL."""

from collections.abc import Iterator
from email.parser import BytesParser
from email.policy import default
from pathlib import Path

import pytest

from tests.admin.console import EMAIL, Console
from tests.admin.shop import CUSTOMER, PAYMENTS, open_shop, ordered
from tests.configurations import COMPANY
from tests.daemon import RunningDaemon, running


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[RunningDaemon]:
    """A daemon on a database of its own."""
    yield from running(tmp_path)


def test_beside_the_daemon(daemon: RunningDaemon, capsys: pytest.CaptureFixture[str]) -> None:
    """The daemon goes by what the command did from the next request on, and the command sees its work."""
    console = Console(daemon.directory, capsys)
    daemon.configure({})

    def send(secret: str, text: str) -> str:
        return daemon.call({"email": EMAIL, "pass": secret, "numero": "0660919010", "message": text})

    console.text("account", "create", EMAIL, "--password", "Premier", "--credits", "1")
    assert send("Premier", "un") == "80"
    daemon.settled()
    assert console.json("message", "list", "--account", EMAIL)[0]["text"] == "un"
    assert send("Premier", "deux") == "83"
    console.text("account", "credit", EMAIL, "5")
    assert send("Premier", "deux") == "80"
    assert send("Premier", "deux") == "91"
    console.text("account", "set", EMAIL, "duplicates=off", "max_segments=1")
    assert send("Premier", "deux") == "80"
    assert send("Premier", "a" * 161) == "92"
    console.text("account", "password", EMAIL, "--password", "Second")
    assert send("Premier", "trois") == "82"
    assert send("Second", "trois") == "80"
    key = console.json("account", "key", "create", EMAIL, "php")["key"]
    assert send(key, "quatre") == "80"
    console.text("account", "key", "revoke", EMAIL, "php")
    assert send(key, "cinq") == "82"
    console.text("account", "disable", EMAIL)
    assert send("Second", "cinq") == "82"
    console.text("account", "enable", EMAIL)
    assert send("Second", "cinq") == "80"
    daemon.settled()
    (sink,) = daemon.wait(
        lambda: [one for one in console.json("gateway", "list") if one["sent"] == 6], "the status is written"
    )
    assert (sink["state"], sink["queued"], sink["failed"]) == ("up", 0, 0)
    assert console.json("backup", str(daemon.directory / "copie.db"))["bytes"] > 0
    assert console.json("ledger", "verify")["differences"] == []


def test_on_postgresql(bare: Console, postgresql_database: str) -> None:
    """The same commands on the other database."""
    bare.configure(database={"url": postgresql_database})
    assert "la base de données est vide" in bare.mistake("account", "list")
    assert bare.json("migrate")["before"] is None
    bare.open_account()
    assert "il y a déjà un compte" in bare.mistake("account", "create", EMAIL)
    running = [bare.start("account", "credit", EMAIL, "-10") for _ in range(3)]
    told = sorted(process.communicate(timeout=60)[1] for process in running)
    assert told == ["", *[f"smstob : {EMAIL} n'a que 0 crédit : rien n'a été repris\n"] * 2]
    assert bare.json("account", "credit", EMAIL, "5")["credits"] == 5
    assert bare.json("account", "set", EMAIL, "alert_threshold=1000000000")["options"]["alert_threshold"] == 10**9
    book = bare.directory / "carnet.csv"
    book.write_text("".join(f"Nom {n};06{n:08};v\n" for n in range(2500)), encoding="utf-8")
    assert bare.json("contact", "import", EMAIL, str(book), "--group", "Tous")["imported"] == 2500
    assert bare.json("group", "list", EMAIL) == [{"name": "Tous", "contacts": 2500}]
    made = bare.submit("0660919010, 0660545465", "Bonjour", when="")
    assert len(bare.json("message", "list")) == 2
    assert bare.json("queue", "show")["queued"] == 2
    assert bare.json("gateway", "list")[0]["queued"] == 2
    assert bare.json("submission", "cancel", str(made.id)) == {"cancelled": 2, "credits": 2}
    assert [one["amount"] for one in bare.json("ledger", "show", EMAIL)] == [10, -10, 5, -2, 1, 1]
    assert "pg_dump" in bare.mistake("backup", str(bare.directory / "copie.db"))
    assert bare.json("ledger", "verify")["differences"] == []


def test_money_beside_the_daemon(daemon: RunningDaemon, capsys: pytest.CaptureFixture[str]) -> None:
    """What the command sells and gives away, the daemon tells by mail: how to pay, the invoice, a password."""
    console = Console(daemon.directory, capsys)

    def mailed(word: str) -> bool:
        letters = (daemon.directory / "outbox").glob("*.eml")
        return any(word in str(BytesParser(policy=default).parsebytes(one.read_bytes())) for one in letters)

    money = {"company": dict(COMPANY), "payments": PAYMENTS}
    daemon.configure(money)
    console.text("account", "create", EMAIL, "--credits", "5")
    console.text("customer", "set", EMAIL, *CUSTOMER)
    reference = ordered(console)
    number = console.json("order", "confirm", reference)["invoices"][0]
    console.text("account", "transfer", EMAIL, "marie@exemple.org", "100")
    daemon.wait(lambda: mailed(f"Facture {number}.pdf"), "the invoice is mailed")
    daemon.wait(lambda: mailed("marie@exemple.org"), "the receiver is told")
    assert console.json("account", "show", "marie@exemple.org")["credits"] == 100
    console.text("invoice", "show", number, str(daemon.directory / "f.pdf"))
    assert console.json("ledger", "verify")["differences"] == []


def test_money_on_postgresql(bare: Console, postgresql_database: str) -> None:
    """Orders, invoices, transfers on the other database; a cheque that two have in their hands counts once."""
    bare.configure(database={"url": postgresql_database})
    bare.text("migrate")
    open_shop(bare, credits_=10, database={"url": postgresql_database})
    reference = ordered(bare)
    running = [bare.start("order", "confirm", reference) for _ in range(3)]
    told = sorted(process.communicate(timeout=120)[1] for process in running)
    assert told[0] == ""
    assert all("déjà payée" in error for error in told[1:]), told
    assert bare.json("account", "show", EMAIL)["credits"] == 110
    assert bare.json("account", "transfer", EMAIL, "marie@exemple.org", "60")["from"]["credits"] == 50
    assert bare.json("order", "refund", reference)["state"] == "refunded"
    assert bare.json("account", "show", EMAIL)["credits"] == 0
    assert len(bare.json("invoice", "list")) == 2
    period = ("--from", "01/01/2020", "--to", "31/12/2099")
    assert bare.json("invoice", "export", str(bare.directory / "export"), *period)["invoices"] == 2
    assert bare.json("ledger", "verify")["differences"] == []
