"""Settings in their file: read whatever it holds, written whole or not at all, for their user alone."""

import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from smstob.desktop import settings
from smstob.desktop.settings import FILE, LONGEST, Found, Security, Settings, Wrong
from smstob.model.account import Characters
from tests.desktop.office import settings_for
from tests.desktop.strangers import as_nobody, folder_of_nobody

DEFAULT = Settings(email="moi@exemple.fr", domain="sms.exemple.fr")
FULL = settings_for(
    465, Security.TLS, user="été", characters=Characters.AS_IS, language="en", server="smtp.exemple.fr"
)
WRITE = """
import sys
from pathlib import Path
from smstob.desktop import settings
from smstob.desktop.settings import Settings

try:
    settings.write(Path(sys.argv[1]), Settings(server="x" * int(sys.argv[2])))
except OSError as error:
    print(type(error).__name__)
"""


def write_file(place: Path, content: bytes) -> Path:
    """What somebody left in the place of the settings."""
    place.mkdir(exist_ok=True)
    path = place / FILE
    path.write_bytes(content)
    return path


def test_kept(tmp_path: Path) -> None:
    """What is written is read, accents too, by its user alone; there is no half file left."""
    place = tmp_path / "a" / "smstob"
    assert settings.read(place, DEFAULT) == Found(DEFAULT)
    settings.write(place, FULL)
    assert settings.read(place, DEFAULT) == Found(FULL)
    assert (place.stat().st_mode & 0o777, (place / FILE).stat().st_mode & 0o777) == (0o700, 0o600)
    assert [one.name for one in place.iterdir()] == [FILE]


def test_permissions_mended(tmp_path: Path) -> None:
    """A folder and a file that others could read are theirs no more after the next writing."""
    path = write_file(tmp_path / "smstob", b"{}")
    path.chmod(0o666)
    path.parent.chmod(0o777)
    settings.write(path.parent, FULL)
    assert (path.parent.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe\x00", b"\x00" * 100, b"{'server': 1}", b"[" * 100_000),
        *(b'{"server": "\xe9"}', b"1" * 5000, b'{"port":' + b"1" * 5000 + b"}", b'{"a": "' + b"x" * LONGEST + b'"}'),
        json.dumps({"server": "a"}).encode("utf-16")[:-1],
    ],
)
def test_broken(tmp_path: Path, content: bytes) -> None:
    """A file that is no settings is put aside, whole, and the program begins with the usual ones."""
    path = write_file(tmp_path, content)
    found = settings.read(tmp_path, DEFAULT)
    assert found == Found(DEFAULT, tmp_path / f"{FILE}.broken")
    assert found.broken is not None
    assert (found.broken.read_bytes(), path.exists()) == (content, False)
    assert settings.read(tmp_path, DEFAULT) == Found(DEFAULT)
    write_file(tmp_path, b"again")
    assert settings.read(tmp_path, DEFAULT).broken == found.broken


@pytest.mark.parametrize(
    ("told", "field", "value"),
    [
        ({"server": 5}, "server", ""),
        ({"server": ["a"]}, "server", ""),
        ({"server": None}, "server", ""),
        ({"server": " a.fr "}, "server", "a.fr"),
        ({"server": "a\x00\ud83db"}, "server", "ab"),
        ({"port": "25"}, "port", 587),
        ({"port": True}, "port", 587),
        ({"port": 0}, "port", 587),
        ({"port": 70_000}, "port", 587),
        ({"port": -1}, "port", 587),
        ({"port": 25.0}, "port", 587),
        ({"port": float("inf")}, "port", 587),
        ({"security": "ssl"}, "security", Security.STARTTLS),
        ({"security": {"a": 1}}, "security", Security.STARTTLS),
        ({"security": []}, "security", Security.STARTTLS),
        ({"security": "none"}, "security", Security.NONE),
        ({"characters": "as-is"}, "characters", Characters.AS_IS),
        ({"characters": 1}, "characters", Characters.ADAPT),
        ({"language": "xx"}, "language", "xx"),
        ({"password": "secret", "__class__": "x"}, "user", ""),
    ],
)
def test_single_values(tmp_path: Path, told: dict[str, object], field: str, value: object) -> None:
    """A value that makes no sense is as usual, the others count; what is unknown is passed over."""
    write_file(tmp_path, json.dumps({"email": "autre@exemple.fr", **told}).encode())
    found = settings.read(tmp_path, DEFAULT)
    assert found.broken is None
    assert (getattr(found.settings, field), found.settings.email) == (value, "autre@exemple.fr")
    settings.write(tmp_path, found.settings)
    assert settings.read(tmp_path, DEFAULT) == found


