"""How the tests of this folder give credits to others: transfers, addresses that sent, calls to the premium number."""

from datetime import date
from typing import Any, Final

import attrs
from argon2.exceptions import VerifyMismatchError

from smstob.flow.authenticate import HASHER, folded
from smstob.model.moment import day_of, days_until
from smstob.model.sharing import MonthUse, SharedDomain, Transfer
from smstob.storage import sharing, tally
from smstob.storage.database import Connection
from tests.audiotel import body_of, signed
from tests.house import AUDIOTEL, PARIS, House, outcome_of

from .browser import site_of

FORM: Final = {"content-type": "application/x-www-form-urlencoded"}


@attrs.frozen
class Scene:
    """A house and its site."""

    house: House
    site: Any

    @classmethod
    def of(cls, house: House) -> "Scene":
        """Open it."""
        return cls(house, site_of(house))

    def give(self, account: int, email: str, credits: int, key: str = "essai") -> Transfer:
        """A transfer that succeeds."""
        made = outcome_of(self.house.transfers.transfer(account, email, credits, key))
        assert isinstance(made, Transfer), made
        return made

    def used(self, account: int, *months: MonthUse) -> None:
        """An account sent that, on the second day of each month."""
        counts: dict[tally.Key, tally.Count] = {}
        for use in months:
            day = days_until(date(use.year, use.month, 2))
            counts[account, day, tally.Outcome.ACCEPTED] = use.messages, use.credits, use.credits
        self.house.write(lambda connection: tally.add(connection, counts))

    def domains(self, account: int = 1) -> list[SharedDomain]:
        """What an account shares."""
        return outcome_of(self.house.sharing.domains(account))

    def opens(self, password: str, domain: str) -> bool:
        """Whether an address of the domain is let in by that password."""
        shared = self.house.read(lambda connection: sharing.secrets_of(connection, domain))
        try:
            return shared is not None and HASHER.verify(shared.password_hash, folded(password))
        except VerifyMismatchError:
            return False

    def sent(self, sender: str, messages: int, days_ago: int = 0) -> None:
        """An address of the first account's domain sent so many messages of one credit."""
        day = day_of(self.house.now, PARIS) - days_ago

        def note(connection: Connection) -> None:
            sharing.note(connection, {(1, day, sender): (messages, messages)})

        self.house.write(note)

    def called(self, call: str, **told: str) -> None:
        """The provider of the number tells of a call: its ``code``, or its ``caller``."""
        body = body_of(signed(AUDIOTEL, self.house.now, call, **told))
        outcome_of(self.house.trials.called(FORM, body))
