"""``smstob backup``, ``migrate``, ``check-config``: what keeps the service sound."""

import os
import secrets
import sqlite3
from argparse import Namespace
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..assembly import prepare
from ..settings import SettingsError
from ..storage import migrate as migrations
from ..storage.engine import open_engines
from ..storage.lock import AlreadyRunning
from ..table import shown
from .desk import Desk, Mistake, database_file, first_line
from .parser import command
from .report import Report, grouped, plural


def add_commands(commands: Any) -> None:
    """Add this subject's commands to the grammar."""
    backup_ = command(commands, "backup", "copier la base SQLite, démon en marche ou non", backup)
    backup_.add_argument("file", metavar="FICHIER", help="fichier à faire ; il ne doit pas exister")
    command(commands, "migrate", "mettre la base de données à la version de ce programme", migrate)
    command(commands, "check-config", "vérifier la configuration sans rien lancer", check_config)


def backup(desk: Desk, given: Namespace) -> Report:
    """A copy of the SQLite database that is whole and checked, or none."""
    source = database_file(desk.settings.database.url)
    if source is None:
        raise Mistake("la base est sur PostgreSQL : sauvegardez-la avec pg_dump")
    if not source.is_file():
        raise Mistake(f"la base de données {source} n'existe pas")
    target = Path(given.file)
    if os.path.lexists(target):
        raise Mistake(f"{shown(given.file)} existe déjà : une sauvegarde n'écrase rien")
    partial = target.with_name(f"{target.name}.{secrets.token_hex(4)}.partiel")
    try:
        # it holds all that the database holds: nobody else may read it
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        try:
            _copy(source, partial)
            _on_disk(partial)
            os.link(partial, target)
        finally:
            partial.unlink()
        _on_disk(target.parent)
    except FileExistsError:
        raise Mistake(f"{shown(given.file)} existe déjà : une sauvegarde n'écrase rien") from None
    except (OSError, ValueError, sqlite3.Error) as error:
        why = getattr(error, "strerror", None) or first_line(error)
        raise Mistake(f"la sauvegarde dans {shown(given.file)} n'a pas pu être faite ({why})") from None
    size = target.stat().st_size
    text = f"Sauvegarde faite et vérifiée : {given.file} ({plural(size, 'octet')})."
    return Report({"file": given.file, "bytes": size}, text)


def _copy(source: Path, target: Path) -> None:
    """One read transaction from first page to last: with a log before it, writers go on meanwhile."""
    url = f"file:{quote(os.fspath(source.absolute()))}?mode=rw"
    with closing(sqlite3.connect(url, uri=True, timeout=5)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, whole by itself
        found = copy.execute("PRAGMA integrity_check").fetchone()[0]
        if found != "ok":
            raise sqlite3.DatabaseError(f"la copie est abîmée : {found}")


def _on_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def migrate(desk: Desk, _given: Namespace) -> Report:
    """Bring the database to this version; the daemon must not run meanwhile, unless there is nothing to do."""
    before = _revision(desk)
    newest = migrations.newest()
    if before != newest:
        try:
            prepare(desk.settings).release()
        except AlreadyRunning:
            raise Mistake("le démon tourne sur cette base : arrêtez-le d'abord") from None
        except Exception as error:  # whatever keeps a database from being reached or changed
            raise Mistake(f"la base de données n'a pas pu être mise à jour ({first_line(error)})") from error
    text = f"La base était déjà à la version {newest}." if before == newest else f"La base est à la version {newest}."
    return Report({"revision": newest, "before": before}, text)


def _revision(desk: Desk) -> str | None:
    """The revision of the database; None where it is empty, missing or out of reach."""
    path = database_file(desk.settings.database.url)
    if path is not None and not path.exists():
        return None
    engines = open_engines(desk.settings.database.url)
    try:
        with suppress(Exception):  # the migration itself says what is wrong
            return migrations.current(engines.reader)
        return None
    finally:
        engines.dispose()


def check_config(desk: Desk, _given: Namespace) -> Report:
    """Read the configuration as the daemon would."""
    try:
        settings = desk.settings
    except SettingsError as error:
        value: dict[str, Any] = {"config": desk.config, "mistakes": list(error.mistakes)}
        return Report(value, "", f"la configuration comporte des erreurs :\n{error}")
    gateways = ", ".join(f"{one.name} ({one.type})" for one in settings.gateways)
    payments = ", ".join(f"{one.name} ({one.type})" for one in settings.payments)
    text = (
        f"La configuration {desk.config} est bonne.\n"
        f"passerelles : {gateways}\n"
        f"routes : {', '.join(route.prefix for route in settings.routes)}\n"
        f"pays ouverts : {grouped(len(settings.countries))}\n"
        f"paiements : {payments or 'aucun'}"
    )
    return Report({"config": desk.config, "mistakes": []}, text)
