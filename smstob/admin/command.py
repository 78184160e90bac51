"""The command ``smstob``: its whole grammar, and how it answers and fails."""

import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Any

from ..settings import SettingsError
from ..storage.database import Unavailable
from . import accounts, book, customers, invoices, money, orders, sharing, traffic, upkeep
from .desk import Desk, Mistake, why_unusable
from .parser import CONFIG, HelpWanted, Parser
from .report import Report


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command; 0, or 1 after a sentence on stderr."""
    os.umask(0o077)  # what it makes, a database or a copy of one, holds texts and password hashes
    try:
        return _run(sys.argv[1:] if arguments is None else arguments)
    except HelpWanted as wanted:
        return _write(str(wanted).rstrip("\n"))
    except Mistake as mistake:
        return _complain(str(mistake))
    except SettingsError as error:
        return _complain(f"la configuration comporte des erreurs :\n{error}")
    except Unavailable as error:
        return _complain(why_unusable(error))
    except KeyboardInterrupt:
        return _complain("interrompu")


def parser() -> Parser:
    """The grammar of all commands."""
    whole = Parser(prog="smstob", description="Commande de l'exploitant de SMStoB ; elle marche à côté du démon.")
    commands = whole.commands()
    for subject in (accounts, book, traffic, money, customers, orders, invoices, sharing, upkeep):
        subject.add_commands(commands)
    return whole


def _run(arguments: Sequence[str]) -> int:
    given = parser().parse_args(arguments)
    desk = Desk(getattr(given, "config", CONFIG))
    try:
        report: Report = given.run(desk, given)
    finally:
        desk.close()
    as_json = getattr(given, "json", False)
    written = _write(_json(report.value) if as_json else report.text)
    return written if report.complaint is None else _complain(report.complaint)


def _json(value: Any) -> str:
    utf8 = (getattr(sys.stdout, "encoding", None) or "ascii").lower().replace("-", "") == "utf8"
    return json.dumps(value, ensure_ascii=not utf8, indent=2)


def _write(text: str) -> int:
    if not text:
        return 0
    _make_lenient(sys.stdout)
    try:
        print(text, flush=True)
    except OSError as error:
        # Python flushes once more at its end, and would complain
        _silence()
        why = "la sortie a été fermée" if isinstance(error, BrokenPipeError) else error.strerror
        return _complain(f"la réponse n'a pas pu être écrite ({why}) ; la commande, elle, a été faite")
    return 0


def _complain(sentence: str) -> int:
    if sys.stderr is not None:
        _make_lenient(sys.stderr)
        with suppress(OSError):
            print(f"smstob : {sentence}", file=sys.stderr, flush=True)
    return 1


def _make_lenient(stream: IO[str] | Any) -> None:
    """A terminal that knows no «é» gets something in its place."""
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")


def _silence() -> None:
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
