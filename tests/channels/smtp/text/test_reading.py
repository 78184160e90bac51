"""Who wrote a mail, what it is called, where it comes from, and what is no mail at all."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstob.channels.smtp.mail import Mail, Origin, Unreadable
from smstob.channels.smtp.text.charset import LONGEST_HEADER
from smstob.channels.smtp.text.reading import MOST_BOUNDARIES, MOST_HEADERS, MOST_LINES, MOST_MULTIPARTS, read_mail

DOMAIN = "sms.example"
FROM = "From: a@b.fr"
BODY = b"Bonjour\r\n"


def mail(*head: str | bytes, body: bytes = BODY, null_sender: bool = False) -> Mail:
    """What is read of a mail with those header lines."""
    lines = (line.encode() if isinstance(line, str) else line for line in head)
    return read_mail(b"\r\n".join((*lines, b"", body)), null_sender, DOMAIN)


@pytest.mark.parametrize(
    ("value", "sender"),
    [
        ("a@b.fr", "a@b.fr"),
        ("  A.B+C@B.FR  ", "a.b+c@b.fr"),
        ("<a@b.fr>", "a@b.fr"),
        ("Jean Dupont <a@b.fr>", "a@b.fr"),
        ("Jean\r\n <a@b.fr>", "a@b.fr"),
        ("Dupont, Jean <a@b.fr>", "a@b.fr"),
        ('"Dupont, Jean" <a@b.fr>', "a@b.fr"),
        ('"Jean \\"x@y.fr\\", <z@y.fr>" <a@b.fr>', "a@b.fr"),
        ('"Jean" a@b.fr', "a@b.fr"),
        ("a@b.fr (Jean <x@y.fr>, \\) (z@y.fr))", "a@b.fr"),
        ("(x@y.fr) a@b.fr", "a@b.fr"),
        ("=?utf-8?q?Jean_=3Cx=40y=2Efr=3E?= <a@b.fr>", "a@b.fr"),
        ("=?utf-8?q?=22?= <a@b.fr>", "a@b.fr"),
        ("Mairie : accueil <a@b.fr>", "a@b.fr"),
        ("a@b.fr <a@b.fr>", "a@b.fr"),
        ("Jean: a@b.fr;", None),
        ("<a@b.fr>,", "a@b.fr"),
        ("", None),
        ("Jean", None),
        ("Jean <>", None),
        ("undisclosed-recipients:;", None),
        ("<a@b.fr", None),
        ("a@b.fr>", None),
        ("<a@b.fr> x@y.fr", None),
        ("a@b.fr, x@y.fr", None),
        ("x@y.fr <a@b.fr>", None),
        ("a@b.fr x@y.fr", None),
        ("a@b.fr, Jean <x@y.fr>", None),
        ("a@b.fr; <x@y.fr>", None),
        ("<a@b.fr>, <x@y.fr>", None),
        ("<a@b.fr> <x@y.fr>", None),
        ("<<a@b.fr>>", None),
        ("<@x.fr:a@b.fr>", None),
        ('"a b"@b.fr', None),
        ('"Jean <a@b.fr>', None),
        ("(Jean <a@b.fr>", None),
        ("é@b.fr", None),
        ("a@é.fr", None),
        ("a@b@c.fr", None),
        ("a@[192.0.2.1]", None),
        ("a@b.fr" + " " * 3_000 + ", x@y.fr", None),
        ('"' * 2_000, None),
        ("(" * 60_000, None),
    ],
)
def test_sender(value: str, sender: str | None) -> None:
    """The one address, whatever the name beside it pretends; two or none is no mail."""
    if sender is not None:
        assert mail(f"From: {value}").sender == sender
        return
    with pytest.raises(Unreadable) as refused:
        mail(f"From: {value}")
    assert refused.value.reply.code == 554


@pytest.mark.parametrize(
    "head",
    [
        [],
        ["Subject: x"],
        [FROM, FROM],
        [FROM, "FROM: c@d.fr"],
        [FROM, "From : c@d.fr"],
        [FROM, "x", "From: c@d.fr"],
        ["x", FROM],
        ["X-From: a@b.fr"],
        [" From: a@b.fr"],
    ],
)
def test_one_from(head: list[str]) -> None:
    """A From that others might read elsewhere is no From."""
    with pytest.raises(Unreadable):
        mail(*head)


def test_from_in_the_body_is_nothing() -> None:
    """Behind the empty line there are no headers."""
    assert mail(FROM, body=b"From: c@d.fr\r\n").sender == "a@b.fr"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("<1@x>", "<1@x>"),
        ("\r\n <1.2$é@x>", ""),
        ("\r\n <1.2$e@x.example>", "<1.2$e@x.example>"),
        ("1@x", ""),
        ("<1@x> <2@x>", ""),
        ("<1 2@x>", ""),
        ("<1@x>\r\n injected: x", ""),
        ("<>", ""),
        (f"<{'x' * 248}>", f"<{'x' * 248}>"),
        (f"<{'x' * 249}>", ""),
    ],
)
def test_message_id(value: str, told: str) -> None:
    """As written if it can be repeated in a header, else none."""
    assert mail(FROM, f"Message-ID: {value}").message_id == told
    assert mail(FROM).message_id == ""


@pytest.mark.parametrize(
    ("value", "subject"),
    [
        ("0612345678", "0612345678"),
        ("a  b\r\n\tc", "a b c"),
        ("=?utf-8?B?w6l0w6k=?=", "été"),
        ("=?utf-8?Q?=C3=A9t=C3?=\r\n =?UTF-8?Q?=A9?=", "été"),
        ("=?iso-8859-1?q?l=92=E9t=E9?= =?utf-8?q?_=E2=82=AC?= !", "l’été € !"),
        ("a =?utf-8?q?b?= c", "a b c"),
        ("=?utf-8*fr?q?b?=", "b"),
        ("=?utf-8?q?Quoi ?_bien?=", "Quoi ? bien"),
        ("été =?utf-8?q?=C3=A9?=", "été é"),
        ("=?x?b?w6k?=", "é"),
        ("=?utf-8?x?w6k?=", "=?utf-8?x?w6k?="),
        ("=?utf-8?q?", "=?utf-8?q?"),
        ("=?utf-7?q?+AOk-?=", "+AOk-"),
        ("a\0b", "ab"),
    ],
)
def test_subject(value: str, subject: str) -> None:
    """Decoded, on one line, each run of white space one space."""
    assert mail(FROM, f"Subject: {value}").subject == subject
    assert mail(FROM, f"Subject: {value}", "Subject: zwei").subject == subject


def test_subject_of_latin_octets() -> None:
    """Octets that nobody declared are read as a text would be, and a long subject is cut."""
    assert mail(FROM, "Subject: été".encode("latin-1")).subject == "été"
    assert mail(FROM, "Subject:").subject == mail(FROM).subject == ""
    assert len(mail(FROM, "Subject: " + "x" * 50_000).subject) == LONGEST_HEADER


@pytest.mark.parametrize(
    ("head", "origin"),
    [
        (["X-Mailer: x", "Auto-Submitted: no", "Precedence: first-class"], Origin.PERSON),
        (["X-Auto-Response-Suppress: OOF"], Origin.PERSON),
        (["Subject: Absence de Paul"], Origin.PERSON),
        (["Auto-Submitted: auto-generated"], Origin.PROGRAM),
        (["Auto-Submitted: Auto-Generated; x=y"], Origin.PROGRAM),
        (["Auto-Submitted: whatever"], Origin.PROGRAM),
        (["Precedence: bulk"], Origin.PROGRAM),
        (["precedence: LIST"], Origin.PROGRAM),
        (["Precedence: junk"], Origin.PROGRAM),
        (["List-Id: <x>"], Origin.PROGRAM),
        (["List-Unsubscribe: <x>"], Origin.PROGRAM),
        (["Auto-Submitted: auto-replied"], Origin.RESPONDER),
        (["Auto-Submitted: auto-replied (vacation)"], Origin.RESPONDER),
        (["Auto-Submitted: auto-notified; owner-email=x"], Origin.RESPONDER),
        (["Precedence: auto_reply"], Origin.RESPONDER),
        (["Auto-Submitted: auto-generated", "Subject: Réponse automatique : SMS"], Origin.RESPONDER),
        (["Auto-Submitted: auto-generated", "Subject: Out of Office: x"], Origin.RESPONDER),
        (["X-Autoreply: yes"], Origin.RESPONDER),
        (["X-Autorespond: x"], Origin.RESPONDER),
        (["X-SMStoB-Loop: 1"], Origin.RESPONDER),
        (['Content-Type: multipart/report; boundary="x"'], Origin.RESPONDER),
    ],
)
def test_origin(head: list[str], origin: Origin) -> None:
    """By what headers say of a mail."""
    assert mail(FROM, *head).origin is origin


@pytest.mark.parametrize(
    ("sender", "origin"),
    [
        ("jean@b.fr", Origin.PERSON),
        ("reply@b.fr", Origin.PERSON),
        ("noreply@b.fr", Origin.PROGRAM),
        ("no-reply+x@b.fr", Origin.PROGRAM),
        ("do_not_reply@b.fr", Origin.PROGRAM),
        ("ne-pas-repondre@b.fr", Origin.PROGRAM),
        ("MAILER-DAEMON@b.fr", Origin.RESPONDER),
        ("postmaster@b.fr", Origin.RESPONDER),
        ("jean@SMS.example", Origin.RESPONDER),
        ("jean@x.sms.example", Origin.PERSON),
    ],
)
def test_origin_by_address(sender: str, origin: Origin) -> None:
    """By who wrote it; the null sender is a program's at least."""
    assert mail(f"From: {sender}").origin is origin
    nobody = Origin.RESPONDER if origin is Origin.RESPONDER else Origin.PROGRAM
    assert mail(f"From: {sender}", null_sender=True).origin is nobody


