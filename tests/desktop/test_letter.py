"""A mail as it leaves, and as the service reads it: exactly what was meant, whatever a text or a name holds."""

import re
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import SMTP

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from smstob.channels.smtp.mail import Origin
from smstob.channels.smtp.text.cutting import cut, entire
from smstob.contacts.naming import group_name
from smstob.desktop import letter
from smstob.flow.authenticate import new_key, new_password
from smstob.model.contact import Fault
from smstob.model.segment import measure
from smstob.model.text import clean, is_blank
from tests.desktop.office import DOMAIN, EMAIL, SECRET, letter_of, read_by_service, settings_for, written
from tests.house import NOW, numbers

CUT_ELSEWHERE = [
    "Bonjour\n-- \nla mairie",
    "Un\n--\nDeux\n--fin\nTrois\n--fin",
    "--fin",
    "Je pars.\nEnvoyé de mon iPhone",
    "Le 3 mars 2026 à 10:00, Anne <a@b.fr> a écrit :\n> Bonjour\nRéponse",
    "> une citation\n>> une autre",
    "De : Anne <a@b.fr>\nEnvoyé : lundi 2 mars 2026 10:00\nÀ : Bob\nObjet : essai",
    "_" * 30 + "\nsous le trait",
    "Ce message est confidentiel et destiné au seul destinataire. Pièces jointes interdites.",
    "Pensez à l'environnement avant d'imprimer ce message.",
    "a\n\n\n  b  \n\tc",
    "espaces\u00a0insécables\u202f!\u200bet\ufeff invisibles\u00ad",
    ".\n..\n.point",
    "From moi\nTo: toi",
    "=?utf-8?q?a?= =C3=A9 =\n=",
    "😀👩‍👩‍👧" * 20,
    "é" * 1530,
    "€" * 765,
]
TEXTS = st.text(
    st.one_of(st.sampled_from("\n\n -_>:finéE.😀\u00a0\u200b"), st.characters(exclude_categories=["Cs"])), max_size=200
)
LINES = st.lists(
    st.sampled_from([line for text in CUT_ELSEWHERE for line in text.split("\n")] + ["Bonjour", ""]), max_size=8
).map("\n".join)
NAMES = st.text(st.one_of(st.sampled_from("aé 0123456789=?,;.()<>@\"'\\😀-"), st.characters()), max_size=100)


def sane(data: bytes) -> Message:
    """The mail, if it keeps to the law: ASCII, short lines ended by CRLF, each header once and none that is foreign."""
    assert data.isascii()
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert b"\r" not in data.replace(b"\r\n", b"")
    assert max(map(len, data.split(b"\r\n"))) <= 998
    mail = message_from_bytes(data)
    assert mail.keys() == [
        *("From", "To", "Date", "Message-ID", "Subject", letter.ENTIRE, "MIME-Version", "Content-Type"),
        "Content-Transfer-Encoding",
    ]
    assert not mail.defects
    return mail


def check(text: str, destination: tuple[str, ...], moment: str = "", secret: str = SECRET) -> None:
    """What is written is what the service reads."""
    data = written(letter_of(text, destination, moment), secret)
    sane(data)
    mail, request = read_by_service(data)
    told = (mail.sender, mail.message_id, mail.origin)
    assert told == (EMAIL, "<1@exemple.fr>", Origin.PERSON)
    assert (request.secret, request.destination, request.when) == (secret, ", ".join(destination), moment)
    assert request.text == text


@pytest.mark.parametrize("text", CUT_ELSEWHERE)
def test_text_as_it_stands(text: str) -> None:
    """Texts that would be cut in a mail that a person wrote arrive whole."""
    check(clean(text), ("+33612345678",))


@settings(deadline=None)
@given(text=st.one_of(TEXTS, LINES).map(clean).filter(bool))
@example(text="a\u00a0b")
@example(text="x" * 16_000)
def test_any_text(text: str) -> None:
    """Any clean text arrives as it was written, with the same number of SMS."""
    check(text, ("+33612345678",))
    _, request = read_by_service(written(letter_of(text)))
    assert measure(clean(request.text)) == measure(text)


