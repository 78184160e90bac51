"""What is shown when the program cannot begin."""

import sys
import tkinter
from pathlib import Path
from tkinter import ttk

from ..places import AlreadyOpen
from ..wording import Wording, system_language
from . import icon
from .paragraph import Paragraph
from .theme import Theme, sharpen


class NoScreen(Exception):
    """There is nowhere to show a window; the message is Tk's."""


def sentences(place: Path, error: Exception, say: Wording) -> tuple[str, str]:
    """What happened, and what to do."""
    if isinstance(error, AlreadyOpen):
        return (say("Le programme est déjà ouvert."), say("Retrouvez sa fenêtre, ou fermez-la avant d'en ouvrir une."))
    if isinstance(error, NoScreen):
        return say("Il n'y a pas d'écran où ouvrir une fenêtre."), say("Lancez le programme depuis le bureau.")
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    if isinstance(error, OSError):
        return (
            say("Le dossier {place} ne peut pas être ouvert : {reason}.", place=place, reason=reason),
            say("Vérifiez vos droits sur ce dossier, et la place sur le disque."),
        )
    return (
        say("Les données du dossier {place} sont illisibles : {reason}.", place=place, reason=reason),
        say("Rien n'y a été changé. Remettez-y une sauvegarde, ou renommez le dossier pour recommencer à neuf."),
    )


def show(place: Path, error: Exception) -> None:
    """Say that the program cannot open its folder or what is in it, until the window is closed."""
    say = Wording(system_language())
    what, advice = sentences(place, error, say)
    sharpen()
    try:
        root = window(what, advice, say)
    except tkinter.TclError:
        # without a screen there is still a terminal
        if sys.stderr is not None:
            sys.stderr.write(f"{what} {advice}\n")
        return
    root.mainloop()


def window(what: str, advice: str, say: Wording) -> tkinter.Tk:
    """The window; Return, Escape or «OK» end it."""
    root = tkinter.Tk(className="smstob")
    root.title("SMStoB")
    theme = Theme(root)
    icon.put_on(root)
    body = ttk.Frame(root, padding=theme.px(24))
    body.pack(fill="both", expand=True)
    body.columnconfigure(0, weight=1)
    for row, (sentence, style) in enumerate(((what, "Strong.TLabel"), (advice, "TLabel"))):
        one = Paragraph(body, theme, sentence, style, width=0)
        one.grid(row=row, column=0, sticky="ew", pady=(0, theme.px(12)))
        one.configure(wraplength=theme.px(460))
    close = ttk.Button(body, text=say("OK"), style="Accent.TButton", command=root.destroy)
    close.grid(row=2, column=0, sticky="e")
    for key in ("<Return>", "<Escape>"):
        root.bind(key, lambda _: root.destroy())
    root.minsize(theme.px(360), theme.px(140))
    close.focus_set()
    return root
