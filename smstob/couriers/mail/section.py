"""A section of a letter, as both parts of the mail show it."""

from enum import Enum

import attrs


class Tone(Enum):
    """How the news is; the value is the colour of its bar."""

    GOOD = "#2e7d32"
    MIXED = "#8f5400"
    BAD = "#c62828"
    NEUTRAL = "#1f4e79"


@attrs.frozen
class Row:
    """A destination or a number, and what is said of it."""

    name: str
    lines: tuple[str, ...]
    code: str = ""


@attrs.frozen(kw_only=True)
class Section:
    """A section of a letter, ready to be shown; nothing in it is longer than a few lines or has a line end."""

    headline: str
    """What a letter with this one section has for a subject."""
    tone: Tone
    intro: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    password: str = attrs.field(default="", repr=False)
    """To be copied."""
    link: str = attrs.field(default="", repr=False)
    """To be followed, or copied."""
    link_name: str = ""
    """What following it is for."""
    notes: tuple[str, ...] = ()
    private: bool = False
    """Whether it tells what nobody else may read, and something else each time."""
    optional: bool = False
    """Whether the account's options keep it away."""
