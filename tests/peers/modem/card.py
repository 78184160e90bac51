"""A SIM card: who it is, its PIN, its messages, its count of what it sent."""

import attrs

UNREAD, READ = 0, 1
"""States of a stored message."""


@attrs.define
class Stored:
    """A message in a memory."""

    tpdu: bytes = attrs.field(repr=False)
    state: int = UNREAD


@attrs.define
class Memory:
    """Slots for messages, by their index from 0."""

    slots: int
    messages: dict[int, Stored] = attrs.field(factory=dict)

    @property
    def is_full(self) -> bool:
        """Whether there is no slot left."""
        return len(self.messages) >= self.slots

    def store(self, tpdu: bytes) -> int | None:
        """The slot that it got; None where there is none left."""
        free = next((index for index in range(self.slots) if index not in self.messages), None)
        if free is not None:
            self.messages[free] = Stored(tpdu)
        return free

    def fill(self, tpdu: bytes) -> None:
        """Leave no slot: the rest holds the same old message, which was read."""
        while (index := self.store(tpdu)) is not None:
            self.messages[index].state = READ


@attrs.define(kw_only=True)
class Sim:
    """The card. What is in it stays in it, whatever modem it is in."""

    imsi: str
    iccid: str
    pin: str | None = attrs.field(default=None, repr=False)
    puk: str = attrs.field(default="12345678", repr=False)
    tries: int = 3
    """How many PINs it still takes before it wants its PUK."""
    puk_tries: int = 10
    smsc: str = "+33689004000"
    mr: int = 0
    """TP-MR that its next message gets."""
    memory: Memory = attrs.field(factory=lambda: Memory(20))

    def next_mr(self) -> int:
        """The TP-MR of the message that it sends now; they come round after 255."""
        mr, self.mr = self.mr, (self.mr + 1) % 256
        return mr

    def is_opened_by(self, pin: str) -> bool:
        """Whether that is its PIN; a wrong one counts."""
        is_right = self.tries > 0 and pin == self.pin
        self.tries = 3 if is_right else max(0, self.tries - 1)
        return is_right

    def is_unblocked_by(self, puk: str, pin: str) -> bool:
        """Whether that is its PUK; then the PIN is the new one."""
        is_right = self.puk_tries > 0 and puk == self.puk
        self.puk_tries = 10 if is_right else max(0, self.puk_tries - 1)
        if is_right:
            self.pin, self.tries = pin, 3
        return is_right
