"""Addresses and subjects: the three ways to say in a mail who sends what to whom, and when."""

import re
from typing import Final

import attrs

from ...model.number import NotANumber, parse_numbers
from ...model.refusal import Code, Refusal

LONGEST: Final = 256
"""Characters of a local part that are looked at (RFC 5321 §4.5.3.1.1 promises 64, passwords may be longer)."""

SERVICE: Final = "sms"

_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ANSWERED: Final = re.compile(r"(?:(?:re|r[ée]f?|tr|fwd?|wg|aw)(?:\[[0-9]+\])? ?: ?)+", re.IGNORECASE)
_DATED: Final = re.compile(r"(?s)(.*\S)[ :]+([0-9]{12})")
_DATE: Final = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")
_KEY: Final = re.compile(r"cle-[0-9a-f]{32}", re.IGNORECASE)


@attrs.frozen
class Mailbox:
    """One of the three: what its local part says."""

    name: str = attrs.field(repr=False)
    """The local part in lower case: the same for the same mailbox."""
    secret: str | None = attrs.field(default=None, repr=False)
    """Where the address has it: syntaxes 1 and 2."""
    number: str | None = None
    """Where the address has it: syntax 1."""


@attrs.frozen(kw_only=True)
class Request:
    """Who is written to, by which secret, and when, as typed."""

    secret: str = attrs.field(repr=False)
    destination: str
    when: str
    text: str = attrs.field(repr=False)


def parse_mailbox(local: str) -> Mailbox | Refusal | None:
    """The mailbox of that local part; None where there is none of that name, 84 where its number is none.

    ``password.number``, ``sms.password`` or ``sms``. Of a password with dots as much is taken as leaves a number.
    """
    quoted = _QUOTED.fullmatch(local)
    name = re.sub(r"(?s)\\(.)", r"\1", quoted[1]) if quoted else local
    if len(name) > LONGEST:
        return None
    first, dot, rest = name.partition(".")
    if first.lower() == SERVICE:
        if not dot:
            return Mailbox(SERVICE)
        return Mailbox(name.lower(), rest) if rest else None
    places = [place for place, sign in enumerate(name) if sign == "." and 0 < place < len(name) - 1]
    for place in places:
        try:
            parse_numbers(name[place + 1 :])
        except NotANumber:
            continue
        return Mailbox(name.lower(), name[:place], name[place + 1 :])
    # what looks like a number is worth a better answer than «no such mailbox»
    digits = sum(sign.isdigit() for sign in name.rpartition(".")[2])
    return Refusal(Code.BAD_NUMBER) if places and digits >= 2 else None


def request_of(mailbox: Mailbox, subject: str, text: str) -> Request:
    """What a mail to ``mailbox`` asks for. What is missing is empty."""
    if mailbox.number is not None:
        when = _date_in(subject)
        return Request(
            secret=mailbox.secret or "",
            destination=mailbox.number,
            when=when,
            text=text or ("" if when else subject),
        )
    plain = _ANSWERED.sub("", subject, count=1) if _ANSWERED.match(subject) else subject
    secret = mailbox.secret
    if secret is None:
        # «TR:0660919010» is more likely a password than an answer to a telephone
        secret, _, plain = (part.strip() for part in (plain if ":" in plain else subject).partition(":"))
    dated = _DATED.fullmatch(plain)
    destination, when = dated.groups() if dated else (plain, "")
    return Request(secret=secret, destination=destination.strip(" :"), when=when, text=text)


def _date_in(subject: str) -> str:
    """The date that a subject tells, or digits that are meant for one; free words are none."""
    if found := _DATE.search(subject):
        return found[0]
    words = any(sign.isalpha() for sign in subject)
    return "" if words or not any(sign.isdigit() for sign in subject) else subject.strip()


def spellings(secret: str) -> list[str]:
    """The secret as typed, and as it may have been before a mail program changed its case."""
    if _KEY.fullmatch(secret):
        return [secret.lower()]
    return list(dict.fromkeys((secret, secret.upper())))
