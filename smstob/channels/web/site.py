"""The pages as one Klein application: a request becomes a visit, an answer a response. All that is HTTP is here."""

import json
from collections.abc import Callable, Collection, Coroutine, Sequence
from typing import Any, Final
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from klein import Klein
from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.resource import IResource
from twisted.web.server import Request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from ...interfaces import IEntrance
from ...model.account import canonical_email
from ...model.address import Network
from ...model.refusal import Unavailable
from ..http.client import address_of, header
from . import forms
from .assets import Assets
from .headers import protect
from .language import LANGUAGES, Language, preferred
from .rendering import Rendering
from .visit import (
    Access,
    Answer,
    Cookie,
    Download,
    Events,
    Fields,
    Fragment,
    Json,
    Missing,
    Page,
    Redirect,
    Route,
    Upload,
    Visit,
    routes_of,
)

HTTPS_ONLY: Final = b"max-age=31536000"
"""For a year a browser that came by HTTPS asks for nothing else (RFC 6797)."""

VISITOR: Final = 30 * 86_400
"""Seconds for which a browser keeps its cookies."""

CHOSEN: Final = 365 * 86_400
"""Seconds for which it remembers a language."""

ANNOUNCED: Final = 60
"""Seconds for which what a redirect tells waits for its page."""

LANGUAGE: Final = "langue"
ANNOUNCEMENT: Final = "annonce"
REASONS: Final = {400: "bad-request", 403: "forbidden", 404: "missing", 405: "method", 413: "too-large", 503: "away"}


class Forbidden(Exception):
    """A form that is not of ours, or of another browser: 403."""


