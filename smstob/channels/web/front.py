"""Before the pages: programs go straight to their leaves, and what Klein cannot read goes no further."""

from typing import Any, Final

from twisted.web.resource import IResource, Resource
from twisted.web.server import Request

AUDIOTEL: Final = b"audiotel"
PAYMENTS: Final = (b"paiement", b"avis")
"""Where providers call: of the premium number, and the first parts of the addresses of payments."""


class Front(Resource):
    """Sends ``http.php`` and the calls of providers to their leaves, and everything else to the pages."""

    def __init__(self, sms: Resource, notifications: Resource, pages: IResource) -> None:
        super().__init__()
        self.putChild(b"http.php", sms)
        self.putChild(AUDIOTEL, notifications)
        self._notifications = notifications
        self._pages = pages

    def getChild(self, path: bytes, request: Any) -> IResource:
        """Klein routes by itself: it gets the whole path, in UTF-8, and a host (others it logs with a traceback)."""
        if (path, *request.postpath[:1]) == PAYMENTS:
            return self._notifications
        if not _is_understood(request):
            return _BadRequest()
        whole = [request.prepath.pop(), *request.postpath]
        request.postpath = [part.decode("utf-8", "replace").encode() for part in whole]
        return self._pages


class _BadRequest(Resource):
    isLeaf = True

    def render(self, request: Request) -> bytes:
        """400."""
        request.setResponseCode(400)
        request.responseHeaders.removeHeader(b"Server")
        return b""


def _is_understood(request: Any) -> bool:
    """Whether the host and the method are what Klein makes of them; by a UNIX socket the host must be told."""
    try:
        request.method.decode()
        request.getRequestHostname().decode().lower().partition(":")[0].encode("idna")
    except (UnicodeError, AttributeError):
        return False
    return True