def test_byte_order_mark(tmp_path: Path) -> None:
    """A file that was edited by hand on Windows is read."""
    write_file(tmp_path, b'\xef\xbb\xbf{"server": "a.fr"}\r\n')
    assert settings.read(tmp_path, DEFAULT).settings.server == "a.fr"


@examples(deadline=None)
@given(content=st.binary(max_size=200))
@example(content=b'{"server": "\\ud800", "user": "\\udfff\\u0000"}')
def test_any_octets(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Whatever the file holds, settings come of it, which can be written and read again."""
    place = tmp_path_factory.mktemp("settings")
    write_file(place, content)
    found = settings.read(place, DEFAULT).settings
    settings.write(place, found)
    assert settings.read(place, DEFAULT) == Found(found)
    found.faults()


def test_halves_of_characters(tmp_path: Path) -> None:
    """What a window lets through and no file can hold is left out."""
    settings.write(tmp_path, Settings(user="a\ud83db"))
    assert settings.read(tmp_path, DEFAULT).settings.user == "ab"


def test_folder_in_its_place(tmp_path: Path) -> None:
    """A folder of that name is an OSError, which the program tells."""
    (tmp_path / FILE).mkdir()
    with pytest.raises(OSError, match=FILE):
        settings.read(tmp_path, DEFAULT)
    with pytest.raises(OSError, match=FILE):
        settings.write(tmp_path, FULL)
    assert [one.name for one in tmp_path.iterdir()] == [FILE]


def test_file_in_the_folders_place(tmp_path: Path) -> None:
    """A file where the folder should be is an OSError."""
    (tmp_path / "smstob").write_bytes(b"")
    with pytest.raises(OSError, match="smstob"):
        settings.write(tmp_path / "smstob", FULL)


def test_full_disk() -> None:
    """A file that cannot be written to its end leaves the old one as it is, and no half one."""
    with folder_of_nobody() as place:
        as_nobody(WRITE, str(place), "10")
        before = (place / FILE).read_bytes()
        assert as_nobody(WRITE, str(place), "100000", limit=50_000) == "OSError"
        assert (place / FILE).read_bytes() == before
        assert [one.name for one in place.iterdir()] == [FILE]


def test_read_only_folder() -> None:
    """A folder that cannot be made is an OSError; one that was read-only is made its user's again."""
    with folder_of_nobody() as above:
        as_nobody(WRITE, str(above / "smstob"), "10")
        above.chmod(0o555)
        assert as_nobody(WRITE, str(above / "other"), "10") == "PermissionError"
        (above / "smstob").chmod(0o555)
        assert as_nobody(WRITE, str(above / "smstob"), "20") == ""
        assert settings.read(above / "smstob", DEFAULT).settings.server == "x" * 20


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({}, []),
        ({"server": "::1", "port": 1}, []),
        ({"server": "", "port": 0, "email": "", "domain": ""}, list(Wrong)),
        *(({"server": bad}, [Wrong.SERVER]) for bad in (" a.fr", "a b", "a@b", "http://a", "a\n", "x" * 254, "\ud83d")),
        *(({"port": bad}, [Wrong.PORT]) for bad in (-1, 65_536)),
        *(({"email": bad}, [Wrong.EMAIL]) for bad in ("a", "a@", "@b", "a@b\r\nBcc: c@d", "é@a.fr", "a@é.fr", "a b@c")),
        *(({"domain": bad}, [Wrong.DOMAIN]) for bad in ("a..b", "a:b", "é.fr", "a b", "a\r\nb", "<a>", "-a", " a")),
    ],
)
def test_faults(changes: dict[str, object], wrong: list[Wrong]) -> None:
    """What keeps the program from sending is told by field."""
    told = {"server": "a.fr", "email": "a@b.fr", "domain": "c.fr"} | changes
    assert Settings(**told).faults() == wrong  # type: ignore[arg-type]


def test_usual_ports() -> None:
    """Each protection has its port."""
    assert {one: one.port for one in Security} == {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}
