"""The grammar of ``smstob``, its two outputs, and how it fails where nobody is to blame."""

import json
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest

from smstob.admin.command import main
from smstob.settings import Settings
from smstob.storage.database import Database, Job
from smstob.storage.engine import open_engines
from smstob.storage.workers import InlineWorkers
from tests.admin.console import EMAIL, SMSTOB, Console

READS: Final = (
    ("account", "list"),
    ("account", "show", EMAIL),
    ("account", "key", "list", EMAIL),
    ("group", "list", EMAIL),
    ("message", "list"),
    ("ledger", "verify"),
    ("ledger", "show", EMAIL),
    ("gateway", "list"),
    ("modem", "list"),
    ("queue", "show"),
    ("order", "list"),
    ("invoice", "list"),
    ("customer", "show", EMAIL),
    ("domain", "list"),
)


@pytest.mark.parametrize("command", READS, ids=" ".join)
def test_options_before_and_after_the_command(
    console: Console, capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    """``--json`` and ``--config`` are taken anywhere, and give one JSON value and nothing else."""
    console.open_account()
    config = ["--config", str(console.config)]
    first, *rest = command
    answers = []
    for arguments in (
        ["--json", *config, *command],
        [*command, *config, "--json"],
        [first, "--json", *config, *rest],
        ["--config", "/nowhere.toml", "--json", *command, *config],
    ):
        capsys.readouterr()
        assert main(arguments) == 0
        answers.append(json.loads(capsys.readouterr().out))
    assert all(answer == answers[0] for answer in answers)
    assert console.text(*command).strip()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "il manque COMMANDE"),
        (["account"], "il manque COMMANDE"),
        (["frob"], "frob n'existe pas ; possible : account, "),
        (["l'un"], "l'un n'existe pas ; possible : account, "),
        (["account", "create"], "il manque EMAIL"),
        (["account", "credit", EMAIL], "il manque N"),
        (["account", "credit", EMAIL, "dix"], "« dix » n'est pas un nombre entier"),
        (["account", "credit", EMAIL, "1.5"], "« 1.5 » n'est pas un nombre entier"),
        (["account", "credit", EMAIL, "1_0"], "n'est pas un nombre entier"),
        (["account", "credit", EMAIL, "9" * 30], "n'est pas un nombre entier"),
        (["account", "credit", EMAIL, "0"], "0 ne change rien"),
        (["account", "create", EMAIL, "--credits", "-1"], "--credits : "),
        (["account", "create", EMAIL, "--credits"], "--credits : il faut une valeur"),
        (["account", "show", EMAIL, "--frob"], "--frob est en trop"),
        (["account", "show", EMAIL, "encore"], "encore est en trop"),
        (["account", "show", " "], "ce texte est vide"),
        (["account", "show", "a\udce9@exemple.fr"], "ce texte n'est pas en UTF-8"),
        (["account", "set", EMAIL], "il manque OPTION=VALEUR"),
        (["message", "list", "--limit", "0"], "--limit : « 0 » n'est pas un nombre entier de 1 à"),
        (["message", "list", "--state", "parti"], "--state : « parti » n'existe pas ; possible : queued, handed"),
        (["submission", "cancel", "x"], "« x » n'est pas un nombre entier"),
        (["submission", "cancel", str(2**63)], "n'est pas un nombre entier"),
        (["contact", "import", EMAIL, "f.csv"], "il manque --group"),
    ],
)
def test_bad_grammar(console: Console, arguments: list[str], sentence: str) -> None:
    """What cannot be understood is one line of French, and changes nothing."""
    told = console.mistake(*arguments)
    assert sentence in told
    assert "\n" not in told


@pytest.mark.parametrize("command", [[], ["account"], ["account", "set"], ["account", "key", "create"], ["backup"]])
def test_help(bare: Console, command: list[str]) -> None:
    """Every level has its help, in French, and it ends with 0."""
    told = bare.text(*command, "-h")
    assert told.startswith("usage : smstob")
    assert "--json" in told
    for english in ("usage:", "show this help", "positional", "optional"):
        assert english not in told


