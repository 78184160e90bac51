"""Trials: each account, each call and each telephone once."""

from functools import partial

import attrs
import pytest
from sqlalchemy import Connection

from smstob.model.sharing import TRIAL_LASTS, TrialFault
from smstob.storage import accounts, trials
from smstob.storage.engine import Engines
from smstob.storage.trials import CALLER_LASTS, Call

from .scenes import NOW, credits_of, open_account
from .test_two_daemons import blocked

CODED = Call(id="c1", code=b"code", caller=None, at=NOW)
CALLED = Call(id="c2", code=None, caller=b"caller", at=NOW)


def test_by_code(connection: Connection) -> None:
    """Five credits, once; then the code is worth nothing."""
    account, other = open_account(connection, 0), open_account(connection, 0)
    assert trials.keep(connection, CODED)
    assert not trials.keep(connection, CODED)
    assert trials.redeem(connection, account.id, (b"other",), (), NOW) is TrialFault.BAD_CODE
    assert trials.redeem(connection, account.id, (b"code",), (), NOW) == 5
    assert trials.redeem(connection, account.id, (b"code",), (), NOW) is TrialFault.ALREADY
    assert trials.redeem(connection, other.id, (b"code",), (), NOW) is TrialFault.BAD_CODE
    assert (credits_of(connection, account), credits_of(connection, other)) == (5, 0)


def test_code_told_again(connection: Connection) -> None:
    """For another call, once it was used or is too old; as long as it is good it is the first call's."""
    accounts_ = [open_account(connection, 0) for _ in range(3)]
    again = [attrs.evolve(CODED, id=f"again{nth}") for nth in range(3)]
    trials.keep(connection, CODED)
    assert not trials.keep(connection, again[0])
    assert trials.redeem(connection, accounts_[0].id, (b"code",), (), NOW) == 5
    # the call that was used, told again, makes its code good no more
    assert not trials.keep(connection, CODED)
    assert trials.redeem(connection, accounts_[1].id, (b"code",), (), NOW) is TrialFault.BAD_CODE
    assert trials.keep(connection, again[1])
    assert trials.redeem(connection, accounts_[1].id, (b"code",), (), NOW) == 5
    assert trials.keep(connection, again[2])
    later = NOW + TRIAL_LASTS
    assert trials.keep(connection, attrs.evolve(CODED, id="later", at=later))
    assert trials.redeem(connection, accounts_[2].id, (b"code",), (), later) == 5


def test_by_telephone(connection: Connection) -> None:
    """Once for each telephone, however often it calls."""
    account, other = open_account(connection, 0), open_account(connection, 0)
    trials.keep(connection, CALLED)
    trials.keep(connection, attrs.evolve(CALLED, id="c3"))
    assert trials.redeem(connection, account.id, (), (b"caller",), NOW) == 5
    assert trials.redeem(connection, other.id, (), (b"caller",), NOW) is TrialFault.CALLER_USED
    assert credits_of(connection, other) == 0


@pytest.mark.parametrize(
    ("shown", "callers", "late"), [((b"code",), (), TRIAL_LASTS), ((), (b"caller",), CALLER_LASTS)]
)
def test_too_late(
    connection: Connection, shown: tuple[bytes, ...], callers: tuple[bytes, ...], late: int
) -> None:
    """A code lasts thirty days, a telephone half an hour."""
    account = open_account(connection, 0)
    trials.keep(connection, CODED)
    trials.keep(connection, CALLED)
    assert trials.redeem(connection, account.id, shown, callers, NOW + late) is TrialFault.BAD_CODE
    assert trials.redeem(connection, account.id, shown, callers, NOW + late - 1) == 5


def test_closed(connection: Connection) -> None:
    """No credits for an account that is closed, or not there."""
    account = open_account(connection, 0)
    accounts.set_disabled(connection, account.id, True)
    trials.keep(connection, CODED)
    assert trials.redeem(connection, account.id, (b"code",), (), NOW) is TrialFault.CLOSED
    assert trials.redeem(connection, account.id + 1, (b"code",), (), NOW) is TrialFault.CLOSED


@pytest.mark.parametrize(("code", "caller"), [((b"code",), ()), ((), (b"caller",))])
def test_two_accounts_at_once(
    postgresql_engines: Engines, code: tuple[bytes, ...], caller: tuple[bytes, ...]
) -> None:
    """One of them has it."""
    with postgresql_engines.writer.begin() as connection:
        one, other = open_account(connection, 0), open_account(connection, 0)
        for call in (CODED, CALLED):
            trials.keep(connection, call)
    with postgresql_engines.writer.begin() as connection:
        assert trials.redeem(connection, one.id, code, caller, NOW) == 5
        again = partial(trials.redeem, account_id=other.id, shown=code, callers=caller, now=NOW)
        with blocked(postgresql_engines, again) as second:
            connection.commit()
    assert second.result() is TrialFault.BAD_CODE
    with postgresql_engines.writer.begin() as connection:
        assert credits_of(connection, other) == 0


def test_one_account_twice_at_once(postgresql_engines: Engines) -> None:
    """With two codes it has one trial."""
    with postgresql_engines.writer.begin() as connection:
        account = open_account(connection, 0)
        for call in (CODED, attrs.evolve(CODED, id="c9", code=b"code9")):
            trials.keep(connection, call)
    with postgresql_engines.writer.begin() as connection:
        trials.redeem(connection, account.id, (b"code",), (), NOW)
        again = partial(trials.redeem, account_id=account.id, shown=(b"code9",), callers=(), now=NOW)
        with blocked(postgresql_engines, again) as second:
            connection.commit()
    assert second.result() is TrialFault.ALREADY
    with postgresql_engines.writer.begin() as connection:
        assert credits_of(connection, account) == 5
