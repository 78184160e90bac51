"""The pages behind ``http.php``; for now, one that says what this is."""

from html import escape
from typing import Any

from klein import Klein
from twisted.python.failure import Failure
from twisted.web.resource import IResource, Resource
from twisted.web.server import Request
from werkzeug.exceptions import NotFound

_PAGE = """<!DOCTYPE html>
<html lang="fr">
<head><meta charset="utf-8"><title>SMStoB</title><meta name="viewport" content="width=device-width"></head>
<body>
<h1>SMStoB</h1>
<p>L'envoi de SMS par commande HTTP est ouvert :</p>
<pre>{base_url}/http.php?email=&amp;pass=&amp;numero=&amp;message=&amp;diff=hhmmjjmmaaaa</pre>
<p>La page appelée répond par un code de deux chiffres&nbsp;: 80 pour un envoi immédiat, 81 pour un envoi différé.</p>
</body>
</html>
"""


class Pages:
    """The Klein application."""

    app = Klein()

    def __init__(self, base_url: str) -> None:
        self._page = _PAGE.format(base_url=escape(base_url)).encode()

    @app.route("/")
    def home(self, request: Request) -> bytes:
        """What this is."""
        return self._html(request, self._page)

    @app.handle_errors(NotFound)
    def not_found(self, request: Any, failure: Failure) -> bytes:
        """There is no such page."""
        request.setResponseCode(404)
        return self._html(request, b"<!DOCTYPE html><title>SMStoB</title><p>Cette page n'existe pas.")

    def _html(self, request: Request, page: bytes) -> bytes:
        request.setHeader(b"Content-Type", b"text/html; charset=utf-8")
        request.setHeader(b"Content-Security-Policy", b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'")
        request.setHeader(b"X-Content-Type-Options", b"nosniff")
        request.setHeader(b"Referrer-Policy", b"same-origin")
        request.responseHeaders.removeHeader(b"Server")
        return page


class Front(Resource):
    """Sends the one hot address straight to its leaf and everything else to Klein."""

    def __init__(self, sms: Resource, pages: Pages) -> None:
        super().__init__()
        self.putChild(b"http.php", sms)
        self._pages: IResource = pages.app.resource()

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
