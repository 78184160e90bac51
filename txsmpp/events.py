"""What a session tells its owner."""

from enum import Enum
from typing import Any, NamedTuple

import attrs

from .fields import Body


class State(Enum):
    """Where a session stands (SMPP 3.4 §2.2)."""

    OPEN = "open"
    BOUND_TX = "bound as transmitter"
    BOUND_RX = "bound as receiver"
    BOUND_TRX = "bound as transceiver"
    CLOSED = "closed"


class _Response(NamedTuple):
    """What the peer says of a request of ours: its response, or a generic_nack."""

    context: Any
    """What ``request`` was given."""
    command: int
    status: int
    body: bytes
    """Undecoded; see ``pdu.decode``."""

    @property
    def message_id(self) -> bytes:
        """The id in the response to a submit_sm, submit_multi, data_sm or query_sm; empty where there is none."""
        return self.body.partition(b"\0")[0]


class Answered(_Response):
    """A request of ours is answered in time."""

    __slots__ = ()


class Late(_Response):
    """A request that was told in ``Silent`` is answered after all: no second end of it, but what the peer did."""

    __slots__ = ()


@attrs.define
class Asked:
    """A request of the peer's; it wants ``respond``, once."""

    sequence: int
    body: Body
    answered: bool = False


class Told(NamedTuple):
    """Something of the peer's that wants no response: alert_notification, outbind."""

    body: Body


class Bound(NamedTuple):
    """The session is bound. ``peer`` is the other side's system_id."""

    state: State
    peer: bytes


class Silent(NamedTuple):
    """Requests of ours that were not answered in time; the session goes on, and ``Late`` may follow for each."""

    contexts: list[Any]


class Closed(NamedTuple):
    """The session is over, the connection is to be closed; nothing follows."""

    reason: str
    status: int
    """That the peer gave, such as why it refused the bind; 0 where it gave none."""
    unanswered: list[Any]
    """The contexts of requests that have no response."""


Event = Answered | Late | Asked | Told | Bound | Silent | Closed
