"""Which parts are the text, how they are encoded, and what flows."""

from email import message_from_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstob.channels.smtp.text.body import MOST_OCTETS, MOST_TEXT, text_of, unflowed
from smstob.channels.smtp.text.charset import decoded, from_base64, tidy


def text(head: str, body: bytes) -> str:
    """The text of a mail with those headers."""
    return text_of(message_from_bytes(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body))


@pytest.mark.parametrize(
    ("given", "delete", "expected"),
    [
        # RFC 3676 §4.2: soft breaks; §4.3: the signature's separator; §4.4: stuffing; §4.5: quotes
        ("un \ndeux \ntrois\nquatre", False, "un deux trois\nquatre"),
        ("un \ndeux", True, "undeux"),
        ("un  \ndeux", True, "un deux"),
        ("un \r\ndeux\r\n\r\ntrois ", False, "un deux\n\ntrois "),
        ("un \n-- \nAnne \nsuite", False, "un \n-- \nAnne suite"),
        ("-- \nAnne", False, "-- \nAnne"),
        (" > 18\n From\n  deux", False, "> 18\nFrom\n deux"),
        (">un \n>deux\ntrois", False, "> un deux\ntrois"),
        ("> un \n>> deux \n>> trois\n> quatre", False, "> un \n>> deux trois\n> quatre"),
        (">> Thou villainous \n>> beast-eating", False, ">> Thou villainous beast-eating"),
        ("un \n> deux", False, "un \n> deux"),
        ("prix :\u00a0\n12 €", False, "prix :\u00a0\n12 €"),
        ("", False, ""),
        ("\n\n", False, "\n\n"),
        (" ", True, ""),
    ],
)
def test_flowed(given: str, delete: bool, expected: str) -> None:
    """A paragraph is one line, a quote of one depth too."""
    assert unflowed(given, delete) == expected


@given(st.text(alphabet="a >-\n", max_size=60))
def test_flowed_keeps_what_is_written(given: str) -> None:
    """Whatever flows, no letter is lost."""
    assert unflowed(given, delete_space=False).count("a") == given.count("a")


@pytest.mark.parametrize(
    ("octets", "label", "expected"),
    [
        ("été".encode(), "utf-8", "été"),
        ("été".encode(), "UTF8", "été"),
        ("été".encode(), None, "été"),
        ("été".encode(), "us-ascii", "été"),
        ("été".encode(), "x-unknown", "été"),
        ("été".encode(), "iso-8859-1", "été"),
        ("l’été à 5 €".encode("cp1252"), "ISO_8859-1", "l’été à 5 €"),
        ("l’été à 5 €".encode("cp1252"), "windows-1252", "l’été à 5 €"),
        ("l’été à 5 €".encode("cp1252"), None, "l’été à 5 €"),
        ("l’été".encode("cp1252"), "utf-8", "l’été"),
        ("5 €".encode("iso-8859-15"), "iso-8859-15", "5 €"),
        (b"l\x92heure\x85 \xa4", "iso-8859-15", "l’heure… €"),
        ("été".encode("mac-roman"), "macintosh", "été"),
        ("été".encode("utf-16"), "utf-16", "été"),
        ("été".encode("cp850"), "ibm850", "été"),
        ("šč".encode("iso-8859-2"), "iso-8859-2", "šč"),
        ("«\u00a0CAFÉ\u00a0»".encode("latin-1"), "iso-8859-1", "«\u00a0CAFÉ\u00a0»"),
        (b"\x81\x8d", "iso-8859-1", "\ufffd\ufffd"),
        # codecs that are none of a mail's
        (b"+AOk-", "utf-7", "+AOk-"),
        (b"abc-", "punycode", "abc-"),
        (b"61", "hex", "61"),
        (b"a", "idna", "a"),
        (b"a", "../../etc", "a"),
        (b"a", "\0", "a"),
        (b"a", "x" * 5000, "a"),
        (b"a", "", "a"),
        (b"", None, ""),
    ],
)
def test_charset(octets: bytes, label: str | None, expected: str) -> None:
    """What a program means, whatever it declares."""
    assert decoded(octets, label) == expected


