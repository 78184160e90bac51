"""Damaged SMTP dialogues by the thousand.

``.venv/bin/python -m tests.channels.smtp.dialogue.fuzz_dialogue [--count 100000] [--seed N]``

Every dialogue is a good one with something broken in it, cut into reads at random, with answers that come at once or
later, and clients that vanish or do not read. No exception may come out, nothing may be said that is no reply, each
whole line must be answered or the session closed, and no more may be kept than the bounds say.
"""

import argparse
import resource
from collections import Counter
from itertools import pairwise
from random import Random
from time import process_time
from typing import Final

import attrs
from twisted.logger import LogEvent, globalLogPublisher

from smstob.channels.smtp.dialogue.lines import LONGEST_LINE
from smstob.channels.smtp.dialogue.server import Bounds
from smstob.channels.smtp.mail import Reply

from .peer import MAIL, RELAY, STRANGER, TAKEN, TEXT, Peer, Recorder, Server, codes

BOUNDS: Final = Bounds(message_bytes=20_000, recipients=5, errors=8, mails=6, commands=60, held_bytes=30_000)
READ: Final = 65_536
"""Bytes that come at once at most."""
REPLIES: Final = (TAKEN, Reply(554, "5.7.1", ("Épuisé\r\n250 x", "")), Reply(451, "4.3.0", ()), ValueError("texte"))
COMMANDS: Final = (
    *(b"EHLO c", b"HELO c", b"NOOP", b"RSET", b"VRFY x", b"HELP", b"EXPN x", b"QUIT", b"STARTTLS", b"AUTH PLAIN", b""),
    *(b"MAIL FROM:<a@b>", b"MAIL FROM:<> SIZE=10 BODY=8BITMIME", b"MAIL FROM:<a@b> SIZE=99999", b"MAIL FROM:<a@b> X=Y"),
    *(b"RCPT TO:<sms@sms.example>", b"RCPT TO:<nobody@x>", b"RCPT TO:<crash@sms.example>", b"RCPT TO:<@a:b@x>"),
    *(b'RCPT TO:<"a b"@sms.example>', b"DATA", b"XFORWARD ADDR=192.0.2.9 HELO=a+2Bb", b"XFORWARD NAME=[UNAVAILABLE]"),
)
NOISE: Final = (
    *(b"\r", b"\n", b"\r\n", b"\0", b"\xff", b".", b"\r\n.\r\n", b"\n.\n", b"<", b">", b'"', b"\\", b"@", b":", b" "),
    *(b"=", b"\t", b"+", b"x" * LONGEST_LINE, b'"' * 900, b"{0}%s", b"\xc3\xa9", b"A" * 30_000, b"\r\n" * 300),
)


def dialogue(random: Random) -> bytes:
    """What a client says, sound for the most part."""
    parts = [b"EHLO c\r\n"] if random.random() < 0.9 else []
    for _ in range(1 + random.randrange(6)):
        kind = random.random()
        if kind < 0.4:
            parts.append(random.choice(COMMANDS) + b"\r\n")
        elif kind < 0.8:
            parts.append(MAIL[8 * random.randrange(2) :])
        else:
            text = random.choice((TEXT, b"..\r\n", b"Received: x\r\n" * 60, b"ligne\r\n" * random.randrange(5000)))
            parts.append(MAIL.replace(TEXT, text))
    return b"".join(parts)


def damaged(random: Random, said: bytes) -> bytes:
    """The same with up to four things broken."""
    for _ in range(random.randrange(5)):
        place = random.randrange(len(said) + 1)
        end = min(len(said), place + random.choice((0, 1, 2, 20)))
        middle = random.choice((b"", random.choice(NOISE), random.choice(COMMANDS) + b"\r\n", random.randbytes(4)))
        said = said[:place] + middle + said[end:]
    return said