class Pages:
    """Every page, at its address; ``app`` is what Klein serves.

    ``secure`` says that browsers come by HTTPS: then cookies are bound to it (``__Host-``).
    """

    log = Logger()

    def __init__(
        self,
        pages: Sequence[object],
        entrance: IEntrance,
        rendering: Rendering,
        assets: Assets,
        zone: ZoneInfo,
        base_url: str,
        trusted_proxies: Collection[Network] = (),
        operators: Collection[str] = (),
    ) -> None:
        self.app = Klein()
        # an address is ours as it stands, or it is not: werkzeug would redirect from // to /
        self.app.url_map.merge_slashes = False
        self._entrance = entrance
        self._rendering = rendering
        self._zone = zone
        parts = urlsplit(base_url)
        self._origin = f"{parts.scheme}://{parts.netloc}".encode()
        self._secure = parts.scheme == "https"
        self._cookie = "__Host-smstob" if self._secure else "smstob"
        self._trusted_proxies = trusted_proxies
        self._operators = frozenset(map(canonical_email, operators))
        self.uploads: dict[bytes, bytes] = {}
        """Addresses at which files are uploaded, each with the page for who sends one that is too big."""
        for place in pages:
            for route, handler in routes_of(place):
                self._add(route, handler)
        assets.add_to(self.app)
        self.app.handle_errors(Exception)(self._failed)

    @property
    def resource(self) -> IResource:
        """What ``Front`` sends requests to."""
        found: IResource = self.app.resource()
        return found

    def _add(self, route: Route, handler: Callable[..., Any]) -> None:
        async def answer(request: Request, **parts: Any) -> Any:
            visit = await self._visit(request, route)
            if route.access is not Access.ANYONE and visit.known is None:
                return self._send(request, visit, self._to_log_in(visit, route))
            if route.access is Access.OPERATOR and not visit.operator:
                raise Missing
            # what is changed, counted or held goes on when the browser leaves: Klein would break it off
            return await self._answer(request, visit, await _to_its_end(handler(visit, **parts)))

        if route.upload:
            too_big = self._rendering.error("too-large", Language(LANGUAGES[0], self._zone))
            self.uploads[route.path.encode()] = too_big.encode()
        # no id is longer than a database's
        path = route.path.replace("<int:", "<int(max=9000000000000000):")
        endpoint = f"{route.method} {route.path}"
        self.app.route(path, methods=[route.method], endpoint=endpoint)(answer)

    async def _visit(self, request: Request, route: Route) -> Visit:
        cookies = forms.cookies(header(request, b"cookie"))
        token = cookies.get(self._cookie, "")
        session = await self._entrance.session(token) if token else None
        if not token:
            token = forms.new_token()
            self._set_cookie(request, self._cookie, token, VISITOR)
        form, files = Fields(), dict[str, Upload]()
        if route.method == "POST":
            body = request.content.read() if request.content is not None else b""
            form, files = forms.form(header(request, b"content-type"), body)
            self._check_origin(request)
            shown = form.text(forms.FIELD) or header(request, b"x-jeton")
            if not forms.is_genuine(shown, cookies.get(self._cookie, "")):
                raise Forbidden
        code = preferred(cookies.get(LANGUAGE, ""), header(request, b"accept-language"))
        return Visit(
            path=request.path.decode("utf-8", "replace"),
            query=forms.query(request.uri.partition(b"?")[2]),
            form=form,
            files=files,
            language=Language(code, self._zone),
            session=session,
            token=token,
            csrf=forms.csrf_of(token),
            address=address_of(request, self._trusted_proxies),
            agent=header(request, b"user-agent")[:300],
            wants_json=_wants_json(request),
            operator=session is not None and not session.pending and session.account.email in self._operators,
        )

    def _check_origin(self, request: Request) -> None:
        """Browsers say where a form stood; who says nothing has the token to show all the same."""
        site = header(request, b"sec-fetch-site")
        if site and site not in ("same-origin", "none"):
            raise Forbidden
        origin = header(request, b"origin").encode()
        # behind a proxy the host is not always what browsers typed
        hosts = (self._origin, b"http://" + _host(request), b"https://" + _host(request))
        if not site and origin and origin not in hosts:
            raise Forbidden

    def _to_log_in(self, visit: Visit, route: Route) -> Answer:
        if visit.wants_json:
            return Json({"error": "log-in"}, 401)
        if visit.session is not None:
            return Redirect(to="/connexion/code")
        after = f"?suite={quote(visit.path)}" if route.method == "GET" and visit.path != "/accueil" else ""
        return Redirect(to=f"/connexion{after}")

    async def _answer(self, request: Request, visit: Visit, answer: Answer) -> Any:
        if isinstance(answer, Events):
            return await self._stream(request, answer)
        values: dict[str, Any] = {}
        if isinstance(answer, Page | Fragment) and visit.known is not None:
            values["balance"] = await self._rendering.balance(visit.account.id)
        return self._send(request, visit, answer, values)

    def _send(self, request: Request, visit: Visit, answer: Answer, more: dict[str, Any] | None = None) -> bytes:
        if cookie := getattr(answer, "cookie", None):
            self._change_cookie(request, cookie)
        match answer:
            case Page():
                told = self._announced(request)
                html = self._rendering.page(answer.template, visit, {"told": told, **(more or {}), **answer.values})
                return self._html(request, html, answer.status)
            case Fragment():
                return self._html(request, self._rendering.page(answer.template, visit, answer.values), 200)
            case Redirect():
                if answer.told:
                    self._set_cookie(request, ANNOUNCEMENT, f"{answer.told}.{answer.count}", ANNOUNCED)
                if answer.language:
                    self._set_cookie(request, LANGUAGE, answer.language, CHOSEN)
                request.setResponseCode(303)
                request.setHeader(b"Location", answer.to.encode())
                return self._body(request, b"text/plain; charset=utf-8", b"")
            case Json():
                request.setResponseCode(answer.status)
                return self._body(request, b"application/json", json.dumps(answer.value).encode())
            case Download():
                name = quote(answer.name)
                request.setHeader(b"Content-Disposition", f"attachment; filename*=UTF-8''{name}".encode())
                return self._body(request, answer.type.encode(), answer.content)
            case _:
                raise TypeError(answer)

    def _change_cookie(self, request: Request, cookie: Cookie) -> None:
        self._set_cookie(request, self._cookie, cookie.token or "", VISITOR if cookie.token else 0)

    def _announced(self, request: Request) -> tuple[str, int] | None:
        """What the page before this one had to tell, once."""
        told = forms.cookies(header(request, b"cookie")).get(ANNOUNCEMENT, "")
        if not told:
            return None
        self._set_cookie(request, ANNOUNCEMENT, "", 0)
        word, _, count = told.partition(".")
        return word[:60], int(count) if count.isascii() and count.isdigit() and len(count) < 10 else 0

    def _set_cookie(self, request: Request, name: str, value: str, seconds: int) -> None:
        secure = "; Secure" if self._secure else ""
        cookie = f"{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"
        request.responseHeaders.addRawHeader(b"Set-Cookie", cookie.encode())

    async def _stream(self, request: Request, events: Events) -> None:
        """Server-sent events (HTML standard §9.2), until they end; when the browser leaves, Klein cancels this."""
        self._put_headers(request, b"text/event-stream")
        request.setHeader(b"X-Accel-Buffering", b"no")
        try:
            async for value in events.values:
                request.write(b":\n\n" if value is None else b"data: " + json.dumps(value).encode() + b"\n\n")
        except CancelledError:
            raise
        except Exception:
            # the answer has begun: the browser sees it break off, and asks again
            self.log.failure("what goes on could not be told")
        else:
            request.write(b"event: end\ndata: {}\n\n")

    def _html(self, request: Request, html: str, status: int) -> bytes:
        request.setResponseCode(status)
        return self._body(request, b"text/html; charset=utf-8", html.encode())

    def _body(self, request: Request, type_: bytes, body: bytes) -> bytes:
        self._put_headers(request, type_)
        return body

    def _put_headers(self, request: Request, type_: bytes) -> None:
        protect(request, type_)
        request.setHeader(b"Cache-Control", b"no-store")
        if self._secure:
            request.setHeader(b"Strict-Transport-Security", HTTPS_ONLY)

    def _failed(self, request: Any, failure: Failure) -> Any:
        """An error becomes a page that says what to do; only what was not foreseen is logged with its traceback."""
        status = self._status_of(failure)
        if isinstance(failure.value, MethodNotAllowed):
            request.setHeader(b"Allow", ", ".join(sorted(failure.value.valid_methods or ())).encode())
        if _wants_json(request):
            return self._json_error(request, status)
        code = preferred(
            forms.cookies(header(request, b"cookie")).get(LANGUAGE, ""), header(request, b"accept-language")
        )
        html = self._rendering.error(REASONS.get(status, "fault"), Language(code, self._zone))
        return self._html(request, html, status)

    def _json_error(self, request: Any, status: int) -> bytes:
        request.setResponseCode(status)
        return self._body(request, b"application/json", json.dumps({"error": REASONS.get(status, "fault")}).encode())

    def _status_of(self, failure: Failure) -> int:
        error = failure.value
        if isinstance(error, HTTPException):
            return error.code or 500
        if isinstance(error, Missing):
            return 404
        if isinstance(error, Forbidden):
            return 403
        if isinstance(error, forms.Malformed):
            return 400
        if isinstance(error, Unavailable):
            self.log.warn("a page could not be made, nothing can be read or written now: {reason}", reason=str(error))
            return 503
        if not isinstance(error, CancelledError):
            self.log.failure("a page could not be made", failure)
        return 500


def _to_its_end(work: Coroutine[Any, Any, Answer]) -> "Deferred[Answer]":
    """What ``work`` gives; it does not end with who waits for that."""
    waited: Deferred[Answer] = Deferred()
    Deferred.fromCoroutine(work).chainDeferred(waited)
    return waited


def _host(request: Request) -> bytes:
    return header(request, b"host").encode("latin-1")


def _wants_json(request: Request) -> bool:
    return "application/json" in header(request, b"accept") or "text/event-stream" in header(request, b"accept")
