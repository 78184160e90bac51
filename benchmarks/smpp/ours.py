"""The client of the benchmark on ``txsmpp``, and its codec alone."""

from argparse import Namespace
from collections.abc import Sequence
from random import Random
from typing import Any

from twisted.internet import reactor as global_reactor
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint
from twisted.python.failure import Failure

from txsmpp import pdu
from txsmpp.binding import BindTransceiver
from txsmpp.client import Client, retry_policy
from txsmpp.constants import Command
from txsmpp.events import Answered, Asked, Bound, Closed, Event
from txsmpp.frame import Framer, pack
from txsmpp.receipt import MessageState, parse
from txsmpp.session import Limits
from txsmpp.submit import SubmitTemplate
from txsmpp.tlv import Tag, find
from txsmpp.wire import Wire

from .messages import (
    PASSWORD,
    SAMPLE_RECEIPT,
    SAMPLE_RESPONSE,
    SOURCE,
    SYSTEM_ID,
    TEXT,
    Meter,
    arguments,
    destination,
    microseconds,
    tell,
)

SUBMIT = int(Command.SUBMIT_SM)


def route(receipts: bool) -> pdu.SubmitSm:
    """What all messages have in common."""
    return pdu.SubmitSm(
        source_ton=5, source=SOURCE, destination_ton=1, destination_npi=1, registered_delivery=int(receipts)
    )


class Driver:
    """Keeps the window full until all is sent; over when all is answered, and every receipt is there."""

    def __init__(self, options: Namespace) -> None:
        self.meter = Meter()
        self.over: Deferred[None] = Deferred()
        self.unanswered = options.messages
        self.awaited = options.messages if options.receipts else 0
        self.last_id = ""
        self.ids: dict[str, int] = {}
        """Of messages whose receipt is awaited."""
        self._receipts = options.receipts
        self._serial = 0
        self._messages = options.messages
        self._template = SubmitTemplate(route(options.receipts))

    def happened(self, wire: Wire, events: Sequence[Event]) -> None:
        """See ``txsmpp.client.Owner``."""
        for event in events:
            if isinstance(event, Answered):
                if event.status:
                    raise SystemExit(f"message {event.context} was refused: {event.status}")
                self.last_id = event.message_id.decode("latin-1")
                self.unanswered -= 1
                if self._receipts:
                    self.ids[self.last_id] = event.context
            elif isinstance(event, Asked):
                self._received(event.body)
                wire.respond(event)
            elif isinstance(event, Bound):
                self.meter.start()
            elif isinstance(event, Closed) and not self.over.called:
                self.over.errback(ConnectionError(event.reason))
                return
        if room := min(wire.session.room, self._messages - self._serial):
            encode = self._template.encode
            for serial in range(self._serial, self._serial + room):
                wire.request(SUBMIT, encode(destination(serial), TEXT), serial)
            self._serial += room
        if not (self.unanswered or self.awaited or self.over.called):
            self.meter.stop()
            self.over.callback(None)

    def _received(self, body: Any) -> None:
        receipt = parse(body.esm_class, body.short_message, body.tlvs)
        if receipt is None or receipt.state is not MessageState.DELIVERED:
            raise SystemExit(f"no receipt: {body}")
        del self.ids[receipt.id]
        self.awaited -= 1

    def unreachable(self, reason: str) -> None:
        """See ``txsmpp.client.Owner``."""
        self.over.errback(ConnectionError(reason))


def drive(options: Namespace) -> None:
    """Send all, and tell what it took."""
    reactor: Any = global_reactor
    driver = Driver(options)
    client = Client(
        TCP4ClientEndpoint(reactor, "127.0.0.1", options.port),
        [BindTransceiver(system_id=SYSTEM_ID, password=PASSWORD)],
        driver,
        reactor,
        Limits(window=options.window),
        retry_policy(Random()),
    )
    failures: list[Failure] = []
    driver.over.addErrback(failures.append)
    driver.over.addCallback(lambda _: client.stopService())
    driver.over.addCallback(lambda _: reactor.stop())
    client.startService()
    reactor.run()
    if failures:
        raise SystemExit(failures[0].getErrorMessage())
    tell(
        cpu=driver.meter.cpu,
        wall=driver.meter.wall,
        unanswered=driver.unanswered + driver.awaited + len(driver.ids),
        last_id=driver.last_id,
    )


def codec() -> None:
    """Each operation on a whole PDU."""
    template = SubmitTemplate(route(receipts=True))
    number = destination(4711)

    def submit() -> bytes:
        return pack(SUBMIT, 0, 4711, template.encode(number, TEXT))

    def value() -> bytes:
        common = route(receipts=True)
        common.destination, common.short_message = number, TEXT
        return pack(SUBMIT, 0, 4711, common.encode())

    def response() -> bytes:
        (frame,) = framer.feed(SAMPLE_RESPONSE)
        body: pdu.SubmitSmResponse = pdu.decode(frame.command, frame.body)
        return body.message_id

    def deliver() -> bytes | None:
        (frame,) = framer.feed(SAMPLE_RECEIPT)
        body: pdu.DeliverSm = pdu.decode(frame.command, frame.body)
        return find(body.tlvs, Tag.RECEIPTED_MESSAGE_ID)

    def receipt() -> str:
        (frame,) = framer.feed(SAMPLE_RECEIPT)
        body: pdu.DeliverSm = pdu.decode(frame.command, frame.body)
        parsed = parse(body.esm_class, body.short_message, body.tlvs)
        assert parsed is not None
        return parsed.id

    framer = Framer()
    assert submit() == value()
    tell(
        submit=microseconds(submit, 20_000),
        value=microseconds(value, 5_000),
        response=microseconds(response, 20_000),
        deliver=microseconds(deliver, 10_000),
        receipt=microseconds(receipt, 10_000),
        octets=submit().hex(),
        read=f"{response().decode()} {receipt()}",
    )


if __name__ == "__main__":
    parsed_arguments = arguments()
    if parsed_arguments.what == "codec":
        codec()
    else:
        drive(parsed_arguments)
