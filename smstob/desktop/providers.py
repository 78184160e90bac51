"""Mail servers of providers that many people have, so that they need not look them up."""

from types import MappingProxyType
from typing import Final

import attrs

from .settings import Security


@attrs.frozen
class Provider:
    """How a provider takes the mail of its customers; they log in by their whole address."""

    server: str
    security: Security = Security.TLS
    app_password: bool = False
    """Whether it wants a password made for one program alone, since people have a second factor there."""

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.security.port


_ORANGE: Final = Provider("smtp.orange.fr")
_FREE: Final = Provider("smtp.free.fr")
_SFR: Final = Provider("smtp.sfr.fr")
_GOOGLE: Final = Provider("smtp.gmail.com", app_password=True)
_MICROSOFT: Final = Provider("smtp-mail.outlook.com", Security.STARTTLS, app_password=True)
_YAHOO: Final = Provider("smtp.mail.yahoo.com", app_password=True)
_APPLE: Final = Provider("smtp.mail.me.com", Security.STARTTLS, app_password=True)
_GMX: Final = Provider("mail.gmx.com")

_BY_DOMAIN: Final = MappingProxyType({
    **dict.fromkeys(("orange.fr", "wanadoo.fr"), _ORANGE),
    **dict.fromkeys(("free.fr", "aliceadsl.fr"), _FREE),
    **dict.fromkeys(("sfr.fr", "neuf.fr", "club-internet.fr", "numericable.fr"), _SFR),
    "laposte.net": Provider("smtp.laposte.net"),
    "bbox.fr": Provider("smtp.bbox.fr"),
    **dict.fromkeys(("gmail.com", "googlemail.com"), _GOOGLE),
    **dict.fromkeys(("outlook.com", "outlook.fr", "hotmail.com", "hotmail.fr", "live.com", "live.fr"), _MICROSOFT),
    **dict.fromkeys(("yahoo.fr", "yahoo.com", "ymail.com"), _YAHOO),
    **dict.fromkeys(("icloud.com", "me.com", "mac.com"), _APPLE),
    **dict.fromkeys(("gmx.fr", "gmx.com", "gmx.net"), _GMX),
})  # fmt: skip


def provider_of(email: str) -> Provider | None:
    """That of an address, where it is one of those that are known."""
    return _BY_DOMAIN.get(email.strip().rpartition("@")[2].lower())
