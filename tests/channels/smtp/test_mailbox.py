"""Addresses and subjects: who sends what to whom, in all three syntaxes and as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstob.channels.smtp.mailbox import Mailbox, Request, parse_mailbox, request_of, spellings
from smstob.model.refusal import Code, Refusal

KEY = "cle-0123456789abcdef0123456789ABCDEF"


@pytest.mark.parametrize(
    ("local", "secret", "number"),
    [
        ("sms", None, None),
        ("SMS", None, None),
        ("Sms.XV65JU", "XV65JU", None),
        ("sms.xv65ju", "xv65ju", None),
        ("sms.pass.word", "pass.word", None),
        ("sms.0660919010", "0660919010", None),
        ("XV65JU.0660919010", "XV65JU", "0660919010"),
        ("xv65ju.+33660919010", "xv65ju", "+33660919010"),
        ("XV65JU.0033660919010", "XV65JU", "0033660919010"),
        ("XV65JU.06.60.91.90.10", "XV65JU", "06.60.91.90.10"),
        ("XV65JU.06-60-91-90-10", "XV65JU", "06-60-91-90-10"),
        ("pass.word.0660919010", "pass.word", "0660919010"),
        ("12.0660919010", "12", "0660919010"),
        ('"mot de passe.0660919010"', "mot de passe", "0660919010"),
        (r'"a\"b.0660919010"', 'a"b', "0660919010"),
        (f"{KEY}.0660919010", KEY, "0660919010"),
        ("XV65JU.0660919010,0612345678", "XV65JU", "0660919010,0612345678"),
    ],
)
def test_mailboxes(local: str, secret: str | None, number: str | None) -> None:
    """What an address says; of a password with dots as much as leaves a number."""
    found = parse_mailbox(local)
    assert isinstance(found, Mailbox)
    assert (found.secret, found.number) == (secret, number)


@pytest.mark.parametrize(
    "local",
    [
        *("", ".", "sms.", "smsx", "info", "postmaster", "0660919010", ".0660919010", "XV65JU.", "a.b", "jean.dupont"),
        *("XV65JU@0660919010", "x" * 300, "x" * 300 + ".0660919010", '""', '"."', "é", "sms\n.x\0y\n"[:3] + "x"),
    ],
)
def test_no_such_mailbox(local: str) -> None:
    """Other names are nobody's."""
    assert parse_mailbox(local) is None


@pytest.mark.parametrize(
    "local",
    [*("XV65JU.0160919010", "XV65JU.06609190", "XV65JU.112", "XV65JU.0899123456", "XV65JU.066091901O", "x.06.60.91")],
)
def test_no_such_number(local: str) -> None:
    """What is meant for a number and is none is told as that, before any text is sent: 84."""
    assert parse_mailbox(local) == Refusal(Code.BAD_NUMBER)


@given(st.text(max_size=40))
def test_any_local_part_is_read(local: str) -> None:
    """Whatever it is: a mailbox, a refusal or none; and the same in another case is the same mailbox."""
    found = parse_mailbox(local)
    if isinstance(found, Mailbox) and local.isascii():
        again = parse_mailbox(local.upper())
        assert isinstance(again, Mailbox)
        assert again.name == found.name


def ask(local: str, subject: str, text: str = "Bonjour") -> tuple[str, str, str, str]:
    """Secret, destination, date and text of a mail to that mailbox."""
    mailbox = parse_mailbox(local)
    assert isinstance(mailbox, Mailbox)
    told: Request = request_of(mailbox, subject, text)
    return told.secret, told.destination, told.when, told.text


@pytest.mark.parametrize(
    ("subject", "when"),
    [
        *(("", ""), ("123015092004", "123015092004"), (" 123015092004 ", "123015092004")),
        *(("Re: 123015092004", "123015092004"), ("pour le 123015092004 svp", "123015092004")),
        *(("Bonjour", ""), ("Réunion du 12 mars", ""), ("(pas d'objet)", ""), ("Facture n° 4512", ""), ("...", "")),
        # digits that are meant for a date: refused with 85, never ignored
        *(("12301509", "12301509"), ("1230150920041", "1230150920041"), ("12:30 15/09/2004", "12:30 15/09/2004")),
        *(("999999999999", "999999999999"), ("0", "0")),
    ],
)
def test_subject_of_the_first_syntax(subject: str, when: str) -> None:
    """A date, or free words; the number and the password are in the address."""
    assert ask("XV65JU.0660919010", subject) == ("XV65JU", "0660919010", when, "Bonjour")


