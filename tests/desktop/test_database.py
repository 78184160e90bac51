"""The file of book, phrases and outbox: made, opened again, too new, broken, out of reach."""

import os
import random
import sqlite3
from pathlib import Path

import pytest

from smstob.desktop import database
from smstob.desktop.database import FILE, VERSION, Broken
from smstob.desktop.outbox import Draft, Outbox
from tests.desktop.office import put
from tests.desktop.strangers import as_nobody, folder_of_nobody


def filled(place: Path, mails: int = 400) -> Path:
    """A file with something in it, closed."""
    connection = database.connect(place)
    outbox = Outbox(connection)
    put(outbox, *[f"{index} " * 50 for index in range(mails)])
    outbox.keep_draft(Draft("0612345678", "Bonjour"))
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return place / FILE


def opened(place: Path) -> None:
    """Open it as the program does. Raises Broken, OSError."""
    connection = database.connect(place)
    try:
        database.examine(connection)
    finally:
        connection.close()


def test_made(tmp_path: Path) -> None:
    """It is made where it is missing, for its user alone, and safe against a power cut; a second time it is there."""
    place = tmp_path / "a" / "b"
    connection = database.connect(place)
    for name, value in (("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)):
        assert connection.execute(f"PRAGMA {name}").fetchone() == (value,)
    for path in place.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600, path
    filled(place)
    opened(place)
    assert Outbox(database.connect(place)).draft().text == "Bonjour"


def test_transaction(tmp_path: Path) -> None:
    """All of it, or nothing, whatever is raised within."""
    connection = database.connect(tmp_path)
    outbox = Outbox(connection)

    def interrupted() -> None:
        with database.transaction(connection):
            connection.execute("INSERT INTO draft VALUES (1, 'a', 'b', 'c')")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert outbox.draft() == Draft()
    assert not connection.in_transaction


def test_newer(tmp_path: Path) -> None:
    """A file of a newer program is left as it is, and that is said."""
    path = filled(tmp_path)
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(Broken, match="newer"):
        opened(tmp_path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("size", [15, 100, 512, 4096, 50_000])
def test_random_octets(tmp_path: Path, size: int) -> None:
    """A file of anything is Broken, and stays as it is."""
    content = b"x" + os.urandom(size - 1)
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(Broken):
        opened(tmp_path)
    assert (tmp_path / FILE).read_bytes() == content


def test_empty_file(tmp_path: Path) -> None:
    """An empty file is one that was begun: it is made."""
    (tmp_path / FILE).touch()
    opened(tmp_path)


@pytest.mark.parametrize("lost", [0.99, 0.5, 0.1, 0])
def test_truncated(tmp_path: Path, lost: float) -> None:
    """A file that lacks its end, be it one page, is Broken."""
    path = filled(tmp_path)
    os.truncate(path, int((path.stat().st_size - 4096) * (1 - lost)))
    with pytest.raises(Broken):
        opened(tmp_path)


@pytest.mark.parametrize("seed", range(20))
def test_spoiled(tmp_path: Path, seed: int) -> None:
    """A page of rubbish anywhere in it is Broken, or hurts nothing that is read; no other exception comes out."""
    path = filled(tmp_path)
    content = bytearray(path.read_bytes())
    chance = random.Random(seed)
    place = chance.randrange(0, len(content) // 4096) * 4096
    content[place : place + 4096] = chance.randbytes(4096)
    path.write_bytes(content)
    try:
        opened(tmp_path)
    except Broken:
        return
    connection = database.connect(tmp_path)
    assert len(Outbox(connection).due(2**40, 1000)) == 400


def test_another_file(tmp_path: Path) -> None:
    """A database of another program, or one of ours that lacks a table, is Broken."""
    connection = sqlite3.connect(tmp_path / FILE)
    connection.execute("CREATE TABLE contact (a)")
    connection.commit()
    with pytest.raises(Broken, match="contact"):
        opened(tmp_path)
    connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.close()
    with pytest.raises(Broken, match="no such table"):
        opened(tmp_path)


def test_half_made(tmp_path: Path) -> None:
    """What a crash left in the middle of making it is made anew."""
    connection = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN")
    connection.execute("CREATE TABLE contact (a)")
    connection.close()
    opened(tmp_path)


@pytest.mark.parametrize("name", [FILE, f"{FILE}-wal"])
def test_folder_in_its_place(tmp_path: Path, name: str) -> None:
    """A folder in place of the file, or of what SQLite puts beside it, is Broken or an OSError."""
    (tmp_path / name).mkdir()
    with pytest.raises((Broken, OSError)):
        opened(tmp_path)


OPEN = """
import sys
from pathlib import Path
from smstob.desktop import database

try:
    database.examine(database.connect(Path(sys.argv[1])))
except (database.Broken, OSError) as error:
    print(type(error).__name__)
"""


def test_out_of_reach() -> None:
    """A folder that cannot be made, and a file that may only be read: Broken or OSError, no other."""
    with folder_of_nobody() as above:
        above.chmod(0o555)
        assert as_nobody(OPEN, str(above / "smstob")) == "PermissionError"
    with folder_of_nobody() as place:
        assert as_nobody(OPEN, str(place)) == ""
        (place / FILE).chmod(0o444)
        assert as_nobody(OPEN, str(place)) == "PermissionError"


def test_full_disk() -> None:
    """A disk on which not even the tables fit: Broken; with room it is made."""
    with folder_of_nobody() as place:
        assert as_nobody(OPEN, str(place), limit=5000) in ("Broken", "OSError")
        assert as_nobody(OPEN, str(place)) == ""


def test_closed_after_failure(tmp_path: Path) -> None:
    """What cannot be opened is not kept open: its folder can be removed, on Windows too."""
    (tmp_path / FILE).write_bytes(os.urandom(5000))
    for _ in range(3):
        with pytest.raises(Broken):
            opened(tmp_path)
    held = [str(one.resolve()) for one in Path("/proc/self/fd").iterdir()]
    assert not any(str(tmp_path) in one for one in held)
