"""Clients that are broken, slow or worse: always an answer or a closed door, and nothing changed."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Final
from urllib.parse import quote_from_bytes, urlencode

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.daemon import PASSWORD, RunningDaemon, fresh_number, receive

CODES: Final = {str(code) for code in (*range(80, 94), 99)}
QUICK: Final = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
NAMES: Final = ("email", "pass", "numero", "message", "diff", "charset", "format", "validite", "ref")
_TEXTS: Final = count(1)

nasty: Final = st.one_of(
    st.binary(max_size=60),
    st.text(max_size=30).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.sampled_from(
        [
            *(b"\x00", b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xc0\xaf", b"\xe0\x80\xaf", b"\xf4\x90\x80\x80"),
            *(b"'", b'"', b"\\", b"; DROP TABLE message;--", b"{0}", b"%s%n", b"$(id)", b"../../etc/passwd"),
            *(b"\xff\xfe", b"\xef\xbb\xbf", b"\x1b[2J", b"\r\nSet-Cookie: a=b", b"9" * 300, b"+" * 99,),
            *("\u202e0612345678".encode(), "😀".encode() * 9, "e\u0301\u0301".encode() * 9),
        ]
    ),
)


def fields_of(email: str) -> dict[str, bytes]:
    """A call that would be accepted."""
    text = f"texte {next(_TEXTS)}"
    return {
        "email": email.encode(), "pass": PASSWORD.encode(), "numero": fresh_number().encode(), "message": text.encode()
    }  # fmt: skip


@pytest.fixture(scope="module")
def email(daemon: RunningDaemon) -> str:
    """An account with a group and much credit."""
    return daemon.provision(1_000_000, groups={"Groupe": [("0651000001", "Anne", "v")]})


class Watch:
    """Compares the debit with what was answered."""

    def __init__(self, daemon: RunningDaemon, email: str) -> None:
        self.daemon, self.email = daemon, email
        self.balance, self.known = daemon.balance(email), len(daemon.messages(email))

    def unchanged(self) -> None:
        """Fail unless nothing was accepted since."""
        assert self.daemon.balance(self.email) == self.balance
        assert len(self.daemon.messages(self.email)) == self.known

    def judge(self, code: str) -> None:
        """Fail unless the answer is a code, and the account is as it says."""
        assert code in CODES
        spent = self.balance - self.daemon.balance(self.email)
        assert (spent > 0) == (code in ("80", "81"))
        assert spent == sum(told.credits for told in self.daemon.messages(self.email)[self.known :])


@QUICK
@given(st.dictionaries(st.sampled_from(NAMES), nasty, min_size=1), st.sampled_from(["GET", "POST"]))
@example({"numero": b"\x00"}, "GET")
@example({"ref": b"\xed\xa0\x80\x00"}, "GET")
@example({"message": b"\xed\xa0\x80"}, "POST")
def test_any_bytes(daemon: RunningDaemon, email: str, changes: dict[str, bytes], method: str) -> None:
    """Any bytes in any parameter get a code, and move credits only with 80 or 81."""
    if "ref" in changes:
        # one of its own: a repeated one would be answered as before
        changes = changes | {"ref": b"%d" % next(_TEXTS) + changes["ref"]}
    watch = Watch(daemon, email)
    watch.judge(daemon.call({**fields_of(email), **changes}, method))


@QUICK
@given(st.lists(nasty | st.sampled_from([b"&", b"=", b"%", b";", b"%0", b"%zz", b"%u20ac", b"email=", b"&&"])))
def test_any_query(daemon: RunningDaemon, email: str, pieces: list[bytes]) -> None:
    """Any query at all, in the address, in a form, in what claims to be multipart."""
    watch = Watch(daemon, email)
    query = b"".join(pieces)
    assert daemon.call(query, "POST") in CODES
    assert daemon.call(quote_from_bytes(query, safe="&=%;+").encode()) in CODES
    for header in ("multipart/form-data", "multipart/form-data; boundary=x", 'multipart/form-data; boundary="', "é/ÿ"):
        body = b"--x\r\nContent-Disposition: form-data; name=email\r\n\r\n" + query + b"\r\n--x--"
        assert daemon.request("POST", "/http.php", body, {"Content-Type": header}).code in CODES
    watch.unchanged()


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Type: multipart/form-data; boundary=\xff\xfe",
        b"Content-Type: \xe9\x80",
        b'Content-Type: multipart/form-data; boundary="\xc3\xa9"; charset=x',
        b"Content-Type: multipart/form-data; boundary=" + b"y" * 9000,
        b"X-Forwarded-For: \xff, 1.2.3.4",
        b"Host: \xff:\xfe",
        b"Cookie: \xff=\x80;;=",
        b"Expect: 100-continue",
        b"Accept-Encoding: \xff",
    ],
)
def test_any_header(daemon: RunningDaemon, header: bytes) -> None:
    """A header that is no text does no harm."""
    answer = daemon.exchange(
        b"POST /http.php HTTP/1.1\r\n%s\r\nConnection: close\r\nContent-Length: 3\r\n\r\na=b" % header
    ).removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"\r\n\r\n87")


@pytest.mark.parametrize("host", [b"\xff", b"\xe9.example", b"a..b", b"a" * 64, b"\xc3\xa9" * 99])
def test_any_host(daemon: RunningDaemon, host: bytes) -> None:
    """A page asked of a host that is none: 400, and nothing in the log."""
    for path in (b"/", b"/x"):
        answer = daemon.exchange(b"GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n" % (path, host))
        assert answer.startswith(b"HTTP/1.1 400 ")
    assert daemon.exchange(b"G\xff / HTTP/1.1\r\nConnection: close\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    assert "Traceback" not in daemon.logged()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [b"\x00\x00", b"99", b"\xc3\xa9", b"\xff\xff"])
def test_long_values(daemon: RunningDaemon, email: str, name: str, value: bytes) -> None:
    """Eighty thousand bytes in one parameter."""
    begun = time.monotonic()
    watch = Watch(daemon, email)
    watch.judge(daemon.call(fields_of(email) | {name: value * 40_000}, "POST"))
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_many_parameters(daemon: RunningDaemon, email: str, method: str) -> None:
    """Ten thousand parameters: those beyond the first hundred are not looked at, nor do they do harm."""
    watch = Watch(daemon, email)
    junk = "&".join(f"p{number}=1" for number in range(10_000))
    fields = urlencode(fields_of(email))
    assert daemon.call(f"{junk}&{fields}".encode(), method) == "87"
    watch.unchanged()
    watch.judge(daemon.call(f"{fields}&{junk}".encode(), method))


def test_many_parts(daemon: RunningDaemon, email: str) -> None:
    """Three thousand parts of a multipart form."""
    watch = Watch(daemon, email)
    part = b'--x\r\nContent-Disposition: form-data; name="p%d"\r\n\r\nv\r\n'
    body = b"".join(part % number for number in range(3_000))
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    assert daemon.request("POST", "/http.php", body + b"--x--\r\n", headers).code == "87"
    watch.unchanged()


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get"])
def test_other_methods(daemon: RunningDaemon, email: str, method: str) -> None:
    """Only GET and POST send; all else is 405 and says so."""
    watch = Watch(daemon, email)
    fields = urlencode(fields_of(email))
    reply = daemon.request(method, f"/http.php?{fields}", fields.encode())
    assert reply.status == 405
    assert reply.headers["allow"] == "GET, POST"
    assert reply.body == b""
    watch.unchanged()


@pytest.mark.parametrize(
    "path", ["/", "/x", "/http.phpx", "/HTTP.PHP", "/%00", "/%ff/%fe", "//", "/../http.php", "/" + "a/" * 999, "*"]
)
def test_other_paths(daemon: RunningDaemon, path: str) -> None:
    """Elsewhere there are pages, or none; never a fault."""
    for method in ("GET", "HEAD", "POST", "OPTIONS", "PUT"):
        assert daemon.request(method, path).status < 500


def request_bytes(method: str, fields: dict[str, bytes], version: str = "1.1", *headers: str) -> bytes:
    """A whole request."""
    query = urlencode(fields)
    target, body = (f"/http.php?{query}", "") if method == "GET" else ("/http.php", query)
    length = [f"Content-Length: {len(body)}"] if body else []
    lines = [f"{method} {target} HTTP/{version}", "Host: localhost", *headers, *length]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_cut_short(daemon: RunningDaemon, email: str, method: str) -> None:
    """A request that ends anywhere before its last byte is none."""
    watch = Watch(daemon, email)
    whole = request_bytes(method, fields_of(email))

    def send(length: int) -> None:
        with daemon.connect() as connection:
            connection.sendall(whole[:length])
            if length % 2:
                connection.shutdown(socket.SHUT_WR)
                assert receive(connection) in (b"",)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(send, range(len(whole))))
    # behind all of them, one that is whole
    watch.judge(daemon.call(fields_of(email)))
    assert len(daemon.messages(email)) == watch.known + 1


def test_pipelined(daemon: RunningDaemon) -> None:
    """Requests that come before the answer to the one before are answered in order, and all of them."""
    email = daemon.provision(2)
    numbers = [fresh_number() for _ in range(4)]
    bad = {"email": b"", "pass": b"", "numero": b"", "message": b""}
    told = [
        (bad, "87"),
        ({**fields_of(email), "numero": numbers[0].encode()}, "80"),
        ({**fields_of(email), "numero": b"1"}, "84"),
        (bad | {"email": b"x"}, "88"),
        ({**fields_of(email), "diff": b"1"}, "85"),
        ({**fields_of(email), "numero": numbers[1].encode()}, "80"),
        ({**fields_of(email), "numero": numbers[2].encode()}, "83"),
        (bad, "87"),
    ]
    requests = [request_bytes("GET" if number % 2 else "POST", fields) for number, (fields, _) in enumerate(told)]
    last = b"GET /http.php HTTP/1.1\r\nConnection: close\r\n\r\n"
    with daemon.connect() as connection:
        connection.sendall(b"".join(requests) + last)
        answers = receive(connection)
    codes = [answer[-2:].decode() for answer in answers.split(b"HTTP/1.1 200 OK\r\n")[1:]]
    assert codes == [*(code for _, code in told), "87"]


def test_many_pipelined(daemon: RunningDaemon) -> None:
    """A thousand requests in one breath."""
    request = b"GET /http.php HTTP/1.1\r\n\r\n"
    answers = daemon.exchange(request * 999 + b"GET /http.php HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert answers.count(b"\r\n\r\n87") == 1000


def test_keep_alive(daemon: RunningDaemon, email: str) -> None:
    """One connection serves many calls; HTTP/1.0 is answered and closed."""
    with daemon.connect() as connection:
        for _ in range(20):
            connection.sendall(request_bytes("POST", fields_of(email)))
            answer = connection.recv(4096)
            assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
            assert answer.endswith(b"\r\n\r\n80")
            assert b"\r\nContent-Length: 2\r\n" in answer
    for version, method in (("1.0", "GET"), ("1.0", "POST")):
        answer = daemon.exchange(request_bytes(method, fields_of(email), version))
        assert answer.startswith(b"HTTP/1.")
        assert answer.endswith(b"\r\n\r\n80")
    assert daemon.exchange(request_bytes("GET", fields_of(email), "1.1", "Connection: close")).endswith(b"80")


def test_half_closed(daemon: RunningDaemon, email: str) -> None:
    """A client that has no more to say, and says so (RFC 9112 §9.6), still gets its answers."""
    for method in ("GET", "POST"):
        for times in (1, 3):
            with daemon.connect() as connection:
                connection.sendall(b"".join(request_bytes(method, fields_of(email)) for _ in range(times)))
                connection.shutdown(socket.SHUT_WR)
                assert receive(connection).count(b"\r\n\r\n80") == times
    with daemon.connect() as connection:
        connection.sendall(request_bytes("GET", fields_of(email)) + b"GET /http")
        connection.shutdown(socket.SHUT_WR)
        assert receive(connection).endswith(b"80")


def test_gone_before_the_answer(daemon: RunningDaemon) -> None:
    """A client that does not wait is served all the same, once."""
    email = daemon.provision(40)
    numbers = [fresh_number() for _ in range(40)]
    for index, number in enumerate(numbers):
        connection = daemon.connect()
        fields = fields_of(email) | {"numero": number.encode()}
        connection.sendall(request_bytes("GET" if index % 2 else "POST", fields))
        if index % 4 > 1:
            # closed with a reset, not with an end
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            time.sleep(0.002)
        connection.close()
    # a reset may overtake what was sent before it
    daemon.wait(lambda: len(daemon.messages(email)) >= 20, "those that were received are queued")
    daemon.settled()
    told = daemon.messages(email)
    assert daemon.balance(email) == 40 - len(told)
    assert len({one.to for one in told}) == len(told)
