"""What outcomes in a row say of a modem and its card: the number, the modem or the contract, and what is done."""

from collections.abc import Iterable
from typing import Final

import pytest

from gateways.gsm.at_lines import Kind, Result
from gateways.gsm.errors import CME, CMS, Blame, judge
from gateways.gsm.health import (
    BARRED_NUMBERS,
    DOUBT_PAUSE,
    NOTHING,
    NUMBERS,
    PAUSES,
    RESETTING,
    Health,
    Remedy,
)

NUMBER: Final = "+33612345678"
REFUSING: Final = (
    "Le réseau refuse tout ce que cette carte SIM envoie. Si cela dure plus qu'une panne, vérifiez son crédit et son "
    "contrat."
)
DOUBTFUL: Final = "Le réseau ne répond plus aux envois de ce modem : il reprend de lui-même."


def refused(health: Health, code: int | None, number: str = NUMBER) -> Remedy:
    """What is done after +CMS ERROR, or after ERROR where there is no code."""
    result = Result(Kind.ERROR if code is None else Kind.CMS, code)
    return health.failed(judge(result), code, number)


def steps(health: Health, sequence: str) -> list[Remedy]:
    """One outcome after the other: ``sent``, ``doubt``, a code, or ``-`` for ERROR; ``code@n`` is to another number."""
    remedies = []
    for step in sequence.split():
        code, _, person = step.partition("@")
        if step == "sent":
            health.sent()
            remedies.append(NOTHING)
        elif step == "doubt":
            remedies.append(health.doubted())
        else:
            number = f"+3361234567{person}" if person else NUMBER
            remedies.append(refused(health, None if code == "-" else int(code), number))
    return remedies


def shown(remedies: Iterable[Remedy]) -> str:
    """What was done, one word for each: ``.`` nothing, ``R`` reset, ``S`` set up, seconds of a pause."""
    words = []
    for one in remedies:
        word = "R" * one.reset + "S" * one.set_up + (f"{one.pause:g}" if one.pause else "")
        words.append(word or ("!" if one.reason else "."))
    return " ".join(words)


CASES: Final = {
    # nobody knows
    "doubt": "5",
    "doubt doubt": "5 5",
    "doubt doubt doubt": "5 5 R",
    "doubt doubt doubt doubt": "5 5 R 5",
    "doubt doubt sent doubt doubt": "5 5 . 5 5",
    # the number
    "1 1 1 1 1 1": ". . . . . .",
    "1@1 1@2 1@3 1@4 1@5 1@6": ". . . . . .",
    "28 28 28 28 28 28": ". . . . . .",
    "28@1 28@2 28@3 28@4": ". ! ! !",
    "28@1 28@2 28@3 28@4 28@5": ". ! ! ! 300",
    "28@1 28@2 28@3 28@4 sent 28@5": ". ! ! ! . .",
    "28@1 28@2 28@3 28@4 28@5 28@6": ". ! ! ! 300 .",
    # for later: one number does not hold up the others
    "38": ".",
    "38 38 38 38 38 38": ". . . . . .",
    "38@1 38@2": ". 5",
    "41@1 42@2": ". 30",
    "38@1 38@2 41@3 21@4 27@5": ". 5 30 ! 300",
    "38@1 38@1 38@2 38@2 38@1": ". . 5 5 5",
    # without an explanation
    "500 500": ". .",
    "500 500 500": ". . R",
    "- - -": ". . R",
    "500 - 500": ". . R",
    "500 500 sent 500 500": ". . . . .",
    "500 500 500 500 500": ". . R . .",
    "500@1 500@2 500@3": ". 5 R",
    "500 38 500 38 500": ". . . . R",
    # the contract: to some numbers a card may not send, and to others it may
    "8": ".",
    "8 8 8 8": ". . . .",
    "29 50 69 193": ". . . .",
    "8@1 8@2": ". 300",
    "8@1 10@2 29@3 50@4": ". 300 . 600",
    "8@1 38@2 8@3": ". 5 300",
    "8@1 sent 8@2": ". . .",
    "8@1 8@2 8@1 8@2 8@1 8@2 8@1 8@2": ". 300 . 600 . 1800 . 1800",
    # the modem: ever longer with other numbers, and a reset where that may help
    "300": "S10",
    "300 300 300 300 300 300": "S10 S10 R S10 S10 R",
    "300@1 300@2 300@3 300@4 300@5 300@6": "S10 S60 R S600 S1800 R",
    "300@1 301@2 302@3": "S10 S60 R",
    "303 320 322": "S10 S10 R",
    "300@1 300@2 sent 300@3 300@4": "S10 S60 . S10 S60",
    "310@1 310@2 310@3 310@4 310@5 310@6": "S10 S60 S300 S600 S1800 S1800",
    "314 515 517": "S10 S10 S10",
    "331@1 331@2 331@1": "S10 S60 S60",
    "330": "S10",
}


