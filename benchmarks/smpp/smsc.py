"""A cheap SMSC of its own make, for load: asyncio and struct, no codec of either side.

Prints its port, then a line of counts whenever a session ends: those of all sessions so far.
"""

import argparse
import asyncio

from .messages import HEADER, receipt, submit_response, tell

SUBMIT, DELIVER_RESPONSE, ENQUIRE, UNBIND = 0x00000004, 0x80000005, 0x00000015, 0x00000006
BINDS = (0x00000001, 0x00000002, 0x00000009)
RESPONSE = 0x80000000


class Counts:
    """What came and went, over all sessions."""

    def __init__(self) -> None:
        self.submitted = self.receipts = self.acknowledged = self.unbound = self.strange = 0
        self.last_id = 1_000_000_000


class Session(asyncio.Protocol):
    """One connection. Whatever comes in one read is answered in one write."""

    def __init__(self, counts: Counts, receipts: bool, delay: float) -> None:
        self._counts = counts
        self._receipts = receipts
        self._delay = delay
        self._rest = b""
        self._sequence = 0
        self._unacknowledged: set[int] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """An ESME is there."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        tell(**vars(self._counts))

    def data_received(self, data: bytes) -> None:
        """Answer."""
        data = self._rest + data if self._rest else data
        at, end = 0, len(data)
        answers: list[bytes] = []
        receipts: list[bytes] = []
        while end - at >= 16:
            length, command, status, sequence = HEADER.unpack_from(data, at)
            if end - at < length:
                break
            if command == SUBMIT:
                self._submitted(data, at + 16, sequence, answers, receipts)
            elif command == DELIVER_RESPONSE:
                self._acknowledged(sequence, status)
            else:
                self._other(command, sequence, answers)
            at += length
        self._rest = data[at:]
        if self._delay and receipts:
            asyncio.get_running_loop().call_later(self._delay, self._transport.write, b"".join(receipts))
            receipts = []
        if answers or receipts:
            self._transport.write(b"".join(answers + receipts))

    def _submitted(self, data: bytes, at: int, sequence: int, answers: list[bytes], receipts: list[bytes]) -> None:
        counts = self._counts
        counts.submitted += 1
        counts.last_id += 1
        message_id = b"%d" % counts.last_id
        answers.append(submit_response(sequence, message_id))
        if self._receipts:
            source = data.index(b"\0", at) + 1
            destination = data.index(b"\0", source + 2) + 1
            end = data.index(b"\0", destination + 2) + 1
            self._sequence += 1
            self._unacknowledged.add(self._sequence)
            receipts.append(receipt(self._sequence, message_id, data[destination:end] + data[source:destination]))
            counts.receipts += 1

    def _acknowledged(self, sequence: int, status: int) -> None:
        if status == 0 and sequence in self._unacknowledged:
            self._unacknowledged.remove(sequence)
            self._counts.acknowledged += 1
        else:
            self._counts.strange += 1

    def _other(self, command: int, sequence: int, answers: list[bytes]) -> None:
        if command in BINDS:
            answers.append(HEADER.pack(21, command | RESPONSE, 0, sequence) + b"SMSC\0")
        elif command in (ENQUIRE, UNBIND):
            answers.append(HEADER.pack(16, command | RESPONSE, 0, sequence))
            self._counts.unbound += command == UNBIND
        elif command != ENQUIRE | RESPONSE:
            self._counts.strange += 1


async def serve(receipts: bool, delay: float) -> None:
    """Listen, and say where."""
    counts = Counts()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Session(counts, receipts, delay), "127.0.0.1", 0)
    tell(port=server.sockets[0].getsockname()[1])
    await server.serve_forever()


def main() -> None:
    """Serve until it is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--receipts", action="store_true")
    parser.add_argument("--delay", type=float, default=0, help="seconds from a response to the receipt")
    arguments = parser.parse_args()
    asyncio.run(serve(arguments.receipts, arguments.delay))


if __name__ == "__main__":
    main()