TRACE = (
    "Received: from x by y; Tue, 24 Nov 2026 10:12:13 +0100",
    "Return-Path: <a@b.fr>",
    "Delivered-To: x@y",
    "Received-SPF: pass",
    "Authentication-Results: mx; spf=pass",
    "DKIM-Signature: v=1;\r\n\tb=x",
    "ARC-Seal: i=1",
    "X-Spam-Status: No",
)


@pytest.mark.parametrize("head", [[FROM, "Message-ID: <1@x>"], [FROM, "Subject: x", "Date: today"]])
def test_digest(head: list[str]) -> None:
    """The same for the same mail on another way; another for another text, writer or name."""
    digest = mail(*head).digest
    assert len(digest) == 32
    assert mail(*TRACE, *head, *TRACE[:1]).digest == digest
    assert mail(*head, body=b"Bonsoir\r\n").digest != digest
    assert mail("From: c@d.fr", *head[1:]).digest != digest
    assert mail(*head[:-1], f"{head[-1]}2").digest != digest


def test_authentication_results() -> None:
    """All of them in order, each on one line, whatever is in them."""
    head = (FROM, "authentication-results: b;\r\n\tspf=pass", b"Authentication-Results: \xe9")
    first, second = mail("Authentication-Results: a", *head).authentication_results[:2]
    assert (first, second.split()) == ("a", ["b;", "spf=pass"])
    assert len(mail(*head).authentication_results) == 2