@pytest.mark.parametrize("sequence", CASES)
def test_sequences(sequence: str) -> None:
    """Each sequence of outcomes has its remedies."""
    assert shown(steps(Health(), sequence)) == CASES[sequence]


@pytest.mark.parametrize("code", [*sorted(CMS), None, 512, 999])
def test_one_refusal_never_resets(code: int | None) -> None:
    """A single refusal, whatever it is, is never a reason for a reset, and blames the card only by its code."""
    remedy = refused(Health(), code)
    assert not remedy.reset
    if judge(Result(Kind.CMS if code else Kind.ERROR, code)).blame is not Blame.MODEM:
        assert remedy == NOTHING


@pytest.mark.parametrize("code", [*sorted(CMS), None, 999])
def test_a_message_that_was_sent_ends_every_row(code: int | None) -> None:
    """After a message that the network took, the rest is judged as if nothing had been."""
    health = Health()
    for person in range(4):
        refused(health, code, f"+3361234567{person}")
        health.doubted()
        health.sent()
    fresh = Health()
    assert refused(health, code) == refused(fresh, code)
    assert health.doubted() == fresh.doubted()


@pytest.mark.parametrize("code", sorted(CMS))
def test_no_row_goes_on_for_ever(code: int) -> None:
    """What refuses ten different numbers in a row is never left alone, but where the messages are to blame."""
    health = Health()
    remedies = [refused(health, code, f"+336123456{person:02}") for person in range(10)]
    blame = judge(Result(Kind.CMS, code)).blame
    if blame is Blame.MESSAGE and code != 28:
        assert remedies == [NOTHING] * 10
    else:
        assert any(one.pause or one.reset or one.set_up for one in remedies)


def test_remedies_have_reasons() -> None:
    """Whatever is done is explained to the operator, in a sentence with the code."""
    assert steps(Health(), "8@1 8@2")[1].reason.endswith("vérifiez son crédit et son contrat (CMS 8).")
    assert steps(Health(), "28@1 28@2 28@3 28@4 28@5")[-1].reason == REFUSING
    assert {one.reason for one in steps(Health(), "doubt doubt doubt")} == {DOUBTFUL}
    assert steps(Health(), "- - -")[-1].reason == "Le modem a refusé sans dire pourquoi."
    for sequence in CASES:
        for one in steps(Health(), sequence):
            assert (one is NOTHING) == (one.reason == "")


def test_the_modem_s_own_errors() -> None:
    """What a modem tells by +CME ERROR, as it starts or has no network, has it looked at anew."""
    for code in (14, 30, 515):
        assert CME[code].blame is Blame.MODEM
        remedy = Health().failed(judge(Result(Kind.CME, code)), code, NUMBER)
        assert (remedy.set_up, remedy.reset, remedy.pause) == (True, False, PAUSES[0])


def test_bounds() -> None:
    """Three in a row, five numbers, or two of which the operator says that it is the card; pauses that grow."""
    assert (RESETTING, NUMBERS, BARRED_NUMBERS, DOUBT_PAUSE) == (3, 5, 2, 5)
    assert PAUSES == tuple(sorted(PAUSES)) == (10, 60, 300, 600, 1800)
