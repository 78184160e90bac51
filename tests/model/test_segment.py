"""Segments: 3GPP TS 23.038 §6.2 and TS 23.040 §9.2.3.24.1, boundaries to the septet."""

import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstob.model.alphabet import NotGsm7, septets
from smstob.model.segment import Coding, Measure, measure, payload, split

from .strategies import GSM7, QUICK, dense_texts, gsm7_texts, wide_texts

NODE = Path(__file__).parents[1] / "node"


@pytest.mark.parametrize(
    ("text", "length", "segments"),
    [
        ("", 0, 1),
        ("a", 1, 1),
        ("a" * 160, 160, 1),
        ("a" * 161, 161, 2),
        ("a" * 306, 306, 2),
        ("a" * 307, 307, 3),
        ("a" * 459, 459, 3),
        ("a" * 460, 460, 4),
        ("a" * 1530, 1530, 10),
        ("a" * 1531, 1531, 11),
        ("€" * 80, 160, 1),
        ("€" * 80 + "a", 161, 2),
        ("a" * 158 + "€", 160, 1),
        ("a" * 159 + "€", 161, 2),
        ("a" * 152 + "€" + "a" * 152, 306, 3),
        ("a" * 151 + "€" + "a" * 153, 306, 2),
        ("a" * 152 + "€" + "a" * 151, 305, 2),
        ("€" * 152, 304, 2),
        ("€" * 153, 306, 3),
        ("\n" * 160, 160, 1),
        ("\f" * 80, 160, 1),
    ],
)
def test_lengths_in_gsm7(text: str, length: int, segments: int) -> None:
    """160 septets alone, 153 when joined, two for an extension character, which may waste a septet."""
    assert measure(text) == Measure(Coding.GSM7, length, segments)
    assert len(split(text)) == segments


@pytest.mark.parametrize(
    ("text", "length", "segments"),
    [
        ("ê", 1, 1),
        ("ê" * 70, 70, 1),
        ("ê" * 71, 71, 2),
        ("ê" * 134, 134, 2),
        ("ê" * 135, 135, 3),
        ("ê" * 201, 201, 3),
        ("ê" * 202, 202, 4),
        ("ê" * 670, 670, 10),
        ("😀" * 35, 70, 1),
        ("😀" * 35 + "a", 71, 2),
        ("😀" * 36, 72, 2),
        ("😀" * 66, 132, 2),
        ("😀" * 67, 134, 3),
        ("ê" * 66 + "😀" + "ê" * 66, 134, 3),
        ("ê" * 66 + "\U00010000" + "ê" * 66, 134, 3),
        ("ê" * 66 + "\U0010ffff" + "ê" * 66, 134, 3),
        ("ê" * 66 + "😀" + "ê" * 65, 133, 2),
        ("ê" * 65 + "😀" + "ê" * 67, 134, 2),
        ("ê" + "€" * 69, 70, 1),
        ("\ufeff", 1, 1),
    ],
)
def test_lengths_in_ucs2(text: str, length: int, segments: int) -> None:
    """70 UTF-16 units alone, 67 when joined, two for a surrogate pair, which may waste a unit."""
    assert measure(text) == Measure(Coding.UCS2, length, segments)
    assert len(split(text)) == segments


def greedy(text: str) -> list[str]:
    """The definition, character by character: a segment takes what fits, and no part of a character."""
    gsm7 = set(text) <= set(GSM7)

    def size(part: str) -> int:
        return septets(part) if gsm7 else len(part.encode("utf-16-be")) // 2

    if size(text) <= (160 if gsm7 else 70):
        return [text]
    segments = [""]
    for char in text:
        if size(segments[-1] + char) > (153 if gsm7 else 67):
            segments.append("")
        segments[-1] += char
    return segments


@QUICK
@given(st.one_of(gsm7_texts, dense_texts, wide_texts))
def test_splitting_is_exact(text: str) -> None:
    """Segments join to the text, are those of the definition, and are as many as measure says."""
    segments = split(text)
    assert "".join(segments) == text
    assert list(segments) == greedy(text)
    assert len(segments) == measure(text).segments


@QUICK
@given(st.one_of(gsm7_texts, dense_texts, wide_texts))
def test_no_segment_is_too_long_nor_cut_inside_a_character(text: str) -> None:
    """What goes on the air: within the limit, no escape at an end, no half of a surrogate pair."""
    measured = measure(text)
    parts = [payload(segment, measured.coding) for segment in split(text)]
    assert b"".join(parts) == payload(text, measured.coding)
    if measured.coding is Coding.GSM7:
        assert sum(map(len, parts)) == measured.length
        assert max(map(len, parts)) <= (160 if len(parts) == 1 else 153)
        assert not any(part.endswith(b"\x1b") for part in parts)
    else:
        assert sum(map(len, parts)) == 2 * measured.length
        assert max(map(len, parts)) <= (140 if len(parts) == 1 else 134)
        assert "".join(part.decode("utf-16-be") for part in parts) == text


