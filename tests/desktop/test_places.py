"""Where things are kept, on every system, and that one program at a time keeps them."""

from pathlib import Path

import pytest

from smstob.desktop import places
from smstob.desktop.places import AlreadyOpen, Lock, folder

HOME = Path("/home/anne")


@pytest.mark.parametrize(
    ("platform", "environment", "wanted"),
    [
        ("linux", {}, "/home/anne/.local/share/smstob"),
        ("linux", {"XDG_DATA_HOME": "/data"}, "/data/smstob"),
        # the specification wants it absolute, or not at all
        ("linux", {"XDG_DATA_HOME": "data"}, "/home/anne/.local/share/smstob"),
        ("linux", {"XDG_DATA_HOME": ""}, "/home/anne/.local/share/smstob"),
        ("freebsd14", {}, "/home/anne/.local/share/smstob"),
        ("darwin", {"XDG_DATA_HOME": "/data"}, "/home/anne/Library/Application Support/SMStoB"),
        ("win32", {"APPDATA": "/c/anne"}, "/c/anne/SMStoB"),
        ("win32", {}, "/home/anne/AppData/Roaming/SMStoB"),
        ("win32", {"APPDATA": ""}, "/home/anne/AppData/Roaming/SMStoB"),
    ],
)
def test_folder(platform: str, environment: dict[str, str], wanted: str) -> None:
    """The folder that each system means for this."""
    assert folder(platform, environment, HOME) == Path(wanted)


def test_written_whole(tmp_path: Path) -> None:
    """A file is replaced at once, and nothing else: what is beside it is its user's."""
    path = tmp_path / "a"
    path.write_bytes(b"old")
    path.with_name("a.new").write_bytes(b"theirs")
    places.write(path, b"new")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new", 0o600)
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == {"a": b"new", "a.new": b"theirs"}


def test_link_is_not_followed(tmp_path: Path) -> None:
    """A link that somebody put where the half file goes is not written through."""
    other = tmp_path / "other"
    other.write_bytes(b"theirs")
    (tmp_path / "a.new").symlink_to(other)
    places.write(tmp_path / "a", b"new")
    assert (other.read_bytes(), (tmp_path / "a").is_symlink()) == (b"theirs", False)


def test_lock(tmp_path: Path) -> None:
    """One at a time; the next one after that; other folders are others'."""
    place = tmp_path / "smstob"
    first = Lock(place)
    for _ in range(2):
        with pytest.raises(AlreadyOpen):
            Lock(place)
    Lock(tmp_path / "other").release()
    first.release()
    first.release()
    second = Lock(place)
    with pytest.raises(AlreadyOpen):
        Lock(place)
    second.release()
    assert (place / places.LOCK).stat().st_mode & 0o777 == 0o600


def test_no_place_for_a_lock(tmp_path: Path) -> None:
    """A folder that cannot be is an OSError."""
    (tmp_path / "file").write_bytes(b"")
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(OSError, match="file"):
            Lock(place)
    (tmp_path / places.LOCK).mkdir()
    with pytest.raises(OSError, match="lock"):
        Lock(tmp_path)
