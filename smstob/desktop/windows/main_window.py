"""The program's window: four pages, and above them what it has to say."""

import sqlite3
import sys
import tkinter
import webbrowser
from tkinter import ttk
from types import TracebackType
from typing import Final

from ..composing import Mailing
from ..program import Program
from ..vault import Secret
from ..wording import Wording, system_language
from . import background, errors, icon
from .assistant import Assistant
from .banner import Banner, Kind
from .compose import ComposeView
from .contacts_view import ContactsView
from .failure import NoScreen
from .outbox_view import OutboxView
from .phrases_view import PhrasesView
from .server_words import in_words
from .settings_dialog import SettingsDialog
from .settings_forms import Typed
from .shortcuts import ShortcutsDialog
from .theme import Theme, sharpen
from .tooltip import Tooltip
from .view import Desk, View

_LOOK: Final = 300
"""Milliseconds between two looks at what the postman does."""

_EVERY: Final = 4
"""Looks after which the page at the front is read again, whatever happened."""

_TOLD_FOR: Final = 10_000
"""Milliseconds for which good news stay."""

# the keys of the figures, on keyboards that have other signs on them too
_FIGURES: Final = (
    ("1", "KP_1", "ampersand"), ("2", "KP_2", "eacute"), ("3", "KP_3", "quotedbl"), ("4", "KP_4", "apostrophe"),
)  # fmt: skip


