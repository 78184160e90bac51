"""What an error of the disk or of the program itself says to who sits before it."""

import errno
import sqlite3
from types import TracebackType

from ..wording import Wording


def sentence(say: Wording, error: Exception) -> str:
    """In words, with what to do; never what was typed."""
    if _is_full(error):
        return say("Le disque est plein : rien n'a été enregistré. Libérez de la place ; ce qui est à l'écran y reste.")
    if isinstance(error, sqlite3.Error | OSError):
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        return say("Rien n'a été enregistré ({reason}). Ce qui est à l'écran y reste.", reason=reason)
    return say("Quelque chose s'est mal passé ({kind}). Ce qui est à l'écran y reste.", kind=type(error).__name__)


def _is_full(error: Exception) -> bool:
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def place_of(error: BaseException, trace: TracebackType | None) -> str:
    """The kind of an error and where it was raised, without its message: that may have a text or a password in it."""
    kind = type(error).__name__
    if trace is None:
        return kind
    while trace.tb_next is not None:
        trace = trace.tb_next
    return f"{kind} at {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
