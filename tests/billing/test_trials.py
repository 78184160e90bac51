"""Trials through the room: signed calls, codes and telephones as they are typed, guesses."""

import json
from typing import Any

import pytest

from smstob.billing.trials import PER_ACCOUNT, PER_NETWORK, Trials
from smstob.model.order import NotGenuine
from smstob.model.sharing import TrialFault
from tests.audiotel import body_of, signed
from tests.house import ADDRESS, AUDIOTEL, House, outcome_of

FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json; charset=utf-8"}


def _called(house: House, call: str = "c1", **told: Any) -> None:
    outcome_of(house.trials.called(FORM, body_of(signed(AUDIOTEL, house.now, call, **told))))


def _redeem(house: House, account: int, typed: str, address: str = ADDRESS) -> int | TrialFault:
    return outcome_of(house.trials.redeem(account, typed, address))


@pytest.mark.parametrize("typed", ["K7P2-W9X4", "k7p2 w9x4", " K7P2W9X4\n", "k7p2.w9x4"])
def test_code(house: House, typed: str) -> None:
    """As people write down what they hear."""
    account = house.account(credits=0)
    _called(house, code="K7P2W9X4")
    assert _redeem(house, account.id, typed) == 5
    assert house.balance(account) == 5
    assert _redeem(house, account.id, typed) is TrialFault.ALREADY


@pytest.mark.parametrize("typed", ["0612345678", "06 12 34 56 78", "+33 6 12 34 56 78", "0033612345678"])
@pytest.mark.parametrize("caller", ["+33612345678", "0612345678", "33612345678"])
def test_telephone(house: House, caller: str, typed: str) -> None:
    """Whatever the way it is written in."""
    account = house.account(credits=0)
    _called(house, caller=caller)
    assert _redeem(house, account.id, typed) == 5


def test_landline(house: House) -> None:
    """Premium numbers are called from them too."""
    account = house.account(credits=0)
    _called(house, caller="0299123456")
    assert _redeem(house, account.id, "02 99 12 34 56") == 5


def test_json_and_again(house: House) -> None:
    """Told twice, it gives once."""
    one, other = house.account(credits=0), house.account("autre@exemple.fr", 0)
    body = json.dumps(signed(AUDIOTEL, house.now, "c1", code="12345678")).encode()
    for _ in range(2):
        outcome_of(house.trials.called(JSON, body))
    assert _redeem(house, one.id, "12345678") == 5
    outcome_of(house.trials.called(JSON, body))
    assert _redeem(house, other.id, "12345678") is TrialFault.BAD_CODE


@pytest.mark.parametrize("field", ["ts", "call", "code", "caller", "sig"])
def test_altered(house: House, field: str) -> None:
    """Every field is signed."""
    told = signed(AUDIOTEL, house.now, "c1", code="12345678")
    for value in ("", "x", told[field] + "1"):
        if value != told[field]:
            with pytest.raises(NotGenuine):
                outcome_of(house.trials.called(FORM, body_of({**told, field: value})))
    assert _redeem(house, house.account(credits=0).id, "12345678") is TrialFault.BAD_CODE


@pytest.mark.parametrize("late", [-301, 301, 10**9])
def test_not_now(house: House, late: int) -> None:
    """A call that is told again later, or of another clock."""
    with pytest.raises(NotGenuine):
        outcome_of(house.trials.called(FORM, body_of(signed(AUDIOTEL, house.now + late, "c1", code="12345678"))))


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (FORM, b""),
        (FORM, b"\xff\xfe"),
        (FORM, b"a=" + b"1" * 5000),
        (FORM, b"&".join(b"a=1" for _ in range(100))),
        (JSON, b"{"),
        (JSON, b"[" * 4000),
        (JSON, b"[1]"),
        (JSON, b"null"),
        ({}, b"x"),
    ],
)
def test_nonsense(house: House, headers: dict[str, str], body: bytes) -> None:
    """Is not genuine."""
    with pytest.raises(NotGenuine):
        outcome_of(house.trials.called(headers, body))


def test_neither(house: House) -> None:
    """A call tells a code, or a telephone, or both."""
    with pytest.raises(NotGenuine):
        _called(house)


def test_codes_of_one_telephone(house: House) -> None:
    """Where the provider tells it besides the code, each telephone has one trial, however many codes it heard."""
    one, other = house.account(credits=0), house.account("autre@exemple.fr", 0)
    _called(house, "c1", code="11111111", caller="0612345678")
    _called(house, "c2", code="22222222", caller="+33612345678")
    # who has the code needs it: the number is known to many
    assert _redeem(house, one.id, "0612345678") is TrialFault.BAD_CODE
    assert _redeem(house, one.id, "11111111") == 5
    assert _redeem(house, other.id, "22222222") is TrialFault.CALLER_USED
    _called(house, "c3", code="33333333", caller="anonymous")
    assert _redeem(house, other.id, "33333333") == 5


def test_nothing_in_json(house: House) -> None:
    """What is missing may be null."""
    told = {**signed(AUDIOTEL, house.now, "c1", code="12345678"), "ts": house.now, "caller": None}
    outcome_of(house.trials.called(JSON, json.dumps(told).encode()))
    assert _redeem(house, house.account(credits=0).id, "12345678") == 5


@pytest.mark.parametrize("caller", ["anonymous", "0", "12", "+" + "1" * 30])
def test_hidden_number(house: House, caller: str) -> None:
    """Nothing is kept of it, and the provider need not tell it again."""
    _called(house, caller=caller)
    assert _redeem(house, house.account(credits=0).id, caller) is TrialFault.BAD_CODE


def test_guesses(house: House) -> None:
    """Few for an account, some more for a network; an hour later there may be others."""
    _called(house, code="12345678")
    account = house.account(credits=0)
    for number in range(PER_ACCOUNT):
        assert _redeem(house, account.id, str(number), f"192.0.2.{number}") is TrialFault.BAD_CODE
    assert _redeem(house, account.id, "12345678") is TrialFault.TOO_MANY
    for number in range(PER_NETWORK):
        _redeem(house, 1000 + number, "x")
    other = house.account("autre@exemple.fr", 0)
    assert _redeem(house, other.id, "12345678") is TrialFault.TOO_MANY
    house.advance(3600, step=600)
    assert _redeem(house, account.id, "12345678") == 5


def test_nothing_secret_is_kept(house: House) -> None:
    """Neither the code nor the telephone is in the database's file as it was told."""
    _called(house, code="K7P2W9X4")
    _called(house, "c2", caller="0612345678")
    house.read(lambda connection: connection.exec_driver_sql("SELECT 1"))
    kept = b"".join(path.read_bytes() for path in house.path.parent.glob("smstob.db*"))
    assert b"K7P2W9X4" not in kept
    assert b"612345678" not in kept


def test_no_trial(house: House) -> None:
    """Without a secret nobody calls, and there is nothing to be had."""
    none = Trials(house.database, house.clock, "", "08 99 00 00 00")
    assert none.number == ""
    with pytest.raises(NotGenuine):
        outcome_of(none.called(FORM, body_of(signed("", house.now, "c1", code="1"))))
    assert outcome_of(none.redeem(house.account().id, "1", ADDRESS)) is TrialFault.BAD_CODE
