"""When a message that was not taken is given again."""

from typing import Final

FIRST: Final = 1.0
LONGEST: Final = 60.0


def delay(attempts: int, chance: float) -> float:
    """Seconds before the next try after ``attempts`` (1 or more) that failed.

    Doubles from a second to a minute, less up to a quarter by ``chance`` (0 to 1), so that messages
    that failed together do not come back together.
    """
    return min(LONGEST, FIRST * 2.0 ** min(attempts - 1, 16)) * (1 - chance / 4)
