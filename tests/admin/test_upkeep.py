"""``smstob backup``, ``migrate``, ``check-config``: in both outputs, with every mistake."""

import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from smstob.storage import migrate
from smstob.storage.lock import DaemonLock
from tests.admin.console import EMAIL, Console


def test_migrate(bare: Console) -> None:
    """A missing database is made; then there is nothing to do."""
    newest = migrate.newest()
    assert bare.json("migrate") == {"revision": newest, "before": None}
    assert bare.json("migrate") == {"revision": newest, "before": newest}
    assert bare.text("migrate") == f"La base était déjà à la version {newest}.\n"
    assert bare.json("account", "list") == []


def test_migrate_beside_a_daemon(console: Console) -> None:
    """Under a running daemon nothing is changed; where nothing is to be done there is no harm."""
    lock = DaemonLock(f"sqlite:///{console.database}")
    lock.acquire()
    try:
        assert "déjà à la version" in console.text("migrate")
        console.database.unlink()
        assert "arrêtez-le d'abord" in console.mistake("migrate")
    finally:
        lock.release()
    assert console.json("migrate")["before"] is None


def test_migrate_of_a_newer_database(console: Console) -> None:
    """A revision that this program does not know is left alone."""
    with closing(sqlite3.connect(console.database)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    assert "n'a pas pu être mise à jour" in console.mistake("migrate")


def test_backup(console: Console) -> None:
    """One file, whole by itself, readable by its owner only, with what was committed a moment ago."""
    console.open_account()
    with closing(sqlite3.connect(console.database, isolation_level=None)) as daemon:
        # a writer in the middle of a transaction
        daemon.execute("BEGIN IMMEDIATE")
        daemon.execute("UPDATE account SET disabled = 1")
        copy = console.directory / "copie.db"
        told = console.json("backup", str(copy))
        daemon.execute("ROLLBACK")
    assert told == {"file": str(copy), "bytes": copy.stat().st_size}
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert sorted(path.name for path in console.directory.glob("copie*")) == ["copie.db"]
    console.configure(database={"url": f"sqlite:///{copy}"})
    (account,) = console.json("account", "list")
    assert (account["email"], account["credits"], account["disabled"]) == (EMAIL, 10, False)
    assert console.json("ledger", "verify")["differences"] == []
    assert "Sauvegarde faite" in console.text("backup", str(console.directory / "autre.db"))


@pytest.mark.parametrize("make", [Path.mkdir, Path.touch, lambda path: path.symlink_to("/nowhere")])
def test_backup_does_not_overwrite(console: Console, make: Callable[[Path], None]) -> None:
    """Whatever is there stays."""
    copy = console.directory / "copie.db"
    make(copy)
    before = copy.lstat()
    assert "n'écrase rien" in console.mistake("backup", str(copy))
    assert copy.lstat().st_mtime_ns == before.st_mtime_ns
    assert len(list(console.directory.glob("copie*"))) == 1


def test_backup_mistakes(bare: Console) -> None:
    """No database, no place, a damaged database: nothing is left behind."""
    copy = bare.directory / "copie.db"
    assert "n'existe pas" in bare.mistake("backup", str(copy))
    bare.text("migrate")
    assert "n'a pas pu être faite" in bare.mistake("backup", "/nowhere/copie.db")
    assert "n'a pas pu être faite" in bare.mistake("backup", str(bare.directory / ("x" * 300)))
    assert "n'a pas pu être faite" in bare.mistake("backup", str(bare.directory / "a\0b"))
    bare.database.write_bytes(b"Ceci n'est pas une base." * 100)
    assert "n'a pas pu être faite" in bare.mistake("backup", str(copy))
    assert list(bare.directory.glob("copie*")) == []


def test_backup_of_postgresql(bare: Console) -> None:
    """Another program does that."""
    bare.configure(database={"url": "postgresql://nobody@127.0.0.1:1/nothing"})
    assert "pg_dump" in bare.mistake("backup", str(bare.directory / "copie.db"))


def test_check_config(bare: Console) -> None:
    """A good one is told so, without any database."""
    assert bare.json("check-config") == {"config": str(bare.config), "mistakes": []}
    told = bare.text("check-config")
    assert "est bonne" in told
    assert "sink (sink)" in told
    assert "paiements : aucun" in told
    bare.configure(payments={"essai": {"type": "test"}})
    assert "paiements : essai (test)" in bare.text("check-config")
    assert not bare.database.exists()


def test_check_config_mistakes(bare: Console) -> None:
    """All mistakes at once: a line each for people, a list for programs."""
    bare.configure(service={"timezone": "Paris", "frob": 1})
    plain = bare.run("check-config")
    assert (plain.status, plain.out) == (1, "")
    assert "service.timezone" in plain.err
    assert "service.frob" in plain.err
    told = bare.run("check-config", "--json")
    assert (told.status, told.err) == (1, plain.err)
    assert '"service.frob : ' in told.out
