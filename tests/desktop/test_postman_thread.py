"""The postman's thread, and processes that are killed: nothing is lost, and what goes twice can be told to be one."""

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from smstob.desktop import database, delivery, postman
from smstob.desktop.outbox import RETRIES, Draft, Outbox
from smstob.desktop.postman import Postman
from tests.daemon import wait_until
from tests.desktop.carrier import HELD, REFUSED
from tests.desktop.mail_server import DOT, Act, MailServer
from tests.desktop.office import PASSWORD, USER, Watch, bag_for, connection_of, only, outbox_in, put, read_by_service
from tests.house import NOW


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A server without protection."""
    with MailServer() as running:
        yield running


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    """An empty one, on the window's connection."""
    return outbox_in(tmp_path)


@contextmanager
def carrying(place: Path, now: Callable[[], float] | None = None) -> Iterator[Postman]:
    """A postman at work, who at the end stops at once."""
    made = Postman(place, delivery.session, now or Watch())
    made.start()
    try:
        yield made
    finally:
        made.stop()
        made.join(5)
        assert not made.is_alive()


@contextmanager
def process(place: Path, *work: str) -> Iterator["subprocess.Popen[str]"]:
    """A process that does that; killed at the end if it still lives."""
    command = [sys.executable, "-m", "tests.desktop.carrier", str(place), *work]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        try:
            yield child
        finally:
            child.kill()


def said(child: "subprocess.Popen[str]") -> str:
    """Its next line."""
    assert child.stdout is not None
    return child.stdout.readline().strip()


def test_thousand(server: MailServer, outbox: Outbox, tmp_path: Path) -> None:
    """A thousand mails go, each once, while the window reads and writes the same file; each change is told."""
    put(outbox, *map(str, range(1000)))
    with carrying(tmp_path) as carrier:
        before = carrier.changes
        carrier.carry(bag_for(server.port))
        while only(outbox).waiting:
            begun = time.monotonic()
            outbox.keep_draft(Draft("0612345678", str(begun)))
            assert time.monotonic() - begun < 2
        assert carrier.changes - before >= 1000
        assert (carrier.held, carrier.ailing) == ("", "")
    assert only(outbox).handed == 1000
    assert Counter(read_by_service(one.content)[1].text for one in server.mails) == Counter(map(str, range(1000)))


def test_woken(server: MailServer, outbox: Outbox, tmp_path: Path) -> None:
    """It sends nothing before it is told by what, and what is put into the outbox then at once."""
    put(outbox, "a")
    with carrying(tmp_path) as carrier:
        time.sleep(0.1)
        assert server.connections == 0
        carrier.carry(bag_for(server.port))
        wait_until(lambda: len(server.mails) == 1, "the first")
        put(outbox, "b")
        carrier.wake()
        wait_until(lambda: len(server.mails) == 2, "the second")
        carrier.carry(None)
        put(outbox, "c")
        carrier.wake()
        time.sleep(0.1)
        assert len(server.mails) == 2


def test_due_again(server: MailServer, outbox: Outbox, tmp_path: Path) -> None:
    """What was put off goes by itself when it is due."""
    ahead = 0.0
    server.next(DOT, b"451 plus tard")
    put(outbox, "a")
    with carrying(tmp_path, lambda: time.time() + ahead) as carrier:
        carrier.carry(bag_for(server.port))
        wait_until(lambda: only(outbox).reason, "put off")
        ahead = RETRIES[0] - 1
        carrier.wake()
        wait_until(lambda: len(server.mails) == 1, "it is taken")


def test_held_until_told(outbox: Outbox, tmp_path: Path) -> None:
    """After 535 nothing is tried, however often it is woken, until it is told to carry again."""
    with MailServer(user=USER, password="un autre") as server, carrying(tmp_path) as carrier:
        put(outbox, "a")
        carrier.carry(bag_for(server.port, user=USER))
        wait_until(lambda: carrier.held, "held")
        assert carrier.held.startswith("535 ")
        put(outbox, "b")
        for _ in range(5):
            carrier.wake()
            time.sleep(0.02)
        assert server.connections == 1
        server.password = PASSWORD
        carrier.carry(bag_for(server.port, user=USER))
        wait_until(lambda: len(server.mails) == 2, "both are taken")
        assert carrier.held == ""


def test_stopped_in_the_middle(server: MailServer, outbox: Outbox, tmp_path: Path) -> None:
    """Told to stop in the middle of many it ends after the mail under way; another goes on where it was."""
    put(outbox, *map(str, range(500)))
    with carrying(tmp_path) as carrier:
        carrier.carry(bag_for(server.port))
        wait_until(lambda: len(server.mails) >= 10, "under way")
        carrier.stop()
        carrier.join(5)
        assert not carrier.is_alive()
    assert only(outbox).handed == len(server.mails) < 500
    with carrying(tmp_path) as carrier:
        carrier.carry(bag_for(server.port))
        wait_until(lambda: not only(outbox).waiting, "the rest")
    assert len(server.mails) == 500


def test_new_settings_in_the_middle(server: MailServer, outbox: Outbox, tmp_path: Path) -> None:
    """With new settings the next mail goes by them."""
    put(outbox, *map(str, range(300)))
    with carrying(tmp_path) as carrier, MailServer() as other:
        carrier.carry(bag_for(server.port))
        wait_until(lambda: len(server.mails) >= 10, "under way")
        carrier.carry(bag_for(other.port))
        wait_until(lambda: not only(outbox).waiting, "all of them")
        assert len(server.mails) + len(other.mails) == 300
        assert other.mails


