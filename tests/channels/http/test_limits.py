"""Slow, greedy and ill-made requests through real sockets, on a daemon with tight limits."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Final

import pytest

from tests.daemon import PASSWORD, RunningDaemon, fresh_number, receive

GET: Final = b"GET /http.php HTTP/1.1\r\nHost: localhost\r\n\r\n"
REFUSED: Final = b"HTTP/1.1 413 Content Too Large\r\n"
BAD: Final = b"HTTP/1.1 400 Bad Request\r\n"


def drip(pieces: Iterator[bytes]) -> Callable[[socket.socket], None]:
    """Sends a piece each time it is called."""
    return lambda connection: connection.sendall(next(pieces))


def forever(first: bytes, then: bytes) -> Iterator[bytes]:
    """``first``, and ``then`` again and again."""
    yield first
    while True:
        yield then


SLOW: Final = {
    "header": lambda: forever(b"GET /http.php?email=", b"a"),
    "headers": lambda: forever(b"GET /http.php HTTP/1.1\r\n", b"X: y\r\n"),
    "body": lambda: forever(b"POST /http.php HTTP/1.1\r\nContent-Length: 999\r\n\r\n", b"a"),
    "chunks": lambda: forever(b"POST /http.php HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
    "second header": lambda: forever(GET + b"GET /ht", b"t"),
    "second body": lambda: forever(GET + b"POST /http.php HTTP/1.1\r\nContent-Length: 99\r\n\r\n", b"a"),
    "silence": lambda: forever(b"", b""),
    "idle": lambda: forever(GET, b""),
    "blank line": lambda: forever(b"\r\n", b""),
    "refused": lambda: forever(b"POST /http.php HTTP/1.1\r\nContent-Length: 5000\r\n\r\n", b"a" * 99),
}


@pytest.mark.alone
def test_slow(strict: RunningDaemon) -> None:
    """A dripped header or body, and silence, end at their deadline however steadily bytes come; others are served."""
    ends: dict[str, float] = {}
    with ExitStack() as stack:
        clients = {name: (stack.enter_context(strict.connect("127.3.0.1")), make()) for name, make in SLOW.items()}
        begun = time.monotonic()
        while len(ends) < len(clients) and time.monotonic() - begun < 8:
            for name, (connection, pieces) in clients.items():
                if name not in ends and _closed(connection, next(pieces)):
                    ends[name] = time.monotonic() - begun
            assert strict.call(b"") == "87"
            time.sleep(0.05)
    assert set(ends) == set(SLOW)
    # at most a second for a header or a body, two for silence or for one that is refused; and the sweep's second
    assert max(ends.values()) < 4.5
    assert min(ends.values()) > 0.9
    assert max(ends[name] for name in ("header", "headers", "body", "chunks")) < 2.5


def _closed(connection: socket.socket, piece: bytes) -> bool:
    """Send ``piece``, read what there is; whether the daemon has gone."""
    connection.setblocking(False)
    try:
        connection.send(piece)
        while connection.recv(65536):
            pass
    except BlockingIOError:
        return False
    except OSError:
        return True
    # the daemon has nothing more to say; it is gone when it no longer listens either
    try:
        connection.send(b"a")
        time.sleep(0.01)
        connection.send(b"a")
    except OSError:
        return True
    return False


def test_too_many_connections(strict: RunningDaemon) -> None:
    """Beyond the cap of an address, or of all, the answer is 99 by 503; other addresses are served, and later all."""

    def served(source: str) -> bool:
        reply = strict.request("GET", "/http.php", source=source)
        assert (reply.status, reply.code) in ((200, "87"), (503, "99"))
        return reply.code == "87"

    strict.wait(lambda: served("127.3.0.2"), "nobody else is connected", 5)
    with ExitStack() as stack:
        for _ in range(19):
            stack.enter_context(strict.connect("127.3.0.2"))
        strict.wait(lambda: served("127.3.0.2"), "the twentieth is served", 1)
        time.sleep(0.1)
        stack.enter_context(strict.connect("127.3.0.2"))
        for _ in range(30):
            assert not served("127.3.0.2")
        assert served("127.3.0.3")
        time.sleep(0.1)
        for source in ("127.3.0.4", "127.3.0.5"):
            for _ in range(20):
                stack.enter_context(strict.connect(source))
        assert not served("127.3.0.6")
        for _ in range(30):
            assert strict.request("POST", "/http.php", b"a" * 9000, source="127.3.0.6").code == "99"
    strict.wait(lambda: served("127.3.0.2"), "those who left are forgotten", 5)


def _post(*headers: bytes, body: bytes = b"") -> bytes:
    return b"\r\n".join([b"POST /http.php HTTP/1.1", b"Host: localhost", *headers]) + b"\r\n\r\n" + body


CHUNKED: Final = b"Transfer-Encoding: chunked"
ILL_MADE: Final = {
    "long body": (_post(b"Content-Length: 4097", body=b"a" * 4097), REFUSED),
    "very long body": (_post(b"Content-Length: 3000000", body=b"a" * 3_000_000), REFUSED),
    "body never sent": (_post(b"Content-Length: 99999999999999999999"), REFUSED),
    "too many digits": (_post(b"Content-Length: " + b"9" * 5000, b"X: y", body=b"a"), REFUSED),
    "too many digits, last": (_post(b"Content-Length: " + b"9" * 5000, body=b"a"), REFUSED),
    "expects to go on": (_post(b"Content-Length: 4097", b"Expect: 100-continue"), REFUSED),
    "long chunk": (_post(CHUNKED, body=b"ffff\r\n" + b"a" * 65535 + b"\r\n0\r\n\r\n"), REFUSED),
    "many chunks": (_post(CHUNKED, body=b"1\r\na\r\n" * 4097 + b"0\r\n\r\n"), REFUSED),
    "negative": (_post(b"Content-Length: -1", body=b"a"), BAD),
    "signed": (_post(b"Content-Length: +1", body=b"a"), BAD),
    "not a number": (_post(b"Content-Length: 1a", body=b"a"), BAD),
    "list": (_post(b"Content-Length: 1, 1", body=b"a"), BAD),
    "two lengths": (_post(b"Content-Length: 1", b"Content-Length: 1", body=b"a"), BAD),
    "length and chunks": (_post(b"Content-Length: 1", CHUNKED, body=b"0\r\n\r\n"), BAD),
    "chunks and length": (_post(CHUNKED, b"Content-Length: 1", body=b"0\r\n\r\n"), BAD),
    "unknown coding": (_post(b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"), BAD),
    "bad chunk": (_post(CHUNKED, body=b"zz\r\n"), BAD),
    "space before the colon": (_post(b"Content-Length : 1", body=b"a"), BAD),
    "NUL in a header": (_post(b"X: \x00"), BAD),
    "no colon": (_post(b"abc"), BAD),
    "no version": (b"GET /http.php\r\n\r\n", BAD),
    "other version": (b"GET /http.php HTTP/2.0\r\n\r\n", BAD),
    "other protocol": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", BAD),
    "600 headers": (_post(*[b"X: y"] * 600), BAD),
    "headers of 200 kB": (_post(*[b"X: " + b"y" * 10_000] * 20), BAD),
    "line of 200 kB": (b"GET /http.php?" + b"a" * 200_000 + b" HTTP/1.1\r\n\r\n", b"HTTP/1.1 414 URI Too Long\r\n"),
    "line without end": (b"a" * 200_000, b"HTTP/1.1 414 URI Too Long\r\n"),
}


@pytest.mark.parametrize("name", ILL_MADE)
def test_ill_made(strict: RunningDaemon, name: str) -> None:
    """Told so once, the connection closed, and nothing behind it is heeded."""
    email = strict.provision(1)
    request, answer = ILL_MADE[name]
    query = f"email={email}&pass={PASSWORD}&numero={fresh_number()}&message=a"
    smuggled = f"GET /http.php?{query} HTTP/1.1\r\n\r\n".encode()
    with strict.connect("127.3.1.1") as connection:
        connection.sendall(request + smuggled)
        connection.shutdown(socket.SHUT_WR)
        answered = receive(connection)
    assert answered.startswith(answer)
    assert answered.count(b"HTTP/1.1") == 1
    assert strict.balance(email) == 1


def test_body_up_to_the_cap(strict: RunningDaemon) -> None:
    """A body of exactly the cap is taken, whole, in chunks or after 100 Continue; so is a request line of 100 kB."""
    body = b"email=" + b"a" * 4090
    for headers, sent in (
        ([b"Content-Length: 4096"], body),
        ([b"Content-Length: 4096", b"Expect: 100-continue"], body),
        ([CHUNKED], b"".join(b"800\r\n%s\r\n" % body[start : start + 2048] for start in (0, 2048)) + b"0\r\n\r\n"),
    ):
        answer = strict.exchange(_post(*headers, b"Connection: close", body=sent))
        assert answer.endswith(b"\r\n\r\n88")
    assert strict.request("GET", "/http.php?email=" + "a" * 100_000).code == "88"


def test_reader_that_does_not_read(strict: RunningDaemon) -> None:
    """Who asks and never reads is stopped, then closed; nobody else notices."""
    with strict.connect("127.3.2.1") as greedy:
        greedy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        greedy.settimeout(0.5)
        sent = 0
        try:
            while sent < 800_000:
                greedy.sendall(GET * 1000)
                sent += 1000
        except (TimeoutError, ConnectionError):
            pass
        assert sent < 800_000
        assert strict.call(b"") == "87"
