"""``smstob group …`` and ``smstob contact …``: an account's contacts."""

from argparse import Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from ..contacts import naming
from ..contacts.book import SLICE
from ..contacts.extract import Extract, extract
from ..contacts.sheet import MOST_BYTES, MOST_ROWS
from ..model.contact import LONGEST_NAME, Fault, Group, Recipient
from ..model.contact_import import Plan, Unreadable
from ..storage import contacts, groups, imports
from ..storage.accounts import AlreadyThere
from ..storage.database import Connection
from ..table import shown
from .desk import Desk, Mistake, account_of
from .parser import command, words
from .report import Report, plural, table

_UNREADABLE: Final[Mapping[type, str]] = MappingProxyType(
    {
        FileNotFoundError: "ce fichier n'existe pas",
        IsADirectoryError: "c'est un répertoire",
        PermissionError: "vous n'avez pas le droit de lire ce fichier",
    }
)


def add_commands(commands: Any) -> None:
    """Add this subject's commands to the grammar."""
    subject = command(commands, "group", "les groupes de contacts d'un compte").commands()
    create_ = command(subject, "create", "créer un groupe vide", create_group)
    create_.add_argument("email", metavar="EMAIL", type=words)
    create_.add_argument("name", metavar="NOM", type=words)
    command(subject, "list", "lister les groupes", list_groups).add_argument("email", metavar="EMAIL", type=words)
    subject = command(commands, "contact", "les contacts d'un compte").commands()
    import_ = command(subject, "import", "importer des contacts d'un fichier CSV ou Excel", import_file)
    import_.add_argument("email", metavar="EMAIL", type=words)
    import_.add_argument("file", metavar="FICHIER", help="CSV, .xlsx, .xls ou .ods : nom, numéro, v1, v2, v3")
    import_.add_argument(
        "--group", metavar="NOM", type=words, required=True, help="groupe où les mettre ; il est créé s'il n'existe pas"
    )


def _group_name(typed: str) -> str:
    """The name of a group that can be written to. Raises ``Mistake``."""
    name = naming.group_name(typed)
    if isinstance(name, Fault):
        if name is Fault.IS_A_NUMBER:
            raise Mistake(f"{shown(typed.strip())} est un numéro : un groupe de ce nom ne recevrait jamais rien")
        raise Mistake(f"le nom d'un groupe est d'une ligne et de {LONGEST_NAME} caractères au plus")
    return name


def create_group(desk: Desk, given: Namespace) -> Report:
    """Make an empty group."""
    name = _group_name(given.name)

    def work(connection: Connection) -> None:
        account = account_of(connection, given.email)
        try:
            contacts.create_group(connection, account.id, name)
        except AlreadyThere:
            raise Mistake(f"{account.email} a déjà un groupe {shown(name)}") from None

    desk.transact(work)
    return Report({"name": name, "contacts": 0}, f"Le groupe {shown(name)} est créé, encore vide.")


def list_groups(desk: Desk, given: Namespace) -> Report:
    """The groups of an account."""

    def work(connection: Connection) -> list[Group]:
        return groups.by_name(connection, account_of(connection, given.email).id)

    found = desk.read(work)
    rows = [(group.name, group.contacts) for group in found]
    value = [{"name": group.name, "contacts": group.contacts} for group in found]
    return Report(value, table(("groupe", "contacts"), rows, "Il n'y a pas de groupe."))


def import_file(desk: Desk, given: Namespace) -> Report:
    """Put the contacts of a file into a group; faulty lines are told, and who is in the group already is updated."""
    name = _group_name(given.group)
    desk.read(lambda connection: account_of(connection, given.email))
    try:
        found = extract(_content(given.file), Plan(), desk.settings.countries, MOST_ROWS)
    except Unreadable as error:
        raise Mistake(f"{shown(given.file)} : {error}") from None
    if found.contacts:
        _take_in(desk, given.email, name, found)
    imported = len(found.contacts)
    value = {
        "imported": imported,
        "rejected": [{"line": fault.line, "reason": fault.reason} for fault in found.faults],
    }
    told = [f"{plural(imported, 'contact importé')} dans le groupe {shown(name)}."] if imported else []
    told += [f"ligne {fault.line} : {fault.reason}" for fault in found.faults]
    complaint = None if imported else "aucun contact n'a été importé : le fichier n'a pas de ligne qui convienne"
    return Report(value, "\n".join(told), complaint)


def _take_in(desk: Desk, email: str, name: str, found: Extract) -> None:
    """In slices: a daemon beside goes on. Done again after a crash, it makes nobody twice."""

    def find(connection: Connection) -> tuple[int, int]:
        account = account_of(connection, email).id
        group = contacts.find_group(connection, account, name)
        return account, contacts.create_group(connection, account, name) if group is None else group

    account, group = desk.transact(find)
    for start in range(0, len(found.contacts), SLICE):
        some = found.recipients(start, start + SLICE)

        def take(connection: Connection, some: Sequence[Recipient] = some) -> tuple[int, int] | None:
            return imports.take_in(connection, account, group, some, found.fields)

        if desk.transact(take) is None:
            raise Mistake(f"le groupe {shown(name)} a été supprimé pendant l'import")


def _content(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise Mistake(f"{shown(path)} : {_UNREADABLE.get(type(error), f'illisible ({error.strerror})')}") from None
    except ValueError:
        raise Mistake(f"{shown(path)} n'est pas un nom de fichier") from None
