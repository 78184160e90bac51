"""Letters as files, on a real disk."""

import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.defer import Deferred, execute

from smstob.couriers.mail.outbox import OutboxCourier
from smstob.model.notice import NotCarried
from tests.house import outcome_of

from .letters import ENDED, LETTERS, letter


def outbox(directory: Path, run_in_thread: "Callable[..., Deferred[Any]]" = execute) -> OutboxCourier:
    """A courier whose thread is this one."""
    return OutboxCourier(LETTERS, directory, run_in_thread)


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process may be longer than a hundred bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def refusal_of(courier: OutboxCourier) -> NotCarried:
    """How it refuses a letter."""
    with pytest.raises(NotCarried) as refusal:
        outcome_of(courier.carry(letter()))
    return refusal.value


def test_file_is_the_letter(tmp_path: Path) -> None:
    """One file, named for the letter's id, readable by its owner only, in a directory that was missing."""
    outcome_of(outbox(tmp_path / "out").carry(letter(id_=12)))
    assert os.listdir(tmp_path / "out") == ["12.eml"]
    assert (tmp_path / "out" / "12.eml").read_bytes() == LETTERS.compose(letter(id_=12))
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "out" / "12.eml").stat().st_mode & 0o777 == 0o600


def test_carried_again(tmp_path: Path) -> None:
    """The same id is the same file, with what was carried last; what a crash left half written is replaced."""
    (tmp_path / ".7.part").write_bytes(b"x" * 100_000)
    courier = outbox(tmp_path)
    outcome_of(courier.carry(letter()))
    outcome_of(courier.carry(letter(ENDED)))
    assert os.listdir(tmp_path) == ["7.eml"]
    assert (tmp_path / "7.eml").read_bytes() == LETTERS.compose(letter(ENDED))


def test_disk_is_written_in_the_thread(tmp_path: Path) -> None:
    """Nothing is on disk before the thread has its turn, and the letter is not carried before that."""
    turns: list[Any] = []
    told: Deferred[None] = Deferred()

    def later(work: Callable[..., Any], *args: Any) -> "Deferred[Any]":
        turns.append((work, args))
        return told

    carried = Deferred.fromCoroutine(outbox(tmp_path, later).carry(letter()))
    assert not carried.called
    assert not os.listdir(tmp_path)
    ((work, args),) = turns
    told.callback(work(*args))
    assert carried.called
    assert os.listdir(tmp_path) == ["7.eml"]


def test_full_disk(tmp_path: Path) -> None:
    """The letter is refused for now, nothing half written stays, what was there stays, and later it is written."""
    courier = outbox(tmp_path)
    outcome_of(courier.carry(letter(ENDED)))
    with full_disk():
        refusal = refusal_of(courier)
    assert not refusal.lasting
    assert str(refusal) == f"{tmp_path}: File too large"
    assert os.listdir(tmp_path) == ["7.eml"]
    assert (tmp_path / "7.eml").read_bytes() == LETTERS.compose(letter(ENDED))
    outcome_of(courier.carry(letter()))
    assert (tmp_path / "7.eml").read_bytes() == LETTERS.compose(letter())


def test_directory_that_vanished(tmp_path: Path) -> None:
    """It is made anew; without the directory around it (a disk that is not mounted) it is not."""
    around = tmp_path / "disk"
    around.mkdir()
    courier = outbox(around / "out")
    outcome_of(courier.carry(letter()))
    (around / "out" / "7.eml").unlink()
    (around / "out").rmdir()
    outcome_of(courier.carry(letter()))
    around.rename(tmp_path / "elsewhere")
    refusal = refusal_of(courier)
    assert not refusal.lasting
    assert str(refusal) == f"{around / 'out'}: No such file or directory"
    assert not around.exists()


@pytest.mark.parametrize(
    ("place", "words"),
    [("file", "File exists"), ("/proc/out", "No such file or directory"), ("taken", "Is a directory")],
)
def test_place_that_is_none(tmp_path: Path, place: str, words: str) -> None:
    """A file where the directory should be, a file system that makes none, a directory of the letter's name."""
    (tmp_path / "file").touch()
    (tmp_path / "taken" / "7.eml").mkdir(parents=True)
    refusal = refusal_of(outbox(tmp_path / place))
    assert not refusal.lasting
    assert words in str(refusal)
    assert os.listdir(tmp_path / "taken") == ["7.eml"]


def test_link_is_not_followed(tmp_path: Path) -> None:
    """Who can write beside the letters cannot have a file of the daemon's overwritten."""
    (tmp_path / "precious").write_text("kept")
    (tmp_path / ".7.part").symlink_to(tmp_path / "precious")
    assert not refusal_of(outbox(tmp_path)).lasting
    assert (tmp_path / "precious").read_text() == "kept"