def reads(random: Random, said: bytes) -> list[bytes]:
    """The same as a network may deliver it."""
    if len(said) < 400 and random.random() < 0.1:
        return [bytes([byte]) for byte in said]
    places = sorted(
        {len(said), *range(0, len(said), READ), *(random.randrange(len(said) + 1) for _ in range(random.randrange(6)))}
    )
    return [said[start:end] for start, end in pairwise(places)]


@attrs.define
class Run:
    """What many dialogues brought to light."""

    random: Random
    seen: Counter[str] = attrs.field(factory=Counter)
    longest: float = 0.0
    """Seconds of CPU that a dialogue took at most."""
    worst: bytes = b""

    def one(self) -> None:
        """A dialogue. Fails if anything is wrong with it."""
        random = self.random
        said = damaged(random, dialogue(random))
        server = Server(BOUNDS, Recorder(held=random.random() < 0.3), context=random.choice((None, object())))
        server.delivery.reply = random.choice(REPLIES)
        peer = server.connect(random.choice((STRANGER, RELAY)))
        begun = process_time()
        heard = self._talk(server, peer, said)
        if (took := process_time() - begun) > self.longest:
            self.longest, self.worst = took, said
        told = codes(heard)
        self.seen.update(told)
        assert b"Traceback" not in heard
        assert b"Error" not in heard
        if peer.wire.closed:
            self.seen["gone"] += 1
        elif not peer.dismissed:
            all_answered(said, told)
        peer.wire.close()
        while server.delivery.waiting:
            server.delivery.answer()
        assert server.smtp.held == 0
        server.smtp.doStop()
        assert server.clock.getDelayedCalls() == []

    def _talk(self, server: Server, peer: Peer, said: bytes) -> bytes:
        random, heard, session = self.random, peer.heard(), peer.wire.session
        pieces, gone = reads(random, said), random.random() < 0.05
        vanishes = random.randrange(len(pieces) + 1) if gone else -1
        for number, piece in enumerate(pieces):
            if number == vanishes:
                peer.wire.close()
            while peer.paused and server.delivery.waiting:
                # nothing is read: nothing can come
                server.delivery.answer()
            heard += peer.send(piece)
            assert len(session._lines) <= LONGEST_LINE + 1 + READ * peer.paused
            assert server.smtp.held <= BOUNDS.held_bytes
            if random.random() < 0.05 and not peer.dismissed:
                session.pauseProducing()
                session.resumeProducing()
        while server.delivery.waiting:
            server.delivery.answer()
        return heard + peer.heard()


def all_answered(said: bytes, told: list[str]) -> None:
    """Fail unless the answers use up every whole line, and every text that has its end."""
    assert told[0] == "220"
    rest = b"\r\n" + said
    for before, _ in pairwise(told):
        behind = rest[2:].partition(b"\r\n") if before != "354" else rest.partition(b"\r\n.\r\n")
        assert behind[1], (before, rest)
        rest = b"\r\n" + behind[2]
    assert (b"\r\n.\r\n" if told[-1] == "354" else b"\r\n") not in rest[0 if told[-1] == "354" else 2 :]


def run(count: int, seed: int) -> Run:
    """So many dialogues. Fails at the first that goes wrong, or where something unforeseen is logged."""
    result = Run(Random(seed))
    failures: list[LogEvent] = []

    def note(event: LogEvent) -> None:
        if "log_failure" in event:
            failures.append(event)

    globalLogPublisher.addObserver(note)  # type: ignore[arg-type]
    try:
        for _ in range(count):
            result.one()
            assert not failures
    finally:
        globalLogPublisher.removeObserver(note)  # type: ignore[arg-type]
    return result


def main() -> None:
    """Tell what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    begun = process_time()
    result = run(options.count, options.seed)
    print(f"{options.count} dialogues, {process_time() - begun:.1f} s of CPU, nothing wrong.")  # noqa: T201
    print(f"The longest took {result.longest * 1000:.1f} ms: {result.worst[:100]!r} …")  # noqa: T201
    print(f"At most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB.")  # noqa: T201
    print(", ".join(f"{code}: {times}" for code, times in result.seen.most_common()))  # noqa: T201


if __name__ == "__main__":
    main()
