"""What a channel hands in: a request to send, not yet accepted."""

from enum import StrEnum

import attrs

from .account import Account, Format, canonical_email
from .identity import all_bounded
from .refusal import Code, Refusal
from .text import is_blank, storable, storable_or_none


class Channel(StrEnum):
    """The door that a submission came through."""

    HTTP = "http"
    MAIL = "mail"
    WEB = "web"
    ALERT = "alert"
    """Sent by the service itself, on behalf of an account whose credits run out."""


@attrs.frozen(kw_only=True)
class Credentials:
    """What a sender shows of himself with each request, and the network address it came from."""

    email: str = attrs.field(converter=storable)
    secret: str = attrs.field(repr=False)
    """The account's password or one of its sending keys, as typed."""
    address: str
    shared: bool = False
    """Whether the password of the domain counts too, where an account shares its credits with that: by e-mail only."""

    def sends_for(self, account: Account) -> str | None:
        """The address that uses the credits of ``account``, as one of a shared domain; None for the account's own."""
        email = canonical_email(self.email)
        return email if self.shared and email != account.email else None


@attrs.frozen(kw_only=True)
class Selection:
    """Numbers, and recipients picked from the account's book: written to once each, numbers first, then contacts.

    Where a number typed is also a contact's, the text speaks to the contact.
    """

    numbers: tuple[str, ...] = ()
    """As typed."""
    contacts: tuple[int, ...] = attrs.field(default=(), converter=all_bounded)
    """Ids; what is not of this account, or gone, is passed over."""
    groups: tuple[int, ...] = attrs.field(default=(), converter=all_bounded)
    """Likewise."""


@attrs.frozen(kw_only=True)
class Draft:
    """One request to send, as typed: nothing of it has been checked."""

    sender: Credentials | Account
    """Credentials, or an account that the channel has authenticated before (a web session)."""
    channel: Channel
    destination: str = attrs.field(converter=storable)
    """A number, several separated by ``,`` or ``;``, or the name of a group; with a ``selection``, how it is told."""
    text: str = attrs.field(repr=False)
    when: str = ""
    """``hhmmjjmmaaaa`` in the service's time zone; empty for now."""
    format: Format | None = None
    """Instead of the account's, where given."""
    validity: int | None = None
    """Hours, instead of the account's, where given."""
    reference: str | None = attrs.field(default=None, converter=storable_or_none)
    """The client's own name for this request: a repeat gets the first submission again."""
    selection: Selection | None = None
    """Whom to write to, instead of what ``destination`` says."""

    @property
    def is_wide(self) -> bool:
        """Whether it may be for a great many, and take seconds to compose."""
        return self.selection is not None and bool(self.selection.groups)

    def missing(self) -> Refusal | None:
        """The refusal of the first empty value, in the order of the codes (87 to 90), if any is empty."""
        if isinstance(self.sender, Credentials):
            if not self.sender.email.strip():
                return Refusal(Code.NO_EMAIL)
            if not self.sender.secret:
                return Refusal(Code.NO_PASSWORD)
        if not self.destination.strip() or self.selection == Selection():
            return Refusal(Code.NO_DESTINATION)
        if is_blank(self.text):
            return Refusal(Code.NO_TEXT)
        return None
