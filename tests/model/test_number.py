"""Numbers: every way to write one, and every block of the plan."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstob.model.number import LONGEST, NotANumber, Number, parse_number, parse_numbers

from .strategies import QUICK, decorated

FRENCH_TABLE = [
    ("0600", "0638", "+33", "FR"),
    ("0640", "0689", "+33", "FR"),
    ("0695", "0695", "+33", "FR"),
    ("0698", "0698", "+33", "FR"),
    ("0699", "0699", "+33", "FR"),
    ("073", "079", "+33", "FR"),
    ("0690", "0690", "+590", "GP"),
    ("0691", "0691", "+590", "GP"),
    ("07090", "07090", "+590", "GP"),
    ("0694", "0694", "+594", "GF"),
    ("070930", "070933", "+594", "GF"),
    ("0696", "0696", "+596", "MQ"),
    ("0697", "0697", "+596", "MQ"),
    ("07091", "07091", "+596", "MQ"),
    ("0692", "0692", "+262", "RE"),
    ("0693", "0693", "+262", "RE"),
    ("07092", "07092", "+262", "RE"),
    ("0639", "0639", "+262", "YT"),
    ("070935", "070937", "+262", "YT"),
    ("070840", "070856", "+508", "PM"),
]
"""The French numbering plan, written a second time, line by line."""


def expected(national: str) -> tuple[str, str] | None:
    """What FRENCH_TABLE says of ten digits: E.164 and country, or nothing."""
    for first, last, code, country in FRENCH_TABLE:
        if int(first) <= int(national[: len(first)]) <= int(last):
            return code + national[1:], country
    return None


def found(typed: str) -> tuple[str, str] | None:
    """What the code says, in the shape of ``expected``."""
    try:
        number = parse_number(typed)
    except NotANumber:
        return None
    return number.e164, number.country


@pytest.mark.parametrize(("first", "last", "code", "country"), FRENCH_TABLE)
def test_each_line_of_the_table_ends_where_it_says(first: str, last: str, code: str, country: str) -> None:
    """The lowest and highest number of a line are its own, their neighbours are what the table says of them."""
    lowest, highest = int(first.ljust(10, "0")), int(last.ljust(10, "9"))
    for inside in (lowest, highest):
        national = f"{inside:010}"
        assert found(national) == (code + national[1:], country)
    for outside in (lowest - 1, highest + 1):
        assert found(f"{outside:010}") == expected(f"{outside:010}")


@pytest.mark.parametrize("shape", ["0{}", "+33{}", "33{}", "0033 {}", "+33 (0){}", "+33 0 {}"])
def test_every_form_follows_the_table(shape: str) -> None:
    """Prefixes from all over 01 to 09, in each form of a French number, are what the table says of them."""
    for prefix in range(10_000, 100_000, 17):
        national = f"0{prefix}4321"
        assert found(shape.format(national[1:])) == expected(national), national


def test_six_digit_prefixes_of_mobiles_follow_the_table() -> None:
    """The 20,000 prefixes of 06 and 07, exactly: national, international, and with the overseas code."""
    for prefix in range(60000, 80000):
        national = f"0{prefix}4321"
        meant = expected(national)
        assert found(national) == meant
        for code in ("+262", "+508", "+590", "+594", "+596"):
            assert found(code + national[1:]) == (meant if meant and meant[0].startswith(code) else None)


def test_metropolitan_mobiles_are_those_of_the_library() -> None:
    """phonenumbers and our table agree on which +33 numbers are mobiles, over all five-digit prefixes."""
    for prefix in range(60000, 80000):
        number = phonenumbers.PhoneNumber(country_code=33, national_number=prefix * 10000 + 4321)
        theirs = (
            phonenumbers.is_valid_number(number)
            and phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
        )
        ours = expected(f"0{prefix}4321")
        assert theirs == (ours is not None and ours[1] == "FR"), prefix


@pytest.mark.parametrize(
    "digits",
    [
        "+262692123456", "+262639041234", "+262709361234", "+590690123456", "+590709011234", "+594694201234",
        "+594709321234", "+596696123456", "+596709121234", "+508708411234",
    ],
)  # fmt: skip
def test_overseas_countries_are_those_of_the_library(digits: str) -> None:
    """Where phonenumbers knows an overseas block, it puts it in the same country."""
    theirs = phonenumbers.region_code_for_number(phonenumbers.parse(digits, None))
    assert parse_number(digits).country == theirs


@pytest.mark.parametrize(
    "typed",
    [
        "0612345678", "+33612345678", "0033612345678", "33612345678", "06 12 34 56 78", "06.12.34.56.78",
        "06-12-34-56-78", "06/12/34/56/78", "+33 (0)6 12 34 56 78", "+33 (0) 6 12 34 56 78", "+33 ( 0 ) 612345678",
        "(+33) 6 12 34 56 78", "(06) 12345678", "+33 06 12 34 56 78", "0033 06 12 34 56 78", "33 06 12 34 56 78",
        "+33(06)12345678", "00 33 6 12 34 56 78", " 0612345678\n", "06\u00a012\u202f34\u200956\u300078",
        "06‑12–34—56−78", "\u202a+33 6 12 34 56 78\u202c", "\ufeff0612345678", "06\u200b12\u00ad345678",
        "０６１２３４５６７８", "＋３３（０）６１２３４５６７８", "06·12·34·56·78", "0 6 1 2 3 4 5 6 7 8",
    ],
)  # fmt: skip
def test_one_number_in_its_many_forms(typed: str) -> None:
    """All the ways of writing a mobile number are that number, and what was typed is kept."""
    assert parse_number(typed) == Number("+33612345678", typed, "FR")


@pytest.mark.parametrize(
    ("typed", "e164", "country"),
    [
        ("0692 12 34 56", "+262692123456", "RE"),
        ("+33 692 12 34 56", "+262692123456", "RE"),
        ("+33 (0)639 12 34 56", "+262639123456", "YT"),
        ("+262 692 12 34 56", "+262692123456", "RE"),
        ("+262 (0) 692 12 34 56", "+262692123456", "RE"),
        ("+262 0692 12 34 56", "+262692123456", "RE"),
        ("00262692123456", "+262692123456", "RE"),
        ("262692123456", "+262692123456", "RE"),
        ("590 690 12 34 56", "+590690123456", "GP"),
        ("594694123456", "+594694123456", "GF"),
        ("596696123456", "+596696123456", "MQ"),
        ("+508 708 40 12 34", "+508708401234", "PM"),
        ("+508 55 12 34", "+508551234", "PM"),
        ("00508551234", "+508551234", "PM"),
        ("+32 470 12 34 56", "+32470123456", "BE"),
        ("0032470123456", "+32470123456", "BE"),
        ("+44 (0)7400 123456", "+447400123456", "GB"),
        ("+49 1512 3456789", "+4915123456789", "DE"),
        ("+41 78 123 45 67", "+41781234567", "CH"),
        ("+1 201 555 0123", "+12015550123", "US"),
        ("+689 87 12 34 56", "+68987123456", "PF"),
        ("+687 75 12 34", "+687751234", "NC"),
    ],
)
def test_numbers_and_their_countries(typed: str, e164: str, country: str) -> None:
    """Overseas numbers in all their forms, and foreign ones with their sign."""
    assert parse_number(typed) == Number(e164, typed, country)


@pytest.mark.parametrize(
    "typed",
    [
        "", " ", "+", "00", "0", "bonjour", "contact@example.fr", "06 12 34 56", "061234567", "06123456789",
        "612345678", "(0)6 12 34 56 78", "0512345678", "0112345678", "0912345678", "0800123456", "0899123456",
        "3615", "36180", "118218", "112", "15", "17", "114", "1023", "07001234567890", "+337001234567890",
        "0700123456", "0701234567", "0710234567", "0720234567", "0708391234", "0708571234", "0709341234",
        "0709381234", "0709401234", "+33512345678", "+330", "+33", "+3361234567", "+336123456789", "+3300612345678",
        "++33612345678", "+0033612345678", "+0612345678", "33+612345678", "0612345678+", "06 12 34 56 7x",
        "06,12", "06;12", "06_12_34_56_78", "06\u066112345678", "٠٦١٢٣٤٥٦٧٨", "०६१२३४५६७८", "06½2345678",
        "0612345678\x00", "\x000612345678", "0612345678 ext 5", "+262690123456", "+590692123456",
        "+262 262 12 34 56", "262262123456", "590590123456", "508708401234", "508551234", "551234", "26269212345",
        "+508 41 12 34", "+508708391234", "+508612345678", "+596612345678", "+32 2 123 45 67", "32470123456",
        "447400123456", "+41 44 668 18 00", "+99912345678", "+870773112345", "+8816123456789", "+800 1234 5678",
        "+1 800 234 5678", "=0612345678", "'0612345678", "6,12E+08", "\ud800", "0612345678\ud83d", "😀",
    ],
)  # fmt: skip
def test_what_is_no_mobile_is_refused(typed: str) -> None:
    """Landline, special, premium, short and M2M numbers, other digits, other countries without sign, garbage."""
    with pytest.raises(NotANumber):
        parse_number(typed)


def test_the_refusal_does_not_repeat_what_was_typed() -> None:
    """Errors end in logs, which must not hold numbers."""
    with pytest.raises(NotANumber) as refused:
        parse_number("0512345678")
    assert "512345678" not in str(refused.value)


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS - {"FR", "GP", "GF", "MQ", "RE", "YT"}))
def test_foreign_mobiles_and_landlines(region: str) -> None:
    """The library's own example of each country: its mobile is taken with + and 00, its landline is not."""
    kinds = phonenumbers.PhoneNumberType
    mobile = phonenumbers.example_number_for_type(region, kinds.MOBILE)
    landline = phonenumbers.example_number_for_type(region, kinds.FIXED_LINE)
    if mobile is not None and region not in ("BL", "MF"):
        e164 = phonenumbers.format_number(mobile, phonenumbers.PhoneNumberFormat.E164)
        number = parse_number(e164)
        assert number.e164 == parse_number("00" + e164[1:]).e164 == e164
        assert number.country == phonenumbers.region_code_for_number(mobile)
    if landline is not None and phonenumbers.number_type(landline) == kinds.FIXED_LINE:
        with pytest.raises(NotANumber):
            parse_number(phonenumbers.format_number(landline, phonenumbers.PhoneNumberFormat.E164))


