"""Couriers of straw, for those that have letters carried."""

from zope.interface import implementer

from smstob.interfaces import ICourier
from smstob.model.notice import Letter, NotCarried


@implementer(ICourier)
class KeepingCourier:
    """Keeps what it was given."""

    def __init__(self) -> None:
        self.letters: dict[int, Letter] = {}

    async def carry(self, letter: Letter) -> None:
        """By its id."""
        self.letters[letter.id] = letter


@implementer(ICourier)
class RefusingCourier:
    """Refuses every letter."""

    def __init__(self, lasting: bool = False) -> None:
        self.asked = 0
        self._lasting = lasting

    async def carry(self, letter: Letter) -> None:
        """Never."""
        self.asked += 1
        raise NotCarried("450 4.2.0 later", self._lasting)
