"""Cheques: to whom, and where to."""

from typing import Any

import pytest

from payments.cheque import ChequeSettings, make_provider, parse_settings
from smstob.model.order import Instructions
from tests.house import outcome_of

from .orders import BASE, ORDER, RETURN, settings_of, wrong_keys

GOOD = {"payee": "SMStoB", "address": "1 rue de la Poste\n35000 Rennes"}


def test_instructions() -> None:
    """What the customer is told is what the operator wrote."""
    settings = settings_of(parse_settings, GOOD)
    provider = make_provider("cheque", settings, BASE, None, None)
    assert outcome_of(provider.start(ORDER, RETURN)) == Instructions(payee="SMStoB", address=GOOD["address"])
    assert (provider.method.name, provider.method.kind, provider.method.by_hand) == ("cheque", "cheque", True)


def test_tidy() -> None:
    """White space around and within lines, and empty lines, are off."""
    values = {"payee": "  SMStoB \n SARL", "address": "\n 1  rue\tde la Poste \r\n\n35000 Rennes\n"}
    assert settings_of(parse_settings, values) == ChequeSettings("SMStoB SARL", "1 rue de la Poste\n35000 Rennes")


@pytest.mark.parametrize(
    ("values", "keys"),
    [
        ({}, ["payee", "address"]),
        ({"payee": " ", "address": "\n \n"}, ["payee", "address"]),
        ({"payee": 1, "address": ["1 rue"]}, ["payee", "address"]),
        (GOOD | {"payee": "x" * 101}, ["payee"]),
        (GOOD | {"payee": "SMS\0toB"}, ["payee"]),
        (GOOD | {"address": "x" * 401}, ["address"]),
        (GOOD | {"address": "1 rue\n\x1b[2J"}, ["address"]),
        (GOOD | {"adress": "1 rue"}, ["adress"]),
    ],
)
def test_wrong_settings(values: Any, keys: list[str]) -> None:
    """A cheque without payee or address reaches nobody."""
    assert wrong_keys(parse_settings, values) == keys
