"""The same client on ``smpp.twisted3`` 0.8, and ``smpp.pdu3`` alone: runs in an environment of their own.

It is used as its own examples do, and as cheaply as they allow: the parts of a PDU that are the same for every
message are made once, its logging is left at warnings, its handler answers at once, and of a receipt the two
TLVs are taken: it has no reader for the text.
"""

from argparse import Namespace
from io import BytesIO
from typing import Any

from smpp.pdu.operations import SubmitSM  # type: ignore[import-not-found]
from smpp.pdu.pdu_encoding import PDUEncoder  # type: ignore[import-not-found]
from smpp.pdu.pdu_types import (  # type: ignore[import-not-found]
    AddrNpi,
    AddrTon,
    DataCoding,
    EsmClass,
    EsmClassMode,
    EsmClassType,
    MessageState,
    PriorityFlag,
    RegisteredDelivery,
    RegisteredDeliveryReceipt,
    ReplaceIfPresentFlag,
)
from smpp.twisted.client import SMPPClientService, SMPPClientTransceiver  # type: ignore[import-not-found]
from smpp.twisted.config import SMPPClientConfig  # type: ignore[import-not-found]
from twisted.internet import reactor as global_reactor
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

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


def route(receipts: bool) -> dict[str, Any]:
    """What all messages have in common."""
    wanted = RegisteredDeliveryReceipt.SMSC_DELIVERY_RECEIPT_REQUESTED
    return {
        "service_type": b"",
        "source_addr_ton": AddrTon.ALPHANUMERIC,
        "source_addr_npi": AddrNpi.UNKNOWN,
        "source_addr": SOURCE,
        "dest_addr_ton": AddrTon.INTERNATIONAL,
        "dest_addr_npi": AddrNpi.ISDN,
        "esm_class": EsmClass(EsmClassMode.DEFAULT, EsmClassType.DEFAULT),
        "protocol_id": 0,
        "priority_flag": PriorityFlag.LEVEL_0,
        "schedule_delivery_time": None,
        "validity_period": None,
        "registered_delivery": RegisteredDelivery(
            wanted if receipts else RegisteredDeliveryReceipt.NO_SMSC_DELIVERY_RECEIPT_REQUESTED
        ),
        "replace_if_present_flag": ReplaceIfPresentFlag.DO_NOT_REPLACE,
        "data_coding": DataCoding(),
        "sm_default_msg_id": 0,
    }


class Driver:
    """Keeps the window full until all is sent; over when all is answered, and every receipt is there."""

    def __init__(self, options: Namespace) -> None:
        self.meter = Meter()
        self.over: Deferred[None] = Deferred()
        self.unanswered = options.messages
        self.awaited = options.messages if options.receipts else 0
        self.last_id = b""
        self.ids: dict[bytes, int] = {}
        """Of messages whose receipt is awaited."""
        self._receipts = options.receipts
        self._serial = 0
        self._messages = options.messages
        self._window = options.window
        self._route = route(options.receipts)

    def bound(self, smpp: Any) -> None:
        """The session is bound."""
        smpp.getDisconnectedDeferred().addCallback(self._lost)
        self.meter.start()
        for _ in range(min(self._window, self._messages)):
            self._send(smpp)

    def _send(self, smpp: Any) -> None:
        serial = self._serial
        self._serial = serial + 1
        request = SubmitSM(destination_addr=destination(serial), short_message=TEXT, **self._route)
        smpp.sendDataRequest(request).addCallback(self._answered, serial).addErrback(self._failed)

    def _answered(self, result: Any, serial: int) -> None:
        self.last_id = result.response.params["message_id"]
        self.unanswered -= 1
        if self._receipts:
            self.ids[self.last_id] = serial
        if self._serial < self._messages:
            self._send(result.smpp)
        self._look()

    def received(self, smpp: Any, request: Any) -> None:
        """A deliver_sm; it is acknowledged when this returns."""
        if request.params["message_state"] is not MessageState.DELIVERED:
            raise SystemExit(f"no receipt: {request}")
        del self.ids[request.params["receipted_message_id"]]
        self.awaited -= 1
        # the acknowledgement of the last one is still to be written
        if not self.awaited:
            reactor: Any = global_reactor
            reactor.callLater(0, self._look)

    def _look(self) -> None:
        if not (self.unanswered or self.awaited or self.over.called):
            self.meter.stop()
            self.over.callback(None)

    def _lost(self, _: None) -> None:
        if not self.over.called:
            self.over.errback(ConnectionError("the connection was lost"))

    def _failed(self, failure: Failure) -> None:
        if not self.over.called:
            self.over.errback(failure)


def drive(options: Namespace) -> None:
    """Send all, and tell what it took."""
    reactor: Any = global_reactor
    driver = Driver(options)
    config = SMPPClientConfig(
        host="127.0.0.1", port=options.port, username=SYSTEM_ID.decode(), password=PASSWORD.decode()
    )
    service = SMPPClientService(SMPPClientTransceiver(config, driver.received))
    failures: list[Failure] = []
    driver.over.addErrback(failures.append)
    driver.over.addCallback(lambda _: service.stopService())
    driver.over.addCallback(lambda _: service.getStopDeferred())
    driver.over.addCallback(lambda _: reactor.stop())
    service.startService().addCallback(driver.bound).addErrback(driver.over.errback)
    reactor.run()
    if failures:
        raise SystemExit(failures[0].getErrorMessage())
    tell(
        cpu=driver.meter.cpu,
        wall=driver.meter.wall,
        unanswered=driver.unanswered + driver.awaited + len(driver.ids),
        last_id=driver.last_id.decode(),
    )


def codec() -> None:
    """Each operation on a whole PDU."""
    encoder = PDUEncoder()
    common = route(receipts=True)
    number = destination(4711)

    def submit() -> bytes:
        octets: bytes = encoder.encode(SubmitSM(4711, destination_addr=number, short_message=TEXT, **common))
        return octets

    def response() -> bytes:
        message_id: bytes = encoder.decode(BytesIO(SAMPLE_RESPONSE)).params["message_id"]
        return message_id

    def receipt() -> bytes:
        message_id: bytes = encoder.decode(BytesIO(SAMPLE_RECEIPT)).params["receipted_message_id"]
        return message_id

    tell(
        submit=microseconds(submit, 1_000),
        response=microseconds(response, 2_000),
        deliver=microseconds(receipt, 1_000),
        octets=submit().hex(),
        read=f"{response().decode()} {receipt().decode()}",
    )


if __name__ == "__main__":
    parsed_arguments = arguments()
    if parsed_arguments.what == "codec":
        codec()
    else:
        drive(parsed_arguments)
