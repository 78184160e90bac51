"""Letters through a mail server that takes them on."""

import re
from typing import Any, Final

from twisted.internet.defer import CancelledError, Deferred, DeferredSemaphore, TimeoutError
from twisted.internet.endpoints import clientFromString
from twisted.internet.error import ConnectingCancelledError
from twisted.internet.protocol import Factory
from twisted.internet.ssl import CertificateOptions, optionsForClientTLS, platformTrust
from zope.interface import implementer

from ...interfaces import ICourier
from ...model.notice import Letter, NotCarried
from .dialogue import Link, Way, send, why
from .letter import Letters, is_ascii_address

_DESCRIPTION: Final = re.compile(r"(tcp|tls|unix):(?:host=)?((?:\\.|[^:\\])+)")


@implementer(ICourier)
class SmarthostCourier:
    """Speaks SMTP to ``endpoint``, a Twisted client endpoint string: ``tls:HOST:465``, ``tcp:HOST:587`` or ``unix:…``.

    ``tls:`` is verified by Twisted. Over ``tcp:`` STARTTLS is asked for wherever it is offered. With a log-in it must
    be, and the certificate must be HOST's, or the password stays here. Without one, TLS only keeps listeners
    out (RFC 7435): whoever forged a certificate could as well hide the offer, and the mail server of the same
    machine often has one that nobody signed. There is no second try in clear. ``trust`` is who signs certificates
    for STARTTLS, as ``trustRootFromCertificates`` gives it: the system's authorities unless given.

    At most ``connections`` are open at a time, and a letter is carried or refused within ``seconds``,
    the wait for a connection included.
    """

    def __init__(
        self,
        letters: Letters,
        endpoint: str,
        reactor: Any,
        username: str | None = None,
        password: str | None = None,
        connections: int = 4,
        seconds: float = 60.0,
        trust: Any = None,
    ) -> None:
        found = _DESCRIPTION.match(endpoint)
        if found is None:
            # an ssl: endpoint is among the others: it verifies no host
            raise ValueError("the smarthost is no tls:, tcp: or unix: endpoint")
        self._letters = letters
        self._endpoint = clientFromString(reactor, endpoint)
        self._reactor = reactor
        self._free = DeferredSemaphore(connections)
        self._seconds = seconds
        host = re.sub(r"\\(.)", r"\1", found[2])
        tls: Any = None
        if found[1] == "tcp":
            tls = optionsForClientTLS(host, trust or platformTrust()) if username else CertificateOptions()
        self._way = Way(domain=letters.domain, username=username or None, password=password or "", tls=tls)

    async def carry(self, letter: Letter) -> None:
        """See ``ICourier``. The reason is the server's words, or why there were none."""
        if not is_ascii_address(letter.recipient):
            raise NotCarried("the address cannot be written in an envelope", lasting=True)
        mail = self._letters.compose(letter)
        conversation = Deferred.fromCoroutine(self._converse(letter.recipient, mail))
        try:
            await conversation.addTimeout(self._seconds, self._reactor)
        except NotCarried:
            raise
        except (TimeoutError, ConnectingCancelledError) as error:
            raise NotCarried(f"no end in {self._seconds:g} seconds") from error
        except Exception as error:
            raise NotCarried(why(error)) from error

    async def _converse(self, recipient: str, mail: bytes) -> None:
        await self._free.acquire()
        try:
            link = await self._connect()
        except BaseException:
            self._free.release()
            raise
        link.gone.addCallback(lambda _: self._free.release())
        try:
            await send(link, self._way, recipient, mail)
        except CancelledError as error:
            link.abort(error)
            raise
        finally:
            link.leave()

    async def _connect(self) -> Link:
        factory = Factory.forProtocol(lambda: Link(self._reactor))
        factory.noisy = False
        link: Link = await self._endpoint.connect(factory)
        return link
