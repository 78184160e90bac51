"""A letter on its way to the mail server under test."""

from typing import Any

from twisted.internet import reactor as global_reactor
from twisted.internet.task import deferLater

from smstob.couriers.mail.smarthost import SmarthostCourier
from smstob.model.notice import Letter, NotCarried

from .letters import LETTERS, letter
from .smtp_server import MailServer


def courier(port: int, **options: Any) -> SmarthostCourier:
    """To that port, in clear unless told otherwise."""
    options.setdefault("seconds", 20.0)
    return SmarthostCourier(LETTERS, options.pop("endpoint", f"tcp:127.0.0.1:{port}"), global_reactor, **options)


async def refusal_of(asked: SmarthostCourier, given: Letter | None = None) -> NotCarried:
    """How it refuses a letter."""
    try:
        await asked.carry(given or letter())
    except NotCarried as refusal:
        return refusal
    raise AssertionError("it was carried")


async def closed(server: MailServer) -> None:
    """Wait until nobody is connected any more."""
    while server.open:
        await deferLater(global_reactor, 0.01)
