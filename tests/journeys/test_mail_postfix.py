"""Postfix before the daemon, as ``config/postfix`` sets it up: what it takes, what it refuses, what it keeps."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from smstob.storage.schema import notice
from tests.daemon import GENEROUS, PASSWORD, e164, fresh_number
from tests.journeys.mail import DOMAIN, SERVICE, MailDaemon, body, mailbox, running
from tests.peers.postfix import NOBODY, Postfix
from tests.postgresql import Cluster

TRUSTED = {"trusted_relays": ["127.0.0.1"]}


@contextmanager
def behind_postfix(directory: Path, **tables: object) -> Iterator[tuple[MailDaemon, Postfix]]:
    """A daemon that trusts the Postfix before it."""
    with running(MailDaemon(directory, TRUSTED, **tables)) as daemon, Postfix(daemon.smtp_port, DOMAIN) as postfix:
        yield daemon, postfix


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[MailDaemon, Postfix]]:
    """A daemon and its Postfix, which the first stories share; an address may be wrong twice."""
    limits = GENEROUS | {"login_failures_per_address": 2}
    with behind_postfix(tmp_path_factory.mktemp("postfix"), limits=limits) as both:
        yield both


def test_through(pair: tuple[MailDaemon, Postfix]) -> None:
    """A mail goes through, its probe charging nothing: one SMS, one debit, and the letter answers it."""
    daemon, postfix = pair
    email, number = daemon.provision(5), fresh_number()
    mail = daemon.mail(email, mailbox(number), "Par le relais")
    answer = daemon.post(mail, postfix.port)
    assert answer.code == 250, answer
    (sent,) = daemon.sent_to(e164(number))
    assert sent.text == "Par le relais"
    letter, _ = daemon.told(email, 2)
    assert letter["In-Reply-To"] == mail["Message-ID"]
    assert (len(daemon.messages(email)), daemon.balance(email)) == (1, 4)
    assert "status=deliverable" in postfix.logged()
    assert not postfix.queued_from(email)


def test_refused_at_once(pair: tuple[MailDaemon, Postfix]) -> None:
    """Postfix itself refuses a bad number and an unknown name at RCPT, with our sentence, and others' domains."""
    daemon, postfix = pair
    email = daemon.provision(5)
    for to, code, words in (
        (mailbox("0123456789"), 550, "84 Ce n'est ni un numero"),
        (f"facture@{DOMAIN}", 550, "Pas de telle adresse"),
        ("sms@ailleurs.fr", 454, "Relay access denied"),
    ):
        answer = daemon.post(daemon.mail(email, to, "ne passera pas"), postfix.port, source="127.0.0.9")
        assert (answer.step, answer.code) == ("RCPT", code), answer
        assert words in answer.text
    assert (daemon.messages(email), daemon.balance(email), daemon.letters(email)) == ([], 5, [])


def test_bounce(pair: tuple[MailDaemon, Postfix]) -> None:
    """A wrong password is known after the text only: Postfix tells the sender, in our words; we send no letter."""
    daemon, postfix = pair
    email = daemon.provision(5)
    mail = daemon.mail(email, SERVICE, "avec un mot de passe faux", "pas-le-bon:0612345678")
    assert daemon.post(mail, postfix.port, source="127.0.0.5").code == 250

    (bounce,) = daemon.wait(lambda: postfix.queued_to(email), "the bounce")
    told = postfix.content(bounce)
    assert bounce.sender == NOBODY
    assert "82 L'adresse de l'expediteur ou le mot de passe" in " ".join(told.split())
    assert (daemon.messages(email), daemon.balance(email), daemon.letters(email)) == ([], 5, [])


def test_address_of_the_client(pair: tuple[MailDaemon, Postfix]) -> None:
    """Wrong passwords shut the door to the address that Postfix says they came from, and to no other."""
    daemon, postfix = pair
    email, number = daemon.provision(5), fresh_number()
    wrong = daemon.mail(email, SERVICE, "quelqu'un devine", "devine:0612345678")
    assert daemon.post(wrong, postfix.port, source="127.0.0.2").code == 250
    daemon.wait(lambda: postfix.queued_to(email), "the bounce")
    for source in ("127.0.0.2", "127.0.0.3"):
        right = daemon.mail(email, SERVICE, f"depuis {source}", f"{PASSWORD}:{number}")
        assert daemon.post(right, postfix.port, source=source).code == 250
    (sent,) = daemon.sent_to(e164(number))
    assert sent.text == "depuis 127.0.0.3"
    (waits,) = daemon.wait(lambda: postfix.queued_from(email), "what is put off")
    assert "451 4.7.1 93" in waits.reasons[SERVICE]


