"""Money as bookkeeping: entries that move whole credits from purse to purse, never changed."""

from enum import StrEnum
from typing import Final

import attrs


class PurseKind(StrEnum):
    """Whose a purse is. ``issued`` is where credits come from: the only one that goes below zero."""

    ISSUED = "issued"
    SPENT = "spent"
    ACCOUNT = "account"


ISSUED: Final = 1
"""The purse that all credits come from; its balance is minus what was ever issued."""
SPENT: Final = 2
"""The purse that paid messages go to."""


class Reason(StrEnum):
    """Why credits move. A reason and a reference name one entry: nothing is paid or refunded twice."""

    TOP_UP = "top-up"
    DEBIT = "debit"
    REFUND = "refund"
    TRANSFER = "transfer"
    TRIAL = "trial"
    ADJUSTMENT = "adjustment"


@attrs.frozen
class LedgerEntry:
    """``amount`` credits, at least one, leave purse ``source`` for purse ``target``."""

    at: int
    reason: Reason
    reference: str
    source: int
    target: int
    amount: int
    note: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.amount < 1 or self.source == self.target:
            raise ValueError(f"an entry moves at least one credit between two purses: {self!r}")


class NotEnoughCredit(Exception):
    """The purse would fall below zero: nothing was moved."""


@attrs.frozen(kw_only=True)
class Verification:
    """What a check of the whole ledger found."""

    entries: int
    sum: int
    """Of all balances: zero unless the ledger is damaged."""
    differences: tuple[str, ...]
    """A line for each purse whose balance is not the sum of its entries."""

    @property
    def sound(self) -> bool:
        """Whether nothing is amiss."""
        return self.sum == 0 and not self.differences
