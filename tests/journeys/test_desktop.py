"""The desktop program, without its windows, and the daemon: from the outbox by the daemon's own door to the network."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from smstob.desktop.composing import addressees
from smstob.desktop.outbox import LetterState, Sending
from smstob.desktop.program import Program
from smstob.desktop.settings import Security, Settings
from smstob.desktop.site import Site
from smstob.desktop.vault import FileVault, Passwords
from smstob.model.contact import Card, Contact, Group
from tests.daemon import PASSWORD, e164, fresh_number, wait_until
from tests.desktop.office import PARIS
from tests.journeys.mail import DOMAIN, MailDaemon, body, running, tomorrow


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailDaemon]:
    """A daemon that the stories of this file share; at its end the sink had all that history tells."""
    with running(MailDaemon(tmp_path_factory.mktemp("desktop"))) as daemon:
        yield daemon
        daemon.check_sent()


@contextmanager
def desk(place: Path, daemon: MailDaemon, email: str, secret: str = PASSWORD) -> Iterator[Program]:
    """The program of that customer, set up to send by the daemon's own door."""
    site = Site(domain=DOMAIN, email=email)
    program = Program(place, site, PARIS, Passwords([FileVault(place)]), time.time)
    program.start()
    try:
        wanted = Settings(
            server="127.0.0.1", port=daemon.smtp_port, security=Security.NONE, email=email, domain=DOMAIN
        )  # fmt: skip
        program.check(wanted, "")
        program.change(wanted, secret, "")
        assert program.is_ready
        yield program
    finally:
        program.stop()


def send(program: Program, typed: str, text: str, moment: str = "") -> Sending:
    """Send as the window does; gives what the outbox says in the end."""
    found = addressees(typed, program.book)
    assert found.recipients or found.site_group
    program.send(program.mailing(text, found.recipients, found.site_group), typed, text, moment)
    wait_until(lambda: not program.outbox.sendings()[0].waiting, "the mail server answers")
    return program.outbox.sendings()[0]


def test_two_numbers(door: MailDaemon, tmp_path: Path) -> None:
    """Now, to two numbers: one mail, two SMS with the text as typed, the price that was shown, «envoyé» and «remis»."""
    email, numbers = door.provision(10), [fresh_number(), fresh_number()]
    text = "Bonjour,\n-- \nla « mairie »\nEnvoyé de mon iPhone"
    with desk(tmp_path, door, email) as program:
        sent = send(program, "; ".join(numbers), text)
    assert (sent.state, sent.handed, sent.segments) == (LetterState.HANDED, 1, 2)
    arrived = door.sent_to(*map(e164, numbers))
    assert [one.text for one in arrived] == [text.replace("«", '"').replace("»", '"')] * 2
    accepted, delivered = door.told(email, 2)
    assert "2 destinataires, 2 SMS, 2 crédits. Crédits restants : 8." in body(accepted)
    assert "2 SMS remis, 0 non remis" in body(delivered)
    assert [told.channel for told in door.messages(email)] == ["mail", "mail"]


def test_deferred(door: MailDaemon, tmp_path: Path) -> None:
    """For tomorrow: kept by the service for that minute, paid, and not sent; for yesterday: its sentence, 85."""
    email, number, when = door.provision(3), fresh_number(), tomorrow()
    with desk(tmp_path, door, email) as program:
        assert send(program, number, "Demain, même heure", when).state is LetterState.HANDED
        (told,) = door.messages(email)
        assert (told.state, told.due, door.balance(email)) == ("queued", program.moment(when), 2)
        late = send(program, number, "Hier", "120001012024")
        assert (late.state, late.reason[:13]) == (LetterState.FAILED, "554 5.6.0 85 ")
    assert not [one for one in door.journal() if one.to == e164(number)]


