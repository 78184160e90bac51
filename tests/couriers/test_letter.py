"""Letters as mails: headers, parts, and what strangers put into them."""

import re
from email.utils import parsedate_to_datetime

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree, html

from smstob.couriers.mail.letter import Letters, is_ascii_address
from smstob.model.notice import Acknowledgement, Failure, Letter, Outcome
from smstob.model.refusal import Code

from .letters import AT, ENDED, LETTERS, ONE, RECIPIENT, ReadMail, acknowledgement, letter, read

OURS = [
    *("Content-Type", "MIME-Version", "From", "To", "Subject", "Date", "Message-ID"),
    *("Auto-Submitted", "X-Auto-Response-Suppress", "Precedence", "X-SMStoB-Loop", "Content-Language"),
]
THREAD = ("In-Reply-To", "References")
EXCHANGE = "<DB9PR04MB8477F0B1A1F7E9A4A5C1D5A6E5F00@DB9PR04MB8477.eurprd04.prod.outlook.example>"
ALLOWED = {
    *("html", "head", "meta", "title", "body", "table", "tr", "td", "th"),
    *("p", "br", "bdi", "span", "a"),
}


def test_headers() -> None:
    """Every header, as programs look for them."""
    mail = read(LETTERS.compose(letter())).mail
    assert sorted(mail.keys()) == sorted([*OURS, *THREAD])
    assert mail["From"] == "SMStoB <sms@smstob.example>"
    assert mail["To"] == RECIPIENT
    assert mail["Message-ID"] == "<notice-7@smstob.example>"
    assert mail["In-Reply-To"] == mail["References"] == "<a.1@exemple.fr>"
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["Precedence"] == "bulk"
    assert mail["X-SMStoB-Loop"] == "1"
    assert mail["Content-Language"] == "fr"
    assert parsedate_to_datetime(mail["Date"]).timestamp() == AT
    assert str(mail["Date"]) == "Tue, 15 Sep 2026 12:30:00 +0200"


def test_without_thread() -> None:
    """Where no mail is answered the letter answers none."""
    mail = read(LETTERS.compose(letter(thread=None))).mail
    assert sorted(mail.keys()) == sorted(OURS)
    assert mail["Auto-Submitted"] == "auto-generated"


def test_long_message_id_is_left_whole() -> None:
    """What Exchange writes is longer than a line should be: folded or encoded, no program would find the thread."""
    raw = LETTERS.compose(letter(thread=EXCHANGE))
    assert f"\nIn-Reply-To: {EXCHANGE}\nReferences: {EXCHANGE}\n".encode() in raw


@pytest.mark.parametrize(
    "thread",
    ["<a@b>\nBcc: x@y.fr", "<a@b> <c@d>", "a@b", "<é@b>", "<>", "<" + "a" * 1000 + ">", "<a@b>\r\n\r\nbody"],
)
def test_faulty_thread_is_left_out(thread: str) -> None:
    """What is no Message-ID is no header; the letter is an answer all the same."""
    mail = read(LETTERS.compose(letter(thread=thread))).mail
    assert sorted(mail.keys()) == sorted(OURS)
    assert mail["Auto-Submitted"] == "auto-replied"


@pytest.mark.parametrize(
    ("address", "fits"),
    [
        ("mairie@exemple.fr", True),
        ("o'neil+sms=1@exemple.fr", True),
        ("hélène@exemple.fr", False),
        ("a@exemple.fr\nBcc: b@c.fr", False),
        ("a@exemple.fr>", False),
        ("a b@exemple.fr", False),
        ("a@b@exemple.fr", False),
        ("", False),
    ],
)
def test_addresses(address: str, fits: bool) -> None:
    """An address that headers cannot hold is not put there."""
    assert is_ascii_address(address) is fits
    mail = read(LETTERS.compose(attrs.evolve(letter(), recipient=address))).mail
    assert sorted(mail.keys()) == sorted([*OURS, *THREAD])
    assert mail["To"] == (address if fits else "undisclosed-recipients:;")


def test_same_letter_is_the_same_bytes() -> None:
    """Also from another writer: nothing of it is drawn or read from a clock."""
    other = Letters("sms@smstob.example", "smstob.example", LETTERS._zone, "https://smstob.example")
    assert LETTERS.compose(letter(ENDED)) == other.compose(letter(ENDED))
    assert LETTERS.compose(letter(id_=8)) != LETTERS.compose(letter(id_=9))


