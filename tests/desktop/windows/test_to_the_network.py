"""Somebody before the window, and the daemon: from the keys that are pressed to the SMS at the network."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from smstob.desktop.outbox import LetterState, Sending
from smstob.desktop.settings import Security, Settings
from smstob.desktop.site import Site
from smstob.model.contact import Card, Phrase
from tests.daemon import PASSWORD, e164, fresh_number
from tests.desktop.mail_server import MailServer
from tests.desktop.windows.desktop import Desktop
from tests.desktop.windows.display import Display
from tests.desktop.windows.writing import form_of, write
from tests.journeys.mail import DOMAIN, MailDaemon, running, tomorrow


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailDaemon]:
    """A daemon that the stories of this file share; at its end the sink had all that history tells."""
    with running(MailDaemon(tmp_path_factory.mktemp("window"))) as daemon:
        yield daemon
        daemon.check_sent()


@pytest.fixture
def email(door: MailDaemon) -> str:
    """An account with ten credits."""
    return door.provision(10)


@pytest.fixture
def customer(
    door: MailDaemon, email: str, place: Path, display: Display, server: MailServer
) -> Iterator[Desktop]:
    """That account's window, set up to send by the daemon's own door."""
    with Desktop(place, display, server, Site(domain=DOMAIN, email=email), time.time) as opened:
        wanted = Settings(
            server="127.0.0.1", port=door.smtp_port, security=Security.NONE, email=email, domain=DOMAIN, language="fr"
        )  # fmt: skip
        opened.program.change(wanted, PASSWORD, "")
        opened.screen.key("Escape")
        opened.screen.pump(0.5)
        yield opened


def finish(desktop: Desktop) -> LetterState:
    """What the outbox says of the newest, when the mail server has answered."""
    desktop.screen.wait(lambda: bool(desktop.program.outbox.sendings()) and not _newest(desktop).waiting)
    return _newest(desktop).state


def _newest(desktop: Desktop) -> Sending:
    return desktop.program.outbox.sendings()[0]


def test_two_numbers(door: MailDaemon, email: str, customer: Desktop) -> None:
    """Typed and sent by keyboard alone: both telephones have the text, adapted, and both SMS are paid."""
    numbers = [fresh_number(), fresh_number()]
    screen = customer.screen
    screen.click(form_of(customer).recipients.area)
    screen.type(", ".join(numbers))
    screen.key("Escape", "Tab")
    screen.type("Bonjour, votre commande est prête.")
    screen.key("ctrl+Return")
    assert finish(customer) is LetterState.HANDED
    assert [one.text for one in door.sent_to(*map(e164, numbers))] == ["Bonjour, votre commande est prete."] * 2
    assert door.balance(email) == 8


def test_group_with_a_phrase(door: MailDaemon, customer: Desktop) -> None:
    """A phrase with variables to a group: each of its contacts has his own text."""
    cards = [Card(name=name, number=fresh_number(), v1=hour) for name, hour in (("Anne", "9 h"), ("Bob", "10 h"))]
    customer.group("Parents", *cards)
    phrase = customer.program.phrases.save("Rendez-vous", "[nom], rendez-vous à [v1]")
    assert isinstance(phrase, Phrase)
    write(customer, "Parents", "")
    customer.window.insert(phrase.text)
    customer.screen.pump(0.4)
    customer.screen.click(form_of(customer).send_button)
    assert finish(customer) is LetterState.HANDED
    texts = {one.to: one.text for one in door.sent_to(*(e164(card.number) for card in cards))}
    assert texts == {e164(card.number): f"{card.name}, rendez-vous à {card.v1}" for card in cards}


def test_deferred(door: MailDaemon, email: str, customer: Desktop) -> None:
    """For tomorrow, by day and hour: the service keeps it until then, paid and not sent."""
    form, screen, when = form_of(customer), customer.screen, tomorrow()
    number = fresh_number()
    write(customer, number, "Demain")
    screen.click(form.picker.later_button)
    screen.write(form.picker.date_entry, f"{when[4:6]}/{when[6:8]}/{when[8:]}")
    screen.write(form.picker.time_entry, f"{when[:2]}:{when[2:4]}")
    screen.click(form.send_button)
    assert finish(customer) is LetterState.HANDED
    (told,) = door.messages(email)
    assert (told.state, told.due, door.balance(email)) == ("queued", customer.program.moment(when), 9)


def test_ctrl_a(customer: Desktop) -> None:
    """It chooses all, in a field as in the message."""
    form, screen = form_of(customer), customer.screen
    write(customer, "0612345678", "Bonjour")
    screen.key("ctrl+a")
    screen.type("Bonsoir")
    assert form.message.text == "Bonsoir"
    screen.click(form.recipients.area)
    screen.key("ctrl+a")
    screen.type("06")
    assert form.recipients.typed == "06"
