"""The program without its windows: opened, set up, sending, closed, and what it does when its files are in disorder."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from smstob.desktop import database, settings, vault
from smstob.desktop.database import Broken
from smstob.desktop.delivery import Held, PutOff, Trouble
from smstob.desktop.outbox import Draft, LetterState
from smstob.desktop.places import AlreadyOpen
from smstob.desktop.program import Kept, Program, bundled_site, bundled_zone
from smstob.desktop.settings import Settings
from smstob.desktop.site import Site
from smstob.desktop.vault import FileVault, NotKept, Passwords, Secret
from smstob.model.contact import Card
from smstob.model.moment import BadMoment
from tests.daemon import wait_until
from tests.desktop.mail_server import DOT, WRONG_PASSWORD, MailServer
from tests.desktop.office import DOMAIN, EMAIL, PARIS, PASSWORD, SECRET, USER, read_by_service, settings_for
from tests.ports import free_port

SITE = Site(domain=DOMAIN, email=EMAIL)


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A server that asks for a log-in."""
    with MailServer(user=USER, password=PASSWORD) as running:
        yield running


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    """One that was just taken from the site."""
    made = program_in(tmp_path)
    yield made
    made.stop()


def program_in(place: Path) -> Program:
    """The program on that folder, its passwords in a file there, on the real clock."""
    return Program(place, SITE, PARIS, Passwords([FileVault(place)]), time.time)


def handed(program: Program) -> bool:
    """Whether all of the last sending is."""
    return program.outbox.sendings()[0].state is LetterState.HANDED


def send(program: Program, typed: str, text: str, moment: str = "") -> int:
    """Send to numbers."""
    from smstob.desktop.composing import addressees

    found = addressees(typed, program.book)
    return program.send(program.mailing(text, found.recipients, found.site_group), typed, text, moment)


def test_first_start(program: Program) -> None:
    """From the site it knows address and domain; it is not ready, has no passwords, and sends nothing."""
    assert program.settings == Settings(email=EMAIL, domain=DOMAIN)
    assert (program.is_ready, program.broken, program.secret(Secret.SERVICE)) == (False, None, "")
    program.start()
    send(program, "0612345678", "Bonjour")
    time.sleep(0.1)
    assert program.outbox.sendings()[0].state is LetterState.WAITING


def test_set_up_and_send(program: Program, server: MailServer, tmp_path: Path) -> None:
    """Set up, it sends what waited; after another start it knows all that it was told."""
    program.start()
    program.book.save(Card(name="Anne", number="0611111111"))
    send(program, "0612345678, Anne", "Bonjour [nom]")
    wanted = settings_for(server.port, user=USER)
    program.check(wanted, PASSWORD)
    assert program.change(wanted, SECRET, PASSWORD) == Kept(in_keyring=False)
    assert program.is_ready
    wait_until(lambda: handed(program), "handed")
    told = {read_by_service(one.content)[1].text for one in server.mails}
    assert told == {"Bonjour", "Bonjour Anne"}
    program.outbox.keep_draft(Draft("Anne", "à suivre"))
    program.stop()
    again = program_in(tmp_path)
    try:
        assert (again.settings, again.is_ready) == (wanted, True)
        assert [again.secret(one) for one in Secret] == [SECRET, PASSWORD]
        assert (again.outbox.draft(), len(again.outbox.sendings())) == (Draft("Anne", "à suivre"), 1)
        again.start()
        send(again, "Les adhérents", "Bonjour [nom]")
        wait_until(lambda: handed(again), "handed")
        _, request = read_by_service(server.mails[-1].content)
        assert (request.destination, request.text) == ("Les adhérents", "Bonjour [nom]")
    finally:
        again.stop()


def test_secrets_are_nowhere_else(program: Program, server: MailServer, tmp_path: Path) -> None:
    """Neither password is in the settings, the database, or what is printed of the program's parts."""
    program.start()
    program.change(settings_for(server.port, user=USER), SECRET, PASSWORD)
    send(program, "0612345678", "Bonjour")
    wait_until(lambda: handed(program), "handed")
    program.stop()
    for path in tmp_path.iterdir():
        if path.name != vault.FILE:
            content = path.read_bytes()
            assert SECRET.encode() not in content, path
            assert PASSWORD.encode() not in content, path
    assert SECRET not in repr(vars(program.postman)) + repr(program.settings)


def test_check(program: Program, server: MailServer) -> None:
    """A try of settings says what is wrong with them, in the server's words, and keeps nothing."""
    with pytest.raises(Trouble) as caught:
        program.check(settings_for(server.port, user=USER), "faux")
    assert caught.value.outcome == Held(f"535 5.7.8 {WRONG_PASSWORD}")
    assert str(caught.value) == caught.value.outcome.reason
    with pytest.raises(Trouble) as caught:
        program.check(settings_for(free_port()), "")
    assert isinstance(caught.value.outcome, PutOff)
    assert (program.settings.server, server.mails) == ("", [])


