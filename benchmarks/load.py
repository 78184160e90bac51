"""A load of HTTP calls over loopback: keep-alive connections, one call in flight on each, one thread."""

import selectors
import socket
import time
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote_plus

import attrs

PATIENCE: Final = 30.0
"""Seconds after which an answer that does not come ends the load."""


@attrs.frozen
class Load:
    """What a load gave."""

    codes: dict[str, int]
    seconds: float
    latencies: list[float]
    """Seconds, sorted."""

    def percentile(self, share: float) -> float:
        """The latency, in seconds, that ``share`` of the calls did not exceed."""
        return self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * share))]


def calls(email: str, password: str, run: int) -> Iterator[bytes]:
    """Requests, each for another number and text, without end."""
    serial = 0
    while True:
        serial += 1
        number = f"06{(run * 1_000_003 + serial) % 39_000_000:08d}"
        text = quote_plus(f"Votre code est {serial:06d}, valable dix minutes. Dossier {run}")
        query = f"email={email}&pass={password}&numero={number}&message={text}&diff="
        yield f"GET /http.php?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def drive(port: int, requests: Iterator[bytes], concurrency: int, seconds: float) -> Load:
    """Send for ``seconds`` over ``concurrency`` connections, then wait for the last answers."""
    selector = selectors.DefaultSelector()
    codes: dict[str, int] = {}
    latencies: list[float] = []
    sent: dict[socket.socket, float] = {}
    begin = time.perf_counter()
    for _ in range(concurrency):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(connection, selectors.EVENT_READ)
        sent[connection] = time.perf_counter()
        connection.sendall(next(requests))
    end = begin + seconds
    while sent:
        events = selector.select(PATIENCE)
        if not events:
            raise TimeoutError("the daemon does not answer")
        for key, _ in events:
            connection = key.fileobj  # type: ignore[assignment]
            answer = connection.recv(65_536)
            now = time.perf_counter()
            code = answer[-2:].decode("ascii", "replace") if answer else "closed"
            codes[code] = codes.get(code, 0) + 1
            latencies.append(now - sent[connection])
            if now < end and answer:
                sent[connection] = now
                connection.sendall(next(requests))
            else:
                selector.unregister(connection)
                connection.close()
                del sent[connection]
    return Load(codes, time.perf_counter() - begin, sorted(latencies))
