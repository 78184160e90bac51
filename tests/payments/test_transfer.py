"""Transfers: to which account, and the code by which a bank's application fills in its form (EPC069-12)."""

from decimal import Decimal
from typing import Any, Final

import attrs
import pytest
import segno
import segno.helpers
from hypothesis import given
from hypothesis import strategies as st

from payments.transfer import MOST, TransferSettings, epc, make_provider, parse_settings
from smstob.model.order import Instructions, Method, reference_of
from tests.house import outcome_of

from .orders import BASE, ORDER, RETURN, mistakes, settings_of, wrong_keys

SEGNO: Final[Any] = segno.helpers
IBAN: Final = "FR7630006000011234567890189"
GOOD: Final = {"holder": "SMStoB SARL", "iban": IBAN, "bic": "AGRIFRPP"}
ACCOUNT: Final = TransferSettings("SMStoB SARL", IBAN, "AGRIFRPP")
LONGEST: Final = TransferSettings("é" * 70, "MT84MALT011000012345MTLCAST001S", "MALTMTMTXXX")


def test_instructions() -> None:
    """All that the customer has to type, and the same as a code."""
    provider = make_provider("virement", settings_of(parse_settings, GOOD), BASE, None, None)
    assert provider.method == Method(name="virement", kind="transfer", by_hand=True)
    told = outcome_of(provider.start(ORDER, RETURN))
    code = f"BCD\n002\n1\nSCT\nAGRIFRPP\nSMStoB SARL\n{IBAN}\nEUR186.00\n\n{ORDER.reference}"
    assert told == Instructions(payee="SMStoB SARL", iban=IBAN, bic="AGRIFRPP", epc=code)


@given(
    cents=st.integers(1, MOST),
    order=st.integers(1, 10**9),
    account=st.sampled_from([ACCOUNT, LONGEST, attrs.evolve(ACCOUNT, bic="")]),
)
def test_as_another_program_has_it(cents: int, order: int, account: TransferSettings) -> None:
    """segno's own text is the same, but for zeros at the end of an amount; and it is short enough for the standard."""
    ours = epc(account, cents, reference_of(order))
    theirs = SEGNO._make_epc_qr_data(
        account.holder,
        account.iban,
        Decimal(cents) / 100,
        reference=reference_of(order),
        bic=account.bic,
        encoding="utf-8",
    ).decode()
    told, amount = ours.split("\n"), theirs.split("\n")[7]
    assert Decimal(told[7].removeprefix("EUR")) == Decimal(amount.removeprefix("EUR")) == Decimal(cents) / 100
    assert [*told[:7], amount, *told[8:]] == theirs.split("\n")
    assert len(ours.encode()) <= 331


@pytest.mark.parametrize("account", [ACCOUNT, LONGEST], ids=["usual", "longest"])
def test_fits(account: TransferSettings) -> None:
    """The code is no larger than banks' applications read: version 13 at level M."""
    code = segno.make_qr(epc(account, MOST, reference_of(10**9)), error="m", boost_error=False, encoding="utf-8")
    assert int(code.version) <= 13
    assert code.error == "M"


@pytest.mark.parametrize(
    ("cents", "amount"), [(1, "EUR0.01"), (10, "EUR0.10"), (100, "EUR1.00"), (MOST, "EUR999999999.99")]
)
def test_amounts(cents: int, amount: str) -> None:
    """A point, two digits, nothing between the thousands."""
    assert epc(ACCOUNT, cents, ORDER.reference).split("\n")[7] == amount


def test_too_much() -> None:
    """What no single transfer can carry has no code; the account is told all the same."""
    assert epc(ACCOUNT, MOST + 1, ORDER.reference) == ""
    dear = attrs.evolve(ORDER, amounts=attrs.evolve(ORDER.amounts, net=MOST, vat=1))
    told: Any = outcome_of(make_provider("virement", ACCOUNT, BASE, None, None).start(dear, RETURN))
    assert (told.iban, told.epc) == (IBAN, "")


def test_tidy() -> None:
    """As people type them; the BIC may be left out."""
    values = {"holder": " SMStoB \n SARL ", "iban": "fr76 3000 6000 0112 3456 7890 189", "bic": "agri fr pp"}
    assert settings_of(parse_settings, values) == ACCOUNT
    assert settings_of(parse_settings, {"holder": "A", "iban": IBAN}) == TransferSettings("A", IBAN, "")


@pytest.mark.parametrize(
    ("values", "keys"),
    [
        ({}, ["holder", "iban"]),
        ({"holder": " ", "iban": "", "bic": " "}, ["holder", "iban"]),
        ({"holder": 1, "iban": 1, "bic": 1}, ["holder", "iban", "bic"]),
        (GOOD | {"holder": "x" * 71}, ["holder"]),
        (GOOD | {"holder": "SMS\0toB"}, ["holder"]),
        (GOOD | {"iban": IBAN[:-1]}, ["iban"]),
        (GOOD | {"iban": IBAN.replace("189", "198")}, ["iban"]),
        (GOOD | {"iban": f"XX{IBAN[2:]}"}, ["iban"]),
        (GOOD | {"iban": f"{IBAN}\n{IBAN}"}, ["iban"]),
        (GOOD | {"iban": "é" * 27}, ["iban"]),
        (GOOD | {"iban": IBAN + "0" * 10_000}, ["iban"]),
        (GOOD | {"bic": "AGRIFRP"}, ["bic"]),
        (GOOD | {"bic": "AGRIXXPP"}, ["bic"]),
        (GOOD | {"bic": "AGRIFRPP\nX"}, ["bic"]),
        (GOOD | {"swift": "AGRIFRPP"}, ["swift"]),
    ],
)
def test_wrong_settings(values: Any, keys: list[str]) -> None:
    """Money sent to a mistyped account is not seen again: told at the start."""
    assert wrong_keys(parse_settings, values) == keys
    assert all(" : " in line and "\n" not in line for line in mistakes(parse_settings, values))