def attempts(daemon: MailDaemon) -> list[int]:
    """How often each letter was tried in vain."""
    return [row[0] for row in daemon.transact(lambda one: one.execute(select(notice.c.attempts)).all())]


def test_relay_of_letters(tmp_path: Path) -> None:
    """The same Postfix as smarthost: away, letters wait; back, each is carried once, from nobody."""
    daemon = MailDaemon(tmp_path)
    with Postfix(daemon.smtp_port, DOMAIN, started=False) as postfix:
        daemon.arrange(TRUSTED, mail={"smarthost": f"tcp:127.0.0.1:{postfix.port}"})
        with running(daemon):
            email, number = daemon.provision(5), fresh_number()
            mail = daemon.mail(email, mailbox(number), "Confirmez plus tard")
            assert daemon.post(mail).code == 250
            daemon.wait(lambda: attempts(daemon) == [1, 1], "neither letter is carried")
            postfix.start()
            # a minute passes
            daemon.transact(lambda connection: connection.execute(notice.update().values(due=0)))
            daemon.wait(lambda: len(postfix.queued_to(email)) == 2, "the letters arrive")
            letters = [postfix.content(one) for one in postfix.queued_to(email)]
            assert all(f"In-Reply-To: {mail['Message-ID']}" in letter for letter in letters)
            assert daemon.post(daemon.mail(email, mailbox(number), "Confirmez aussitôt"), postfix.port).code == 250
            daemon.wait(lambda: len(postfix.queued_to(email)) == 4, "the next ones arrive")
            carried = postfix.queued_to(email)
            ids = {re.findall("Message-ID: (.+)", postfix.content(one))[0] for one in carried}
            assert (len(carried), len(ids), {one.sender for one in carried}) == (4, 4, {NOBODY})
    assert not list(daemon.outbox.glob("*"))


def test_database_locked(pair: tuple[MailDaemon, Postfix]) -> None:
    """Another process holds SQLite's file: Postfix is put off and keeps the mail; tried again it is sent, once."""
    daemon, postfix = pair
    email, number = daemon.provision(5), fresh_number()
    # to note the address of a stranger would wait for the file as well
    assert daemon.sms(email, "0123", "d'ici déjà") == "84"
    with closing(sqlite3.connect(daemon.directory / "smstob.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        mail = daemon.mail(email, mailbox(number), "Pendant la panne")
        assert daemon.post(mail, postfix.port).code == 250
        (waits,) = daemon.wait(lambda: postfix.queued_from(email), "the mail is put off", 20)
        other.execute("ROLLBACK")
    assert "451 4.3.0 99" in next(iter(waits.reasons.values()))
    sent_once_after(daemon, postfix, email, number)


def test_database_stopped(tmp_path: Path, postgresql_cluster: Cluster, postgresql_database: str) -> None:
    """The same with PostgreSQL stopped, where not even the sender can be looked up."""
    with behind_postfix(tmp_path, database={"url": postgresql_database}) as (daemon, postfix):
        email, number = daemon.provision(5), fresh_number()
        postgresql_cluster.stop()
        try:
            mail = daemon.mail(email, mailbox(number), "Pendant la panne")
            assert daemon.post(mail, postfix.port).code == 250
            (waits,) = daemon.wait(lambda: postfix.queued_from(email), "the mail is put off", 20)
        finally:
            postgresql_cluster.start()
        assert "451 4.3.0 99" in next(iter(waits.reasons.values()))
        sent_once_after(daemon, postfix, email, number)


def sent_once_after(daemon: MailDaemon, postfix: Postfix, email: str, number: str) -> None:
    """What Postfix kept goes out when it tries again: one SMS, one debit, its letters."""
    assert not [one for one in daemon.journal() if one.to == e164(number)]

    def tried() -> bool:
        postfix.flush()
        return not postfix.queued_from(email)

    daemon.wait(tried, "Postfix is rid of it", 20)
    daemon.sent_to(e164(number))
    daemon.check_sent()
    accepted, _ = daemon.told(email, 2)
    assert "Crédits restants : 4." in body(accepted)
    assert (len(daemon.messages(email)), daemon.balance(email)) == (1, 4)
