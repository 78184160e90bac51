"""A mail server (SMTP) on loopback, in threads of its own: it takes mails, or does what a test's plan says instead."""

import base64
import socket
import ssl
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from types import TracebackType
from typing import Final, NamedTuple, Self

import attrs

from tests.ports import free_port
from tests.txsmpp.certificates import Certificate

WRONG_PASSWORD: Final = "Identifiant ou mot de passe incorrect : vérifiez-les chez votre fournisseur."
"""What it says to who may not in, with 535."""

LINE_END: Final = b"\r\n"
DATA_END: Final = b"\r\n.\r\n"

CONNECT: Final = "CONNECT"
"""Of a plan: the greeting."""
DOT: Final = "."
"""Of a plan: the end of a mail."""


class Act(Enum):
    """What it may do at a step instead of an answer."""

    CUT = "cut"
    """End the connection; nothing is done."""
    DO_AND_CUT = "do and cut"
    """Do what is asked (take the mail), and end the connection without a word."""
    ANSWER_AND_CUT = "answer and cut"
    """Do it, say so, and end the connection."""
    SILENCE = "silence"
    """Never answer."""
    NORMAL = "normal"
    """As a server should: to let some pass before another act."""


Step = bytes | Act
"""An answer, without its last line end, or an act."""


class Taken(NamedTuple):
    """A mail that it took."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes


class Said(NamedTuple):
    """A line that a client said, outside of mails."""

    secure: bool
    """Whether it came by TLS."""
    line: bytes


@attrs.frozen
class Security:
    """The TLS of a server."""

    context: ssl.SSLContext
    implicit: bool
    """From the first octet on, instead of STARTTLS."""


def secured(certificate: Certificate, *, implicit: bool) -> Security:
    """A server's TLS with that certificate (``tests.txsmpp.certificates.self_signed(folder, "localhost")``)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.certificate, certificate.key)
    return Security(context, implicit)


def trusting(certificate: Certificate) -> ssl.SSLContext:
    """A client's context that trusts that certificate; the system's own does not.

    For a whole process, set ``SSL_CERT_FILE`` to ``certificate.certificate`` in its environment.
    """
    return ssl.create_default_context(cafile=str(certificate.certificate))


