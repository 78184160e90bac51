"""Texts, from the channels' to what is sent."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstob.model.account import Characters
from smstob.model.alphabet import is_gsm7
from smstob.model.text import clean, for_sending, is_blank, storable, storable_or_none

from .strategies import QUICK, any_texts, gsm7_texts


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Bonjour", "Bonjour"),
        ("", ""),
        (" \t\r\n\u00a0\u2003\u3000 ", ""),
        ("  Bonjour à tous \n", "Bonjour à tous"),
        ("a\r\nb\rc\nd\u0085e\u2028f\u2029g", "a\nb\nc\nd\ne\nf\ng"),
        ("a\r\n\r\nb\n\rc", "a\n\nb\n\nc"),
        ("a\tb", "ab"),
        ("a\x00b\x07c\x0bd\x0ce\x1bf\x7fg\x80h\x9fi", "abcdefghi"),
        ("e\u0301te\u0301", "été"),
        ("e\x00\u0301", "é"),
        ("\ud83da\ude00b\udfff", "ab"),
        ("😀 ok", "😀 ok"),
        ("a\u00a0b\u200bc\ufeffd", "a\u00a0b\u200bc\ufeffd"),
        ("100 % %s {x} \\n", "100 % %s {x} \\n"),
    ],
)
def test_texts_are_cleaned(typed: str, kept: str) -> None:
    """Line ends, control characters, surrogates, composition and outer space, each as the page says."""
    assert clean(typed) == kept


def test_every_control_character_is_dropped_but_the_line_end() -> None:
    """Of the Cc and Cs characters between two letters only line ends leave a trace."""
    for code in range(sys.maxunicode + 1):
        if unicodedata.category(chr(code)) in ("Cc", "Cs"):
            expected = {"\n": "a\nb", "\r": "a\nb", "\x85": "a\nb"}.get(chr(code), "ab")
            assert clean(f"a{chr(code)}b") == expected


@QUICK
@given(any_texts)
def test_a_clean_text_is_clean(text: str) -> None:
    """Cleaning leaves NFC without control characters nor outer space, which UTF-8 can hold, and does so once."""
    cleaned = clean(text)
    assert clean(cleaned) == cleaned == cleaned.strip() == unicodedata.normalize("NFC", cleaned)
    assert not any(unicodedata.category(char) in ("Cc", "Cs") for char in cleaned.replace("\n", ""))
    assert cleaned.encode().decode() == cleaned


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("déjà 5 €", "déjà 5 €"),
        ("ça, c’est prêt…", "ca, c'est pret..."),
        ("ça 😀", "ça 😀"),
        ("fête à Łódź", "fete à Lodz"),
        ("Привет ê", "Привет ê"),
        ("\u200b", ""),
        ("\ufeff Bonjour", "Bonjour"),
        ("", ""),
    ],
)
def test_adapting_is_all_or_nothing(text: str, sent: str) -> None:
    """A text is adapted if that saves it from UCS-2, else it goes as typed; «tels quels» never changes it."""
    assert for_sending(text, Characters.ADAPT) == sent
    assert for_sending(text, Characters.AS_IS) == text


@QUICK
@given(any_texts.map(clean))
def test_what_is_sent_is_gsm7_or_as_typed(text: str) -> None:
    """Nothing in between; and it is stable, so that a preview is what is sent."""
    sent = for_sending(text, Characters.ADAPT)
    assert is_gsm7(sent) or sent == text
    assert for_sending(sent, Characters.ADAPT) == sent == clean(sent)


@QUICK
@given(gsm7_texts)
def test_gsm7_is_sent_as_it_is(text: str) -> None:
    """Neither option touches a text of the alphabet."""
    assert for_sending(text, Characters.ADAPT) == for_sending(text, Characters.AS_IS) == text


def test_hostile_texts_end() -> None:
    """Megabytes of white space, NULs, surrogates or marks in disorder are cleaned once and through."""
    for text in ("\r" * 2_000_000, "\x00" * 2_000_000, "\ud800" * 2_000_000, " " * 2_000_000):
        assert clean(text) == ""
    marked = clean("e" + "\u0301\u0327" * 300_000)
    assert (marked[:2], marked[-1], len(marked)) == ("ȩ\u0327", "\u0301", 600_000)
    assert for_sending(clean("\u200b" * 1_000_000), Characters.ADAPT) == ""


def test_every_blank_character_is_seen() -> None:
    """A character alone is blank exactly when cleaning drops it."""
    for code in range(sys.maxunicode + 1):
        assert is_blank(chr(code)) == (not clean(chr(code))), hex(code)


@QUICK
@given(any_texts | st.text(st.sampled_from(" \n\r\x00\x1c\x85\u2028\u3000\ud800\u0301\u200ba")))
def test_blank_is_what_cleaning_leaves_nothing_of(text: str) -> None:
    """The quick look and the thorough one agree."""
    assert is_blank(text) == (not clean(text))


def test_what_can_be_stored() -> None:
    """NUL and lone surrogates go, all else stays."""
    assert storable("a\0\ud800é\udfff😀\x01\n") == "aé😀\x01\n"
    assert storable("plain") == "plain"
    assert (storable_or_none(None), storable_or_none("\0x")) == (None, "x")