def test_payloads() -> None:
    """One septet an octet in GSM-7, big-endian without BOM in UCS-2; GSM-7 texts can go in UCS-2 too."""
    assert payload("@a€", Coding.GSM7) == b"\x00a\x1be"
    assert payload("@ê😀", Coding.UCS2) == b"\x00@\x00\xea\xd8\x3d\xde\x00"
    with pytest.raises(NotGsm7):
        payload("ê", Coding.GSM7)


@pytest.mark.parametrize("text", ["\ud83d", "a\ude00", "\ud83d" * 100])
def test_lone_surrogates_are_an_error(text: str) -> None:
    """Half a character cannot be sent; clean has dropped it before."""
    for function in (measure, split, lambda text: payload(text, Coding.UCS2)):
        with pytest.raises(UnicodeEncodeError):
            function(text)


def test_hostile_texts_end() -> None:
    """Megabytes are measured and split once and through."""
    assert measure("€" * 1_000_000).segments == len(split("€" * 1_000_000)) == -(-1_000_000 // 76)
    assert measure("😀" * 1_000_000).segments == len(split("😀" * 1_000_000)) == -(-1_000_000 // 33)
    assert measure("\x00" * 1_000_000) == Measure(Coding.UCS2, 1_000_000, -(-1_000_000 // 67))


# The calculator never cuts inside a grapheme (an emoji of several code points, a letter with a combining
# mark), though TS 23.040 knows only characters and telephones join the parts before they draw: it may then
# count more segments than are sent. So every character of these texts is a grapheme of its own.
WORDS = "Bonjour, votre colis n'attend que vous à l'accueil. Où ? 12 rue de la Forêt, 5 € [retrait] 😀 ça ira… "
UNITS = {"a": 1, "é": 1, "\n": 1, "€": 2, "[": 2, "ê": 1, "漢": 1, "😀": 2}


def texts_to_compare() -> list[str]:
    """Texts about every boundary, of one kind of character, of pairs at each place near it, and of prose."""
    lengths = [1, 2, 66, 67, 68, 69, 70, 71, 133, 134, 135, 152, 153, 154, 159, 160, 161, 200, 201, 202]
    lengths += [305, 306, 307, 459, 460, 612, 613]
    uniform = [char * (length // UNITS[char] or 1) for char in UNITS for length in lengths]
    mixed = [
        filler * before + pair * pairs + filler * after
        for filler, pair, near in (("a", "€", 153), ("ê", "😀", 67), ("é", "|", 306), ("漢", "𝄞", 134))
        for before in range(near - 3, near + 2)
        for pairs in (1, 2)
        for after in (0, 1, near - 2, near - 1, near)
    ]
    prose = [WORDS[:end] for end in range(len(WORDS))] + [WORDS.replace("😀", "") * n for n in range(1, 8)]
    crlf = ["a\r\n" * n for n in (1, 53, 54, 102, 103)]
    return ["", *uniform, *mixed, *prose, *crlf, *GSM7, *"êçœ’«…–\u00a0`´\t\x00\x1b"]


@pytest.fixture(scope="session")
def calculated() -> dict[str, Measure]:
    """What the npm package sms-segments-calculator says of each text: its ``length`` is not comparable, so 0."""
    texts = texts_to_compare()
    answers = subprocess.run(
        ["node", NODE / "segments.js"], input=json.dumps(texts), capture_output=True, check=True, text=True
    ).stdout
    codings = {"GSM-7": Coding.GSM7, "UCS-2": Coding.UCS2}
    pairs = zip(texts, json.loads(answers), strict=True)
    return {text: Measure(codings[coding], 0, segments) for text, (coding, segments) in pairs}


def test_another_implementation_agrees(calculated: dict[str, Measure]) -> None:
    """sms-segments-calculator finds the same coding and the same number of segments for all its texts."""
    ours = {text: measure(text) for text in calculated}
    assert len(ours) >= 300
    differing = {
        text: (ours[text], theirs)
        for text, theirs in calculated.items()
        if (ours[text].coding, ours[text].segments) != (theirs.coding, theirs.segments)
    }
    assert differing == {}