@pytest.mark.parametrize(
    ("subject", "text"), [("Coupure d'eau demain", "Coupure d'eau demain"), ("123015092004", ""), ("", "")]
)
def test_text_in_the_subject(subject: str, text: str) -> None:
    """A mail without text sends its subject, where that is no date; in the first syntax only."""
    assert ask("XV65JU.0660919010", subject, "")[3] == text
    assert ask("sms.XV65JU", "0660919010", "")[3] == ""


@pytest.mark.parametrize(
    ("subject", "destination", "when"),
    [
        *(("0660919010", "0660919010", ""), ("Clients", "Clients", ""), (" Élus  du conseil ", "Élus  du conseil", "")),
        *(("06 60 91 90 10", "06 60 91 90 10", ""), ("Clients 123015092004", "Clients", "123015092004")),
        *(("06 60 91 90 10 123015092004", "06 60 91 90 10", "123015092004"), ("RE: Clients", "Clients", "")),
        *(("Clients:123015092004", "Clients", "123015092004"), ("Clients : 123015092004", "Clients", "123015092004")),
        ("TR : RE: Clients", "Clients", ""),
        *(("262692123456", "262692123456", ""), ("0660919010 262692123456", "0660919010", "262692123456")),
        *(("", "", ""), ("123015092004", "123015092004", ""), ("Clients 12301509", "Clients 12301509", "")),
        *(("Promo 2026", "Promo 2026", ""), ("+33 6 60 91 90 10;0612345678", "+33 6 60 91 90 10;0612345678", "")),
    ],
)
def test_subject_of_the_second_and_third_syntax(subject: str, destination: str, when: str) -> None:
    """A number or a group, then a date; in the third the password stands before, with or without spaces."""
    assert ask("sms.XV65JU", subject) == ("XV65JU", destination, when, "Bonjour")
    for written in (f"XV65JU:{subject}", f"XV65JU : {subject}", f"Re: XV65JU:{subject}"):
        if not subject.upper().startswith(("RE", "TR")):
            assert ask("sms", written) == ("XV65JU", destination, when, "Bonjour")


@pytest.mark.parametrize(
    ("subject", "secret", "destination"),
    [
        *(("", "", ""), ("0660919010", "0660919010", ""), ("XV65JU", "XV65JU", ""), (":0660919010", "", "0660919010")),
        *(("XV65JU:", "XV65JU", ""), ("tr:0660919010", "tr", "0660919010"), ("a:b:c", "a", "b:c")),
        (f"{KEY}:Clients", KEY, "Clients"),
    ],
)
def test_odd_subjects_of_the_third_syntax(subject: str, secret: str, destination: str) -> None:
    """What is missing is empty, and refused by name later."""
    assert ask("sms", subject)[:2] == (secret, destination)


@given(st.text(max_size=60))
def test_any_subject_is_read(subject: str) -> None:
    """Whatever it is: a date is twelve digits, or all of the subject."""
    for local in ("XV65JU.0660919010", "sms.XV65JU", "sms"):
        _, _, when, _ = ask(local, subject)
        assert when == "" or len(when) == 12 or when == subject.strip()


def test_spellings() -> None:
    """As typed first, then as it was before a mail program wrote it small; keys are always small."""
    assert spellings("xv65ju") == ["xv65ju", "XV65JU"]
    assert spellings("XV65JU") == ["XV65JU"]
    assert spellings(KEY) == [KEY.lower()]
    assert spellings("") == [""]


def test_secrets_are_not_shown() -> None:
    """What is logged by mistake tells no password."""
    mailbox = parse_mailbox("XV65JU.0660919010")
    assert isinstance(mailbox, Mailbox)
    assert "XV65JU" not in repr(mailbox).upper()
    assert "XV65JU" not in repr(request_of(mailbox, "", "Bonjour"))
