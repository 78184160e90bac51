"""The GSM 7 bit alphabet (3GPP TS 23.038 §6.2.1) and what is put in the place of what it lacks."""

import sys
import unicodedata

import pytest
from gsm0338.codec import Codec
from hypothesis import given
from hypothesis import strategies as st

from smstob.model.alphabet import NotGsm7, adapt, compose, decode, encode, is_gsm7, septets

from .strategies import DEFAULT, EXTENSION, GSM7, QUICK, any_texts, gsm7_texts

MARKED = "aeéê\u0301\u0302\u0327\u0338\u0344\u0f71\u0f73\u0f75\u0f81\u0958か\u3099각\u1100\u1161"
SCALARS = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code <= 0xDFFF]


def test_both_tables_are_those_of_another_library() -> None:
    """Every septet and every escape sequence of gsm0338's tables stands for the same character, both ways."""
    assert (len(DEFAULT), len(EXTENSION)) == (127, 10)
    for septet, char in DEFAULT.items():
        assert encode(char) == bytes([septet])
        assert decode(bytes([septet])) == char
        assert septets(char) == 1
    for septet, char in EXTENSION.items():
        assert encode(char) == bytes([0x1B, septet])
        assert decode(bytes([0x1B, septet])) == char
        assert septets(char) == 2


def test_no_other_character_is_gsm7() -> None:
    """Of all that Unicode has, is_gsm7 takes the characters of the two tables and nothing else."""
    assert {char for char in SCALARS if is_gsm7(char)} == set(GSM7)
    assert is_gsm7("")
    assert not is_gsm7("\x1b")
    assert not is_gsm7("\ud83d")


@pytest.mark.parametrize("text", ["ê", "abcê", "êabc", "a\x1bb", "a\x00", "€\u00a0", "😀", "\ud83d", "ç", "`"])
def test_what_the_alphabet_lacks_is_not_encoded(text: str) -> None:
    """One foreign character anywhere makes the text not GSM-7; the escape itself is no character."""
    assert not is_gsm7(text)
    with pytest.raises(NotGsm7):
        encode(text)


@QUICK
@given(gsm7_texts)
def test_decoding_what_was_encoded_gives_it_back(text: str) -> None:
    """Encoding loses nothing, takes the septets that were counted, and agrees with gsm0338."""
    encoded = encode(text)
    assert decode(encoded) == text
    assert len(encoded) == septets(text)
    assert max(encoded, default=0) < 0x80
    assert encoded == Codec().encode(text)[0]


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"", ""),
        (b"\x1b", " "),
        (b"abc\x1b", "abc "),
        (b"\x1b\x1b", " "),
        (b"\x1b\x1b\x65", " e"),
        (b"\x1b\x1b\x1b\x65", " €"),
        (b"\x1b\x1b\x1b", "  "),
        (b"\x1ba", "a"),
        (b"\x1b\x00", "@"),
        (b"\x1b\x20", " "),
        (b"\x1b\x0d", "\r"),
        (b"\x1b\x0a", "\f"),
        (b"5\x1be\x00", "5€@"),
    ],
)
def test_strange_escapes_are_shown_as_the_standard_asks(octets: bytes, text: str) -> None:
    """§6.2.1.1: an unknown extension shows the default character, a second escape and a lone one a space."""
    assert decode(octets) == text


def test_all_pairs_of_septets_can_be_decoded() -> None:
    """Whatever a network hands over is read: no pair of septets raises, and none but the escape is lost."""
    for first in range(128):
        for second in range(128):
            assert len(decode(bytes([first, second]))) == (1 if first == 0x1B else 2)


