"""References: one form for those that are the same, other bases for those that may be, and phones by their ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstob.model.message import Handed, Receipt, Reply, State
from smstob.model.reference import LEAST_TELLING, LONGEST, MOST_DIGITS, bounded, canonical, other_bases, same_phone

from .strategies import QUICK, any_texts

digits = st.text(st.sampled_from("0123456789"), min_size=1, max_size=40)
hexadecimals = st.text(st.sampled_from("0123456789abcdefABCDEF-"), min_size=1, max_size=40)
references = st.one_of(digits, hexadecimals, any_texts, st.text(max_size=300))


@pytest.mark.parametrize(
    ("written", "form"),
    [
        *(("1A2B", "1a2b"), ("00001a2b", "1a2b"), (" 1a2b\r\n", "1a2b"), ("0", "0"), ("0000", "0"), ("007", "7")),
        ("0C9A-41FF", "c9a-41ff"),
        ("6C7C7DE2-8BB3-E961-9477-00000000FE37", "6c7c7de2-8bb3-e961-9477-00000000fe37"),
        *(("00G1", "00G1"), ("Abc xyz", "Abc xyz"), ("msg_0A", "msg_0A"), ("0x1A", "0x1A"), ("1A.2", "1A.2")),
        *(("", ""), ("  ", ""), ("-", "-"), ("a\0b", "ab"), ("\ud8000A", "a"), ("٣", "٣"), ("0" * 500 + "5", "5")),
    ],
)
def test_canonical(written: str, form: str) -> None:
    """Case, leading zeros and white space do not count where it is hexadecimal; nothing else is touched."""
    assert canonical(written) == form


@QUICK
@given(references)
def test_canonical_is_its_own_form(written: str) -> None:
    """Once is enough; it is bounded, and can be kept."""
    form = canonical(written)
    assert canonical(form) == bounded(form) == form
    assert len(form) <= LONGEST
    assert form.encode().decode() == form
    assert canonical(f" {form}\n") == form


@pytest.mark.parametrize("length", [LONGEST - 1, LONGEST, LONGEST + 1, 5000, 100_000])
def test_long_references(length: int) -> None:
    """A digest stands for what is too long, the same on both sides, and another for another."""
    for letter in "xA":
        one = canonical(letter * length)
        assert (len(one) == length) == (length <= LONGEST)
        assert one.startswith("sha256:") == (length > LONGEST)
        assert one == canonical(letter * length)
        assert one != canonical(letter * (length - 1) + "y")
        assert other_bases(one) == ()


def test_hostile_length() -> None:
    """What nearly is hexadecimal takes no longer to look at for it."""
    assert canonical("a" * 2_000_000 + "é").startswith("sha256:")


@pytest.mark.parametrize(
    ("reference", "others"),
    [
        *(("10", ("a", "16")), ("a", ("10",)), ("16", ("10", "22")), ("255", ("ff", "597")), ("ff", ("255",))),
        *(("0", ()), ("5", ()), ("", ()), ("é", ()), ("A", ()), ("0a", ()), ("1-2", ()), ("msg1", ()), ("٣٤", ())),
        ("1" * (MOST_DIGITS + 1), ()),
        ("f" * MOST_DIGITS, ()),
        ("9" * MOST_DIGITS, (f"{int('9' * MOST_DIGITS):x}",)),
    ],
)
def test_other_bases(reference: str, others: tuple[str, ...]) -> None:
    """Digits are decimal or hexadecimal, letters say which; long ones and other ids have no other form."""
    assert other_bases(reference) == others


@QUICK
@given(st.one_of(references, digits.map(canonical), hexadecimals.map(canonical)))
def test_other_bases_are_mutual(reference: str) -> None:
    """Whichever side wrote which: each finds the other, and never itself."""
    others = other_bases(reference)
    assert reference not in others
    assert len(set(others)) == len(others) <= 2
    for other in others:
        assert reference in other_bases(other)
        assert canonical(other) == other


@QUICK
@given(st.integers(0, 10**19))
def test_number_in_both_bases(value: int) -> None:
    """Every number that counts segments is found, in decimal from hexadecimal and back."""
    decimal, hexadecimal = str(value), f"{value:x}"
    assert (decimal in other_bases(hexadecimal)) == (hexadecimal in other_bases(decimal)) == (decimal != hexadecimal)


@pytest.mark.parametrize(
    ("told", "same"),
    [
        *(("33612345678", True), ("+33612345678", True), ("0612345678", True), ("0033612345678", True)),
        *(("12345678", True), ("345678", True), ("5678", True), ("06 12 34 56 78", True)),
        *(("678", False), ("", False), ("33612345679", False), ("33622345678", False), ("99912345678", True)),
        *(("61234567", False), ("MAIRIE", False), ("5679", False), ("٥٦٧٨", False), ("33612245678", False)),
    ],
)
def test_same_phone(told: str, same: bool) -> None:
    """By the last eight digits, or by all where there are fewer, four at least."""
    assert same_phone("+33612345678", told) is same


@QUICK
@given(any_texts)
def test_same_phone_of_anything(told: str) -> None:
    """Whatever a network says, few digits are nobody."""
    if sum(char in "0123456789" for char in told) < LEAST_TELLING:
        assert not same_phone("+33612345678", told)


def test_what_gateways_say_is_bounded() -> None:
    """A reference of any length can be indexed; what a telephone wrote can be stored."""
    assert Handed("x" * 5000).reference == bounded("x" * 5000)
    told = Receipt(gateway="A", reference="x" * 5000, state=State.DELIVERED, at=0, number="33\x00612345678")
    assert (told.reference, told.number) == (Handed("x" * 5000).reference, "33612345678")
    reply = Reply("A", "+33\ud800612345678", "36\x00111", "STOP\0 😀", 0)
    assert (reply.number, reply.recipient, reply.text) == ("+33612345678", "36111", "STOP 😀")
    assert "STOP" not in repr(reply)
    for part, total in ((0, 1), (1, 0), (-1, 3)):
        with pytest.raises(ValueError, match=">= 1"):
            Reply("A", "", "", "", 0, None, part, total)