lines = st.sampled_from(FRENCH_TABLE)


@QUICK
@given(line=lines, filler=st.text("0123456789", min_size=10, max_size=10), data=st.data())
def test_decoration_never_changes_a_number(line: tuple[str, str, str, str], filler: str, data: st.DataObject) -> None:
    """Any number of the table, in any form, with anything ignorable between its digits, is the same number."""
    first, _, code, country = line
    significant = (first + filler)[1:10]
    prefixes = ["0", "33", "330", "+33", "+330", "0033", "00330", code, "00" + code[1:], code + "0"]
    digits = data.draw(st.sampled_from(prefixes)) + significant
    typed = data.draw(decorated(digits))
    assert len(typed) <= LONGEST
    assert parse_number(typed) == Number(code + significant, typed, country)


@QUICK
@given(st.text(max_size=80))
def test_any_text_is_a_mobile_or_refused(typed: str) -> None:
    """Nothing but NotANumber is ever raised, and what is taken is E.164."""
    result = found(typed)
    assert result is None or result[0][1:].isdigit()


@QUICK
@given(st.text("+0123456789 ()", max_size=70))
def test_any_digits_give_a_number_that_parses_to_itself(typed: str) -> None:
    """E.164 is a fixed point: what is stored can be read again."""
    result = found(typed)
    if result is not None:
        assert found(result[0]) == result


