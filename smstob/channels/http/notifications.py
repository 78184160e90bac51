"""The door by which providers call: of payments (``/paiement/avis/NAME``) and of the premium number (``/audiotel``).

The bytes go on as they came: whether a call is genuine is the provider's to say.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request

from ...billing_interfaces import ICashier, ITrials
from ...model.address import Network, is_in
from ...model.order import NotGenuine
from ...model.refusal import Unavailable
from .client import address_of

AUDIOTEL: Final = "audiotel"
LONGEST: Final = 262_144
"""Bytes of a call."""

_ADDRESS: Final = re.compile(rb"/paiement/avis/([A-Za-z0-9_-]{1,40})|/audiotel")


class NotificationResource(Resource):
    """The leaf at both addresses. Needs no cookie and no token: calls are signed.

    200 says that a call counts and need not be told again; 400 that it is not genuine, 403 that it comes from none of
    the ``addresses`` (which are for the premium number; none for all), 404 that nobody is called so, and 503 that it
    be told again later.
    """

    isLeaf = True
    log = Logger()

    def __init__(
        self,
        cashier: ICashier,
        trials: ITrials,
        addresses: Collection[Network] = (),
        trusted_proxies: Collection[Network] = (),
    ) -> None:
        super().__init__()
        self._cashier = cashier
        self._trials = trials
        self._addresses = addresses
        self._trusted_proxies = trusted_proxies

    def render(self, request: Request) -> int | bytes:
        """Hand the call to whom it is for."""
        called = _ADDRESS.fullmatch(request.path)
        if called is None:
            return _refused(request, 404)
        if request.method != b"POST":
            request.setHeader(b"Allow", b"POST")
            return _refused(request, 405)
        body = b"" if request.content is None else request.content.read(LONGEST + 1)
        if len(body) > LONGEST:
            return _refused(request, 413)
        provider, address = called[1], address_of(request, self._trusted_proxies)
        if provider is None and self._addresses and not is_in(address, self._addresses):
            self.log.warn("a call for {name} from {address} is none of its provider's", name=AUDIOTEL, address=address)
            return _refused(request, 403)
        gone: list[object] = []
        request.notifyFinish().addErrback(gone.append)
        name = None if provider is None else provider.decode()
        # to its end, also where who called leaves
        told = Deferred.fromCoroutine(self._tell(name, address, _headers(request), body))
        told.addCallback(_answer, request, gone)
        told.addErrback(lambda failure: self.log.failure("a call could not be answered", failure))
        return NOT_DONE_YET

    async def _tell(self, provider: str | None, address: str, headers: Mapping[str, str], body: bytes) -> int:
        """The status that it is answered; of what is in ``body`` nothing is logged."""
        name = provider or AUDIOTEL
        try:
            if provider is None:
                await self._trials.called(headers, body)
            else:
                await self._cashier.notified(provider, headers, body)
        except NotGenuine as why:
            self.log.warn("a call for {name} from {address}: {why}", name=name, address=address, why=str(why))
            return 400
        except KeyError:
            self.log.warn("a call from {address} for {name}, and nobody is called so", name=name, address=address)
            return 404
        except Unavailable as why:
            self.log.warn("a call for {name} has to be told again: {why}", name=name, why=str(why))
            return 503
        except Exception:
            self.log.failure("a call for {name} counts for nothing", name=name)
            return 500
        return 200


def _headers(request: Request) -> dict[str, str]:
    """By name in lower case; values of the same name are joined."""
    return {
        name.lower().decode("latin-1"): ",".join(value.decode("latin-1") for value in values)
        for name, values in request.requestHeaders.getAllRawHeaders()
    }


def _refused(request: Request, status: int) -> bytes:
    _head(request, status)
    return b""


def _answer(status: int, request: Request, gone: list[Any]) -> None:
    if gone:
        return
    _head(request, status)
    request.finish()


def _head(request: Request, status: int) -> None:
    request.setResponseCode(status)
    headers = request.responseHeaders
    headers.removeHeader(b"Server")
    headers.setRawHeaders(b"Content-Type", [b"text/plain; charset=utf-8"])
    headers.setRawHeaders(b"Cache-Control", [b"no-store"])
    headers.setRawHeaders(b"Content-Length", [b"0"])
