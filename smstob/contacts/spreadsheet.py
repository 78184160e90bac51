"""From the bytes of a file, as people have them, to rows of cells."""

from ..model.contact_import import Unreadable
from . import delimited, workbook
from .sheet import MOST_BYTES, Sheet, too_big


def read(content: bytes, delimiter: str | None = None, sheet: int = 0) -> Sheet:
    """The rows of a text or of a workbook's sheet, counted from 0; the delimiter is recognised where it is not given.

    Raises ``Unreadable`` for what is too big, empty, or no list at all.
    """
    if len(content) > MOST_BYTES:
        raise too_big()
    read_ = workbook.read(content, sheet) if workbook.is_workbook(content) else delimited.read(content, delimiter)
    # of a workbook another sheet may be chosen
    if not read_.rows and not read_.faults and len(read_.names) < 2:
        raise Unreadable("ce fichier est vide")
    return read_
