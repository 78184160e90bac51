"""Which service the program is for, as the daemon that handed it out says it."""

import json
from typing import Any, Final

import attrs

NAME: Final = "site.json"
"""Of the file in the archive that says it."""

ZONE: Final = "zone.tzif"
"""Of that with the rules of its zone (RFC 8536): Windows has none."""


@attrs.frozen(kw_only=True)
class Site:
    """A service and, where the program was taken from a customer's pages, that customer's address. May all be empty."""

    version: str = ""
    """Of the program."""
    service: str = "SMStoB"
    """What it is called."""
    base_url: str = ""
    """Where its pages are."""
    domain: str = "smstob.com"
    """Where its mails go."""
    zone: str = "Europe/Paris"
    """Whose clocks tell when a deferred message leaves."""
    email: str = ""
    """The customer's."""

    def to_json(self) -> bytes:
        """As the archive has it: the same bytes for the same site."""
        return json.dumps(attrs.asdict(self), ensure_ascii=True, indent=1, sort_keys=True).encode()

    @classmethod
    def from_json(cls, content: bytes | None) -> "Site":
        """What ``to_json`` made; what is missing or wrong is as in a program that no daemon handed out."""
        try:
            told: Any = json.loads(content or b"{}")
        except (ValueError, RecursionError):
            told = {}
        fields = [one.name for one in attrs.fields(cls)]
        known = {name: told[name] for name in fields if isinstance(told, dict) and isinstance(told.get(name), str)}
        return cls(**known)
