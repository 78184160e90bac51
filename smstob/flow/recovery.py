"""After a daemon that was killed: what it had claimed goes back to the queue, but for what may have left already."""

from collections.abc import Sequence

from ..model.message import Answer, Doubtful, Handed
from ..storage import queue, sims
from ..storage.database import Connection
from .settle import Flight, record


def recover(connection: Connection, now: int, alone: bool) -> int:
    """Settle and queue anew what daemons that are gone had claimed; gives how many messages. See ``queue.abandoned``.

    A part that a SIM card was given is as if the gateway had answered: handed where the network is known to have
    taken it, doubtful where nobody knows.
    """
    abandoned = queue.abandoned(connection, now, alone)
    if not abandoned:
        return 0
    record(connection, [flight.settlement(now, 0.0) for flight in _flights(connection, abandoned, now)])
    queue.recover(connection, abandoned, now)
    return len(abandoned)


def _flights(connection: Connection, messages: Sequence[int], now: int) -> list[Flight]:
    uses = sims.part_uses(connection, messages)
    flights = []
    for gateway, message in queue.held(connection, list(uses)):
        flight = Flight(message, gateway, {use.part for use in uses[message.id]})
        for use in uses[message.id]:
            flight.take(Answer(message.id, use.part, _outcome(use, now)))
        flights.append(flight)
    return flights


def _outcome(use: sims.PartUse, now: int) -> Handed | Doubtful:
    if use.is_taken:
        return Handed(str(use.id))
    return Doubtful(str(use.id), None if use.again is None else float(max(0, use.at + use.again - now)))