@given(st.binary(max_size=80), st.none() | st.text(max_size=12) | st.sampled_from(["utf-16", "big5", "iso-2022-jp"]))
def test_charset_never_fails(octets: bytes, label: str | None) -> None:
    """Any octets under any label are some text, cut within a character or not."""
    for whole in (True, False):
        assert isinstance(decoded(octets, label, whole), str)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (b"w6k=", "é"),
        (b"w6k", "é"),
        (b"Qm9uam91ciDDoCB0b3VzIG VuIG1haXJpZQ==\r\n", "Bonjour à tous en mairie"),
        (b"Bonjour, \xc3\xa0 demain\r\n", "Bonjour, à demain\r\n"),
        (b"w6l0w6k=\r\n-- \r\npied de liste", "été"),
        (b"YWJjZ", "abc"),
        (b"", ""),
        (b"=", ""),
        (b"Y", ""),
    ],
)
def test_base64(given: bytes, expected: str) -> None:
    """Cut, unpadded or followed by what a list appends: what can be read is."""
    assert from_base64(given).decode() == expected


def test_tidy() -> None:
    """One kind of line end, one kind of space, nothing that is not seen; emoji keep their joiners."""
    assert tidy("a\r\nb\rc\u2028d\x85e") == "a\nb\nc\nd\ne"
    assert tidy("\ufeff9\u00a0h\u202f!\u200b\u00ad") == "9 h !"
    assert tidy("👨\u200d👩") == "👨\u200d👩"


def mixed(*parts: str) -> bytes:
    """The body of a multipart whose boundary is b."""
    return "".join(f"--b\r\n{part}\r\n" for part in parts).encode() + b"--b--\r\n"


MIXED = 'Content-Type: multipart/mixed; boundary="b"'


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (["\r\nun", "\r\ndeux"], "un\ndeux"),
        (["Content-Type: text/html\r\n\r\n<p>html", "Content-Type: text/plain\r\n\r\nplain"], "plain"),
        (["Content-Type: text/html\r\n\r\n<p>html", "Content-Type: text/plain\r\n\r\n \u00a0\r\n"], "html"),
        (["Content-Type: text/html\r\n\r\n<p>un", "Content-Type: text/html\r\n\r\n<p>deux"], "un\ndeux"),
        (["\r\nun", "Content-Disposition: attachment\r\n\r\ndeux"], "un"),
        (["\r\nun", "Content-Disposition: ATTACHMENT; x=y\r\n\r\ndeux"], "un"),
        (["\r\nun", "Content-Disposition: inline; filename=a.txt\r\n\r\ndeux"], "un"),
        (["\r\nun", "Content-Disposition: inline; filename*0*=utf-8''a\r\n\r\ndeux"], "un"),
        (["\r\nun", "Content-Disposition: inline\r\n\r\ndeux"], "un\ndeux"),
        (["\r\nun", "Content-Type: message/rfc822\r\n\r\nFrom: a@b.fr\r\n\r\ndeux"], "un"),
        (["\r\nun", "Content-Type: application/octet-stream\r\n\r\ndeux"], "un"),
        (["\r\nun", "Content-Type: nonsense\r\n\r\ndeux"], "un\ndeux"),
        (['Content-Type: text/plain; charset="utf-8\r\n\r\nun'], "un"),
        (["Content-Type: text/plain; charset*=x'y'utf-8\r\n\r\né"], "é"),
        (["Content-Type: text/plain; charset*0*=utf; charset*0*=a\r\n\r\né"], "é"),
        (["Content-Transfer-Encoding: base64\r\nContent-Transfer-Encoding: 8bit\r\n\r\nw6k="], "é"),
        (["Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 a\r\nend"], "begin 644 a\nend"),
        ([], ""),
    ],
)
def test_parts(parts: list[str], expected: str) -> None:
    """The plain parts that are shown, in order, else the HTML ones."""
    assert text(MIXED, mixed(*parts)).strip() == expected


@pytest.mark.parametrize("head", ["Content-Type: multipart/mixed", 'Content-Type: multipart/mixed; boundary="wrong"'])
def test_boundary_that_is_missing(head: str) -> None:
    """What looks like the boundary is it; where nothing does there is no text."""
    assert text(head, mixed("Content-Type: text/plain\r\n\r\nun", "Content-Type: text/plain\r\n\r\ndeux")) == "un\ndeux"
    assert text(head, b"--b\r\nun\r\n") == ""
    assert text(head, b"un texte\r\n").strip() == "un texte"


def test_bounds() -> None:
    """A long text is cut, never within a character, and many parts are not all read."""
    head = "Content-Type: text/plain; charset=utf-8"
    assert text(head, b"a" + "é".encode() * MOST_OCTETS) == "a" + "é" * (MOST_TEXT - 1)
    euros = text(head, b"\r\n" * 10 + "€".encode() * MOST_OCTETS)
    assert set(euros) == {"\n", "€"}
    assert len(text(MIXED, mixed(*("\r\n" + "x" * 5_000 for _ in range(10))))) == MOST_TEXT
    assert len(text("Content-Type: text/html", b"<p>" + b"x" * 100_000)) == MOST_TEXT
