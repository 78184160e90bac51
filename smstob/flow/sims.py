"""What gateways are told of their SIM cards, and have kept of them."""

from twisted.internet.defer import Deferred
from zope.interface import implementer

from ..model.message import Segment
from ..model.modem import SimUse, SimUses
from ..sim_interfaces import ISims
from ..storage import sims
from ..storage.database import Connection, Database


@implementer(ISims)
class Sims:
    """See ``ISims``. What only reads takes its turn with what writes, and so sees it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def used(self, sim: str, since: int) -> "Deferred[SimUses]":
        """See ``ISims``."""
        return self._database.transact(lambda connection: sims.used(connection, sim, since))

    def use(self, sim: str, segment: Segment, at: int, again: int | None) -> "Deferred[int]":
        """See ``ISims``."""
        return self._database.transact(lambda connection: sims.use(connection, sim, segment, at, again))

    def took(self, use: int, reference: int) -> "Deferred[None]":
        """See ``ISims``."""
        return self._database.transact(lambda connection: sims.took(connection, use, reference))

    def refused(self, use: int) -> "Deferred[None]":
        """See ``ISims``."""
        return self._database.transact(lambda connection: sims.refused(connection, use))

    def uses(self, sim: str, digits: str, since: int) -> "Deferred[list[SimUse]]":
        """See ``ISims``."""
        return self._database.transact(lambda connection: sims.uses(connection, sim, digits, since))

    def given_pin(self, card: str) -> "Deferred[str | None]":
        """See ``ISims``."""
        return self._database.transact(lambda connection: sims.given_pin(connection, card))

    def give_pin(self, card: str, digest: str) -> "Deferred[None]":
        """See ``ISims``."""
        return self._database.transact(lambda connection: sims.give_pin(connection, card, digest))

    def accepted_pin(self, card: str) -> "Deferred[None]":
        """See ``ISims``."""

        def forget(connection: Connection) -> None:
            sims.forget_pin(connection, card)

        return self._database.transact(forget)
