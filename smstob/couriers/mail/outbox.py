"""Letters as files in a directory: where there is no mail server, or where another program takes them on."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from twisted.internet.defer import Deferred
from zope.interface import implementer

from ...interfaces import ICourier
from ...model.notice import Letter, NotCarried
from .letter import Letters

_CREATED: Final = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW


@implementer(ICourier)
class OutboxCourier:
    """Writes letter 12 to ``12.eml`` in ``directory``, which is made where only it is missing.

    A file of that name is whole and on disk, or is not there. What is carried again replaces what was there: of
    passwords that were told it is the last that is good.
    ``run_in_thread`` is ``deferToThread``.
    """

    def __init__(self, letters: Letters, directory: str | Path, run_in_thread: "Callable[..., Deferred[Any]]") -> None:
        self._letters = letters
        self._directory = Path(directory)
        self._run_in_thread = run_in_thread

    async def carry(self, letter: Letter) -> None:
        """See ``ICourier``. Trouble with the disk is never lasting."""
        try:
            await self._run_in_thread(self._write, letter)
        except OSError as error:
            raise NotCarried(f"{self._directory}: {error.strerror or type(error).__name__}") from error

    def _write(self, letter: Letter) -> None:
        mail = self._letters.compose(letter)
        # no parents: a disk that is not mounted must not be written beside
        self._directory.mkdir(mode=0o700, exist_ok=True)
        begun = self._directory / f".{letter.id}.part"
        try:
            with open(os.open(begun, _CREATED, 0o600), "wb") as file:
                file.write(mail)
                file.flush()
                os.fsync(file.fileno())
            begun.replace(self._directory / f"{letter.id}.eml")
        except OSError:
            begun.unlink(missing_ok=True)
            raise
        entries = os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(entries)
        finally:
            os.close(entries)
