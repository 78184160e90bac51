"""Letters to write and carry, and a reader of mails."""

from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from typing import Final
from zoneinfo import ZoneInfo

import attrs
from lxml import html

from smstob.couriers.mail.letter import Letters
from smstob.model.notice import Accepted, Acknowledgement, Attachment, Letter, Outcome, Told
from smstob.model.refusal import Code

AT: Final = 1_789_468_200
"""Tuesday 2026-09-15, 12:30 in Paris."""

RECIPIENT: Final = "mairie@exemple.fr"
LETTERS: Final = Letters("sms@smstob.example", "smstob.example", ZoneInfo("Europe/Paris"), "https://smstob.example")

ONE: Final = Accepted(destination="0660919010", code=Code.SENT, messages=1, segments=1, credits=1)
ENDED: Final = Outcome(
    submission=12, destination="Clients", created=AT, delivered=120, failed=0, unknown=0, refunded=0, failures=()
)


def acknowledgement(*lines: Accepted, balance: int = 118) -> Acknowledgement:
    """A section; of one SMS that was accepted, unless lines are given."""
    return Acknowledgement(lines=lines or (ONE,), balance=balance)


def letter(
    *sections: Told, id_: int = 7, thread: str | None = "<a.1@exemple.fr>", files: tuple[Attachment, ...] = ()
) -> Letter:
    """A letter; of one acknowledgement, unless sections are given."""
    told = sections or (acknowledgement(),)
    return Letter(id=id_, recipient=RECIPIENT, thread=thread, at=AT, sections=told, attachments=files)


@attrs.frozen
class ReadMail:
    """A mail as a program reads it."""

    mail: EmailMessage
    text: str
    html: str
    files: tuple[Attachment, ...] = ()

    @property
    def subject(self) -> str:
        """Decoded."""
        return str(self.mail["Subject"])

    @property
    def body(self) -> str:
        """The text without footer, no-break spaces as spaces."""
        return self.text.rpartition("\n-- \n")[0].replace("\u00a0", " ").strip("\n")

    @property
    def flat(self) -> str:
        """The text in one line."""
        return " ".join(self.text.split())

    def seen(self) -> str:
        """What a browser shows of the HTML, in one line."""
        body = html.fromstring(self.html).find("body")
        assert body is not None
        return " ".join(" ".join(map(str, body.itertext())).split())


def read(raw: bytes) -> ReadMail:
    """The mail in those bytes; fails where they are none, or have other parts than a text, an HTML, and files."""
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    assert not [defect for part in mail.walk() for defect in part.defects]
    said, *files = mail.iter_parts() if mail.get_content_type() == "multipart/mixed" else [mail]
    assert isinstance(said, EmailMessage)
    assert [part.get_content_type() for part in said.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    text, page = (part.get_content() for part in said.iter_parts())
    return ReadMail(mail, text, page, tuple(map(_file, files)))


def _file(part: Message) -> Attachment:
    assert isinstance(part, EmailMessage)
    assert part.get_content_disposition() == "attachment"
    return Attachment(part.get_filename() or "", part.get_content_type(), part.get_content())
