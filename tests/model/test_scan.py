"""What people paste into a box of numbers: every number is found, nothing else is taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstob.model.number import MOST_FAILED, parse_number, scan_numbers

from .strategies import QUICK, any_texts

ONE, TWO, RE, BE = "+33612345678", "+33698765432", "+262692123456", "+32470123456"


@pytest.mark.parametrize(
    ("pasted", "numbers", "others"),
    [
        ("", [], []),
        ("  \r\n ,; \t// ", [], []),
        ("0612345678", [ONE], []),
        ("06 12 34 56 78 06.98.76.54.32", [ONE, TWO], []),
        ("0612345678 0698765432", [ONE, TWO], []),
        ("06 12 34 56 78/06 98 76 54 32", [ONE, TWO], []),
        ("06/12/34/56/78 06-98-76-54-32", [ONE, TWO], []),
        ("0612345678\r\n\r\n0698765432\n", [ONE, TWO], []),
        ("0612345678;0698765432, 06 12 34 56 78", [ONE, TWO], []),
        ("+33 6 12 34 56 78 0033 6 98 76 54 32", [ONE, TWO], []),
        ("33 6 12 34 56 78 33698765432", [ONE, TWO], []),
        ("+33 (0)6 12 34 56 78 (06 98 76 54 32)", [ONE, TWO], []),
        ("(+33) 6 12 34 56 78", [ONE], []),
        ("０６ １２ ３４ ５６ ７８／＋３３６９８７６５４３２", [ONE, TWO], []),
        ("06\u00a012\u202f34\u00a056\u202f78 06\u201198\u201176\u201154\u201132", [ONE, TWO], []),
        ("\ufeff06\u200b12345678", [ONE], []),
        ("0692 12 34 56 +262 692 12 34 56", [RE], []),
        ("+32 470 12 34 56 06 12 34 56 78", [BE, ONE], []),
        ("0032 470 12 34 56 33 6 12 34 56 78", [BE, ONE], []),
        ("+32 470 12 34 56 +32 470 12 34 56 1000 Bruxelles", [BE], ["1000 Bruxelles"]),
        ("+43 664 1234567 06 12 34 56 78", ["+436641234567", ONE], []),
        ("+44 (0)7400 123456", ["+447400123456"], []),
        ("Jean Dupont 0612345678", [ONE], ["Jean Dupont"]),
        ('"Jean Dupont" <06 12 34 56 78>; Anne : 0698765432', [ONE, TWO], ["Jean Dupont", "Anne"]),
        ("Dupont;Jean;0612345678;12/05/1970;Paris\nnom", [ONE], ["Dupont", "Jean", "12/05/1970", "Paris", "nom"]),
        ("0612345678 Mairie 0698765432 École", [ONE, TWO], ["Mairie", "École"]),
        ("Tél.06 12 34 56 78", [ONE], ["Tél"]),
        ("01 23 45 67 89", [], ["01 23 45 67 89"]),
        ("01 64 06 12 34 06 98 76 54 32", [TWO], ["01 64 06 12 34"]),
        ("+33 1 64 06 12 34 06 98 76 54 32", [TWO], ["+33 1 64 06 12 34"]),
        ("+39 06 12345678", [], ["+39 06 12345678"]),
        ("+39 06 1234 5678 06 98 76 54 32", [TWO], ["+39 06 1234 5678"]),
        ("+32 2 123 45 67 06 12 34 56 78", [ONE], ["+32 2 123 45 67"]),
        ("06 12 34 56 7", [], ["06 12 34 56 7"]),
        ("06 12 34 56 789", [], ["06 12 34 56 789"]),
        ("06123456780698765432", [], ["06123456780698765432"]),
        ("+3361234567806987", [], ["+3361234567806987"]),
        ("x0612345678 0612345678x", [], ["x0612345678 0612345678x"]),
        ("+0612345678", [], ["+0612345678"]),
        ("0612345678\0", [ONE], []),
        ("٠٦١٢٣٤٥٦٧٨ 😀", [], ["٠٦١٢٣٤٥٦٧٨ 😀"]),
        ("+49 30 " + " " * 80 + "1234567", [], ["+49 30 " + " " * 80 + "1234567"]),
    ],
)
def test_table(pasted: str, numbers: list[str], others: list[str]) -> None:
    """Each way of writing, and what stands beside; in doubt nothing is found."""
    found, told = scan_numbers(pasted)
    assert ([one.e164 for one in found], list(told)) == (numbers, others)


def test_what_is_kept_of_a_number() -> None:
    """As typed, with its country; the first writing of a number is the one that counts."""
    found, _ = scan_numbers("Anne +33 (0)6 12 34 56 78, 0612345678, ０692 12 34 56")
    assert [(one.typed, one.country) for one in found] == [("+33 (0)6 12 34 56 78", "FR"), ("０692 12 34 56", "RE")]


def _written(digits: str, how: str) -> str:
    """Nine French digits, as people write them."""
    pairs = [digits[0], *(digits[place : place + 2] for place in range(1, 9, 2))]
    prefix, separator = how[:-1], how[-1].strip("x")
    return prefix + separator.join(pairs) if prefix in ("0", "+33", "0033") else f"{prefix} {separator.join(pairs)}"


PREFIXES = ("0", "+33", "0033", "33", "+33 (0)")
WAYS = [f"{prefix}{between}" for prefix in PREFIXES for between in ("x", " ", ".", "-", "/")]
french = st.tuples(st.sampled_from("67"), st.integers(40_000_000, 89_999_999), st.sampled_from(WAYS)).map(
    lambda drawn: _written(f"{drawn[0]}{drawn[1]}", drawn[2])
)
foreign = st.tuples(st.integers(470_000_000, 479_999_999), st.sampled_from(["+32", "0032", "+32 "])).map(
    lambda drawn: f"{drawn[1]}{drawn[0]}"
)
SEPARATORS = ["\n", "\r\n", ",", ";", "\t", "/", " ", " / ", ", ", " ; ", "\n\n", "\u2028", " Anne "]


@QUICK
@given(st.lists(st.tuples(st.one_of(french, french, foreign), st.sampled_from(SEPARATORS)), max_size=12))
def test_numbers_are_found_again(written: list[tuple[str, str]]) -> None:
    """A list of valid numbers, joined by any of the separators: each once, in order; nothing is left but names."""
    found, others = scan_numbers("".join(map("".join, written)))
    wanted = dict.fromkeys(parse_number(number).e164 for number, _ in written)
    assert [one.e164 for one in found] == list(wanted)
    assert set(others) <= {"Anne"}


@QUICK
@given(st.one_of(any_texts, st.text("0136+() .,/-x\n", max_size=120)))
def test_whatever_is_pasted(text: str) -> None:
    """What is found is a number as it stands in the text, and what is left stands there too."""
    found, others = scan_numbers(text)
    assert len({one.e164 for one in found}) == len(found)
    for one in found:
        assert one.typed in text
        assert parse_number(one.typed) == one
    assert all(piece in text and piece for piece in others)


HARD = ["1 ", "0 1 ", "+1 ", "+" + "1 " * 15, "00 ", "+", "0", "a", "(", "é,", ",; ", "06 12 34 56 7", "0033"]


@pytest.mark.parametrize("garbage", HARD)
def test_a_megabyte_of_garbage(garbage: str) -> None:
    """It is looked through in a second: were the work anything but linear, this would not end."""
    found, _ = scan_numbers(garbage * (1_000_000 // len(garbage)))
    assert not found


def test_foreign_numbers_that_are_none_are_looked_up_so_often_and_no_more() -> None:
    """Looking one up is dear: beyond a thousand they are left to the others, while French ones are still found."""
    wrong = [f"+32 2 {number}" for number in range(1_000_000, 1_000_000 + MOST_FAILED)]
    few, _ = scan_numbers("\n".join([*wrong[1:], "+32470123456", "0612345678"]))
    many, others = scan_numbers("\n".join([*wrong, "+32470123456", "0612345678"]))
    assert [one.e164 for one in few] == [BE, ONE]
    assert [one.e164 for one in many] == [ONE]
    assert others[-1] == "+32470123456"
