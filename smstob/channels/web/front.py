"""Before the pages: the one hot address goes straight to its leaf, and what Klein cannot read goes no further."""

from typing import Any

from twisted.web.resource import IResource, Resource
from twisted.web.server import Request


class Front(Resource):
    """Sends ``http.php`` to its leaf and everything else to the pages."""

    def __init__(self, sms: Resource, pages: IResource) -> None:
        super().__init__()
        self.putChild(b"http.php", sms)
        self._pages = pages

    def getChild(self, path: bytes, request: Any) -> IResource:
        """Klein routes by itself: it gets the whole path, in UTF-8, and a host (others it logs with a traceback)."""
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
