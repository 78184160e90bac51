"""What a modem has under way."""

from collections.abc import Callable

import attrs


@attrs.define
class Life:
    """What a restart takes from a modem."""

    input: bytearray = attrs.field(factory=bytearray)
    prompt: int | None = None
    """The length of the PDU that is awaited."""
    busy_until: float | None = None
    then: Callable[[float], None] = lambda now: None
    deaf_until: float | None = None
    deaf_ends: str = ""
    back_at: float | None = None
    acknowledge_by: float | None = None
    unacknowledged: bytes = b""
    is_ready: bool = False
    registration: dict[str, int] = attrs.field(factory=dict)
    noise_at: float | None = None
    noises: int = 0
    misses: bool = False
