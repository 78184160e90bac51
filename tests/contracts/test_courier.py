"""What every ICourier promises: a letter arrives, or NotCarried says why; never anything else."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from twisted.internet import reactor as global_reactor
from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.threads import deferToThread
from zope.interface.verify import verifyObject

from smstob.couriers.mail.outbox import OutboxCourier
from smstob.couriers.mail.smarthost import SmarthostCourier
from smstob.interfaces import ICourier
from smstob.model.notice import Failure, NotCarried, Opening, Recovery
from tests.couriers.fakes import KeepingCourier, RefusingCourier
from tests.couriers.letters import ENDED, LETTERS, ONE, acknowledgement, letter
from tests.couriers.smtp_server import MailServer, listening
from tests.couriers.test_money_letters import ALL, PDF

from .reactor import in_reactor


@attrs.frozen
class Bench:
    """A courier, the ids of the letters that arrived, and a way to put obstacles in its way."""

    courier: ICourier
    arrived: Callable[[], set[int]]
    obstruct: Callable[[], None]


def keeping(path: Path) -> Iterator[Bench]:
    """The fake that the notifier's tests use, with one that refuses in its place when it is obstructed."""
    courier = KeepingCourier()

    def obstruct() -> None:
        courier.carry = RefusingCourier().carry  # type: ignore[method-assign]

    yield Bench(courier, lambda: set(courier.letters), obstruct)


def outbox(path: Path) -> Iterator[Bench]:
    """Into a directory, by the reactor's threads; in its way, a file that bears its name."""
    directory = path / "out"

    def arrived() -> set[int]:
        return {int(file.stem) for file in directory.glob("*.eml")}

    def obstruct() -> None:
        directory.rename(path / "away")
        directory.touch()

    yield Bench(OutboxCourier(LETTERS, directory, deferToThread), arrived, obstruct)


def smarthost(path: Path) -> Iterator[Bench]:
    """To a server on loopback; in its way, a disk that is full over there."""
    server = MailServer()

    def arrived() -> set[int]:
        told = (re.search(rb"Message-ID: <notice-([0-9]+)", taken.mail) for taken in server.taken)
        return {int(found[1]) for found in told if found}

    def obstruct() -> None:
        server.plan["MAIL"] = b"452 4.3.1 Insufficient system storage"

    with listening(server) as port:
        yield Bench(SmarthostCourier(LETTERS, f"tcp:127.0.0.1:{port}", global_reactor), arrived, obstruct)


@pytest.fixture(params=[keeping, outbox, smarthost])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    """Every courier."""
    yield from request.param(tmp_path)


async def refusal_of(courier: Any, given: Any) -> NotCarried | None:
    """How it refuses a letter, if it does; anything else is raised."""
    try:
        await courier.carry(given)
    except NotCarried as refusal:
        return refusal
    return None


@in_reactor
async def test_interface_is_provided(bench: Bench) -> None:
    """The method that the interface names."""
    assert verifyObject(ICourier, bench.courier)


@in_reactor
async def test_what_is_carried_has_arrived(bench: Bench) -> None:
    """As soon as ``carry`` is over, not before somebody looks again."""
    assert await refusal_of(bench.courier, letter(id_=12)) is None
    assert bench.arrived() == {12}


@in_reactor
async def test_again(bench: Bench) -> None:
    """The same letter a second time, as after a crash: no complaint, and the same id."""
    for _ in range(2):
        assert await refusal_of(bench.courier, letter(id_=12)) is None
    assert bench.arrived() == {12}


@in_reactor
async def test_many_at_once(bench: Bench) -> None:
    """A hundred letters are given without waiting for the first; all arrive."""
    given = [Deferred.fromCoroutine(refusal_of(bench.courier, letter(id_=nth))) for nth in range(1, 101)]
    assert {refusal for _, refusal in await DeferredList(given)} == {None}
    assert bench.arrived() == set(range(1, 101))


@in_reactor
async def test_obstacle(bench: Bench) -> None:
    """What cannot be carried now is refused for now, in words of one line; what arrived has."""
    await bench.courier.carry(letter(id_=1))
    bench.obstruct()
    refusal = await refusal_of(bench.courier, letter(id_=2))
    assert refusal is not None
    assert not refusal.lasting
    assert str(refusal)
    assert str(refusal).isprintable()
    assert 2 not in bench.arrived()


@in_reactor
async def test_whatever_it_tells(bench: Bench) -> None:
    """Every kind of section, strangers' words among them, and letters that tell nothing."""
    failed = attrs.evolve(ENDED, failed=1, failures=(Failure("x\r\n.\r\nQUIT", "<b>\0\ud800"),))
    hostile = acknowledgement(attrs.evolve(ONE, destination="x\n\n.\nRCPT TO:<a@b.fr>"))
    opening = Opening(email="x\n.\n<b>\0\ud800@b.fr", password="<b>\r\n.\r\n")
    recovery = Recovery(email="x@b.fr", token="\r\n.\r\nQUIT", known=False)
    sections: list[Any] = [[failed], [hostile], [failed, hostile], [ENDED] * 200, [opening], [recovery]]
    for nth, told in enumerate(sections, 1):
        assert await refusal_of(bench.courier, letter(*told, id_=nth)) is None
    assert bench.arrived() == {1, 2, 3, 4, 5, 6}


@in_reactor
async def test_with_files(bench: Bench) -> None:
    """Every kind of section about money, and what is attached, be it empty or made to break out of its part."""
    files = (PDF, attrs.evolve(PDF, content=b""), attrs.evolve(PDF, content=b"\r\n.\r\nQUIT\r\n", name="x\n.\n"))
    for nth, section in enumerate(ALL, 1):
        assert await refusal_of(bench.courier, letter(section, id_=nth, files=files)) is None
    assert bench.arrived() == set(range(1, len(ALL) + 1))
