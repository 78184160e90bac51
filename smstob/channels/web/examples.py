"""Examples that can be copied and run: with the reader's own address, where the service is, and nothing to fill in
but the secret. Every value is written as its language wants it."""

import re
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode

import attrs

SECRET: Final = "XV65JU7K2P"  # noqa: S105 (what readers replace)
"""Stands for a password or a sending key."""

NOBODY: Final = "vous@exemple.fr"
"""Stands for the reader's address where it is not known."""

FICTION: Final = "06 39 98 00 01"
"""Stands for a number: one that is kept for fiction (Arcep), so that nobody is called by mistake."""

TEXT: Final = "Bonjour, votre commande est prête."

_PROGRAMS: Final = Path(__file__).parent / "programs"


@attrs.frozen
class Mail:
    """One of the ways to write a mail that becomes an SMS."""

    to: str
    subject: str
    text: str

    @property
    def link(self) -> str:
        """Opens a mail program with it."""
        fields = urlencode({"subject": self.subject, "body": self.text}, quote_via=quote)
        return f"mailto:{quote(self.to, safe='@')}?{fields}"


@attrs.frozen(kw_only=True)
class Examples:
    """Those of one reader."""

    base_url: str
    domain: str
    email: str
    number: str
    """As people type it."""
    moment: datetime
    """To come, on the service's clocks: when a deferred one leaves."""
    text: str = TEXT

    def for_group(self, name: str, text: str) -> "Examples":
        """The same, to a group and with another text."""
        return attrs.evolve(self, number=name, text=text)

    @property
    def fields(self) -> dict[str, str]:
        """What a request says."""
        return {"email": self.email, "pass": SECRET, "numero": self.number, "message": self.text}

    @property
    def endpoint(self) -> str:
        """Where requests go."""
        return f"{self.base_url.rstrip('/')}/http.php"

    @property
    def when(self) -> str:
        """The moment as ``hhmmjjmmaaaa``."""
        return f"{self.moment:%H%M%d%m%Y}"

    @property
    def address(self) -> str:
        """A whole request as an address."""
        return f"{self.endpoint}?{urlencode(self.fields)}"

    @property
    def curl(self) -> str:
        """For a shell."""
        lines = [f"     --data-urlencode {_shell(f'{name}={value}')}" for name, value in self.fields.items()]
        return " \\\n".join([f"curl {_shell(self.endpoint)}", *lines])

    @property
    def powershell(self) -> str:
        """For Windows."""
        lines = [f"    {name} = {_powershell(value)}" for name, value in self.fields.items()]
        return "\n".join(
            [f"Invoke-RestMethod -Method Post -Uri {_powershell(self.endpoint)} -Body @{{", *lines, "}"]
        )

    @property
    def php(self) -> str:
        """For a page in PHP."""
        lines = "\n".join(f"        {_php(name)} => {_php(value)}," for name, value in self.fields.items())
        return _PHP % {"endpoint": _php(self.endpoint), "fields": lines}

    @property
    def python(self) -> str:
        """For a program in Python 3."""
        lines = "\n".join(f"    {name!r}: {value!r}," for name, value in self.fields.items())
        return _PYTHON % {"endpoint": repr(self.endpoint), "fields": lines}

    @property
    def mails(self) -> tuple[Mail, Mail, Mail]:
        """The three ways."""
        digits = "".join(self.number.split())
        return (
            Mail(f"{SECRET}.{digits}@{self.domain}", "", self.text),
            Mail(f"sms.{SECRET}@{self.domain}", digits, self.text),
            Mail(f"sms@{self.domain}", f"{SECRET}:{digits}", self.text),
        )

    def program(self, name: str) -> str:
        """``smstob.py`` or ``smstob.php``, for this reader."""
        written = _php if name.endswith(".php") else repr
        text = (_PROGRAMS / f"{name}.txt").read_text("utf-8")
        return text.replace("@@ENDPOINT@@", written(self.endpoint)).replace("@@EMAIL@@", written(self.email))


def tomorrow(now: datetime) -> datetime:
    """Half past eight of the next day."""
    return datetime.combine(now.date() + timedelta(days=1), time(8, 30), now.tzinfo)


def _shell(value: str) -> str:
    return "'" + value.replace("'", "'\\''") + "'"


def _powershell(value: str) -> str:
    # which takes typographic ones for quotes as well
    return "'" + re.sub("['‘’‚‛]", r"\g<0>\g<0>", value) + "'"


def _php(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


_PHP: Final = """\
<?php
$reponse = file_get_contents(%(endpoint)s, false, stream_context_create(['http' => [
    'method' => 'POST',
    'header' => 'Content-Type: application/x-www-form-urlencoded',
    'content' => http_build_query([
%(fields)s
    ]),
    'ignore_errors' => true, // le code 99 vient avec un statut HTTP 503
]]));
echo $reponse; // 80 : c'est parti
"""

_PYTHON: Final = """\
import urllib.parse
import urllib.request

champs = {
%(fields)s
}
corps = urllib.parse.urlencode(champs).encode()
with urllib.request.urlopen(%(endpoint)s, corps) as reponse:
    print(reponse.read().decode())  # 80 : c'est parti
"""
