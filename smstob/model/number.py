"""Mobile numbers, from what people type to E.164."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

import attrs


class NotANumber(ValueError):
    """What was typed is not the number of a mobile telephone; the message never repeats it."""


@attrs.frozen
class Number:
    """A number that can receive SMS."""

    e164: str
    """ITU-T E.164 with its sign: ``+33612345678``."""
    typed: str
    """As the sender wrote it."""
    country: str
    """ISO 3166-1 alpha-2; the overseas departments and territories have their own (``RE``, ``GP``...)."""


LONGEST: Final = 64
"""Characters that one typed number may have, separators included."""

# Mobile blocks of the French numbering plan (ARCEP 2018-0881 and 2022-1583): first and last leading digits
# of the nine-digit number, country code, country. What is in no block is landline, special or M2M.
_BLOCKS: Final = (
    ("600", "638", "33", "FR"),
    ("639", "639", "262", "YT"),
    ("640", "689", "33", "FR"),
    ("690", "691", "590", "GP"),
    ("692", "693", "262", "RE"),
    ("694", "694", "594", "GF"),
    ("695", "695", "33", "FR"),
    ("696", "697", "596", "MQ"),
    ("698", "699", "33", "FR"),
    ("70840", "70856", "508", "PM"),
    ("7090", "7090", "590", "GP"),
    ("7091", "7091", "596", "MQ"),
    ("7092", "7092", "262", "RE"),
    ("70930", "70933", "594", "GF"),
    ("70935", "70937", "262", "YT"),
    ("73", "79", "33", "FR"),
)

_FRENCH_CODES: Final = {country: code for _, _, code, country in _BLOCKS}

_METROPOLITAN: Final = frozenset(
    str(prefix)
    for prefix in range(600, 800)
    if any(first <= str(prefix)[: len(first)] <= last and code == "33" for first, last, code, _ in _BLOCKS)
)
_COMMON: Final = re.compile(r"(?:0|\+?33|0033)(([67][0-9]{2})[0-9]{6})")
_OVERSEAS: Final = re.compile(r"(262|508|59[046])0?([0-9]+)")
_OVERSEAS_WITHOUT_SIGN: Final = re.compile(r"(?:262|59[046])[0-9]{9}")
_TYPED: Final = re.compile(r"(\+|00)?([0-9]+)")
_IGNORED: Final = re.compile(r"[\s.·/\-\u2010-\u2015\u2212]+")
_BETWEEN_SEPARATORS: Final = re.compile(r"[^,;]+")

MOST_FAILED: Final = 1000
SHORTEST: Final = 7
"""Digits of a foreign number, its country's included."""

_WIDTHS: Final = str.maketrans("０１２３４５６７８９＋（）．／－", "0123456789+()./-")
_SOFT: Final = (
    r" \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000.·/\-\u2010-\u2015\u2212()"
    r"\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
)
"""What people and clipboards put within a number, as the inside of a regular expression's class."""

_S: Final = f"[{_SOFT}]{{0,4}}"
_NINE: Final = f"[1-9](?:{_S}[0-9]){{8}}"
# landlines too: else a mobile would be read into the middle of one
_FIXED: Final = (
    rf"(?:0{_S}|(?:(?:\+|0{_S}0){_S}(?:3{_S}3|2{_S}6{_S}2|5{_S}0{_S}8|5{_S}9{_S}[046])|33|262|59[046])"
    rf"{_S}(?:0{_S})?){_NINE}(?!\w)"
)
_FRENCH: Final = re.compile(_FIXED)
_WRITTEN: Final = re.compile(rf"(?<![\w+])(?:({_FIXED})|(?:\+|00){_S}[0-9](?:{_S}[0-9]){{6,14}})")
_GROUP: Final = re.compile("[0-9]+")
_NOT_DIGITS: Final = re.compile("[^0-9]+")
_BOUNDARY: Final = re.compile(r"(?!\w)")
_WORD: Final = re.compile(r"\w")
_HARD_SEPARATORS: Final = re.compile(r"[\n-\r\x1c-\x1e\x85\u2028\u2029\t,;]+")
_TRIMMED: Final = " \u00a0\u202f.·/-–—()<>[]{}\"'«»:|*•=\u00ad\u200b\ufeff"


def calling_code(country: str) -> str | None:
    """The digits that the numbers of a country begin with behind ``+``; None for what is no country."""
    if country in _FRENCH_CODES:
        return _FRENCH_CODES[country]
    import phonenumbers

    return str(phonenumbers.country_code_for_region(country) or "") or None


def national(e164: str) -> str:
    """The ten digits of a French number, overseas too; any other stays in E.164."""
    found = _FRENCH_E164.fullmatch(e164)
    return f"0{found[1]}" if found else e164


_FRENCH_E164: Final = re.compile(r"\+(?:33|262|508|59[046])([67][0-9]{8})")


def parse_number(typed: str) -> Number:
    """The mobile number that ``typed`` means.

    Without ``+`` or ``00`` the number is French or overseas French; from elsewhere it must say its country.
    Raises NotANumber for anything else, and for more than LONGEST characters.
    """
    if len(typed) <= LONGEST:
        common = _COMMON.fullmatch(typed) or _COMMON.fullmatch(typed.replace(" ", "").replace(".", ""))
        if common and common[2] in _METROPOLITAN:
            return Number("+33" + common[1], typed, "FR")
        written = _TYPED.fullmatch(_without_decoration(typed))
        if written:
            e164, country = _resolve(written[2], international=written[1] is not None)
            return Number(e164, typed, country)
    raise NotANumber("not the number of a mobile")