@pytest.mark.parametrize("command", [*READS, ("account", "create", EMAIL), ("submission", "cancel", "1")], ids=" ".join)
def test_database_missing(bare: Console, command: tuple[str, ...]) -> None:
    """Without a database the way to one is told, and none is made by the way."""
    told = bare.mistake(*command)
    assert "n'existe pas" in told
    assert "smstob migrate" in told
    assert not bare.database.exists()


def test_database_empty(bare: Console) -> None:
    """A file without tables is told apart from a missing one."""
    bare.database.touch()
    assert "vide" in bare.mistake("account", "list")
    assert "smstob migrate" in bare.mistake("account", "list")


def test_database_behind(console: Console) -> None:
    """Another version's database is not touched."""
    with closing(sqlite3.connect(console.database)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
        connection.commit()
    told = console.mistake("account", "create", EMAIL)
    assert "version 0000" in told
    assert "smstob migrate" in told


def test_not_a_database(bare: Console) -> None:
    """Some other file in the place of the database."""
    bare.database.write_text("Ceci n'est pas une base.\n" * 100, encoding="utf-8")
    assert "pas une base SQLite" in bare.mistake("account", "list")
    assert "n'a pas pu être mise à jour" in bare.mistake("migrate")


def test_directory_in_the_place_of_the_database(bare: Console) -> None:
    """A database that cannot be opened is a mistake of the configuration."""
    bare.configure(database={"url": f"sqlite:///{bare.directory}"})
    assert "c'est un répertoire" in bare.mistake("account", "list")


def test_postgresql_away(bare: Console) -> None:
    """A server that nobody listens for."""
    bare.configure(database={"url": "postgresql://nobody@127.0.0.1:1/nothing"})
    told = bare.mistake("account", "list")
    assert "n'est pas utilisable" in told
    assert "\n" not in told


def test_locked(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that another program holds for too long is left alone; reading goes on."""
    console.open_account()

    def impatient(settings: Settings) -> Database:
        workers: InlineWorkers[Job] = InlineWorkers()
        database = Database(open_engines(settings.database.url, patience=0.05), workers)
        database.start()
        return database

    monkeypatch.setattr("smstob.admin.desk.open_inline", impatient)
    with closing(sqlite3.connect(console.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert "occupée par un autre programme" in console.mistake("account", "credit", EMAIL, "5")
        assert console.json("account", "show", EMAIL)["credits"] == 10


def test_waits_for_a_short_lock(console: Console) -> None:
    """What another program holds for a moment only delays the command."""
    console.open_account()
    other = sqlite3.connect(console.database, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(0.5, other.execute, ["COMMIT"])
    timer.start()
    begun = time.monotonic()
    assert console.json("account", "credit", EMAIL, "5") == {"email": EMAIL, "credits": 15}
    assert time.monotonic() - begun >= 0.4
    timer.join()
    other.close()


def test_bad_settings(bare: Console) -> None:
    """Every mistake of the configuration is told, by its key."""
    bare.configure(service={"timezone": "Europe/Pari", "domain": "-"})
    told = bare.mistake("account", "list")
    assert "configuration" in told
    assert "service.timezone" in told
    assert "service.domain" in told


def test_no_settings(bare: Console) -> None:
    """A configuration that is not there."""
    bare.config.unlink()
    assert "ce fichier n'existe pas" in bare.mistake("account", "list")


def _in_process(console: Console, *arguments: str, **settings: Any) -> tuple[int, str, str]:
    process = console.start(*arguments, **settings)
    out, err = process.communicate(timeout=60)
    return process.returncode, out or "", err or ""


def test_as_a_process(console: Console) -> None:
    """The installed command: status, stdout and stderr."""
    status, out, err = _in_process(console, "account", "create", EMAIL, "--credits", "3", "--json")
    assert (status, err) == (0, "")
    assert json.loads(out)["credits"] == 3
    status, out, err = _in_process(console, "account", "create", EMAIL)
    assert (status, out) == (1, "")
    assert err == f"smstob : il y a déjà un compte « {EMAIL} »\n"


def test_broken_pipe(console: Console) -> None:
    """A reader that goes away gets no traceback."""
    console.open_account()
    for command in (("ledger", "show", EMAIL), ("-h",)):
        process = console.start(*command)
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        err = process.stderr.read()
        assert process.wait(60) == 1
        assert err.startswith("smstob : la réponse n'a pas pu être écrite (la sortie a été fermée) ; la commande")
        assert err.count("\n") == 1
        process.stderr.close()


def test_full_disk_for_the_answer(console: Console) -> None:
    """An answer that cannot be written is a failure that says that the work is done."""
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        status, _, err = _in_process(console, "account", "create", EMAIL, stdout=full)
    assert status == 1
    assert "la commande, elle, a été faite" in err
    assert console.account().email == EMAIL


def test_terminal_without_accents(console: Console) -> None:
    """Where the terminal has no «é», JSON stays JSON and text stays readable."""
    console.open_account()
    console.text("group", "create", EMAIL, "Été")
    run = [str(SMSTOB), "--config", str(console.config), "group", "list", EMAIL]
    environment = {"PYTHONIOENCODING": "ascii", "PATH": "/usr/bin:/bin"}
    done = subprocess.run([*run, "--json"], capture_output=True, env=environment, check=True, timeout=60)
    assert json.loads(done.stdout.decode("ascii")) == [{"name": "Été", "contacts": 0}]
    done = subprocess.run(run, capture_output=True, env=environment, check=True, timeout=60)
    assert b"\\xc9t\\xe9" in done.stdout


def _ended(running: Sequence["subprocess.Popen[str]"]) -> list[str]:
    """What processes say on stderr, sorted; nothing where they did their work."""
    errors = [process.communicate(timeout=60)[1] for process in running]
    assert [process.returncode for process in running] == [int(bool(error)) for error in errors], errors
    return sorted(errors)


def test_two_processes_at_once(console: Console) -> None:
    """Several commands at a time: each is done once, and the ledger adds up."""
    console.open_account(credits_=100)
    assert _ended([console.start("account", "credit", EMAIL, amount) for amount in ("7", "-5") * 3]) == [""] * 6
    assert console.json("account", "show", EMAIL)["credits"] == 106
    assert console.json("ledger", "verify")["entries"] == 7


def test_two_processes_open_one_account(console: Console) -> None:
    """The same account twice at once: one opens it, the other is told that it is there."""
    told = _ended([console.start("account", "create", EMAIL, "--credits", "4") for _ in range(3)])
    assert told == ["", *[f"smstob : il y a déjà un compte « {EMAIL} »\n"] * 2]
    assert console.json("account", "list")[0]["credits"] == 4
    assert console.json("ledger", "verify")["differences"] == []


def test_last_credits_are_taken_back_once(console: Console) -> None:
    """Two that take back the same credits: one gets them, none goes below zero."""
    console.open_account(credits_=5)
    told = _ended([console.start("account", "credit", EMAIL, "-5") for _ in range(3)])
    assert told == ["", *[f"smstob : {EMAIL} n'a que 0 crédit : rien n'a été repris\n"] * 2]
    assert console.json("account", "show", EMAIL)["credits"] == 0


def test_interrupted(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C is no traceback."""

    def interrupted(_settings: Settings) -> Database:
        raise KeyboardInterrupt

    monkeypatch.setattr("smstob.admin.desk.open_inline", interrupted)
    assert console.mistake("account", "list") == "interrompu"


def test_no_output_at_all(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process without stdout and stderr does its work all the same."""
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    assert main(["--config", str(console.config), "account", "create", EMAIL, "--password", "Sésame"]) == 0
    assert main(["--config", str(console.config), "account", "create", EMAIL]) == 1
