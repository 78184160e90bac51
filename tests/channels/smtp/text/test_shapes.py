"""Mails as real programs write them, and what becomes an SMS of each.

``mails/`` has the octets as they come from the network, and beside each mail the text that is to be sent.
"""

from pathlib import Path
from typing import Final

import pytest

from smstob.channels.smtp.mail import Mail, Origin
from smstob.channels.smtp.text.reading import read_mail
from smstob.model.text import clean

MAILS: Final = Path(__file__).parent / "mails"
NAMES: Final = sorted(path.stem for path in MAILS.glob("*.eml"))

WRITER: Final = "jeanne@mairie.example"
WRITERS: Final = {
    "bounce": "mailer-daemon@mx.example",
    "cron": "root@mairie.example",
    "dotnet": "gestion@mairie.example",
    "nagios": "nagios@mairie.example",
    "newsletter": "noreply@mairie.example",
    **dict.fromkeys(("scanner_with_pdf", "scanner_without_mime"), "copieur@mairie.example"),
    **dict.fromkeys(
        ("php_latin1_undeclared", "php_utf8_declared_latin1", "php_utf8_undeclared"), "boutique@mairie.example"
    ),
}
ORIGINS: Final = {
    **dict.fromkeys(("nagios", "newsletter"), Origin.PROGRAM),
    **dict.fromkeys(("bounce", "vacation", "exchange_absence"), Origin.RESPONDER),
}


def octets(name: str) -> bytes:
    """The mail of that name."""
    return (MAILS / f"{name}.eml").read_bytes()


def read(name: str) -> Mail:
    """What is read of the mail of that name."""
    return read_mail(octets(name), null_sender=False, domain="smstob.example")


def test_corpus_is_whole() -> None:
    """Every mail has its text and every text its mail, and line ends are those of the network."""
    assert len(NAMES) > 80
    assert sorted(path.stem for path in MAILS.glob("*.txt")) == NAMES
    for name in NAMES:
        assert octets(name).count(b"\n") == octets(name).count(b"\r\n") > 3
    assert {*WRITERS, *ORIGINS} <= {*NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_text(name: str) -> None:
    """The text is what its writer meant to say, to the letter."""
    assert clean(read(name).text) == (MAILS / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_writer(name: str) -> None:
    """From and who wrote it are known, whatever the program."""
    mail = read(name)
    assert (mail.sender, mail.origin) == (WRITERS.get(name, WRITER), ORIGINS.get(name, Origin.PERSON))


def test_subjects() -> None:
    """A subject is decoded where it is encoded, and in octets where it is not."""
    assert read("dotnet").subject == "XV65JU7K2P:0612345678"
    assert read("raw_headers").subject == "Été"
    assert read("exchange_absence").subject == "Réponse automatique : SMS"


def test_digests_are_of_one_mail_each() -> None:
    """No two of these are taken for the same."""
    assert len({read(name).digest for name in NAMES}) == len(NAMES)


def test_damaged() -> None:
    """However these are broken, each is read or refused."""
    from .fuzz_mails import run

    result = run(1_000, seed=7)
    assert sum(result.seen.values()) == 1_000
    assert result.seen["read"] > 300
    assert len(result.seen) > 4
