"""Sessions for tests: bound in one call, and PDUs to give them."""

from collections.abc import Sequence
from typing import Any, Final, TypeVar

from txsmpp.binding import Bind, BindReceiver, BindResponse, BindTransceiver, BindTransmitter
from txsmpp.constants import RESPONSE, Command
from txsmpp.events import Asked, Bound, Closed, Event, State
from txsmpp.fields import Body
from txsmpp.frame import Frame, Framer, pack
from txsmpp.pdu import BODIES, DeliverSm, SubmitSm
from txsmpp.session import Limits, Role, Session

E = TypeVar("E")

BINDS: Final[dict[State, type[Bind]]] = {
    State.BOUND_TX: BindTransmitter,
    State.BOUND_RX: BindReceiver,
    State.BOUND_TRX: BindTransceiver,
}
SUBMIT: Final = int(Command.SUBMIT_SM)
DELIVER: Final = int(Command.DELIVER_SM)
ENQUIRE: Final = int(Command.ENQUIRE_LINK)
UNBIND: Final = int(Command.UNBIND)
NACK: Final = int(Command.GENERIC_NACK)
MESSAGE: Final = SubmitSm(destination=b"33612345678", short_message=b"Bonjour").encode()
INCOMING: Final = DeliverSm(source=b"33612345678", short_message=b"Salut").encode()


def response(command: int, sequence: int, body: bytes = b"7\0", status: int = 0) -> bytes:
    """The response to ``command``, as octets."""
    return pack(command | RESPONSE, status, sequence, body)


def request(body: Body, sequence: int) -> bytes:
    """A request, as octets."""
    return pack(body.command, 0, sequence, body.encode())


def frames(data: bytes) -> list[Frame]:
    """The PDUs that ``data`` is, without a rest."""
    framer = Framer(1 << 30)
    found = framer.feed(data)
    assert framer.error is None
    assert sum(16 + len(frame.body) for frame in found) == len(data)
    return found


def heads(data: bytes) -> list[tuple[int, int, int]]:
    """Command, status and sequence number of each PDU."""
    return [frame[:3] for frame in frames(data)]


def only(events: Sequence[Event], kind: type[E]) -> E:
    """The one event that there is."""
    (event,) = events
    assert isinstance(event, kind), event
    return event


def asked(events: Sequence[Event]) -> list[Asked]:
    """All events, each of which is a request of the peer's."""
    assert all(isinstance(event, Asked) for event in events), events
    return [event for event in events if isinstance(event, Asked)]


def contexts(session: Session, count: int, first: int = 0) -> list[int]:
    """Have an ESME submit so many, in one go; gives the contexts."""
    made = list(range(first, first + count))
    for context in made:
        session.request(SUBMIT, MESSAGE, context)
    return made


def bound(role: Role, state: State = State.BOUND_TRX, limits: Limits | None = None, **rest: Any) -> Session:
    """A session in that state, by an exchange of binds; an ESME's has used sequence number 1, an SMSC's none."""
    session = Session(role, limits or Limits(**rest))
    if state is State.OPEN:
        return session
    bind = BINDS[state](system_id=b"mairie", password=b"secret")
    answer = BODIES[bind.command | RESPONSE]
    assert issubclass(answer, BindResponse)
    if role is Role.ESME:
        session.bind(bind)
        assert heads(session.output()) == [(bind.command, 0, 1)]
        told = session.receive(response(bind.command, 1, answer(system_id=b"SMSC").encode()))
        assert told == [Bound(state, b"SMSC")]
    else:
        wish = only(session.receive(request(bind, 1)), Asked)
        assert wish.body == bind
        assert session.respond(wish, 0, answer(system_id=b"SMSC").encode()) == []
        assert heads(session.output()) == [(bind.command | RESPONSE, 0, 1)]
    assert session.state is state
    return session


def assert_over(session: Session) -> None:
    """Nothing can be had of it any more."""
    assert session.is_closed
    assert session.room == 0
    session.output()
    assert session.receive(pack(ENQUIRE, 0, 1) + request(SubmitSm(), 2) + b"\0\0\0\0") == []
    assert session.tick(1e9) == session.unbind() == session.lost("again") == []
    assert session.output() == b""


def closed(events: Sequence[Event]) -> Closed:
    """The last event, which alone is the end."""
    ends = [event for event in events if isinstance(event, Closed)]
    assert ends == [events[-1]]
    return ends[0]
