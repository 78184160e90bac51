"""The Stripe of tests as a process of its own, for a daemon and a browser that meet it: PORT and WEBHOOK."""

import sys
import time

from .fake_stripe import FakeStripe


def main(port: int, webhook: str) -> None:
    """Serve until it is ended."""
    from twisted.internet import reactor

    stripe = FakeStripe(time.time, reactor)
    stripe.port, stripe.webhook = port, webhook
    with stripe:
        reactor.run()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
