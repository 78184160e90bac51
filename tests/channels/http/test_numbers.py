"""Every block of the French numbering plan, inside and just outside, and the ways in which people write numbers."""

from typing import Final

import pytest

from tests.channels.http.cases import Case, check, check_from
from tests.daemon import PASSWORD, RunningDaemon

# the first and the last number of each block, as typed, and what is beside it
BLOCKS: Final = {
    "33": "0600000000 0638999999 0640000000 0689999999 0695000000 0695999999 0698000000 0699999999 "
    "0730000000 0739999999 0740000000 0756789012 0799999999",
    "262": "0639000000 0639999999 0692000000 0693999999 0709200000 0709299999 0709350000 0709379999",
    "590": "0690000000 0691999999 0709000000 0709099999",
    "594": "0694000000 0694999999 0709300000 0709339999",
    "596": "0696000000 0697999999 0709100000 0709199999",
    "508": "0708400000 0708569999",
}
OUTSIDE: Final = (
    # between the blocks
    *("0599999999", "0700000000", "0700123456", "0701000000", "0707999999", "0708399999", "0708570000"),
    *("0709340000", "0709349999", "0709380000", "0709999999", "0710000000", "0720000000", "0729999999"),
    *("0800000000", "+33700123456", "+33712345678", "+33729999999"),
    # machines
    *("07001234567890", "+337001234567890", "00337001234567890"),
    # landlines, special, premium, short
    *("0123456789", "0298765432", "0345678901", "0412345678", "0987654321", "0801020304", "0810203040", "0899123456"),
    *("+33123456789", "0033412345678", "33145678901", "15", "17", "18", "112", "114", "118218", "3615", "36179"),
    # too short, too long, not digits
    *("061234567", "06123456789", "+3361234567", "+336123456789", "612345678", "6", "0", "+", "00", "++33612345678"),
    *("06 12 34 56 7x", "O612345678", "0612345678 (bureau)", "0612345678+", "06+12345678", "06_12_34_56_78"),
    # overseas by a wrong code; countries that are closed or that do not exist
    *("+590692000000", "+262690000000", "+594696000000", "+5081234", "+596123456789", "+262262123456", "+590590123456"),
    *("+41791234567", "0041791234567", "+447911123456", "+12125550123", "+14155552671", "+8613812345678", "+687751234"),
    *("+3222345678", "+32", "+999123456789", "+0612345678", "+870773111632", "+88213300000", "+2250100000000"),
    # lists with one that is bad; names of no group
    *("0612345678,0123456789", "0612345678;abc", "0612345678 0698765432", "0612345678|0698765432", ",", ";;,"),
    *("Clients", "06,12,34,56,78", "null", "0612345678,Clients"),
)
WRITTEN: Final = (
    *("0612345678", "+33612345678", "0033612345678", "33612345678", "06 12 34 56 78", "06.12.34.56.78"),
    *("06/12/34/56/78", "(06) 12 34 56 78", "+33 6 12 34 56 78", "+33 (0)6 12 34 56 78", "+33(0)612345678"),
    *("06-12-34-56-78", "0033(0)612345678", "33 6 12345678", "  0612345678  ", "0612345678\t", "\n0612345678\r\n"),
    *("06\u00a012\u00a034\u00a056\u00a078", "06\u202f12\u202f34\u202f56\u202f78", "06\u201112\u201134\u201156\u201178"),
    *("０６１２３４５６７８", "＋３３６１２３４５６７８", "06–12–34–56–78", "\u202a0612345678\u202c"),
    *("\ufeff0612345678", "0612345678,", ";0612345678;", "0612345678,+33612345678; 06 12 34 56 78"),
    *(b"06\xa012\xa034\xa056\xa078", b"06 12 34 56 78\x00", "00 33 6 12 34 56 78", "+330612345678"),
)
FOREIGN: Final = (
    ("+262692123456", "+262692123456", 1),
    ("262692123456", "+262692123456", 1),
    ("00262 692 12 34 56", "+262692123456", 1),
    ("+262 0639 12 34 56", "+262639123456", 1),
    ("+33 690 12 34 56", "+590690123456", 1),
    ("+590 (0)690 12 34 56", "+590690123456", 1),
    ("+508708451234", "+508708451234", 1),
    ("+508 55 12 34", "+508551234", 1),
    ("+32 470 12 34 56", "+32470123456", 2),
    ("0032470123456", "+32470123456", 2),
    ("+32 (0)470/12.34.56", "+32470123456", 2),
)


def _row(typed: str | bytes, e164: str, credits_: int = 1) -> Case:
    message = f"pour {typed!r}".encode("ascii", "ignore").decode()
    return Case({"numero": typed, "message": message}, "80", ((e164, message, "gsm7"),), credits_)


BLOCK_ROWS: Final = [
    _row(typed, f"+{code}{typed[1:]}") for code, numbers in BLOCKS.items() for typed in numbers.split()
]
ROWS: Final = [
    *BLOCK_ROWS,
    *(_row(typed, "+33612345678") for typed in WRITTEN),
    *(_row(*row) for row in FOREIGN),
    *(Case({"numero": typed, "message": "perdu"}, "84") for typed in OUTSIDE),
]


@pytest.mark.parametrize("case", ROWS, ids=str)
def test_number(daemon: RunningDaemon, case: Case) -> None:
    """A mobile of an open country is written to in E.164; all else is 84."""
    check(daemon, case)


@pytest.mark.parametrize(
    "numero",
    [
        "+33611111111",
        "0611111111;0611111112",
        "+33611111111;+33611111112",
        "+33611111111,0033611111112",
        "06+11+11+11+11",
        " 0611111111",
    ],
)
def test_unencoded(daemon: RunningDaemon, numero: str) -> None:
    """Old pages encode nothing: a lost + is found again, and ``;`` separates numbers, not parameters."""
    email = daemon.provision()
    message = f"brut{len(numero)}{numero.count('+')}"
    both = ("+33611111111", "+33611111112")
    sent = tuple((number, message, "gsm7") for number in both if number[3:] in numero.replace("+11", "11"))
    query = f"email={email}&pass={PASSWORD}&numero={numero.replace(' ', '%20')}&message={message}"
    check_from(daemon, email, query.encode(), Case({}, "80", sent))


def test_several_numbers(daemon: RunningDaemon) -> None:
    """Each number of a list is written to once, whatever it is separated by."""
    email = daemon.provision()
    numbers = [f"+3369500{index:04}" for index in range(30)]
    typed = ",".join(numbers[:10]) + ";" + " ; ".join(numbers[5:20]) + " , " + ",,".join(numbers[15:])
    sent = tuple((number, "une fois", "gsm7") for number in numbers)
    call = {"email": email, "pass": PASSWORD, "numero": typed, "message": "une fois"}
    check_from(daemon, email, call, Case({}, "80", sent))
    assert [told.to for told in daemon.messages(email)] == numbers
