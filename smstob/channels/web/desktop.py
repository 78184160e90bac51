"""The desktop program as customers download it: for the service whose pages these are, and for who has logged in."""

import hashlib
from collections.abc import Callable
from typing import Any, Final
from zoneinfo import ZoneInfo

import attrs
from twisted.internet.defer import Deferred, DeferredLock

from ...desktop import archive
from ...desktop.site import Site
from .rendering import Facts

FILES: Final = ("smstob.pyz", "smstob.pyzw")
"""One file under two names: Windows opens the second without a console."""

TYPE: Final = "application/octet-stream"
"""A browser that is told of a zip archive may unpack it."""


@attrs.frozen
class Copy:
    """The program for one reader."""

    version: str
    content: bytes = attrs.field(repr=False)

    @property
    def kilobytes(self) -> int:
        """How big it is."""
        return round(len(self.content) / 1000)

    @property
    def checksum(self) -> str:
        """Its SHA-256, as programs write it that compare it."""
        return hashlib.sha256(self.content).hexdigest()


class DesktopProgram:
    """Makes the program when the first one asks for it, once, in a thread; and a copy for each reader at once."""

    def __init__(self, facts: Facts, zone: ZoneInfo, in_thread: "Callable[..., Deferred[Any]]") -> None:
        self._site = Site(
            version=archive.release(),
            service=facts.company.name or Site().service,
            base_url=facts.base_url,
            domain=facts.domain,
            zone=zone.key,
        )
        self._in_thread = in_thread
        self._making = DeferredLock()
        self._archive: bytes | None = None

    async def copy(self, email: str) -> Copy:
        """That of a customer; of nobody in particular where ``email`` is empty."""
        async with self._making:
            if self._archive is None:
                self._archive = await self._in_thread(archive.build)
        # 3 ms, most of it reading where in the archive everything is
        return Copy(self._site.version, archive.filled(self._archive, attrs.evolve(self._site, email=email)))