class MainWindow:
    """The window of a program that was started; see ``view.Window``."""

    def __init__(self, program: Program) -> None:
        self.program = program
        sharpen()
        try:
            self.root = tkinter.Tk(className="smstob")
        except tkinter.TclError as error:
            raise NoScreen(str(error)) from error
        self.root.title(program.site.service)
        self.theme = Theme(self.root)
        icon.put_on(self.root)
        px, screen = self.theme.px, (self.root.winfo_screenwidth(), self.root.winfo_screenheight())
        self.root.geometry(f"{min(px(1040), screen[0])}x{min(px(740), screen[1])}")
        self.root.minsize(min(px(620), screen[0]), min(px(420), screen[1]))
        self.root.protocol("WM_DELETE_WINDOW", self.leave)
        self.root.report_callback_exception = self._unexpected
        self._typed: Typed | None = None
        self._changes = -1
        self._looks = 0
        self._asked_to_leave = False
        self._build()
        self._look()
        # over a window that is not there yet it would be anywhere
        self.root.bind("<Map>", self._begin)

    # what it looks like

    def _build(self) -> None:
        program, root = self.program, self.root
        self.desk = Desk(program, self.theme, Wording(program.settings.language or system_language()))
        say, px = self.desk.say, self.theme.px
        root.columnconfigure(0, weight=1)
        root.rowconfigure(1, weight=1)
        self.banner = Banner(root, self.desk)
        self.banner.grid(row=0, column=0, sticky="ew")
        self.tabs = ttk.Notebook(root)
        self.tabs.grid(row=1, column=0, sticky="nsew", pady=(px(6), 0))
        self.compose = ComposeView(self.tabs, self.desk, self)
        self.outbox = OutboxView(self.tabs, self.desk, self)
        self.views: list[View] = [
            self.compose, self.outbox, ContactsView(self.tabs, self.desk, self),
            PhrasesView(self.tabs, self.desk, self),
        ]  # fmt: skip
        names = (say("Envoyer"), say("Boîte d'envoi"), say("Carnet"), say("Phrases types"))
        for view, name in zip(self.views, names, strict=True):
            self.tabs.add(view, text=name)
        self._front: View = self.compose
        self.tabs.enable_traversal()
        self.tabs.bind("<<NotebookTabChanged>>", lambda _: self._turned())
        corner = ttk.Frame(root)
        self.settings_button = ttk.Button(
            corner, text=f"⚙ {say('Réglages')}", style="Quiet.TButton", command=self.open_settings
        )
        self.settings_button.pack(side="left")
        self.help_button = ttk.Button(corner, text=say("Aide"), style="Quiet.TButton", command=self.help)
        self.help_button.pack(side="left")
        Tooltip(self.settings_button, self.theme, say("Ctrl+virgule"))
        Tooltip(self.help_button, self.theme, say("F1"))
        corner.place(in_=self.tabs, relx=1.0, x=-px(12), y=0, anchor="ne")
        self._bind_keys()
        self._say_broken()
        self._front.shown()

    def _bind_keys(self) -> None:
        for place, keys in enumerate(_FIGURES):
            for key in keys:
                self.root.bind(f"<Control-Key-{key}>", lambda _, place=place: self._open(place))  # type: ignore[misc]
        self.root.bind("<F1>", lambda _: self.help())
        self.root.bind("<Control-comma>", lambda _: self.open_settings())
        self.root.bind("<Control-q>", lambda _: self.leave())

    def _rebuild(self) -> None:
        """In another language."""
        for view in self.views:
            view.leave()
        self._forget_waiting()
        for child in self.root.winfo_children():
            child.destroy()
        self._changes = -1
        self._build()
        self._look()

    def _forget_waiting(self) -> None:
        """Let nothing happen later: those whom it would happen to are about to go."""
        for waiting in self.root.tk.splitlist(self.root.tk.call("after", "info")):
            # what Tkinter made for it goes with the widget that it is of
            self.root.tk.call("after", "cancel", waiting)

    # what views ask

    def write_to(self, recipients: str) -> None:
        """See ``view.Window``."""
        self.compose.write_to(recipients)
        self.write()

    def write(self) -> None:
        """Show the form that sends."""
        self._open(0)

    def insert(self, text: str) -> None:
        """See ``view.Window``."""
        self.write()
        self.compose.message.insert(text)

    def take_up(self, recipients: str, text: str) -> None:
        """Show the form that sends, with these in it."""
        self.compose.take_up(recipients, text)
        self.write()

    def show_outbox(self) -> None:
        """See ``view.Window``."""
        self._open(1)

    def sent(self, mailing: Mailing) -> None:
        """Tell that it is in the outbox."""
        say = self.desk.say
        self.banner.over("error")
        told = say("Confié à la boîte d'envoi.")
        if mailing.segments:
            told = say.plural(
                mailing.segments, "Confié à la boîte d'envoi : {count} SMS.", "Confié à la boîte d'envoi : {count} SMS."
            )
        self.banner.over("sent")
        self.banner.tell("sent", told, Kind.GOOD, [(say("Voir"), self.show_outbox)])
        self.root.after(_TOLD_FOR, self._over, "sent", told)

    def tell(self, sentence: str) -> None:
        """Say something of no great weight."""
        self.banner.tell("told", sentence, Kind.GOOD)
        self.root.after(_TOLD_FOR, self._over, "told", sentence)

    def fail(self, error: Exception) -> None:
        """See ``view.Window``."""
        self.banner.tell("error", errors.sentence(self.desk.say, error), Kind.BAD)

    def _over(self, matter: str, told: str) -> None:
        # something else may be said of it by now
        if self.banner.said(matter) == told:
            self.banner.over(matter)

    # its pages

    def _open(self, place: int) -> str:
        self.tabs.select(place)
        if self._front is self.views[place]:
            self._front.shown()
        return "break"

    def _turned(self) -> None:
        before, now = self._front, self.views[self.tabs.index("current")]
        if before is not now:
            before.leave()
            self._front = now
            now.shown()

    # settings and help

    def _begin(self, event: "tkinter.Event[tkinter.Misc]") -> None:
        if event.widget is self.root:
            self.root.unbind("<Map>")
            if not self.program.is_ready:
                self.root.after_idle(self.set_up)

    def set_up(self) -> None:
        """Ask for the settings without which nothing can be sent."""
        Assistant(self.desk, self, self._typed or self._known(), self._set_up)

    def _set_up(self, typed: Typed) -> None:
        self._typed = None if self.program.is_ready else typed
        self._look_at_postman()
        self._front.shown()

    def open_settings(self) -> None:
        """The settings, in one dialog."""
        SettingsDialog(self.desk, self, self._typed or self._known(), self._kept)

    def _known(self) -> Typed:
        program = self.program
        return Typed(program.settings, program.secret(Secret.SERVICE), program.secret(Secret.MAIL))

    def _kept(self, where: str) -> None:
        self._typed = None
        if (self.program.settings.language or system_language()) != self.desk.say.language:
            self._rebuild()
        self.tell(f"{self.desk.say('Réglages enregistrés.')} {where}")
        self._front.shown()

    def help(self) -> None:
        """The service's documentation in the browser; the keys, where no page of it is known."""
        base = self.program.site.base_url
        if not base:
            ShortcutsDialog(self.desk, self)
            return
        page = f"{base.rstrip('/')}/documentation"
        background.run(self.root, lambda: webbrowser.open(page), lambda opened: self._opened(page, opened), self.fail)

    def _opened(self, page: str, opened: bool) -> None:
        if not opened:
            self.tell(self.desk.say("Ouvrez {page} dans votre navigateur.", page=page))

    # what happens meanwhile

    def _look(self) -> None:
        self.root.after(_LOOK, self._look)
        changes, self._looks = self.program.postman.changes, self._looks + 1
        if changes != self._changes or self._looks % _EVERY == 0:
            self._changes = changes
            self._look_at_postman()
            self._front.refresh()

    def _look_at_postman(self) -> None:
        say, postman = self.desk.say, self.program.postman
        if postman.held:
            self.banner.tell(
                "held",
                say("Le serveur d'envoi refuse : {reason}", reason=in_words(say, postman.held)),
                Kind.BAD,
                [(say("Réglages"), self.open_settings), (say("Réessayer"), self._try_again)],
                closable=False,
            )
        else:
            self.banner.over("held")
        if postman.ailing:
            told = say("La boîte d'envoi n'avance plus, le disque ne répond pas : {reason}", reason=postman.ailing)
            self.banner.tell("ailing", told, Kind.BAD, closable=False)
        else:
            self.banner.over("ailing")

    def _try_again(self) -> None:
        self.banner.over("held")
        self.program.resume()

    def _say_broken(self) -> None:
        if self.program.broken is not None:
            told = self.desk.say(
                "Les réglages étaient illisibles : ils sont gardés dans {path}, et à refaire.", path=self.program.broken
            )
            self.banner.tell("broken", told, Kind.WARNING)

    def _unexpected(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not isinstance(error, Exception):
            raise error
        if sys.stderr is not None:
            sys.stderr.write(f"{errors.place_of(error, trace)}\n")
        self.fail(error)

    # the end

    def leave(self) -> None:
        """End; where something is on its way, say first that it goes on at the next start."""
        say = self.desk.say
        if self._asked_to_leave or not self._is_on_its_way():
            self.close()
            return
        self._asked_to_leave = True
        self.banner.tell(
            "leaving",
            say("Des SMS attendent encore : ils partiront au prochain démarrage."),
            Kind.WARNING,
            [(say("Rester"), self._stay), (say("Quitter"), self.close)],
            closable=False,
        )
        self.banner.button("leaving", say("Quitter")).focus_set()

    def _is_on_its_way(self) -> bool:
        if not self.program.is_ready or self.program.postman.held:
            return False
        try:
            return self.program.outbox.next_due() is not None
        except sqlite3.Error:
            return False

    def _stay(self) -> None:
        self._asked_to_leave = False
        self.banner.over("leaving")

    def close(self) -> None:
        """End, with what is typed kept."""
        for view in self.views:
            view.leave()
        self._forget_waiting()
        self.root.destroy()


def run(program: Program) -> None:
    """Show the window of a program until it is closed; the program ends with it."""
    try:
        window = MainWindow(program)
        program.start()
        window.root.mainloop()
    finally:
        program.stop()
