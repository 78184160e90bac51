"""The command ``smstob`` at hand: run in process on a database of its own, and looked at afterwards."""

import json
import os
import sqlite3
import subprocess
import sysconfig
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import attrs
import pytest

from smstob.admin.command import main
from smstob.admin.desk import Desk
from smstob.flow.compose import Rules, compose
from smstob.flow.recipients import typed_recipients
from smstob.model.account import Account
from smstob.model.draft import Channel, Draft
from smstob.model.route import Routes
from smstob.model.submission import Submission
from smstob.model.tariff import Tariff
from smstob.storage import accounts, submissions
from smstob.storage.database import Connection
from tests.configurations import toml

T = TypeVar("T")

SMSTOB: Final = Path(sysconfig.get_path("scripts")) / "smstob"
EMAIL: Final = "jean@exemple.fr"


@attrs.frozen
class Answer:
    """What a command ended with."""

    status: int
    out: str
    err: str


class Console:
    """A configuration and its SQLite database in ``directory``; commands work on it."""

    def __init__(self, directory: Path, capsys: pytest.CaptureFixture[str], **settings: Any) -> None:
        self.directory = directory
        self.config = directory / "smstob.toml"
        self.database = directory / "smstob.db"
        self._capsys = capsys
        self.configure(**settings)

    def configure(self, **settings: Any) -> None:
        """Write the configuration; ``settings`` are tables that replace those here."""
        tables: dict[str, Any] = {
            "service": {"timezone": "Europe/Paris"},
            "database": {"url": f"sqlite:///{self.database}"},
            "gateways": {"sink": {"type": "sink", "settings": {"journal": str(self.directory / "sink.jsonl")}}},
            "routes": [{"prefix": "+", "gateways": ["sink"]}],
        }
        self.config.write_text(toml(tables | settings), encoding="utf-8")

    def run(self, *arguments: str) -> Answer:
        """Run one command in this process."""
        self._capsys.readouterr()
        status = main(["--config", str(self.config), *arguments])
        captured = self._capsys.readouterr()
        return Answer(status, captured.out, captured.err)

    def text(self, *arguments: str) -> str:
        """What a command that works tells people."""
        answer = self.run(*arguments)
        assert (answer.status, answer.err) == (0, ""), answer
        return answer.out

    def json(self, *arguments: str) -> Any:
        """The one value that a command that works gives to programs."""
        return json.loads(self.text(*arguments, "--json"))

    def mistake(self, *arguments: str) -> str:
        """The sentence of a command that fails, both ways of output; nothing is on stdout, nothing changed."""
        before = self.content()
        plain, for_programs = self.run(*arguments), self.run(*arguments, "--json")
        assert plain == for_programs
        assert (plain.status, plain.out) == (1, ""), plain
        assert plain.err.startswith("smstob : ")
        assert plain.err.endswith("\n")
        assert "Traceback" not in plain.err
        assert self.content() == before
        return plain.err.removeprefix("smstob : ").rstrip("\n")

    def content(self) -> list[str]:
        """All that the database holds, were it there."""
        if not self.database.exists():
            return []
        connection = sqlite3.connect(self.database)
        try:
            return list(connection.iterdump())
        except sqlite3.DatabaseError:
            return []
        finally:
            connection.close()

    def open_account(self, email: str = EMAIL, credits_: int = 10) -> None:
        """Open an account by the command itself."""
        self.text("account", "create", email, "--credits", str(credits_))

    def transact(self, work: Callable[[Connection], T]) -> T:
        """Change the database as the daemon would."""
        desk = Desk(str(self.config))
        try:
            return desk.transact(work)
        finally:
            desk.close()

    def account(self, email: str = EMAIL) -> Account:
        """An account as the daemon sees it."""
        found = self.transact(lambda connection: accounts.by_email(connection, email))
        assert found is not None
        return found

    def submit(self, numbers: str, text: str, when: str = "", email: str = EMAIL) -> Submission:
        """Have a draft accepted, as a channel would."""
        account = self.account(email)
        settings = Desk(str(self.config)).settings
        rules = Rules(
            zone=settings.service.timezone,
            tariff=Tariff(settings.countries),
            routes=Routes(settings.routes),
            most_recipients=1000,
        )
        draft = Draft(sender=account, channel=Channel.HTTP, destination=numbers, text=text, when=when)
        recipients = typed_recipients(numbers)
        assert recipients is not None
        acceptance = compose(rules, account, draft, recipients, int(time.time()), ())
        (made,) = self.transact(lambda connection: submissions.accept(connection, [acceptance]))
        assert isinstance(made, Submission), made
        return made

    def start(self, *arguments: str, **settings: Any) -> "subprocess.Popen[str]":
        """A command as a process of its own."""
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | settings
        command: Sequence[str] = [str(SMSTOB), "--config", str(self.config), *arguments]
        return subprocess.Popen(command, text=True, encoding="utf-8", env=os.environ | {"PYTHONUTF8": "1"}, **pipes)
