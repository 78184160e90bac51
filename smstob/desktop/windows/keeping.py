"""Settings put on disk and into the keyring, in a thread: a keyring may ask its owner first."""

import tkinter
from collections.abc import Callable

from ..program import Kept
from ..wording import Wording
from . import background
from .settings_forms import Typed
from .view import Desk


def keep(
    widget: tkinter.Misc, desk: Desk, typed: Typed, done: Callable[[Kept], None], failed: Callable[[str], None]
) -> None:
    """Keep what was typed; then ``done``, or ``failed`` with a sentence."""
    program, settings = desk.program, typed.settings
    background.run(
        widget,
        lambda: program.change(settings, typed.service, typed.mail),
        done,
        lambda error: failed(_sentence(desk.say, error)),
    )


def where(say: Wording, kept: Kept) -> str:
    """Where the passwords are."""
    if kept.in_keyring:
        return say("Les mots de passe sont dans le trousseau de votre session.")
    return say("Les mots de passe sont dans un fichier que vous seul pouvez lire.")


def _sentence(say: Wording, error: Exception) -> str:
    # of the system's words none has a password in it
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
    return say(
        "Rien n'a été enregistré : {reason}. Libérez de la place ou changez les droits du dossier.", reason=reason
    )