def test_held_then_mended(program: Program, server: MailServer) -> None:
    """A wrong password of the mail server holds all; the right one lets it go."""
    program.start()
    program.change(settings_for(server.port, user=USER), SECRET, "faux")
    send(program, "0612345678", "Bonjour")
    wait_until(lambda: program.postman.held, "held")
    assert program.postman.held == f"535 5.7.8 {WRONG_PASSWORD}"
    program.change(program.settings, SECRET, PASSWORD)
    wait_until(lambda: handed(program), "handed")


def test_wrong_password_of_the_service(program: Program, server: MailServer) -> None:
    """The service's own sentence is the reason; with the right password the same mail goes when it is tried again."""
    server.next(DOT, b"550 5.7.1 82 L'adresse ou le mot de passe n'est pas valide.")
    program.start()
    program.change(settings_for(server.port, user=USER), "FAUX", PASSWORD)
    sending = send(program, "0612345678", "Bonjour")
    wait_until(lambda: program.outbox.sendings()[0].failed, "failed")
    assert program.outbox.sendings()[0].reason == "550 5.7.1 82 L'adresse ou le mot de passe n'est pas valide."
    program.change(program.settings, SECRET, PASSWORD)
    program.outbox.retry(int(time.time()), sending)
    program.postman.wake()
    wait_until(lambda: handed(program), "handed")
    assert read_by_service(server.mails[0].content)[1].secret == SECRET


def test_settings_that_cannot_be(program: Program, server: MailServer) -> None:
    """Settings with a fault are kept, and nothing is sent by them."""
    program.start()
    program.change(attrs.evolve(settings_for(server.port), email="a@b\r\nBcc: c@d"), SECRET, "")
    send(program, "0612345678", "Bonjour")
    time.sleep(0.1)
    assert (program.is_ready, server.connections) == (False, 0)


def test_mail_password_taken_back(program: Program, server: MailServer) -> None:
    """A mail server's password that is emptied is forgotten."""
    program.change(settings_for(server.port, user=USER), SECRET, PASSWORD)
    program.change(settings_for(server.port), SECRET, "")
    assert program.secret(Secret.MAIL) == ""
    assert json.loads((program.place / vault.FILE).read_bytes()) == {"service": SECRET}


def test_passwords_that_cannot_be_kept(program: Program) -> None:
    """Where no password can be kept, the settings stay as they were."""
    (program.place / vault.FILE).mkdir()
    with pytest.raises(NotKept):
        program.change(settings_for(25), SECRET, "")
    assert (program.settings.server, program.is_ready) == ("", False)


def test_moment(program: Program) -> None:
    """A moment is told on the service's clocks; what is none is BadMoment."""
    later = time.time() + 86_400
    typed = time.strftime("%H%M%d%m%Y", time.localtime(later))
    assert abs(program.moment(typed) - later) < 86_400
    for wrong in ("", "1230", "123004122004", "256104122026", "x" * 12):
        with pytest.raises(BadMoment):
            program.moment(wrong)


def test_broken_settings(tmp_path: Path) -> None:
    """Broken settings are put aside, and that is told; book and outbox are there."""
    first = program_in(tmp_path)
    first.outbox.keep_draft(Draft("a", "b"))
    first.stop()
    (tmp_path / settings.FILE).write_bytes(b"{")
    again = program_in(tmp_path)
    assert again.broken == tmp_path / f"{settings.FILE}.broken"
    assert again.outbox.draft() == Draft("a", "b")
    again.stop()


@pytest.mark.parametrize("name", [settings.FILE, database.FILE])
def test_folder_in_a_files_place(tmp_path: Path, name: str) -> None:
    """What cannot be opened is Broken or an OSError, and lets go of the folder."""
    (tmp_path / name).mkdir()
    for _ in range(2):
        with pytest.raises((OSError, Broken)):
            Program.open(tmp_path, "none", time.time)


def test_broken_database(tmp_path: Path) -> None:
    """A broken database is Broken each time, not «already open»; the passwords are as they were."""
    (tmp_path / database.FILE).write_bytes(os.urandom(10_000))
    FileVault(tmp_path).set(Secret.SERVICE, SECRET)
    for _ in range(2):
        with pytest.raises(Broken):
            Program.open(tmp_path, "none", time.time)
    assert FileVault(tmp_path).get(Secret.SERVICE) == SECRET


def test_opened_twice(tmp_path: Path) -> None:
    """It is opened once at a time; once stopped it may be opened again, and to stop twice does no harm."""
    first = Program.open(tmp_path, "none", time.time)
    with pytest.raises(AlreadyOpen):
        Program.open(tmp_path, "none", time.time)
    first.start()
    first.stop()
    first.stop()
    Program.open(tmp_path, "none", time.time).stop()


def test_handed_out_by_nobody() -> None:
    """Run from its sources it is the program of the usual service, on the clocks of Paris."""
    assert bundled_site() == Site()
    assert str(bundled_zone(Site())) == "Europe/Paris"


@pytest.mark.parametrize("zone", ["", "Europe", "Nulle/Part", "../etc/passwd", "/etc/passwd", "a\x00b", "é" * 5000])
def test_unknown_zone(zone: str) -> None:
    """A zone that nobody knows is UTC."""
    assert str(bundled_zone(Site(zone=zone))) == "UTC"
