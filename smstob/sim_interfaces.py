"""What gateways with SIM cards and the house promise each other. The docstring is the contract: see ``interfaces``."""

from collections.abc import Sequence

from twisted.internet.defer import Deferred
from zope.interface import Interface

from .model.message import Segment
from .model.modem import ModemReport, SimUse, SimUses


class ISims(Interface):
    """What is kept of SIM cards, across restarts and whatever modem they are in. Found as ``INetworkReceiver.sims``.

    Every Deferred fails with what storage raises when the database is away; nothing was kept then. All calls are
    done in the order in which they were made: each sees what those before it kept.
    """

    def used(sim: str, since: int) -> Deferred[SimUses]:
        """What the card (its IMSI) sent from the Unix second ``since`` on."""

    def use(sim: str, segment: Segment, at: int, again: int | None) -> Deferred[int]:
        """Keep that the card is about to send the segment, at the Unix second ``at``.

        On disk when it fires, with an id that no other use of any card has: whatever happens to the daemon then,
        the segment counts, and has the outcome ``Doubtful`` under the id as reference, with ``again`` seconds; unless
        ``took`` or ``refused`` say more.
        """

    def took(use: int, reference: int) -> Deferred[None]:
        """Keep the TP-MR (0 to 255) under which the network took it."""

    def refused(use: int) -> Deferred[None]:
        """Keep that it did not leave: whoever has the message may send it again. It counts all the same."""

    def uses(sim: str, digits: str, since: int) -> Deferred[list[SimUse]]:
        """Uses of the card for numbers that end in ``digits`` from ``since`` on: the newest 100, newest first."""

    def given_pin(card: str) -> Deferred[str | None]:
        """The digest of the PIN that the card was given and has not accepted; None where there is none."""

    def give_pin(card: str, digest: str) -> Deferred[None]:
        """Keep, before that is done, that the card is given a PIN: it must not be given again unless it accepts."""

    def accepted_pin(card: str) -> Deferred[None]:
        """The card accepted it, or asks for none: what ``give_pin`` kept goes."""


class IModems(Interface):
    """What a gateway that has modems provides besides ``IGateway``."""

    def modems() -> Sequence[ModemReport]:
        """Every modem, in the order of the configuration; made up at the call, for the operator."""