@settings(deadline=None)
@given(name=NAMES.map(group_name).filter(lambda name: not isinstance(name, Fault)), deferred=st.booleans())
@example(name="Clients 123004122026", deferred=False)
@example(name="Clients 123004122026", deferred=True)
@example(name="123004122026 x", deferred=False)
@example(name="Re: Clients", deferred=False)
@example(name="=?utf-8?q?Clients?=", deferred=False)
@example(name="Les « élèves » — 3ème, 4ème; 😀", deferred=True)
@example(name="é" * 100, deferred=True)
@example(name="x" * 100, deferred=True)
def test_any_group(name: str, deferred: bool) -> None:
    """The name of any group that the site can have arrives, deferred or not, but for colons at its ends."""
    if name.strip(" :") == name:
        check("Bonjour", (name,), "123004122026" if deferred else "")


def test_hundred_numbers() -> None:
    """A hundred numbers in one subject, which is folded; the last is not taken for a date."""
    for moment in ("", "123004122026"):
        check("Bonjour", tuple(numbers(100)), moment)
    check("Bonjour", tuple(f"+123456789{index:06}" for index in range(100)), "123004122026", "Clé « été » 2026")


@pytest.mark.parametrize(
    "secret",
    [
        *("K7P2W9X4QH", "cle-0123456789abcdef0123456789abcdef"),
        *("mot de passe", "Crème brûlée 75%", "=?utf-8?q?abc?=", "a@b.fr;c,d<e>"),
        *('"quoted"', "Re[2]", "é" * 200, "x" * 200, "(comment)", "\\back\\", "😀" * 10),
    ],
)
def test_secrets(secret: str) -> None:
    """Passwords and keys of every kind arrive as they are."""
    assert letter.is_writable(secret)
    check("Bonjour", ("+33612345678",), secret=secret)
    check("Bonjour", ("Les élèves",), "123004122026", secret=secret)


def test_secrets_of_the_service() -> None:
    """Whatever the service draws by itself can be carried."""
    for secret in (make() for make in (new_password, new_key) for _ in range(100)):
        check("Bonjour", ("Les élèves",), secret=secret)


@pytest.mark.parametrize(
    "secret",
    [
        *("", " ", "a:b", "deux  espaces", "a\nBcc: x@y.fr", "a\r\nb", "a\x00b", "x" * 201, "\ud800a", "a\u2028b"),
        "a\tb",
    ],
)
def test_secrets_that_no_mail_carries(secret: str) -> None:
    """A password that the subject would not carry is refused before anything is sent."""
    with pytest.raises(letter.Unwritable):
        written(letter_of("Bonjour"), secret)


def test_pasted_secret() -> None:
    """Spaces around a password that was pasted are none of it."""
    _, request = read_by_service(written(letter_of("Bonjour"), f" {SECRET}\n"))
    assert request.secret == SECRET


@settings(deadline=None)
@given(destination=st.lists(st.text(max_size=40), min_size=1, max_size=3), text=st.text(max_size=50))
@example(destination=["a\r\nBcc: x@y.fr\r\n\r\nb"], text="a\r\n.\r\nMAIL FROM:<x@y.fr>")
@example(destination=["\ud800"], text="\ud800")
def test_hostile(destination: list[str], text: str) -> None:
    """Whatever stands in the outbox, no header and no line of the dialogue can be smuggled in."""
    mail = sane(written(letter_of(text, destination)))
    assert mail["To"] == f"sms@{DOMAIN}"
    assert b"\n.\r\n" not in written(letter_of(text, destination))


def test_addresses() -> None:
    """Addresses are in their canonical form, and a Message-ID is one whatever was typed as the address."""
    settings = settings_for(25, email=" Mairie@Exemple.FR ", domain="SMS.exemple.fr")
    assert (letter.sender(settings), letter.recipient(settings)) == (EMAIL, "sms@sms.exemple.fr")
    assert letter.message_id("abc", settings) == "<abc.desktop@exemple.fr>"
    for wrong in ("", "a@b\r\nX: y", "a b@c d", "é@é.fr", "@", "a@<b>"):
        assert letter.message_id("abc", settings_for(25, email=wrong)) == "<abc.desktop@localhost>"


