"""Tests on the real reactor: clients and servers on real connections, and waiting for what they come to."""

import time
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar, cast

import pytest
import pytest_twisted  # type: ignore[import-untyped]
from twisted.internet import reactor as global_reactor
from twisted.internet.endpoints import clientFromString, serverFromString
from twisted.internet.interfaces import IListeningPort
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread

from txsmpp.binding import Bind
from txsmpp.client import Client
from txsmpp.server import Smsc
from txsmpp.session import Limits
from txsmpp.wire import Wire

from .network import Diary

P = ParamSpec("P")
T = TypeVar("T")

reactor: Any = global_reactor


def in_reactor(test: Callable[P, Awaitable[None]]) -> Callable[P, None]:
    """A test that is a coroutine."""
    return cast("Callable[P, None]", pytest_twisted.ensureDeferred(test))


async def until(ready: Callable[[], T], what: str, seconds: float = 10) -> T:
    """Ask ``ready`` until it says something true; fail with ``what`` after ``seconds``."""
    end = time.monotonic() + seconds
    while not (found := ready()):
        if time.monotonic() > end:
            raise pytest.fail.Exception(f"not within {seconds} s: {what}")
        await deferLater(reactor, 0.005)
    return found


async def aside(work: Callable[..., T], *arguments: Any, **named: Any) -> T:
    """What ``work`` gives, done in a thread, for it waits for what the reactor does."""
    found: T = await deferToThread(work, *arguments, **named)
    return found


class Running:
    """A client on a real connection, from ``async with`` on; it is stopped at the end."""

    def __init__(self, endpoint: str, *binds: Bind, limits: Limits | None = None, diary: Diary | None = None) -> None:
        self.diary = diary or Diary()
        self.client = Client(
            clientFromString(reactor, endpoint), binds, self.diary, reactor, limits or Limits(), lambda _: 0.05
        )

    async def __aenter__(self) -> "Running":
        self.client.startService()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.stopService()

    async def bound(self, count: int = 1) -> Wire:
        """A wire, once so many are bound."""
        await until(lambda: len(self.client.bound) == count, f"{count} bound; {self.diary.reasons}, {self.diary.told}")
        return self.client.bound[-1]

    async def told(self, kind: type[T], count: int = 1) -> list[T]:
        """The events of that kind, once there are so many."""

        def found() -> list[T]:
            return [event for event in self.diary.told if isinstance(event, kind)]

        await until(lambda: len(found()) >= count, f"{count} of {kind.__name__}, not {self.diary.told}")
        return found()


class Listening:
    """An SMSC on a real port, from ``async with`` on; ``endpoint`` may be any of Twisted's for servers."""

    def __init__(self, smsc: Smsc, endpoint: str = "tcp:0:interface=127.0.0.1") -> None:
        self.smsc = smsc
        self._endpoint = endpoint
        self._listening: IListeningPort | None = None

    @property
    def port(self) -> int:
        """Its number."""
        listening: Any = self._listening
        number: int = listening.getHost().port
        return number

    async def __aenter__(self) -> "Listening":
        self._listening = await serverFromString(reactor, self._endpoint).listen(self.smsc)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._listening is not None
        stopped = self._listening.stopListening()
        if stopped is not None:
            await stopped
        for wire in list(self.smsc.wires):
            wire.close("the test is over")
