"""The settings again, in one dialog."""

from collections.abc import Callable
from tkinter import ttk

from ..program import Kept
from ..settings import Settings
from .connection_check import ConnectionCheck
from .dialog import Dialog
from .keeping import keep, where
from .paragraph import Paragraph
from .scrolling import Scrolled
from .settings_forms import AccountForm, ChoicesForm, ServerForm, Typed
from .view import Desk, Window

_WIDTH, _HEIGHT = 620, 620


class SettingsDialog(Dialog):
    """Three pages; nothing changes before «Enregistrer». ``kept`` is called then, with where the passwords are."""

    def __init__(self, desk: Desk, window: Window, typed: Typed, kept: Callable[[str], None]) -> None:
        super().__init__(desk, window.root, desk.say("Réglages"))
        self._kept = kept
        say, px = desk.say, desk.theme.px
        self._pages = ttk.Notebook(self.body)
        places = [Scrolled(self._pages, desk.theme) for _ in range(3)]
        account, server, choices = (one.inside for one in places)
        self.account, self.server, self.choices = (
            AccountForm(account, desk), ServerForm(server, desk), ChoicesForm(choices, desk),
        )  # fmt: skip
        self.checking = ConnectionCheck(server, desk, self._to_check)
        for form in (self.account, self.server, self.choices):
            form.fill(typed)
            form.pack(fill="x", padx=px(4), pady=(px(16), 0))
        self.checking.pack(fill="x", padx=px(4))
        names = (say("Compte"), say("Serveur d'envoi"), say("Préférences"))
        for place, name in zip(places, names, strict=True):
            place.adopt()
            self._pages.add(place, text=name)
        self._pages.enable_traversal()
        self._trouble = Paragraph(self.body, desk.theme, "", "Error.TLabel")
        self._buttons().pack(side="bottom", fill="x", pady=(px(12), 0))
        self._pages.pack(fill="both", expand=True)
        self._old = typed.settings
        self.bind("<Return>", lambda _: self.save())
        self.show(self.account.email.entry, _WIDTH, _HEIGHT)

    def _buttons(self) -> ttk.Frame:
        say, px = self.desk.say, self.desk.theme.px
        row = ttk.Frame(self.body)
        self.save_button = ttk.Button(row, text=say("Enregistrer"), style="Accent.TButton", command=self.save)
        self.save_button.pack(side="right")
        ttk.Button(row, text=say("Annuler"), command=self.leave).pack(side="right", padx=px(8))
        return row

    def open_page(self, number: int) -> None:
        """Show the account's (0), the mail server's (1) or the choices' (2)."""
        self._pages.select(number)

    @property
    def trouble(self) -> str:
        """What kept the settings from being kept."""
        return str(self._trouble.cget("text"))

    def _settings(self) -> Settings:
        return self.choices.settings(self.server.settings(self.account.settings(self._old)))

    def _to_check(self) -> tuple[Settings, str] | None:
        return None if self._mend_server() else (self._settings(), self.server.mail.value)

    def _mend_server(self) -> bool:
        fault = self.server.first_fault()
        if fault is not None:
            self.open_page(1)
            fault.focus_set()
        return fault is not None

    def save(self) -> None:
        """Keep them, and end; or say what is wrong."""
        fault = self.account.first_fault()
        if fault is not None:
            self.open_page(0)
            fault.focus_set()
            return
        if self._mend_server() or self.save_button.instate(["disabled"]):
            return
        self.save_button.state(["disabled"])
        self._trouble.pack_forget()
        typed = Typed(self._settings(), self.account.service.value, self.server.mail.value)
        keep(self, self.desk, typed, self._well, self._ill)

    def _well(self, kept: Kept) -> None:
        self.leave()
        self._kept(where(self.desk.say, kept))

    def _ill(self, sentence: str) -> None:
        self.save_button.state(["!disabled"])
        self._trouble.configure(text=f"✕ {sentence}")
        self._trouble.pack(side="bottom", fill="x", pady=(self.desk.theme.px(8), 0))
