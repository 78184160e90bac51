"""``http.php``'s pure functions, and whose address a call comes from."""

import time
from collections.abc import Mapping
from io import BytesIO
from ipaddress import ip_network
from typing import Any, Final
from urllib.parse import parse_qsl, quote_plus, urlencode

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from zope.interface import implementer

from smstob.channels.http.server import BoundedSite, Bounds
from smstob.channels.http.sms import (
    FIELDS,
    REFERENCE,
    TEXT,
    VALUE,
    SmsResource,
    decoded,
    draft_of,
    form_data,
    urlencoded,
)
from smstob.interfaces import ISubmitter
from smstob.model.account import Format
from smstob.model.draft import Channel, Credentials, Draft
from smstob.model.refusal import Code, Refusal
from smstob.model.submission import Submission

charsets: Final = st.sampled_from(["utf-8", "iso-8859-15", "windows-1252"])
ascii_texts: Final = st.text(st.characters(max_codepoint=127), max_size=20)


@given(st.binary(), charsets)
def test_decoding_never_fails(value: bytes, charset: str) -> None:
    """Any bytes are some text, which any database keeps once it has no NUL."""
    text = decoded(value, charset)
    text.encode("utf-8")
    assert len(text) <= len(value)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_utf8(text: str) -> None:
    """What is UTF-8 is read as that."""
    assert decoded(text.encode()) == text


@given(st.binary(min_size=1))
def test_windows_1252(value: bytes) -> None:
    """Where Python knows a Windows-1252 character it is that one."""
    read = decoded(value, "windows-1252")
    assert len(read) == len(value)
    for byte, char in zip(value, read, strict=True):
        assert char == (chr(byte) if byte in b"\x81\x8d\x8f\x90\x9d" else bytes([byte]).decode("cp1252"))


@given(st.lists(st.tuples(ascii_texts, ascii_texts), max_size=20))
def test_forms_are_read_as_python_reads_them(pairs: list[tuple[str, str]]) -> None:
    """What ``urlencode`` writes is read back, the last of a name counting."""
    assert urlencoded(urlencode(pairs).encode()) == {name: value.encode() for name, value in [*pairs, *_nothing(pairs)]}