def test_length_limit_is_on_what_was_typed() -> None:
    """64 characters are read, 65 are refused however harmless."""
    typed = "0612345678".ljust(LONGEST)
    assert parse_number(typed).e164 == "+33612345678"
    with pytest.raises(NotANumber):
        parse_number(typed + " ")


@pytest.mark.parametrize(
    ("typed", "e164s"),
    [
        ("0612345678", ["+33612345678"]),
        ("0612345678,0698765432;+32470123456", ["+33612345678", "+33698765432", "+32470123456"]),
        (" 0612345678 ; ; ,\n0698765432, ", ["+33612345678", "+33698765432"]),
        ("0612345678;+33 6 12 34 56 78,0698765432;0612345678", ["+33612345678", "+33698765432"]),
        (" " * 100 + "0612345678" + " " * 100, ["+33612345678"]),
    ],
)
def test_lists_of_numbers(typed: str, e164s: list[str]) -> None:
    """Both separators, empty pieces, order, and each number once."""
    assert [number.e164 for number in parse_numbers(typed)] == e164s


def test_the_first_of_two_spellings_is_kept() -> None:
    """A repeated number is shown as it was typed first, without the space around it."""
    assert parse_numbers("06.12.34.56.78 ; 0612345678") == (Number("+33612345678", "06.12.34.56.78", "FR"),)


@pytest.mark.parametrize("typed", ["", " ", ";,;", "0612345678;0512345678", "clients", "0612345678 0698765432"])
def test_a_bad_list_is_refused_whole(typed: str) -> None:
    """One bad number among good ones, or no number, is no list."""
    with pytest.raises(NotANumber):
        parse_numbers(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "9" * 5_000_000, ";" * 5_000_000, "(0)" * 2_000_000, "0;" * 2_000_000, "\u200b" * 3_000_000, "\ufdfa" * 64,
        " " * 5_000_000, "é,;\x00" * 1_000_000, "+" * 64, "+" + "9" * 63,
    ],
    ids=range(10),
)  # fmt: skip
def test_megabytes_of_garbage_are_refused(typed: str) -> None:
    """Hostile input ends, in both functions, in the one refusal."""
    with pytest.raises(NotANumber):
        parse_number(typed)
    with pytest.raises(NotANumber):
        parse_numbers(typed)


def test_a_long_list_of_good_numbers() -> None:
    """100,000 numbers are read, and each of the 50,000 unlike ones is there once."""
    typed = ",".join(f"06{n % 50_000:08}" for n in range(100_000))
    assert len(parse_numbers(typed)) == 50_000