def test_local_group(door: MailDaemon, tmp_path: Path) -> None:
    """To a group of the program's own book: each gets his text, equal ones share a mail, the price is right."""
    email = door.provision(20)
    with desk(tmp_path, door, email) as program:
        group = program.book.save_group("Élèves, 3ème")
        assert isinstance(group, Group)
        people = {}
        for name, hour in (("Anne", "9 h"), ("Bob", "10 h"), ("Zoé", "9 h"), ("Ève", "10 h €" + "x" * 160)):
            made = program.book.save(Card(name=name, number=fresh_number(), v1=hour, groups=(group.id,)))
            assert isinstance(made, Contact)
            people[made.number] = hour
        sent = send(program, "élèves, 3ème", "Rendez-vous à [v1]")
    assert (sent.state, sent.handed, sent.segments) == (LetterState.HANDED, 3, 5)
    arrived = door.sent_to(*people, segments=5)
    texts = {number: "".join(one.text for one in arrived if one.to == number) for number in people}
    assert texts == {number: f"Rendez-vous à {hour}" for number, hour in people.items()}
    assert door.balance(email) == 15


def test_group_of_the_site(door: MailDaemon, tmp_path: Path) -> None:
    """A name that only the site knows is a group of the site's: its contacts, its variables."""
    book = [(fresh_number(), "Anne", "9 h"), (fresh_number(), "Bob", "10 h")]
    email = door.provision(5, groups={"Adhérents 2026": book})
    with desk(tmp_path, door, email) as program:
        sent = send(program, "adhérents 2026", "[nom] à [v1]")
        nobody = send(program, "Inconnus", "Bonjour")
    assert (sent.state, sent.segments) == (LetterState.HANDED, 0)
    arrived = door.sent_to(*(e164(number) for number, _, _ in book))
    assert {one.to: one.text for one in arrived} == {e164(number): f"{name} à {hour}" for number, name, hour in book}
    assert (nobody.state, nobody.reason[:13]) == (LetterState.FAILED, "550 5.1.1 84 ")


def test_wrong_password(door: MailDaemon, tmp_path: Path) -> None:
    """The service's sentence is the reason; with the right password the same sending goes, once."""
    email, number = door.provision(5), fresh_number()
    with desk(tmp_path, door, email, "pas le bon") as program:
        refused = send(program, number, "Bonjour à tous")
        assert refused.state is LetterState.FAILED
        assert refused.reason == "550 5.7.1 82 L'adresse de l'expediteur ou le mot de passe n'est pas valide."
        program.change(program.settings, PASSWORD, "")
        program.outbox.retry(int(time.time()), refused.id)
        program.postman.wake()
        wait_until(lambda: program.outbox.sendings()[0].state is LetterState.HANDED, "handed")
    (sent,) = door.sent_to(e164(number))
    assert (sent.text, door.balance(email)) == ("Bonjour à tous", 4)


def test_refused_by_the_service(door: MailDaemon, tmp_path: Path) -> None:
    """Of a sending in several mails one is refused: the others are sent, and the reason is the service's."""
    email, numbers = door.provision(1), [fresh_number(), fresh_number()]
    with desk(tmp_path, door, email) as program:
        for number, name in zip(numbers, ("Anne", "Bob"), strict=True):
            program.book.save(Card(name=name, number=number))
        sent = send(program, "Anne, Bob", "Bonjour [nom]")
        assert (sent.state, sent.handed, sent.failed) == (LetterState.FAILED, 1, 1)
        assert sent.reason.startswith("550 5.7.1 83 ")
    assert len(door.messages(email)) == 1


def test_daemon_away(door: MailDaemon, tmp_path: Path) -> None:
    """The daemon is away, the program waits; it is back, and what waited goes, once."""
    email, number = door.provision(2), fresh_number()
    with desk(tmp_path, door, email) as program:
        door.terminate()
        found = addressees(number, program.book)
        program.send(program.mailing("Panne", found.recipients, None), number, "Panne", "")
        wait_until(lambda: "injoignable" in program.outbox.sendings()[0].reason, "it is told")
        door.start()
        program.outbox.retry(int(time.time()))
        program.postman.wake()
        wait_until(lambda: program.outbox.sendings()[0].state is LetterState.HANDED, "handed")
    assert [one.text for one in door.sent_to(e164(number))] == ["Panne"]
    assert door.balance(email) == 1