def test_same_again() -> None:
    """Offered again later, a mail has the same digest, by which the service sends it once; another has another."""
    first, again = (letter.write(letter_of("Bonjour"), settings_for(25), SECRET, now) for now in (NOW, NOW + 900))
    assert first != again
    assert read_by_service(first)[0].digest == read_by_service(again)[0].digest
    other = written(letter_of("Bonjour", message_id="<2@exemple.fr>"))
    assert read_by_service(other)[0].digest != read_by_service(first)[0].digest


# what relays do

DISCLAIMER = "Ce message est confidentiel et destiné au seul destinataire.\nSociété Exemple\n-- \nwww.exemple.fr"


def decoded(data: bytes) -> tuple[EmailMessage, str]:
    """A mail for a relay to change, and its text."""
    mail = message_from_bytes(data, policy=SMTP)
    assert isinstance(mail, EmailMessage)
    return mail, str(mail.get_content())


def in_text(data: bytes, encoding: str) -> bytes:
    """A relay that writes a disclaimer under the text, and encodes it anew."""
    mail, text = decoded(data)
    mail.set_content(f"{text}\n\n{DISCLAIMER}\n", charset="utf-8", cte=encoding)
    return mail.as_bytes()


def as_part(data: bytes) -> bytes:
    """One that adds it as a part of its own."""
    mail, _ = decoded(data)
    mail.make_mixed()
    mail.add_attachment(DISCLAIMER, disposition="inline")
    return mail.as_bytes()


def as_alternative(data: bytes) -> bytes:
    """One that adds an HTML form of the text."""
    mail, text = decoded(data)
    mail.set_content(f"{text}\n{DISCLAIMER}\n")
    mail.add_alternative(f"<p>{text}</p><hr><p>{DISCLAIMER}</p>", subtype="html")
    return mail.as_bytes()


@pytest.mark.parametrize("text", ["Bonjour,\n-- \nla « mairie »\n--fin\nEnvoyé de mon iPhone", "é" * 400, "a\u00a0!"])
@pytest.mark.parametrize("relay", ["base64", "quoted-printable", "8bit", "part", "alternative"])
def test_disclaimer(text: str, relay: str) -> None:
    """A relay that adds a disclaimer under the text, in whatever way, changes nothing of the SMS."""
    data = written(letter_of(text))
    if relay == "part":
        data = as_part(data)
    elif relay == "alternative":
        data = as_alternative(data)
    else:
        data = in_text(data, relay)
    assert DISCLAIMER.split("\n")[1].encode() in data.replace(b"=\r\n", b"") or relay != "8bit"
    _, request = read_by_service(data)
    assert request.text == text


@pytest.mark.parametrize(
    ("header", "text", "wanted"),
    [
        ("entire", "Bonjour\n-- \nMairie", "Bonjour"),
        ("no", "Bonjour\n-- \nMairie\n--fin", "Bonjour"),
        (" Entire ", "Bonjour\n-- \nMairie\n --fin \nReste", "Bonjour\n-- \nMairie"),
        ("entire", "--fin", ""),
        ("entire", "a --fin\n--fini", "a --fin\n--fini"),
    ],
)
def test_header(header: str, text: str, wanted: str) -> None:
    """Only the header and the last line ``--fin`` together ask for it; without that line the text is cut as ever."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["Subject"], mail["X-SMStoB-Text"] = EMAIL, f"{SECRET}:0612345678", header
    mail.set_content(text)
    assert read_by_service(mail.as_bytes())[1].text == wanted


@settings(deadline=None)
@given(text=st.one_of(TEXTS, LINES))
def test_entire(text: str) -> None:
    """Up to the last ``--fin`` nothing is lost but outer white space; without one there is nothing to say."""
    assert entire(f"{text}\n--fin") == text.strip()
    assert entire(f"{text}\n--fin\n--\nautre") == text.strip()
    if not re.search(r"(?m)^\s*--fin\s*$", text):
        assert entire(text) is None
    assert is_blank(cut(text)) or cut(cut(text)) == cut(text)
