"""The command line: argparse that speaks French, and the kinds of values that commands take."""

import argparse
import re
from argparse import ArgumentTypeError
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final, NoReturn

from ..model.order import LONGEST_NOTE
from ..model.text import storable
from ..table import shown
from .desk import Mistake

CONFIG: Final = "config/smstob.toml"
MOST_CREDITS: Final = 1_000_000_000
MOST_ROWS: Final = 1_000_000
MOST_ID: Final = 2**63 - 1

_FRENCH: Final = (
    (r"argument (.+?): (.+)", r"{0} : {1}"),
    (r"the following arguments are required: (.+)", "il manque {0} (-h montre l'aide)"),
    (r"unrecognized arguments: (.+)", "{0} est en trop, ou inconnu (-h montre l'aide)"),
    (r"invalid choice: ['\"](.*)['\"] \(choose from (.+)\)", "{0} n'existe pas ; possible : {1}"),
    (r"expected one argument", "il faut une valeur"),
    (r"expected at least one argument", "il en faut au moins une"),
    (r"ignored explicit argument (.+)", "{0} est en trop"),
)
"""What argparse says (Python 3.11), and what we say."""


class HelpWanted(Exception):
    """The user asked for help; the argument is the text."""


class _Help(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> NoReturn:
        raise HelpWanted(parser.format_help())


class _Formatter(argparse.HelpFormatter):
    def add_usage(self, usage: str | None, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, "usage : " if prefix is None else prefix)


class Parser(argparse.ArgumentParser):
    """A parser of which every subcommand takes ``--config`` and ``--json`` too. Raises ``Mistake``."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(add_help=False, allow_abbrev=False, formatter_class=_Formatter, **settings)
        self._positionals.title = "arguments"
        self.add_argument("-h", "--help", "--aide", action=_Help, nargs=0, help="montrer cette aide")
        # no default: a subcommand's would undo what was given before its name
        missing = argparse.SUPPRESS
        self.add_argument(
            "--config", metavar="FICHIER", default=missing, help=f"la configuration ({CONFIG} si rien n'est dit)"
        )
        self.add_argument("--json", action="store_true", default=missing, help="répondre par une valeur JSON")

    def error(self, message: str) -> NoReturn:
        """See ``ArgumentParser``."""
        what, between, choices = message.partition("(choose from ")
        # argparse shows them as Python writes them
        raise Mistake(_in_french(what + between + choices.replace("'", "")))

    def commands(self) -> Any:
        """Where this parser's subcommands are added."""
        return self.add_subparsers(title="commandes", metavar="COMMANDE", required=True)


def command(commands: Any, name: str, text: str, run: Callable[..., Any] | None = None) -> Parser:
    """A new subcommand, which ``run(desk, arguments)`` carries out; ``text`` is its help."""
    added: Parser = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
    if run is not None:
        added.set_defaults(run=run)
    return added


def _in_french(message: str) -> str:
    for english, french in _FRENCH:
        if found := re.fullmatch(english, message, re.DOTALL):
            return french.format(*map(_in_french, found.groups()))
    return message


def words(typed: str) -> str:
    """Text that a database can keep, and not blank."""
    if storable(typed) != typed:
        raise ArgumentTypeError("ce texte n'est pas en UTF-8")
    if not typed.strip():
        raise ArgumentTypeError("ce texte est vide")
    return typed


def assignment(typed: str) -> str:
    """``OPTION=VALUE``; what is wrong with it is told with all the others."""
    return words(typed)


def amount(typed: str) -> int:
    """Credits to give, or to take back where negative; not zero."""
    return _whole(typed, -MOST_CREDITS, MOST_CREDITS, but_zero=True)


def credits_(typed: str) -> int:
    """Credits of a new account."""
    return _whole(typed, 0, MOST_CREDITS)


def quantity(typed: str) -> int:
    """Credits that move, at least one."""
    return _whole(typed, 1, MOST_CREDITS)


def count(typed: str) -> int:
    """How many rows at most."""
    return _whole(typed, 1, MOST_ROWS)


def identity(typed: str) -> int:
    """The number of a row."""
    return _whole(typed, 1, MOST_ID)


def day(typed: str) -> date:
    """A day, as people write it in France."""
    found = re.fullmatch(r"([0-9]{1,2})/([0-9]{1,2})/(19[7-9][0-9]|[2-9][0-9]{3})", typed)
    try:
        if found is not None:
            return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        raise ArgumentTypeError(f"{shown(typed)} n'est pas un jour du calendrier") from None
    raise ArgumentTypeError(f"{shown(typed)} n'est pas une date ; attendu : JJ/MM/AAAA, comme 22/11/2026")


def note(typed: str) -> str:
    """What the operator notes of a payment."""
    if len(words(typed)) > LONGEST_NOTE:
        raise ArgumentTypeError(f"ce texte est trop long : {LONGEST_NOTE} caractères au plus")
    return typed


def one_of(choices: Sequence[str]) -> Callable[[str], str]:
    """One of ``choices``."""

    def chosen(typed: str) -> str:
        if typed not in choices:
            raise ArgumentTypeError(f"{shown(typed)} n'existe pas ; possible : {', '.join(choices)}")
        return typed

    return chosen


def _whole(typed: str, least: int, most: int, *, but_zero: bool = False) -> int:
    if re.fullmatch(r"[+-]?[0-9]{1,19}", typed) and least <= (number := int(typed)) <= most:
        if number or not but_zero:
            return number
        raise ArgumentTypeError("0 ne change rien")
    raise ArgumentTypeError(f"{shown(typed)} n'est pas un nombre entier de {least} à {most}")