def _nothing(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [] if pairs else [("", "")]


@given(st.text(st.sampled_from("ab=&%+;2Bb1"), max_size=40))
def test_queries_are_read_as_python_reads_them(query: str) -> None:
    """On any ASCII query ``urllib`` finds the same, broken escapes included."""
    pairs = parse_qsl(query, keep_blank_values=True, separator="&", encoding="latin-1")
    expected = {name: value.encode() for name, value in pairs}
    found = urlencoded(query.encode())
    assert {name: value for name, value in found.items() if name} == {
        name: value.decode().encode("latin-1") for name, value in expected.items() if name
    }


def test_fields_are_bounded() -> None:
    """A hundred parameters are read; the rest is not."""
    query = "&".join(f"p{number}={number}" for number in range(500)).encode()
    assert list(urlencoded(query)) == [f"p{number}" for number in range(FIELDS)]


@given(st.binary(max_size=300), st.text(max_size=30))
def test_multipart_never_fails(body: bytes, boundary: str) -> None:
    """What is no form has no fields."""
    framed = f"--{boundary}\r\n".encode("utf-8", "surrogatepass") + body
    for quoted in (boundary, f'"{boundary}"'):
        header = f"multipart/form-data; boundary={quoted}"
        for content in (body, framed):
            assert isinstance(form_data(header, BytesIO(content)), dict)


@given(st.dictionaries(st.from_regex("[a-z]{1,9}", fullmatch=True), st.binary(max_size=99), max_size=9))
def test_multipart(fields: dict[str, bytes]) -> None:
    """Values come back to the byte."""
    body = b"".join(
        b'--=_limit\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value)
        for name, value in fields.items()
    )
    assert form_data('multipart/form-data; boundary="=_limit"', BytesIO(body + b"--=_limit--\r\n")) == fields


@given(st.dictionaries(st.sampled_from(["email", "pass", "numero", "message", "diff", "charset", "ref"]), st.binary()))
def test_any_fields_are_a_draft(fields: Mapping[str, bytes]) -> None:
    """No bytes in any field keep the draft from being made."""
    draft = draft_of(fields, "192.0.2.1")
    assert draft.channel is Channel.HTTP
    draft.missing()


def test_draft() -> None:
    """Where each parameter goes."""
    query = (
        "email=a%40b.fr&pass=p+%C3%A9&numero=0612345678&message=m&diff=120001012027&format=normal%2Bflash&validite=7&ref=r"
    )
    assert draft_of(urlencoded(query.encode()), "192.0.2.1") == Draft(
        sender=Credentials(email="a@b.fr", secret="p é", address="192.0.2.1"),
        channel=Channel.HTTP,
        destination="0612345678",
        text="m",
        when="120001012027",
        format=Format.NORMAL_THEN_FLASH,
        validity=7,
        reference="r",
    )
    empty = draft_of({}, "192.0.2.1")
    assert (empty.format, empty.validity, empty.reference, empty.when) == (None, None, None, "")


def test_long_references() -> None:
    """A long reference is kept as a digest: unlike ones stay unlike, and the longest that is kept whole is."""
    long = [b"a" * REFERENCE, b"a" * (REFERENCE + 1), b"a" * (REFERENCE + 2)]
    kept = [draft_of({"ref": ref}, "").reference or "" for ref in long]
    assert kept[0] == "a" * REFERENCE
    assert len(set(kept)) == 3
    assert max(map(len, kept)) <= REFERENCE


def test_unstorable_references() -> None:
    """References that differ in what no database keeps stay unlike; one of nothing else is none."""
    typed = [b"ref=a%00", b"ref=a%00%00", b"ref=a", b"ref=%00", b"ref=%00%00"]
    kept = [draft_of(urlencoded(query), "").reference for query in typed]
    assert kept[2:] == ["a", None, None]
    assert len(set(kept[:3])) == 3
    assert None not in kept[:3]


def test_long_values() -> None:
    """What is far too long is not decoded: a text stays too long, references stay unlike, numbers are all read."""
    long = b"+" * TEXT + b"Bonjour"
    for fields in (urlencoded(b"message=" + long), _multipart("message", long)):
        text = draft_of(fields, "").text
        assert text == text.strip()
        assert 1530 < len(text) < len(long)
    fields = urlencoded(b"numero=%s&pass=%s&%s=1" % (long, long, long))
    assert len(fields["numero"]) == len(long)
    assert len(fields["pass"]) == VALUE
    assert max(map(len, fields)) <= 100
    assert len({draft_of(urlencoded(b"ref=" + long + end), "").reference for end in (b"", b"a", b"b")}) == 3


def _multipart(name: str, value: bytes) -> dict[str, bytes]:
    part = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n--x--\r\n' % (name.encode(), value)
    return form_data("multipart/form-data; boundary=x", BytesIO(part))


@pytest.mark.parametrize(
    "piece", [b"%", b"%ff", b"%31", b"%31a", b"+", b",+", b",+12345678901", b"\xff", b",+123456789++"]
)
@pytest.mark.parametrize("name", [b"numero", b"message", b"pass", b"ref", b""])
def test_cost(name: bytes, piece: bytes) -> None:
    """The longest body of one kind of bytes is read in less time than a password is verified in."""
    begun = time.thread_time()
    draft_of(urlencoded(name + b"=" + piece * (262_144 // len(piece))), "")
    # a tenth of that here
    assert time.thread_time() - begun < 0.5


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("+33612345678", " 33612345678"),
        ("+33612345678;+32612345679", " 33612345678;+32612345679"),
        ("+508551234,+262692123456 ,0612345678", "+508551234,+262692123456 ,0612345678"),
        ("+32470123456", "+32470123456"),
        ("+0612345678", " 0612345678"),
        ("+1", " 1"),
        ("+12345678", " 12345678"),
        ("++32470123456", "  32470123456"),
        ("+1234567890123456", " 1234567890123456"),
        ("+Clients", " Clients"),
        ("06+12+34+56+78", "06 12 34 56 78"),
        ("+33+6+12+34+56+78", " 33 6 12 34 56 78"),
    ],
)
def test_lost_plus(typed: str, found: str) -> None:
    """A + that nobody encoded is found again before a foreign number, and nowhere else: digits may name a group."""
    assert draft_of(urlencoded(f"numero={typed}".encode()), "").destination == found
    assert draft_of(urlencoded(f"numero={quote_plus(typed)}".encode()), "").destination == typed


@implementer(ISubmitter)
@attrs.define
class Notebook:
    """Refuses every draft and notes it."""

    drafts: list[Draft] = attrs.field(factory=list)

    async def submit(self, draft: Draft) -> Submission | Refusal:
        """See ``ISubmitter``."""
        self.drafts.append(draft)
        return Refusal(Code.UNAVAILABLE)


def address(peer: str, forwarded: list[bytes], *proxies: str) -> str:
    """The address that a call from ``peer`` is held to come from."""
    notebook = Notebook()
    resource = SmsResource(notebook, tuple(map(ip_network, proxies)))
    host: Any = (IPv6Address if ":" in peer else IPv4Address)("TCP", peer, 1234) if peer else UNIXAddress(None)
    channel = BoundedSite(resource, Bounds(), Clock()).buildProtocol(host)
    transport = StringTransport(peerAddress=host)
    channel.makeConnection(transport)
    headers = b"".join(b"X-Forwarded-For: %s\r\n" % value for value in forwarded)
    channel.dataReceived(b"GET /http.php HTTP/1.1\r\n" + headers + b"\r\n")
    assert transport.value().startswith(b"HTTP/1.1 503 ")
    assert transport.value().endswith(b"\r\n\r\n99")
    (draft,) = notebook.drafts
    assert isinstance(draft.sender, Credentials)
    return draft.sender.address


@pytest.mark.parametrize(
    ("expected", "peer", "forwarded", "proxies"),
    [
        ("192.0.2.1", "192.0.2.1", [], ()),
        ("192.0.2.1", "192.0.2.1", [b"198.51.100.1"], ()),
        ("192.0.2.1", "192.0.2.1", [b"198.51.100.1"], ("10.0.0.0/8",)),
        ("10.0.0.1", "10.0.0.1", [], ("10.0.0.0/8",)),
        ("198.51.100.1", "10.0.0.1", [b"198.51.100.1"], ("10.0.0.0/8",)),
        ("198.51.100.1", "10.0.0.1", [b"203.0.113.9, 198.51.100.1"], ("10.0.0.0/8",)),
        ("198.51.100.1", "10.0.0.1", [b"203.0.113.9,198.51.100.1 , 10.2.3.4"], ("10.0.0.0/8",)),
        ("198.51.100.1", "10.0.0.1", [b"203.0.113.9", b"198.51.100.1", b"10.2.3.4"], ("10.0.0.0/8",)),
        ("10.2.3.4", "10.0.0.1", [b"10.2.3.4"], ("10.0.0.0/8",)),
        ("10.2.3.4", "10.0.0.1", [b"10.2.3.4"], ("10.0.0.1/32",)),
        ("10.0.0.1", "10.0.0.1", [b""], ("10.0.0.0/8",)),
        ("10.0.0.1", "10.0.0.1", [b" , ,"], ("10.0.0.0/8",)),
        ("unknown", "10.0.0.1", [b"203.0.113.9, unknown"], ("10.0.0.0/8",)),
        ("ÿ", "10.0.0.1", [b"203.0.113.9, \xff"], ("10.0.0.0/8",)),
        ("198.51.100.1", "10.0.0.1", [b"203.0.113.9, 198.51.100.1:5678, 10.2.3.4:1"], ("10.0.0.0/8",)),
        ("2001:db8::1", "10.0.0.1", [b"[2001:db8::1]:443"], ("10.0.0.0/8",)),
        ("2001:db8::1", "10.0.0.1", [b"[2001:db8::1]"], ("10.0.0.0/8",)),
        ("198.51.100.1", "::ffff:10.0.0.1", [b"198.51.100.1"], ("10.0.0.0/8",)),
        ("", "", [], ()),
        ("198.51.100.1", "", [b"203.0.113.9, 198.51.100.1"], ()),
        ("198.51.100.1", "", [b"198.51.100.1, 10.0.0.1"], ("10.0.0.0/8",)),
        ("2001:db8::1", "::1", [b"2001:db8::1"], ("::1/128", "10.0.0.0/8")),
        ("198.51.100.1", "::1", [b"198.51.100.1, 10.0.0.1"], ("::1/128", "10.0.0.0/8")),
    ],
)
def test_address(expected: str, peer: str, forwarded: list[bytes], proxies: tuple[str, ...]) -> None:
    """The last address that no trusted proxy has; nobody else's header is believed."""
    assert address(peer, forwarded, *proxies) == expected
