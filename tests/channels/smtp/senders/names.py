"""A DNS server of our own on loopback, by UDP and TCP, with the records and the moods that a test gives it."""

import struct
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from itertools import pairwise
from socketserver import BaseRequestHandler, ThreadingTCPServer, ThreadingUDPServer
from threading import Thread

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


class Mood(Enum):
    """How the server behaves when it is asked for a name."""

    SERVFAIL = "servfail"
    REFUSED = "refused"
    SILENT = "silent"
    GARBAGE = "garbage"
    LOOP = "loop"
    """Two aliases of each other."""
    ENDLESS = "endless"
    """More aliases than anyone follows."""


Zone = Mapping[str, Mapping[str, list[str]] | Mood]
"""Name → kind → records in the notation of zone files; what it does not name does not exist.

The kind CNAME leads to the records of its target, as with any server that looks up for others. A name ``*.…`` stands
for all that end so.
"""


class Names:
    """The server. ``asked`` counts questions, by name and kind; ``by_tcp`` those that came by TCP."""

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self.asked: Counter[tuple[str, str]] = Counter()
        self.by_tcp = 0
        self.address = ("", 0)

    def answer(self, wire: bytes, tcp: bool) -> bytes | None:
        """What is answered to a message; None for nothing."""
        query = dns.message.from_wire(wire)
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(question.rdtype)
        self.asked[name, kind] += 1
        self.by_tcp += tcp
        response = dns.message.make_response(query, recursion_available=True)
        found = self._found(name)
        match found:
            case Mood.SILENT:
                return None
            case Mood.GARBAGE:
                return wire[:2] + b"\xff" * 40
            case Mood.SERVFAIL | Mood.REFUSED:
                response.set_rcode(dns.rcode.from_text(found.name))
            case Mood.LOOP:
                self._add(response, name, "CNAME", [f"other.{name}."])
                self._add(response, f"other.{name}", "CNAME", [f"{name}."])
            case Mood.ENDLESS:
                steps = [name, *(f"{step}.{name}" for step in range(40))]
                for one, other in pairwise(steps):
                    self._add(response, one, "CNAME", [f"{other}."])
            case _:
                self._look_up(response, name, kind)
        return self._written(response, tcp, query.payload or 512)

    def _found(self, name: str) -> Mapping[str, list[str]] | Mood | None:
        for pattern in (name, *(f"*.{name.split('.', n)[n]}" for n in range(1, name.count(".") + 1))):
            if pattern in self.zone:
                return self.zone[pattern]
        return None

    def _look_up(self, response: dns.message.Message, name: str, kind: str) -> None:
        found = self._found(name)
        while isinstance(found, Mapping) and "CNAME" in found:
            self._add(response, name, "CNAME", found["CNAME"])
            name = found["CNAME"][0].rstrip(".").lower()
            found = self._found(name)
        if isinstance(found, Mood):
            response.set_rcode(dns.rcode.SERVFAIL)
        elif found is not None:
            self._add(response, name, kind, found.get(kind, []))
        elif not any(other.endswith(f".{name}") for other in self.zone):
            response.set_rcode(dns.rcode.NXDOMAIN)

    @staticmethod
    def _add(response: dns.message.Message, name: str, kind: str, records: list[str]) -> None:
        if records:
            response.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", kind, *records))

    @staticmethod
    def _written(response: dns.message.Message, tcp: bool, payload: int) -> bytes:
        wire = response.to_wire(max_size=65535)
        if not tcp and len(wire) > payload:
            response.answer.clear()
            response.flags |= dns.flags.TC
            wire = response.to_wire()
        return wire


@contextmanager
def serving(zone: Zone) -> Iterator[Names]:
    """A server that is there, in threads of its own, until the block ends."""
    names = Names(zone)

    class Datagram(BaseRequestHandler):
        def handle(self) -> None:
            wire, port = self.request
            if answer := names.answer(wire, tcp=False):
                port.sendto(answer, self.client_address)

    class Stream(BaseRequestHandler):
        def handle(self) -> None:
            with self.request.makefile("rb") as stream:
                wire = stream.read(struct.unpack("!H", stream.read(2))[0])
            if answer := names.answer(wire, tcp=True):
                self.request.sendall(struct.pack("!H", len(answer)) + answer)

    with _both(Datagram, Stream) as (by_udp, by_tcp):
        names.address = ("127.0.0.1", by_udp.server_address[1])
        threads = [Thread(target=server.serve_forever, args=(0.01,)) for server in (by_udp, by_tcp)]
        for thread in threads:
            thread.start()
        try:
            yield names
        finally:
            by_udp.shutdown()
            by_tcp.shutdown()
            for thread in threads:
                thread.join()


@contextmanager
def _both(
    datagram: type[BaseRequestHandler], stream: type[BaseRequestHandler]
) -> Iterator[tuple[ThreadingUDPServer, ThreadingTCPServer]]:
    """Servers on one port: that of UDP is drawn until it is free for TCP, too."""
    for _ in range(20):
        by_udp = ThreadingUDPServer(("127.0.0.1", 0), datagram)
        try:
            by_tcp = ThreadingTCPServer(by_udp.server_address[:2], stream)
        except OSError:
            by_udp.server_close()
            continue
        with by_udp, by_tcp:
            yield by_udp, by_tcp
        return
    raise OSError("no port is free for both")


def quoted(text: str) -> str:
    """A text in the notation of zone files, in strings of 255 characters at most."""
    strings = (text[place : place + 250] for place in range(0, len(text), 250))
    return " ".join('"' + one.replace("\\", "\\\\").replace('"', '\\"') + '"' for one in strings)
