"""A request of a browser as the pages see it, and what they answer; how it is sent is ``site``'s business."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from enum import Enum
from typing import Any, Final, TypeVar

import attrs

from ...model.access import Session
from ...model.account import Account
from .language import Language

F = TypeVar("F", bound=Callable[..., Any])

MARK: Final = "_route"


class Fields:
    """What a form or a query holds: names with values, as typed. What is missing is empty."""

    def __init__(self, pairs: Sequence[tuple[str, str]] = ()) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def text(self, name: str, default: str = "") -> str:
        """The value; the last where there are several."""
        values = self._values.get(name)
        return values[-1] if values else default

    def line(self, name: str) -> str:
        """The value without outer white space."""
        return self.text(name).strip()

    def all(self, name: str) -> list[str]:
        """Every value."""
        return self._values.get(name, [])

    def number(self, name: str) -> int | None:
        """A whole number that a database can hold; None for all else."""
        return whole(self.text(name))

    def numbers(self, name: str) -> tuple[int, ...]:
        """All values that are such numbers, each once."""
        found = (whole(value) for value in self.all(name))
        return tuple(dict.fromkeys(number for number in found if number is not None))


def whole(typed: str) -> int | None:
    """The whole number from 0 that ``typed`` is, or None; never beyond what a database holds."""
    typed = typed.strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 16 else None


def quantity(typed: str) -> int | None:
    """Likewise, with thousands set apart where somebody did."""
    return whole("".join(typed.split()))


@attrs.frozen
class Upload:
    """A file that came with a form."""

    name: str
    """As the browser says: never a path of ours."""
    content: bytes = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Visit:
    """One request."""

    path: str
    query: Fields
    form: Fields
    files: Mapping[str, Upload]
    language: Language
    session: Session | None
    """Of who has logged in; pending where the second factor is awaited."""
    token: str = attrs.field(repr=False)
    """What the browser's cookie says: of the session, or of a visitor."""
    csrf: str = attrs.field(repr=False)
    """What a form of this browser has to say with what it sends."""
    address: str
    agent: str
    wants_json: bool
    """Whether a script asks, which shows the answer itself."""
    operator: bool = False
    """Whether who has logged in is one of those who run the service."""

    @property
    def account(self) -> Account:
        """The account; only where ``Access.CUSTOMER`` is asked for."""
        assert self.session is not None
        return self.session.account

    @property
    def known(self) -> Session | None:
        """The session, if it opens anything."""
        return self.session if self.session is not None and not self.session.pending else None


@attrs.frozen
class Cookie:
    """What the browser is to show from now on instead of the token that it has."""

    token: str | None = attrs.field(repr=False)
    """None to forget the one it has."""


@attrs.frozen(kw_only=True)
class Page:
    """A template filled in."""

    template: str
    values: Mapping[str, Any] = attrs.field(factory=dict)
    status: int = 200
    cookie: Cookie | None = None


@attrs.frozen(kw_only=True)
class Redirect:
    """On to another page of ours, by GET; ``told`` is what that page says first."""

    to: str
    told: str = ""
    """A word that ``announcements`` knows."""
    count: int = 0
    cookie: Cookie | None = None
    language: str = ""
    """What the browser is to ask for from now on, where it is another."""


@attrs.frozen
class Json:
    """For a script."""

    value: Any
    status: int = 200


@attrs.frozen
class Download:
    """A file to keep."""

    name: str
    type: str
    content: bytes = attrs.field(repr=False)


@attrs.frozen
class Events:
    """What a script is told as it happens: each a JSON value (server-sent events).

    None tells it nothing, and keeps the line.
    """

    values: AsyncIterator[Any]


@attrs.frozen
class Fragment:
    """A template filled in for a script, without the layout."""

    template: str
    values: Mapping[str, Any] = attrs.field(factory=dict)


Answer = Page | Redirect | Json | Download | Events | Fragment


class Missing(Exception):
    """There is no such thing, or not of this account's: 404."""


class Access(Enum):
    """Whom a page is for."""

    ANYONE = "anyone"
    CUSTOMER = "customer"
    """Who has logged in, second factor included; others are sent to log in first."""
    OPERATOR = "operator"
    """Who has, and is one of those who run the service; for other customers there is no such page."""


@attrs.frozen
class Route:
    """Where a handler is found."""

    method: str
    path: str
    """As in werkzeug's rules."""
    access: Access
    upload: bool


def get(path: str, access: Access = Access.CUSTOMER) -> Callable[[F], F]:
    """Mark a method as what answers GET at ``path``."""
    return _marked(Route("GET", path, access, False))


def post(path: str, access: Access = Access.CUSTOMER, *, upload: bool = False) -> Callable[[F], F]:
    """Mark a method as what answers POST at ``path``; the form's token was checked before."""
    return _marked(Route("POST", path, access, upload))


def _marked(route: Route) -> Callable[[F], F]:
    def mark(handler: F) -> F:
        setattr(handler, MARK, [*getattr(handler, MARK, ()), route])
        return handler

    return mark


def routes_of(pages: object) -> list[tuple[Route, Callable[..., Any]]]:
    """Every marked method of ``pages``, bound."""
    handlers = (getattr(pages, name) for name in dir(type(pages)) if hasattr(getattr(type(pages), name), MARK))
    return [(route, handler) for handler in handlers for route in getattr(handler, MARK)]