class MailServer:
    """Listens on ``port`` of 127.0.0.1 from ``start`` to ``stop``, and again; a context manager does both.

    Where ``user`` is given, who does not log in sends nothing; with ``security`` for STARTTLS one logs in by TLS only.
    """

    def __init__(self, security: Security | None = None, user: str = "", password: str = "") -> None:
        self.port = free_port()
        self.mails: list[Taken] = []
        """What it took, oldest first."""
        self.log: list[Said] = []
        """What clients said."""
        self.connections = 0
        """How many there were."""
        self.security = security
        self.user = user
        self.password = password
        self.plan: dict[str, deque[Step]] = {}
        """By step (``CONNECT``, ``EHLO``, ``STARTTLS``, ``AUTH``, ``MAIL``, ``RCPT``, ``DATA``, ``DOT``)."""
        self.judge: Callable[[Taken], Step | None] = lambda _: None
        """Asked at the end of each mail for which nothing is planned; None takes it."""
        self._listener: socket.socket | None = None
        self._threads: list[threading.Thread] = []
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()

    def next(self, step: str, *acts: Step) -> None:
        """Do these at the next times of a step, one each; then as a server should, once more."""
        self.plan.setdefault(step, deque()).extend(acts)

    def start(self) -> None:
        """Listen; what was planned and taken stays."""
        listener = socket.create_server(("127.0.0.1", self.port))
        self._listener = listener
        self._run(lambda: self._accept(listener))

    def stop(self) -> None:
        """Stop listening and end every connection: who comes now is refused."""
        if self._listener is not None:
            # close alone would not wake the thread that waits for connections
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        self.cut()
        for thread in self._threads:
            thread.join(10)
        self._threads.clear()

    def cut(self) -> None:
        """End every connection that is open."""
        with self._lock:
            for connection in self._open:
                _end(connection)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, name="mail server", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                self.connections += 1
                self._run(lambda connection=connection: self._serve(connection))  # type: ignore[misc]

    def _serve(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # TLS takes the first one over; this one ends the connection all the same
        handle = connection.dup()
        with self._lock:
            self._open.append(handle)
        try:
            Conversation(self, connection).hold()
        except (OSError, EOFError):
            pass
        finally:
            with self._lock:
                self._open.remove(handle)
            _end(handle)
            handle.close()


class Conversation:
    """One connection. ``hold`` raises OSError and EOFError when it ends."""

    def __init__(self, server: MailServer, connection: socket.socket) -> None:
        self._server = server
        self._connection = connection
        self._received = bytearray()
        self._known = not server.user
        self._sender: str | None = None
        self._recipients: list[str] = []

    @property
    def _secure(self) -> bool:
        return isinstance(self._connection, ssl.SSLSocket)

    def hold(self) -> None:
        """Greet, and answer until one side ends it."""
        if self._server.security is not None and self._server.security.implicit:
            self._begin_tls(self._server.security)
        self._do(CONNECT, b"220 courrier.exemple.fr ESMTP")
        while True:
            line = self._until(LINE_END)
            self._server.log.append(Said(self._secure, line))
            verb, _, rest = line.partition(b" ")
            step = verb.decode("latin-1").upper()
            work = self._WORK.get(step)
            if work is None:
                self._say(b"502 5.5.1 Commande inconnue")
            else:
                work(self, step, rest)

    def _begin_tls(self, security: Security) -> None:
        self._received.clear()
        self._connection = security.context.wrap_socket(self._connection, server_side=True)

    # steps

    def _hello(self, step: str, _: bytes) -> None:
        offers = [b"courrier.exemple.fr", b"8BITMIME", b"SIZE 10000000"]
        security = self._server.security
        if security is not None and not self._secure:
            offers.append(b"STARTTLS")
        if self._server.user and (security is None or self._secure):
            offers.append(b"AUTH PLAIN LOGIN")
        lines = [b"250-" + one for one in offers[:-1]] + [b"250 " + offers[-1]]
        self._do(step, LINE_END.join(lines))

    def _starttls(self, step: str, _: bytes) -> None:
        if self._server.security is None or self._secure:
            self._say(b"502 5.5.1 Pas de STARTTLS ici")
        elif self._do(step, b"220 2.0.0 Allez-y"):
            self._begin_tls(self._server.security)

    def _auth(self, step: str, rest: bytes) -> None:
        mechanism, _, given = rest.partition(b" ")
        if mechanism.upper() == b"PLAIN":
            _, user, password = base64.b64decode(given or self._asked(b"334 ")).split(b"\0")
        else:
            user = base64.b64decode(given or self._asked(b"334 VXNlcm5hbWU6"))
            password = base64.b64decode(self._asked(b"334 UGFzc3dvcmQ6"))
        right = (user, password) == (self._server.user.encode(), self._server.password.encode())
        answer = b"235 2.7.0 Bienvenue" if right else b"535 5.7.8 " + WRONG_PASSWORD.encode()
        self._known = self._do(step, answer) and right

    def _asked(self, question: bytes) -> bytes:
        self._say(question)
        answer = self._until(LINE_END)
        self._server.log.append(Said(self._secure, answer))
        return answer

    def _mail(self, step: str, rest: bytes) -> None:
        if not self._known:
            self._say(b"530 5.7.0 " + b"Identifiez-vous d'abord.")
        elif self._do(step, b"250 2.1.0 Bien"):
            self._sender, self._recipients = _address(rest), []

    def _rcpt(self, step: str, rest: bytes) -> None:
        if self._do(step, b"250 2.1.5 Bien"):
            self._recipients.append(_address(rest))

    def _data(self, step: str, _: bytes) -> None:
        if self._sender is None or not self._recipients:
            self._say(b"503 5.5.1 A qui ?")
            return
        if not self._do(step, b"354 Allez-y"):
            return
        # the first line may be the last
        self._received[:0] = LINE_END
        stuffed = self._until(DATA_END) + LINE_END
        content = stuffed.replace(b"\r\n..", b"\r\n.").removeprefix(LINE_END)
        taken = Taken(self._sender, tuple(self._recipients), content)
        self._sender = None
        self._do(DOT, b"250 2.0.0 Pris", lambda: self._server.mails.append(taken), lambda: self._server.judge(taken))

    def _quit(self, step: str, _: bytes) -> None:
        self._do(step, b"221 2.0.0 Au revoir")
        raise EOFError

    def _rset(self, step: str, _: bytes) -> None:
        self._sender, self._recipients = None, []
        self._do(step, b"250 2.0.0 Bien")

    _WORK: Final = {
        "EHLO": _hello, "HELO": _hello, "STARTTLS": _starttls, "AUTH": _auth, "MAIL": _mail, "RCPT": _rcpt,
        "DATA": _data, "QUIT": _quit, "RSET": _rset,
    }  # fmt: skip

    # what is planned, and the wire

    def _do(
        self,
        step: str,
        answer: bytes,
        work: Callable[[], None] = lambda: None,
        judge: Callable[[], Step | None] = lambda: None,
    ) -> bool:
        """Do a step as planned; whether it was done as a server should."""
        planned = self._server.plan.get(step)
        act = planned.popleft() if planned else judge()
        if isinstance(act, bytes):
            self._say(act)
            return False
        if act is Act.SILENCE:
            while True:
                self._receive()
        if act is Act.CUT:
            raise EOFError
        work()
        if act is not Act.DO_AND_CUT:
            self._say(answer)
        if act in (Act.DO_AND_CUT, Act.ANSWER_AND_CUT):
            raise EOFError
        return True

    def _say(self, answer: bytes) -> None:
        self._connection.sendall(answer + LINE_END)

    def _until(self, end: bytes) -> bytes:
        looked = 0
        while (place := self._received.find(end, looked)) < 0:
            looked = max(0, len(self._received) - len(end))
            self._receive()
        found = bytes(self._received[:place])
        del self._received[: place + len(end)]
        return found

    def _receive(self) -> None:
        data = self._connection.recv(65_536)
        if not data:
            raise EOFError
        self._received += data


def _address(rest: bytes) -> str:
    return rest.partition(b"<")[2].partition(b">")[0].decode("latin-1")


def _end(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