@pytest.mark.parametrize("octets", [b"\x80", b"abc\xff", b"\x1b\x80"])
def test_octets_that_are_no_septets_are_refused(octets: bytes) -> None:
    """Packed septets or another coding are not taken for text."""
    with pytest.raises(ValueError, match="ordinal not in range"):
        decode(octets)


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("prêt, ça va ?", "pret, ca va ?"),
        ("âêîôûëïÿçœŒ ÀÂÈÊËÎÏÔÙÛŸ", "aeioueiycoeOE AAEEEIIOUUY"),
        ("L’été ‘ici’ ‚là‛", "L'été 'ici' 'là'"),
        ("«\u00a0Bonjour\u202f» “oui” „non‟", '" Bonjour " "oui" "non"'),
        ("Bon… – — ‑ − •", "Bon... - - - - -"),
        ("a\u00a0b\u202fc\u2009d\u3000e\tf", "a b c d e f"),
        ("ze\u200bro\u00ad\ufeff\u200d\u2060\u200e\u202a\u202c", "zero"),
        ("n° 3, N°4, N° 5", "no 3, No4, No 5"),
        ("20 °C, 30°, ℃", "20 degC, 30deg, degC"),
        ("№ 7, 1½ h, ½ h, 2¾", "No 7, 1 1/2 h, 1/2 h, 2 3/4"),
        ("m², CO₂, 1ᵉʳ, 2ᵈᵉ", "m2, CO2, 1er, 2de"),
        ("ﬁn, ﬂot, ĳ, ™ © ®", "fin, flot, ij, TM (c) (R)"),
        ("étudiant·e·s", "étudiant.e.s"),
        ("3 × 4 ÷ 2 ± 1 ≠ 0 ≤ 1 ≥ 2", "3 x 4 / 2 +/- 1 != 0 <= 1 >= 2"),
        ("5 µg → 6 μg", "5 ug -> 6 ug"),
        ("Łódź, Đà Nẵng, İstanbul, Þór, ı", "Lodz, Dà Nang, Istanbul, Thor, i"),
        ("e\u0301 e\u0302 q\u0302", "é e q"),
        ("ＡＢＣ１２３ 𝐆𝐫𝐚𝐬 ①", "ABC123 Gras 1"),
        ("1\ufe0f\u20e3", "1"),
        ("′ ″ ` ´", "' \" ' '"),
        ("ligne\u2028suite", "ligne\nsuite"),
        ("ẞ ĸ", "SS k"),
    ],
)
def test_french_typography_has_plain_equivalents(typed: str, plain: str) -> None:
    """What word processors, telephones and names bring becomes GSM-7 that reads the same."""
    assert adapt(typed) == plain
    assert is_gsm7(plain)


@pytest.mark.parametrize("text", ["Привет", "漢字", "שלום", "😀", "❤\ufe0f", "α", "≮", "¨", "♥", "∑"])
def test_what_has_no_equivalent_stays(text: str) -> None:
    """Other scripts and signs are not mangled into something else: the text will go in UCS-2."""
    assert not is_gsm7(adapt(text))


def test_every_character_of_the_alphabet_is_untouched() -> None:
    """é è à ù ì ò Ç Ä Ö Ñ Ü ä ö ñ ü Å å Ø ø Æ æ ß É £ ¥ § ¿ ¡ ¤ € and all the others stay."""
    assert adapt(GSM7) == GSM7


def test_every_character_can_be_adapted() -> None:
    """Each of Unicode becomes GSM-7 as a whole or stays itself (or its base, if NFC takes it apart), and is short."""
    for char in SCALARS:
        if unicodedata.category(char) in ("Cn", "Co"):
            continue
        adapted = adapt(char)
        assert is_gsm7(adapted) or unicodedata.normalize("NFC", char).startswith(adapted), hex(ord(char))
        assert adapt(adapted) == adapted
        assert len(adapted) <= 18


@QUICK
@given(any_texts)
def test_adapting_again_changes_nothing(text: str) -> None:
    """adapt is idempotent on anything that a string can hold."""
    adapted = adapt(text)
    assert adapt(adapted) == adapted


@QUICK
@given(gsm7_texts)
def test_gsm7_texts_are_untouched(text: str) -> None:
    """In no order or number are characters of the alphabet changed."""
    assert adapt(text) == text


@QUICK
@given(st.text(st.one_of(st.characters(categories=["Mn", "Lo"]), st.sampled_from(MARKED)), max_size=60))
def test_long_texts_are_composed_as_short_ones(text: str) -> None:
    """What keeps compose linear on long texts changes nothing of NFC, whatever the order of marks."""
    long = "é" * 1000 + text
    assert compose(long) == unicodedata.normalize("NFC", long)
    assert compose(text) == unicodedata.normalize("NFC", text)


def test_hostile_texts_end() -> None:
    """A megabyte of marks, of invisible characters, of fractions is read once and through."""
    for text in ("e" + "\u0301\u0327" * 500_000, "\u200b" * 1_000_000, "1½" * 500_000, "n°" * 500_000):
        assert is_gsm7(adapt(text))
    assert len(compose("か" + "\u0344\u0f73" * 200_000)) == 800_001
    assert decode(b"\x1b" * 1_000_000) == " " * 500_000
