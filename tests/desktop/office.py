"""What the tests of the desktop program share: files in a folder, settings, mails as the service reads them."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import attrs

from smstob.channels.smtp.mail import Mail
from smstob.channels.smtp.mailbox import Mailbox, Request, parse_mailbox, request_of
from smstob.channels.smtp.text.reading import read_mail
from smstob.desktop import database, letter
from smstob.desktop.book import ContactBook
from smstob.desktop.composing import Mailing, Share
from smstob.desktop.outbox import Letter, Outbox, Sending
from smstob.desktop.postman import Bag
from smstob.desktop.settings import Security, Settings
from smstob.model.contact import Card, Contact
from smstob.model.segment import Coding, Measure
from tests.house import NOW

DOMAIN: Final = "sms.exemple.fr"
EMAIL: Final = "mairie@exemple.fr"
SECRET: Final = "K7P2W9X4QH"
USER: Final = "facteur"
PASSWORD: Final = "Mot de passé du courrier"
PARIS: Final = ZoneInfo("Europe/Paris")


@attrs.define
class Watch:
    """A clock that a test sets."""

    time: float = NOW

    def __call__(self) -> float:
        """What time it is: Unix seconds."""
        return self.time


def settings_for(port: int, security: Security = Security.NONE, **more: Any) -> Settings:
    """Those of a program that sends by a mail server on this machine."""
    told = {"server": "localhost", "email": EMAIL, "domain": DOMAIN} | more
    return Settings(port=port, security=security, **told)


def bag_for(port: int, security: Security = Security.NONE, secret: str = SECRET, **more: Any) -> Bag:
    """The same for the postman; he logs in where ``user`` is given."""
    return Bag(settings=settings_for(port, security, **more), secret=secret, password=PASSWORD)


def outbox_in(place: Path) -> Outbox:
    """The outbox of a folder, on a connection of its own."""
    return Outbox(database.connect(place))


def connection_of(outbox: Outbox) -> sqlite3.Connection:
    """Where an outbox is."""
    return outbox._connection


def book_in(place: Path, *cards: Card) -> tuple[ContactBook, list[Contact]]:
    """The book of a folder, and these contacts in it."""
    book = ContactBook(database.connect(place))
    kept = [book.save(card) for card in cards]
    contacts = [one for one in kept if isinstance(one, Contact)]
    assert len(contacts) == len(cards), kept
    return book, contacts


def mailing_of(*texts: str, destination: Sequence[str] = ("+33612345678",)) -> Mailing:
    """Mails with these texts."""
    shares = tuple(Share(tuple(destination), text) for text in texts)
    measure = Measure(Coding.GSM7, 1, 1)
    return Mailing(
        shares=shares, messages=len(texts), segments=len(texts), longest=measure, unicode=0, empty=0
    )  # fmt: skip


def put(outbox: Outbox, *texts: str, now: int = NOW, moment: str = "", serial: str = "") -> int:
    """Put mails into the outbox as one sending, with Message-IDs of their own; gives its id."""
    made = len(outbox.sendings(10**6))
    ids = [f"<{serial}{made}-{index}.desktop@exemple.fr>" for index in range(len(texts))]
    return outbox.send(mailing_of(*texts), "06 12 34 56 78", "\n".join(texts), moment, ids, now)


def only(outbox: Outbox) -> Sending:
    """The one sending."""
    (found,) = outbox.sendings()
    return found


def letter_of(
    text: str, destination: Sequence[str] = ("+33612345678",), moment: str = "", message_id: str = "<1@exemple.fr>"
) -> Letter:
    """A mail that waits."""
    return Letter(
        id=1, message_id=message_id, destination=tuple(destination), text=text, moment=moment, attempts=0
    )  # fmt: skip


def written(one: Letter, secret: str = SECRET) -> bytes:
    """It as it leaves."""
    return letter.write(one, settings_for(25), secret, NOW)


def read_by_service(data: bytes) -> tuple[Mail, Request]:
    """A mail to the service's mailbox ``sms``, as its door reads it."""
    mailbox = parse_mailbox("sms")
    assert isinstance(mailbox, Mailbox)
    mail = read_mail(data, False, DOMAIN)
    return mail, request_of(mailbox, mail.subject, mail.text)