def test_full_disk(server: MailServer, outbox: Outbox, tmp_path: Path) -> None:
    """A disk that takes nothing is waited for: meanwhile nothing is handed again and again, and then all goes, once."""
    put(outbox, *map(str, range(300)), now=int(time.time()))
    with process(tmp_path, "carry", str(server.port)) as child:
        wait_until(lambda: len(server.mails) >= 20, "under way", 20)
        resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        assert said(child).startswith("ailing ")
        handed = len(server.mails)
        # it tries several times meanwhile
        time.sleep(1)
        assert len(server.mails) == handed < 300
        assert only(outbox).handed == handed - 1
        resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        wait_until(lambda: not only(outbox).waiting, "all of them", 20)
    assert Counter(read_by_service(one.content)[1].text for one in server.mails) == Counter(map(str, range(300)))


def test_broken_file(server: MailServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that cannot be opened is told and asked for again now and then, not without pause; mended, all goes."""
    monkeypatch.setattr(postman, "DATABASE_AGAIN", 0.1)
    place = tmp_path / "broken"
    place.mkdir()
    (place / database.FILE).write_bytes(os.urandom(50_000))
    with carrying(place) as carrier:
        carrier.carry(bag_for(server.port))
        wait_until(lambda: carrier.ailing, "told")
        before = carrier.changes
        time.sleep(0.5)
        assert carrier.changes - before < 10
        whole = outbox_in(tmp_path / "whole")
        put(whole, "a")
        connection_of(whole).close()
        shutil.copyfile(tmp_path / "whole" / database.FILE, place / database.FILE)
        wait_until(lambda: len(server.mails) == 1, "it goes on")


@pytest.mark.parametrize("act", [Act.NORMAL, Act.DO_AND_CUT])
def test_killed(server: MailServer, outbox: Outbox, tmp_path: Path, act: Act) -> None:
    """Killed again and again in the middle: all arrive; what arrives twice is the same mail, one for each kill."""
    put(outbox, *map(str, range(300)), now=int(time.time()))
    kills = 4
    for turn in range(kills):
        server.next(DOT, Act.NORMAL, act)
        with process(tmp_path, "carry", str(server.port)) as child:
            wait_until(lambda turn=turn: len(server.mails) >= 40 * (turn + 1), "under way", 20)  # type: ignore[misc]
            child.send_signal(signal.SIGKILL)
            child.wait()
    with process(tmp_path, "carry", str(server.port)):
        wait_until(lambda: not only(outbox).waiting, "all of them", 30)
    read = [read_by_service(one.content) for one in server.mails]
    taken = Counter(request.text for _, request in read)
    assert taken.keys() == set(map(str, range(300)))
    assert len(read) - 300 <= (2 if act is Act.DO_AND_CUT else 1) * kills
    assert len({(mail.message_id, mail.digest) for mail, _ in read}) == 300


def test_killed_while_sending(server: MailServer, outbox: Outbox, tmp_path: Path) -> None:
    """What a window was told is in the outbox is there after a kill, whole, and arrives."""
    told = 0
    for _ in range(2):
        with process(tmp_path, "send", str(server.port)) as child:
            lines = [said(child) for _ in range(15)]
            child.send_signal(signal.SIGKILL)
            child.wait()
        told += len(lines)
    kept = outbox.sendings(10_000)
    assert len(kept) >= told
    assert {one.waiting + one.handed for one in kept} == {3}
    with process(tmp_path, "carry", str(server.port)):
        wait_until(lambda: not any(one.waiting for one in outbox.sendings(10_000)), "all of them", 30)
    ids = {read_by_service(one.content)[0].message_id for one in server.mails}
    assert len(ids) == 3 * len(kept)


def test_draft_killed(outbox: Outbox, tmp_path: Path) -> None:
    """The draft that was kept last is there after a kill."""
    with process(tmp_path, "draft") as child:
        lines = [said(child) for _ in range(30)]
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert len(outbox.draft().text) >= int(lines[-1])
    assert set(outbox.draft().text) == {"x"}


def test_opened_twice(tmp_path: Path) -> None:
    """A second program on the folder is told so; when the first ends, or is killed, the next one opens."""
    for ends in ("closed", "killed"):
        with process(tmp_path, "open") as first:
            assert said(first) == HELD
            with process(tmp_path, "open") as second:
                assert said(second) == REFUSED
                assert second.wait() == 0
            if ends == "killed":
                first.send_signal(signal.SIGKILL)
            else:
                first.communicate()
            first.wait()
    with process(tmp_path, "open") as last:
        assert said(last) == HELD
    assert only_draft(tmp_path) == Draft()


def only_draft(place: Path) -> Draft:
    """The draft of a folder."""
    return outbox_in(place).draft()


def test_time_is_the_watch(server: MailServer, outbox: Outbox, tmp_path: Path) -> None:
    """When a mail was handed is told by the clock that was handed in."""
    put(outbox, "a")
    with carrying(tmp_path, Watch(NOW + 5)) as carrier:
        carrier.carry(bag_for(server.port))
        wait_until(lambda: not only(outbox).waiting, "handed")
    assert connection_of(outbox).execute("SELECT ended FROM letter").fetchone() == (NOW + 5,)
