"""Who leaves while he is answered: what he asked for comes to its end, and what he tried is counted."""

from typing import Any
from urllib.parse import urlencode

import pytest
from twisted.internet.error import ConnectionLost
from twisted.python.failure import Failure

from smstob.accounts.entrance import Entrance
from smstob.flow.authenticate import MOST_WAITING, Authenticator
from smstob.flow.guessing import Allowances, Guessing
from tests.fakes import Thread
from tests.house import EMAIL, PASSWORD, House

from .browser import Browser, site_of

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def begin(browser: Browser, path: str, **fields: str) -> Any:
    """Send a form whose answer is not awaited; gives the server's end of the connection."""
    return browser.open("POST", path, urlencode(fields).encode(), FORM)[1]


def leave(channel: Any) -> None:
    """The connection is reset."""
    channel.connectionLost(Failure(ConnectionLost()))


def test_what_was_sent_leaves(house: House, customer: Browser) -> None:
    """The gateway is woken for messages whose sender did not wait for the answer."""
    token = customer.token
    house.workers.held = True
    channel = begin(customer, "/envoyer/confirmer", numeros="0612345678", message="Bonjour", jeton=token)
    assert house.workers.waiting() == 1
    leave(channel)
    assert house.woken == []
    house.workers.go()
    assert house.woken == [frozenset({"A"})]


@pytest.fixture
def verifiers(house: House) -> Thread:
    """Where the house looks at passwords."""
    thread = Thread()
    house.authenticator = Authenticator(house.database, house.clock, Guessing(Allowances()), thread)
    house.entrance = Entrance(house.database, house.authenticator, house.clock, thread)
    return thread


def guess(house: House, times: int) -> Browser:
    """Wrong passwords of as many accounts, and nobody waits to hear that they are wrong."""
    browser = Browser(site_of(house))
    token = browser.token
    for number in range(times):
        fields = {"jeton": token, "email": f"autre{number}@exemple.fr", "mot-de-passe": "essai"}
        leave(begin(browser, "/connexion", **fields))
    return browser


def test_what_was_tried_is_counted(house: House, verifiers: Thread) -> None:
    """Sixty guesses shut an address out, as those do whose answers are read."""
    house.account()
    guessing = guess(house, 60)
    verifiers.go()
    right = {"email": EMAIL, "mot-de-passe": PASSWORD}
    assert guessing.post("/connexion", right, followed=False).status == 429


def test_no_more_waits_than_is_allowed(house: House, verifiers: Thread) -> None:
    """A password takes the processor a while: those that wait for it are bounded, whoever gave up waiting."""
    guess(house, MOST_WAITING + 50)
    assert len(verifiers.jobs) == MOST_WAITING
