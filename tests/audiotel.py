"""The provider of a premium number, played: it signs what it tells of calls. ``python -m tests.audiotel --help``."""

import argparse
import hashlib
import hmac
import sys
import time
from typing import Any, Final
from urllib.parse import urlencode
from urllib.request import Request, urlopen

FIELDS: Final = ("ts", "call", "code", "caller")


def signed(secret: str, at: int, call: str, code: str = "", caller: str = "") -> dict[str, str]:
    """What is told of a call, with its signature."""
    told: dict[str, str] = {"ts": str(at), "call": call, "code": code, "caller": caller}
    words = "\n".join(told[name] for name in FIELDS).encode()
    return {**told, "sig": hmac.new(secret.encode(), words, hashlib.sha256).hexdigest()}


def body_of(told: dict[str, Any]) -> bytes:
    """As a form."""
    return urlencode(told).encode()


def main() -> int:
    """Tell a daemon of one call."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8080/audiotel")
    parser.add_argument("--secret", required=True)
    parser.add_argument("--call", default=str(time.time_ns()))
    parser.add_argument("--code", default="")
    parser.add_argument("--caller", default="")
    given = parser.parse_args()
    told = signed(given.secret, int(time.time()), given.call, given.code, given.caller)
    with urlopen(Request(given.url, data=body_of(told), method="POST"), timeout=10) as answer:
        sys.stdout.write(f"{answer.status}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
