"""GSM-7 text in the national tables that a header may ask for (3GPP TS 23.038 §6.2.1.2, annex A)."""

from typing import Final

from smstob.model import alphabet

TURKISH, SPANISH, PORTUGUESE = 1, 2, 3

_ESCAPE: Final = 0x1B
_DEFAULT: Final = {code: alphabet.decode(bytes((code,))) for code in range(0x80) if code != _ESCAPE}
_EXTENSION: Final = dict.fromkeys([_ESCAPE], " ") | {
    alphabet.encode(char)[1]: char for char in alphabet.extension_characters()
}


def _table(places: str, characters: str) -> dict[int, str]:
    """Hexadecimal places, each with its character."""
    return dict(zip(bytes.fromhex(places), characters, strict=True))


_LOCKING: Final = {
    TURKISH: _DEFAULT | _table("04 07 0B 0C 1C 1D 40 60", "€ıĞğŞşİç"),
    PORTUGUESE: _DEFAULT
    | _table("04 06 07 08 09 0B 0C 0E 0F", "êúíóçÔôÁá")
    | _table("12 13 14 15 16 17 18 19 1A 1C 1D 1E 1F", "ªÇÀ∞^\\€Ó|ÂâÊÉ")
    | _table("24 40 5B 5C 5D 5E 5F 60 7B 7C 7D 7E 7F", "ºÍÃÕÚÜ§~ãõ`üà"),
}
_SINGLE: Final = {
    TURKISH: _EXTENSION | _table("47 49 53 63 67 69 73", "ĞİŞçğış"),
    SPANISH: _EXTENSION | _table("09 41 49 4F 55 61 69 6F 75", "çÁÍÓÚáíóú"),
    PORTUGUESE: _EXTENSION
    | _table("05 09 0B 0C 0E 0F 12 13 15 16 17 18 19 1F", "êçÔôÁáΦΓΩΠΨΣΘÊ")
    | _table("41 49 4F 55 5B 5C 61 69 6F 75 7B 7C 7F", "ÀÍÓÚÃÕÂíóúãõâ"),
}


def decode(septets: bytes, locking: int = 0, single: int = 0) -> str:
    """The text of septets that come one in each octet, whatever they are.

    ``locking`` and ``single`` are the languages of the two tables; other languages have the default ones.
    """
    if locking not in _LOCKING and single not in _SINGLE:
        return alphabet.decode(septets)
    plain, escaped = _LOCKING.get(locking, _DEFAULT), _SINGLE.get(single, _EXTENSION)
    text = ""
    codes = iter(septets)
    for code in codes:
        if code == _ESCAPE:
            after = next(codes, _ESCAPE)
            text += escaped.get(after) or plain[after]
        else:
            text += plain[code]
    return text
