"""Counts failed log-ins, so that passwords cannot be guessed and nobody can lock a customer out.

Three counts, each of the last minutes: of an account from one address, of an address for all accounts,
and of an account from all addresses that it never logged in from. The last one closes the door to
strangers only: an address that has worked before goes on working, whatever others try elsewhere.
"""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Final

import attrs

from ..model.address import network_of

MEMORY: Final = 100_000
"""Names that each count remembers at most; the longest silent is forgotten."""


@attrs.frozen(kw_only=True)
class Allowances:
    """Failures that are allowed."""

    pair: int = 10
    """Of an account from one address, in 15 minutes."""
    address: int = 60
    """Of one address for all accounts, in 15 minutes."""
    account: int = 100
    """Of an account from strange addresses, in an hour."""


class Leak:
    """Counts that run out evenly: ``most`` of them in ``seconds``."""

    def __init__(self, most: float, seconds: float) -> None:
        self._most = most
        self._rate = most / seconds
        self._levels: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def _level(self, name: Hashable, now: float) -> float:
        level, at = self._levels.get(name, (0.0, now))
        if now < at:
            # the clock was set back: what is counted runs out from now
            self._levels[name] = level, now
            at = now
        return max(0.0, level - (now - at) * self._rate)

    def full(self, name: Hashable, now: float) -> bool:
        """Whether ``name`` has no more to spend."""
        return bool(self._levels) and self._level(name, now) > self._most - 1

    def add(self, name: Hashable, now: float) -> None:
        """Count one more."""
        self._levels[name] = (self._level(name, now) + 1, now)
        self._levels.move_to_end(name)
        if len(self._levels) > MEMORY:
            self._levels.popitem(last=False)


class Guessing:
    """Who may still try a password. Times are seconds of a clock that may be set."""

    def __init__(self, allowances: Allowances) -> None:
        self._allowances = allowances
        self._pairs = Leak(allowances.pair, 900)
        self._addresses = Leak(allowances.address, 900)
        self._accounts = Leak(allowances.account, 3600)
        self._familiar: OrderedDict[tuple[str, str], None] = OrderedDict()

    def apart(self) -> "Guessing":
        """Counts of something else, by the same allowances."""
        return Guessing(self._allowances)

    def refuses(self, email: str, address: str, now: float) -> bool:
        """Whether a password of ``email`` from ``address`` is not even looked at."""
        network = network_of(address)
        if self._pairs.full((email, network), now):
            return True
        if (email, network) in self._familiar:
            return False
        if self._accounts.full(email, now):
            return True
        # behind a relay that tells no address all senders would have the same
        return bool(network) and self._addresses.full(network, now)

    def failed(self, email: str, address: str, now: float) -> None:
        """A wrong password was shown."""
        network = network_of(address)
        self._pairs.add((email, network), now)
        self._addresses.add(network, now)
        if (email, network) not in self._familiar:
            self._accounts.add(email, now)

    def succeeded(self, email: str, address: str) -> None:
        """The right password was shown: the address is familiar to the account from now on."""
        self.know(email, network_of(address))

    def know(self, email: str, network: str) -> None:
        """The right password was shown from there, if before this daemon started."""
        pair = (email, network)
        self._familiar[pair] = None
        self._familiar.move_to_end(pair)
        if len(self._familiar) > MEMORY:
            self._familiar.popitem(last=False)
