"""What errors mean: each number once, in words too, with a French sentence."""

import pytest

from gateways.gsm.at_lines import OK, Kind, Result
from gateways.gsm.errors import CME, CMS, WITHOUT_VALIDITY, Blame, judge

MESSAGE, LATER, MODEM, UNKNOWN = Blame.MESSAGE, Blame.LATER, Blame.MODEM, Blame.UNKNOWN


@pytest.mark.parametrize(
    ("codes", "blame"),
    [
        ([1, 30, 195, 196, 81, *range(95, 100), 304, 305, *range(128, 131), *range(143, 146), 159, 176], MESSAGE),
        ([21, 27, 28, 38, 41, 42, 47, 111, 127, 192, 194, 198, 199], LATER),
        ([*range(208, 214), 255, 500, 512, 600, 99999], LATER),
        ([8, 10, 29, 50, 69, 193, 300, 302, 303, *range(310, 319), 320, 322, 330, 331, 515, 517], MODEM),
        ([197, 332], UNKNOWN),
    ],
)
def test_sms_errors(codes: list[int], blame: Blame) -> None:
    """One bad number never blocks a modem, and a modem in trouble never fails a message."""
    for code in codes:
        verdict = judge(Result(Kind.CMS, code))
        assert verdict.blame is blame, code
        assert verdict.reason.endswith(f"(CMS {code}).")


@pytest.mark.parametrize(
    ("code", "blame"),
    [
        (3, MODEM),
        (10, MODEM),
        (11, MODEM),
        (14, MODEM),
        (30, MODEM),
        (31, UNKNOWN),
        (100, LATER),
        (515, MODEM),
        (999, LATER),
    ],
)
def test_modem_errors(code: int, blame: Blame) -> None:
    """The numbers of +CME ERROR are others than those of +CMS ERROR."""
    verdict = judge(Result(Kind.CME, code))
    assert verdict.blame is blame
    assert verdict.reason.endswith(f"(CME {code}).")


@pytest.mark.parametrize(
    ("text", "blame"),
    [
        ("SIM busy", MODEM),
        ("sim  PIN required", MODEM),
        ("(U)SIM not inserted", MODEM),
        ("Network timeout", UNKNOWN),
        ("invalid PDU mode parameter", MESSAGE),
        ("Unassigned (unallocated) number", MESSAGE),
        ("Congestion", LATER),
        ("", LATER),
        ("Gurkensalat\ufffd", LATER),
        ("9999999999", LATER),
    ],
)
@pytest.mark.parametrize("kind", [Kind.CME, Kind.CMS, Kind.ERROR])
def test_words(kind: Kind, text: str, blame: Blame) -> None:
    """Verbose errors mean what their numbers mean; those that nobody knows are tried later, unquoted."""
    verdict = judge(Result(kind, None, text))
    assert verdict.blame is blame
    assert "Gurkensalat" not in verdict.reason


def test_plain_error() -> None:
    """ERROR says nothing: later."""
    assert judge(Result(Kind.ERROR)).blame is LATER


def test_no_error() -> None:
    """OK is none."""
    with pytest.raises(ValueError, match="no error"):
        judge(OK)


def test_sentences() -> None:
    """Each is one, in French, with a bounded pause; what waits for time says how long."""
    for verdict in (*CMS.values(), *CME.values()):
        assert verdict.reason[0].isupper()
        assert verdict.reason.endswith(".")
        assert 0 <= verdict.pause <= 60
    assert all(CMS[code].pause for code in (314, 515, 517, 42))
    assert set(CMS) >= WITHOUT_VALIDITY
