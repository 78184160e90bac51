"""Damaged mails by the thousand.

``.venv/bin/python -m tests.channels.smtp.text.fuzz_mails [--count 100000] [--seed N]``

Every mail is one of ``mails/`` with something broken in it: bits, lines, headers, parts, or another mail within. It
must be read or refused, with a text that is not too long and has nothing left to cut, and never slowly.
"""

import argparse
import re
from collections import Counter
from random import Random
from time import thread_time
from typing import Final

import attrs

from smstob.channels.smtp.mail import Unreadable
from smstob.channels.smtp.text.body import MOST_TEXT
from smstob.channels.smtp.text.cutting import cut
from smstob.channels.smtp.text.reading import read_mail
from smstob.model.text import clean

from .test_shapes import NAMES, octets

SLOWEST: Final = 50.0
"""Milliseconds of CPU a kB."""

NOISE: Final = (
    *(
        b"\0",
        b"\xff",
        b"\xc3",
        b"=",
        b"=?utf-8?q?",
        b"?=",
        b'"',
        b"(",
        b"<",
        b">",
        b"@",
        b";",
        b":",
        b"\r\n",
        b"\r\n\r\n",
    ),
    *(b"--", b"\r\n--", b"<div>" * 300, b"<!--", b"&", b"\r\n" * 500, b">" * 2_000, b"x" * 3_000, b" " * 3_000),
    *(b"\r\n-- \r\n", b"\r\n> ", b"a \xc3\xa9crit :", b"De : a@b.fr\r\n", b"=?x?b?" * 200, b"(" * 1_000, b'"' * 999),
)
FIELDS: Final = (
    *(b"Content-Type: text/html", b"Content-Type: multipart/mixed; boundary=x", b"Content-Type: message/rfc822"),
    *(
        b"Content-Type: text/plain; charset=punycode",
        b"Content-Type: text/plain; charset*0*=u; charset*1=x; format=flowed",
    ),
    *(b"Content-Transfer-Encoding: base64", b"Content-Transfer-Encoding: quoted-printable", b"From: c@d.fr", b"From:"),
    *(b'Content-Type: text/plain; a="' + b";" * 3_000, b"Content-Disposition: attachment", b"MIME-Version: 1.0", b" x"),
    *(
        b"Content-Type: multipart/" + b"a" * 500,
        b"Subject: " + b"=?utf-8?q?" * 100,
        b"x" * 500,
        b":",
        b"Auto-Submitted: x",
    ),
)


def damaged(random: Random) -> bytes:
    """A mail of the corpus with up to five things broken."""
    data = octets(random.choice(NAMES))
    for _ in range(random.randrange(6)):
        data = random.choice(DAMAGES)(random, data)
    return data


def _bits(random: Random, data: bytes) -> bytes:
    flipped = bytearray(data)
    for _ in range(1 + random.randrange(8) if data else 0):
        flipped[random.randrange(len(flipped))] ^= 1 << random.randrange(8)
    return bytes(flipped)


def _splice(random: Random, data: bytes) -> bytes:
    place = random.randrange(len(data) + 1)
    end = min(len(data), place + random.choice((0, 1, 5, 100)))
    return data[:place] + random.choice(NOISE) + data[end:]


def _crossing(random: Random, data: bytes) -> bytes:
    other = octets(random.choice(NAMES))
    return data[: random.randrange(len(data) + 1)] + other[random.randrange(len(other)) :]


def _truncation(random: Random, data: bytes) -> bytes:
    return data[: random.randrange(len(data) + 1)]


def _header(random: Random, data: bytes) -> bytes:
    lines = data.split(b"\r\n")
    place = random.randrange(min(len(lines), 12))
    match random.randrange(4):
        case 0:
            lines.insert(place, random.choice(FIELDS))
        case 1:
            del lines[place]
        case 2:
            lines.insert(random.randrange(len(lines)), lines[place])
        case _:
            lines[place] = random.choice(FIELDS)
    return b"\r\n".join(lines)


def _parts(random: Random, data: bytes) -> bytes:
    parts = re.split(rb"(?m)^(?=--)", data)
    times = random.choice((2, 2, 3, 50))
    return b"".join(part * (times if random.random() < 0.3 else 1) for part in parts)


def _within(random: Random, data: bytes) -> bytes:
    kind = random.choice(
        (b"message/rfc822", b"multipart/mixed; boundary=w", b"text/html", b"text/plain; format=flowed")
    )
    return b"From: a@b.fr\r\nContent-Type: " + kind + b"\r\n\r\n--w\r\n" + data


DAMAGES: Final = (_bits, _bits, _splice, _splice, _crossing, _truncation, _header, _header, _header, _parts, _within)


@attrs.define
class Run:
    """What many mails brought to light."""

    random: Random
    seen: Counter[str] = attrs.field(factory=Counter)
    spent: list[float] = attrs.field(factory=list)
    """Milliseconds of CPU for each mail."""
    slowest: float = 0.0
    """Milliseconds a kB, of a mail of one kB at least."""
    worst: bytes = b""

    def one(self) -> None:
        """A mail. Fails if anything is wrong with what is made of it."""
        data = damaged(self.random)
        begun = thread_time()
        try:
            mail = read_mail(data, null_sender=False, domain="smstob.example")
        except Unreadable as refused:
            self.seen[str(refused)] += 1
        else:
            self.seen["read" if mail.text else "read, empty"] += 1
            assert len(mail.text) <= MOST_TEXT
            assert cut(mail.text) == mail.text
            assert clean(mail.text) == clean(clean(mail.text))
            assert mail.sender.isascii()
            assert mail.sender.count("@") == 1
            assert mail.message_id.isprintable()
            assert "\n" not in mail.subject
            assert len(mail.digest) == 32
        took = (thread_time() - begun) * 1_000
        self.spent.append(took)
        pace = took / max(1.0, len(data) / 1_000)
        if pace > self.slowest:
            self.slowest, self.worst = pace, data


def run(count: int, seed: int) -> Run:
    """So many mails. Fails at the first that goes wrong."""
    result = Run(Random(seed))
    for _ in range(count):
        result.one()
    return result


def main() -> None:
    """Tell what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    result = run(options.count, options.seed)
    spent = sorted(result.spent)
    print(f"{options.count} mails, {sum(spent) / 1_000:.1f} s of CPU, nothing wrong.")  # noqa: T201
    print(f"Half took {spent[len(spent) // 2]:.2f} ms or less, the longest {spent[-1]:.1f} ms.")  # noqa: T201
    print(f"The worst: {result.slowest:.2f} ms/kB, {len(result.worst)} octets: {result.worst[:120]!r} …")  # noqa: T201
    if result.slowest > SLOWEST:
        raise SystemExit(f"More than {SLOWEST} ms/kB.")
    print("\n".join(f"{times:7} {what}" for what, times in result.seen.most_common()))  # noqa: T201


if __name__ == "__main__":
    main()