def test_nothing_is_loaded_from_elsewhere() -> None:
    """No image, no style sheet, no script: a letter tells nobody that it was read."""
    page = html.fromstring(read(LETTERS.compose(letter(acknowledgement(), ENDED))).html)
    assert {element.tag for element in page.iter()} <= ALLOWED
    names = ("href", "src", "background")
    links = [element.get(name) for element in page.iter() for name in names if element.get(name)]
    assert links == ["https://smstob.example"]
    assert not [element for element in page.iter() if "url(" in (element.get("style") or "")]


def test_lines_are_bounded_and_bare() -> None:
    """A hundred lines of long words: seven bits, ``\\n`` alone, no line over 998 bytes; the text within its width."""
    lines = [attrs.evolve(ONE, destination="W" * 5_000, code=code) for code in Code for _ in range(6)]
    raw = LETTERS.compose(letter(acknowledgement(*lines)))
    assert raw.isascii()
    assert b"\r" not in raw
    assert raw.endswith(b"\n")
    assert max(map(len, raw.split(b"\n"))) <= 998
    text = read(raw).text
    assert max(len(line) for line in text.splitlines() if "WWWW" not in line) <= 72
    assert max(map(len, text.splitlines())) <= 100


def told_of(destination: str, reason: str) -> list[Acknowledgement | Outcome]:
    """Sections that hold what strangers wrote, wherever it can stand."""
    return [
        acknowledgement(attrs.evolve(ONE, destination=destination)),
        acknowledgement(attrs.evolve(ONE, destination=destination, code=Code.BAD_NUMBER), ONE),
        attrs.evolve(ENDED, destination=destination, delivered=0, failed=1, failures=(Failure(destination, reason),)),
    ]


def check_hostile(mail: ReadMail, raw: bytes) -> None:
    """Headers exactly ours, HTML well-formed and of our own elements, both parts saying the same."""
    assert raw.isascii()
    assert max(map(len, raw.split(b"\n"))) <= 998
    assert sorted(mail.mail.keys()) == sorted([*OURS, *THREAD])
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", mail.text + mail.html + mail.subject)
    # as XML once its void elements are closed: what is left open or is no element fails
    closed = re.sub(r"<(meta|br)([^>]*)>", r"<\1\2/>", mail.html.replace("<!DOCTYPE html>", ""))
    tree = etree.fromstring(closed.encode())
    assert {element.tag for element in tree.iter()} <= ALLOWED
    assert not [name for element in tree.iter() for name in element.attrib if str(name).startswith("on")]
    assert [element.get("href") for element in tree.iter("a")] == ["https://smstob.example"]
    assert squeezed(mail.seen()).startswith("SMStoB" + squeezed(re.sub(r"(?m)^-{72}$", "", mail.body)))


def squeezed(text: str) -> str:
    """Without white space, which the two parts have in different places."""
    return re.sub(r"\s", "", text)


HOSTILE = st.one_of(
    st.text(st.characters(), max_size=300),
    st.text("<>\"'&/=\r\n\0 :;.,…«»-%{}[]()abé\u202e\u2028\ud800\ufffe", max_size=300),
    st.sampled_from(
        [
            "<script>alert(1)</script>",
            '"><img src=x onerror=alert(1)>',
            "x\r\nBcc: victime@exemple.fr\r\n\r\ncorps",
            "x\n\n--=_smstob-7\nContent-Type: text/html\n\n<script>",
            "{{ 7 * 7 }}{% raw %}",
            "]]>--><!--",
            ".\r\n.\r\n",
            "From a@b.fr",
            "é" * 10_000,
            "<" * 10_000,
            "0612345678;" * 1_000,
        ]
    ),
)


@settings(max_examples=150, deadline=None)
@given(HOSTILE, HOSTILE)
def test_hostile_words(destination: str, reason: str) -> None:
    """Destinations and reasons may hold anything; the letter stays ours."""
    for section in told_of(destination, reason):
        raw = LETTERS.compose(letter(section))
        check_hostile(read(raw), raw)
    raw = LETTERS.compose(letter(*told_of(destination, reason)))
    check_hostile(read(raw), raw)


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(), max_size=60), st.text(st.characters(), max_size=60))
def test_hostile_recipients_and_threads(recipient: str, thread: str) -> None:
    """Whoever let them through: headers exactly ours, but those of the thread."""
    raw = LETTERS.compose(Letter(id=7, recipient=recipient, thread=thread, at=AT, sections=(ENDED,)))
    keys = read(raw).mail.keys()
    assert sorted(set(keys) - set(THREAD)) == sorted(OURS)
    assert len(keys) == len(set(keys))
