"""``smstob group …`` and ``smstob contact …``: an account's contacts."""

from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from ..contacts import columns, spreadsheet
from ..contacts.book import import_contacts
from ..model.contact import Group
from ..model.number import NotANumber, parse_numbers
from ..model.tariff import Tariff
from ..storage import contacts
from ..storage.accounts import AlreadyThere
from ..storage.database import Connection
from ..table import shown
from .desk import Desk, Mistake, account_of
from .parser import command, words
from .report import Report, plural, table

LONGEST_NAME: Final = 100

_UNREADABLE: Final[Mapping[type, str]] = MappingProxyType(
    {
        FileNotFoundError: "ce fichier n'existe pas",
        IsADirectoryError: "c'est un répertoire",
        PermissionError: "vous n'avez pas le droit de lire ce fichier",
    }
)


def add_commands(commands: Any) -> None:
    """Add this subject's commands to the grammar."""
    groups = command(commands, "group", "les groupes de contacts d'un compte").commands()
    create_ = command(groups, "create", "créer un groupe vide", create_group)
    create_.add_argument("email", metavar="EMAIL", type=words)
    create_.add_argument("name", metavar="NOM", type=words)
    command(groups, "list", "lister les groupes", list_groups).add_argument("email", metavar="EMAIL", type=words)
    subject = command(commands, "contact", "les contacts d'un compte").commands()
    import_ = command(subject, "import", "importer des contacts d'un fichier CSV", import_file)
    import_.add_argument("email", metavar="EMAIL", type=words)
    import_.add_argument("file", metavar="FICHIER", help="CSV : nom, numéro, v1, v2, v3")
    import_.add_argument(
        "--group", metavar="NOM", type=words, required=True, help="groupe où les mettre ; il est créé s'il n'existe pas"
    )


def _group_name(typed: str) -> str:
    """The name of a group that can be written to. Raises ``Mistake``."""
    name = typed.strip()
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise Mistake(f"le nom d'un groupe est d'une ligne et de {LONGEST_NAME} caractères au plus")
    try:
        parse_numbers(name)
    except NotANumber:
        return name
    raise Mistake(f"{shown(name)} est un numéro : un groupe de ce nom ne recevrait jamais rien")


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
        return contacts.groups(connection, account_of(connection, given.email).id)

    found = desk.read(work)
    rows = [(group.name, group.contacts) for group in found]
    value = [{"name": group.name, "contacts": group.contacts} for group in found]
    return Report(value, table(("groupe", "contacts"), rows, "Il n'y a pas de groupe."))


def import_file(desk: Desk, given: Namespace) -> Report:
    """Add the contacts of a file to a group; faulty lines are told, the others are taken."""
    name = _group_name(given.group)
    desk.read(lambda connection: account_of(connection, given.email))
    try:
        sheet = spreadsheet.read(_content(given.file))
    except spreadsheet.Unreadable as error:
        raise Mistake(f"{shown(given.file)} : {error}") from None
    reading = columns.contacts(sheet, columns.recognise(sheet), Tariff(desk.settings.countries))
    imported = reading.recipients

    def work(connection: Connection) -> None:
        import_contacts(connection, account_of(connection, given.email).id, name, imported)

    if imported:
        desk.transact(work)
    value = {
        "imported": len(imported),
        "rejected": [{"line": fault.line, "reason": fault.reason} for fault in reading.faults],
    }
    told = [f"{plural(len(imported), 'contact importé')} dans le groupe {shown(name)}."] if imported else []
    told += [f"ligne {fault.line} : {fault.reason}" for fault in reading.faults]
    complaint = None if imported else "aucun contact n'a été importé : le fichier n'a pas de ligne qui convienne"
    return Report(value, "\n".join(told), complaint)


def _content(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            return file.read(spreadsheet.MOST_BYTES + 1)
    except OSError as error:
        raise Mistake(f"{shown(path)} : {_UNREADABLE.get(type(error), f'illisible ({error.strerror})')}") from None
    except ValueError:
        raise Mistake(f"{shown(path)} n'est pas un nom de fichier") from None