def parse_numbers(typed: str) -> tuple[Number, ...]:
    """The numbers of a list separated by ``,`` or ``;``, in order, each E.164 once as first typed.

    Empty pieces are ignored. Raises NotANumber if a piece is not a number, or if there is none.
    """
    numbers: dict[str, Number] = {}
    for piece in pieces(typed):
        number = parse_number(piece)
        numbers.setdefault(number.e164, number)
    if not numbers:
        raise NotANumber("no number at all")
    return tuple(numbers.values())


def scan_numbers(text: str) -> tuple[tuple[Number, ...], tuple[str, ...]]:
    """The numbers in what people paste, in order, each E.164 once as first typed; and the pieces that are none.

    Whatever separates them: line ends, commas, semicolons, tabs, slashes, names, or nothing but the spaces that are
    within them too. Digits that are no mobile's number (a landline, a postcode) are left among the others. In doubt a
    number is not found: it is better told than misread. After ``MOST_FAILED`` foreign ones that are none, no more of
    these are looked for. Up to 50 µs a foreign number and 5 µs any other: much, in a thread.
    """
    numbers: dict[str, Number] = {}
    others: list[str] = []
    plain = text.translate(_WIDTHS)
    failed = told = position = 0
    while found := _WRITTEN.search(plain, position):
        ends = [found.end()] if found[1] else _ends(plain, found)
        position = ends[-1] if ends else found.end()
        number = _longest(text, found.start(), ends) if failed < MOST_FAILED or found[1] else None
        if number is None:
            failed += not found[1]
            continue
        others += _others(text[told : found.start()])
        numbers.setdefault(number.e164, number)
        told = position = found.start() + len(number.typed)
    others += _others(text[told:])
    return tuple(numbers.values()), tuple(others)


def _longest(text: str, start: int, ends: list[int]) -> Number | None:
    for end in reversed(ends):
        try:
            return parse_number(text[start:end])
        except NotANumber:
            continue
    return None


def _ends(plain: str, found: re.Match[str]) -> list[int]:
    """Where a foreign number may end: behind any of its groups, the shortest first, and not within a French one."""
    ends: list[int] = []
    for group in _GROUP.finditer(plain, found.start(), found.end()):
        if ends and _FRENCH.match(plain, group.start()):
            break
        digits = len(_NOT_DIGITS.sub("", plain[found.start() : group.end()]))
        if digits >= SHORTEST and _BOUNDARY.match(plain, group.end()):
            ends.append(group.end())
    return ends


def _others(between: str) -> Iterator[str]:
    for piece in _HARD_SEPARATORS.split(between):
        if _WORD.search(piece):
            yield piece.strip(_TRIMMED)


def pieces(typed: str) -> Iterator[str]:
    """What stands between the separators of a list of numbers, empty pieces left out.

    One at a time: a megabyte of garbage ends at its first piece.
    """
    for match in _BETWEEN_SEPARATORS.finditer(typed):
        piece = match[0].strip()
        if piece:
            yield piece


def _without_decoration(typed: str) -> str:
    plain = unicodedata.normalize("NFKC", typed)
    if not plain.isascii():
        plain = "".join(char for char in plain if unicodedata.category(char) != "Cf")
    plain = _IGNORED.sub("", plain)
    return plain.replace("(0)", "").replace("(", "").replace(")", "")


def _resolve(digits: str, *, international: bool) -> tuple[str, str]:
    if not international and digits.startswith("0"):
        return _french(digits[1:])
    if digits.startswith("33"):
        return _french(digits[2:].removeprefix("0"))
    overseas = _OVERSEAS.fullmatch(digits)
    if overseas and (international or _OVERSEAS_WITHOUT_SIGN.fullmatch(digits)):
        code, national = overseas.groups()
        # The six-digit numbers of Saint-Pierre-et-Miquelon are in no French block.
        if code != "508" or len(national) != 6:
            return _french(national, code)
    if international:
        return _foreign(digits)
    raise NotANumber("no country")


def _french(national: str, code: str | None = None) -> tuple[str, str]:
    """E.164 and country of nine digits: those of a mobile, in the country ``code`` if that is given."""
    if len(national) == 9:
        for first, last, country_code, country in _BLOCKS:
            if first <= national[: len(first)] <= last and code in (None, country_code):
                return f"+{country_code}{national}", country
    raise NotANumber("not a French mobile")


def _foreign(digits: str) -> tuple[str, str]:
    # Its metadata takes a while to load and most processes never see a foreign number.
    import phonenumbers

    mobile = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
    try:
        number = phonenumbers.parse("+" + digits, None)
    except phonenumbers.NumberParseException as error:
        raise NotANumber("no such number") from error
    country = phonenumbers.region_code_for_number(number)
    # "001" is the library's country of satellite and other global numbers: those have none.
    if country is None or country == "001" or not phonenumbers.is_valid_number(number):
        raise NotANumber("no such number")
    if phonenumbers.number_type(number) not in mobile:
        raise NotANumber("not a mobile")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), country