def nested(depth: int, kind: str = "multipart/mixed; boundary=b") -> bytes:
    """The inside of so many parts within each other."""
    return b"".join(b"--b%d\r\nContent-Type: %s%d\r\n\r\n" % (n, kind.encode(), n + 1) for n in range(depth)) + BODY


REFUSED = {
    "head": (FROM, "X: " + "x" * MOST_HEADERS, BODY),
    "boundaries": (FROM, b"--\r\n" * (MOST_BOUNDARIES + 2)),
    "lines": (FROM, b"\r\n" * (MOST_LINES + 2)),
    "multiparts": (FROM, "Content-Type: multipart/mixed; boundary=b0", nested(MOST_MULTIPARTS + 1)),
    "MULTIPARTS": (FROM, "Content-Type: multipart/mixed; boundary=b0", nested(25, "MULTIPART/mixed; boundary=b")),
    "mails in mails": (FROM, "Content-Type: message/rfc822", b"Content-Type: message/rfc822\r\n\r\n" * 3_000),
}


@pytest.mark.parametrize("name", REFUSED)
def test_too_much(name: str) -> None:
    """What would keep a processor busy is refused before or while it is read."""
    *head, body = REFUSED[name]
    with pytest.raises(Unreadable) as refused:
        mail(*head, body=body if isinstance(body, bytes) else body.encode())
    assert refused.value.reply.code == 554
    assert str(refused.value).isascii()


READ = {
    "parts": (FROM, "Content-Type: multipart/mixed; boundary=b0", nested(MOST_MULTIPARTS - 1)),
    "parameters": (FROM, 'Content-Type: text/plain; a="' + ";" * 60_000, BODY),
    "inner parameters": (FROM, "Content-Type: multipart/mixed; boundary=b", b'--b\r\nX: y; a="' + b";" * 900_000),
    "continuations": (FROM, f"Content-Type: text/plain; charset*{'9' * 3_000}*=x", BODY),
    "charset tuple": (FROM, "Content-Type: text/plain; charset*=a'b'c%41", b"\xe9"),
    "codec": (FROM, "Content-Type: text/plain; charset=punycode", b"\xe9" + b"a" * 900_000),
    "attached codec": (FROM, "Content-Type: application/x; charset=punycode", b"\xe9" + b"a" * 900_000),
    "words": (FROM, "Subject: " + "=?x?q?" * 9_000, BODY),
    "comments": (FROM, f"Subject: {'(' * 60_000}", BODY),
    "one line": (FROM, b"x" * 1_000_000),
    "quotes": (FROM, b">" * 1_000_000),
    "empty lines": (FROM, b"\r\n" * (MOST_LINES - 5)),
    "tags": (FROM, "Content-Type: text/html", b"<div>" * 100_000),
    "no line end": (FROM, b""),
}


@pytest.mark.parametrize("name", READ)
def test_much(name: str) -> None:
    """What is merely long or odd is read, and its text is short."""
    *head, body = READ[name]
    assert len(mail(*head, body=body if isinstance(body, bytes) else body.encode()).text) <= 16_384


@given(
    st.lists(
        st.sampled_from([b"From: a@b.fr\r\n", b"\r\n", b"--b", b"\r\n--b--\r\n", b"Content-Type: ", b"\0", b"\xe9"])
    )
)
def test_anything(pieces: list[bytes]) -> None:
    """Any octets are a mail or are refused."""
    with suppress(Unreadable):
        assert read_mail(b"".join(pieces), null_sender=False, domain=DOMAIN).sender == "a@b.fr"
