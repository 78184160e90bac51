"""The e-mail door as its clients see it: mails that go in over SMTP, letters that come out."""

import smtplib
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from itertools import count
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import attrs

from tests.daemon import PASSWORD, RunningDaemon
from tests.ports import START, free_port

DOMAIN: Final = "sms.exemple.fr"
SERVICE: Final = f"sms@{DOMAIN}"
NO_REPLY: Final = f"ne-pas-repondre@{DOMAIN}"

_SERIAL: Final = count(1)
_CRLF: Final = default.clone(linesep="\r\n")


@attrs.frozen
class Answer:
    """What the server said to a mail, or to the step that it refused."""

    step: str
    """``MAIL``, ``RCPT`` or ``DATA``."""
    code: int
    text: str
    """With its enhanced code, lines joined by a line end."""


def mailbox(number: str, secret: str = PASSWORD) -> str:
    """The address of syntax 1."""
    return f"{secret}.{number}@{DOMAIN}"


def tomorrow() -> str:
    """A date as it is typed, a day ahead."""
    return f"{datetime.now(UTC).astimezone(ZoneInfo('Europe/Paris')) + timedelta(days=1):%H%M%d%m%Y}"


class MailDaemon(RunningDaemon):
    """A daemon whose SMTP server listens on ``smtp_port``; ``smtp`` are more of its settings.

    ``tables`` replace others of the configuration.
    """

    def __init__(self, directory: Path, smtp: Mapping[str, Any] | None = None, **tables: Any) -> None:
        super().__init__(directory)
        self.smtp_port = free_port()
        self.outbox = directory / "outbox"
        self.arrange(smtp, **tables)

    def arrange(self, smtp: Mapping[str, Any] | None = None, **tables: Any) -> None:
        """Write other settings, for the next start."""
        listen = {"listen": [f"tcp:{self.smtp_port}:interface=127.0.0.1"]}
        self.configure({"service": {"domain": DOMAIN}, "smtp": listen | dict(smtp or {})} | tables)

    def mail(self, sender: str, to: str, text: str, subject: str = "", **headers: str) -> EmailMessage:
        """A mail as a mail program writes it; ``headers`` with ``_`` for ``-``."""
        self._told.add(text)
        mail = EmailMessage(policy=default)
        mail["From"] = sender
        mail["To"] = to
        mail["Subject"] = subject
        mail["Message-ID"] = f"<essai-{next(_SERIAL)}@exemple.fr>"
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        return mail

    def post(
        self,
        mail: EmailMessage,
        port: int | None = None,
        *,
        sender: str | None = None,
        recipients: Sequence[str] = (),
        source: str = "127.0.0.1",
    ) -> Answer:
        """Give a mail to the server on ``port``, the daemon's own unless told; stops at the first refusal."""
        with smtplib.SMTP(timeout=30, source_address=(source, 0)) as client:
            client.connect("127.0.0.1", port or self.smtp_port)
            client.ehlo("poste.exemple.fr")
            steps = [("MAIL", client.mail(str(mail["From"]) if sender is None else sender))]
            steps += [("RCPT", client.rcpt(one)) for one in recipients or [str(mail["To"])]]
            for step, (code, text) in steps:
                if code >= 400:
                    return Answer(step, code, text.decode("ascii"))
            code, text = client.data(mail.as_bytes(policy=_CRLF))
            return Answer("DATA", code, text.decode("ascii"))

    def write(self, sender: str, to: str, text: str, subject: str = "", **headers: str) -> Answer:
        """Write a mail and give it to the daemon."""
        return self.post(self.mail(sender, to, text, subject, **headers))

    def swaks(self, sender: str, to: str, text: str, subject: str = "", **headers: str) -> str:
        """The same by the command-line program swaks; gives its transcript, fails where the mail was refused."""
        self._told.add(text)
        command = ["swaks", "--server", f"127.0.0.1:{self.smtp_port}", "--from", sender, "--to", to, "--body", text]
        command += ["--h-Subject", subject]
        for name, value in headers.items():
            command += [f"--h-{name.replace('_', '-')}", value]
        done = subprocess.run(command, capture_output=True, text=True, timeout=START, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def letters(self, email: str | None = None) -> list[EmailMessage]:
        """The daemon's letters in its outbox, oldest first; those to ``email`` where given."""
        found = sorted(self.outbox.glob("*.eml"), key=lambda path: int(path.stem))
        letters = [message_from_bytes(path.read_bytes(), policy=default) for path in found]
        return [one for one in letters if isinstance(one, EmailMessage) and email in (None, one["To"])]

    def told(self, email: str, many: int = 1, seconds: float = 15) -> list[EmailMessage]:
        """The letters to ``email``, once there are so many."""
        self.wait(lambda: len(self.letters(email)) >= many, f"{many} letters", seconds)
        return self.letters(email)


def body(letter: EmailMessage) -> str:
    """The plain text of a letter, its lines joined and its no-break spaces plain."""
    part = letter.get_body(("plain",))
    assert part is not None
    return " ".join(str(part.get_content()).split())


@contextmanager
def running(daemon: MailDaemon) -> Iterator[MailDaemon]:
    """``daemon`` started; at the end stopped in order, and its log and books checked."""
    try:
        daemon.start()
        yield daemon
        if daemon.process is not None:
            daemon.terminate()
        daemon.check()
    finally:
        daemon.close()
