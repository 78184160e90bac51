"""What is asked at the first start, a page for each matter."""

import tkinter
from collections.abc import Callable
from tkinter import ttk
from typing import Final

from ..program import Kept
from ..settings import Settings
from .connection_check import ConnectionCheck
from .dialog import Dialog
from .keeping import keep, where
from .keys import keyboard_of
from .paragraph import Paragraph
from .scrolling import Scrolled
from .settings_forms import AccountForm, ServerForm, Typed
from .trial import Trial
from .view import Desk, Window

_WIDTH, _HEIGHT = 640, 560

WELCOME, ACCOUNT, SERVER, TRY, DONE = range(5)
"""Its pages, in order."""

_LAST: Final = DONE


class Assistant(Dialog):
    """Nothing typed is lost between pages, nor when it is left: ``left`` is given it then."""

    def __init__(self, desk: Desk, window: Window, typed: Typed, left: Callable[[Typed], None]) -> None:
        super().__init__(desk, window.root, desk.say("Mise en route"))
        self._left = left
        self._window = window
        self._base = typed.settings
        self._place = WELCOME
        say, px = desk.say, desk.theme.px
        self._step = ttk.Label(self.body, style="Faint.TLabel")
        self._step.pack(anchor="w")
        self._title = ttk.Label(self.body, style="Title.TLabel")
        self._title.pack(anchor="w", pady=(px(2), px(12)))
        self._buttons().pack(side="bottom", fill="x", pady=(px(12), 0))
        self._trouble = Paragraph(self.body, desk.theme, "", "Error.TLabel")
        scrolled = Scrolled(self.body, desk.theme)
        scrolled.pack(fill="both", expand=True)
        self.account = AccountForm(scrolled.inside, desk)
        self.server = ServerForm(scrolled.inside, desk)
        for form in (self.account, self.server):
            form.fill(typed)
        self._pages: list[tuple[str, ttk.Frame]] = [
            (say("Bienvenue"), self._welcome(scrolled.inside)),
            (say("Votre adresse et votre mot de passe"), self.account),
            (say("Votre serveur d'envoi"), self.server),
            (say("Essai"), self._try(scrolled.inside)),
            (say("Tout est prêt"), self._done(scrolled.inside)),
        ]
        scrolled.adopt()
        self.bind("<Return>", self._confirm)
        self._open(WELCOME)
        self.show(self.next_button, _WIDTH, _HEIGHT)

    # its pages

    def _welcome(self, parent: ttk.Frame) -> ttk.Frame:
        say, service = self.desk.say, self.desk.program.site.service
        return self._paragraphs(
            parent,
            say("{service} envoie vos SMS par votre messagerie : il lui faut votre compte, et le serveur par lequel "
                "part votre courrier.", service=service),
            say("Ayez sous la main l'adresse et le mot de passe de votre compte {service} (ou une clé d'envoi), et le "
                "mot de passe de votre messagerie.", service=service),
            say("Vous pouvez aussi regarder d'abord : le carnet et les phrases types marchent sans réglages."),
        )  # fmt: skip

    def _try(self, parent: ttk.Frame) -> ttk.Frame:
        px = self.desk.theme.px
        frame = ttk.Frame(parent)
        frame.columnconfigure(0, weight=1)
        self._where = Paragraph(frame, self.desk.theme, "", "Faint.TLabel")
        self.checking = ConnectionCheck(frame, self.desk, lambda: (self._typed().settings, self._typed().mail))
        self.trial = Trial(frame, self.desk, self._window)
        for row, one in enumerate((self._where, self.checking, self.trial)):
            one.grid(row=row, column=0, sticky="ew", pady=(0, px(20)))
        return frame

    def _done(self, parent: ttk.Frame) -> ttk.Frame:
        say = self.desk.say
        return self._paragraphs(
            parent,
            say("Écrivez un numéro, un message, et envoyez : la boîte d'envoi montre ce qui est parti."),
            say("Les confirmations et les refus du service arrivent par e-mail à votre adresse."),
            say("Tout ceci se change dans « Réglages »."),
        )

    def _paragraphs(self, parent: ttk.Frame, *sentences: str) -> ttk.Frame:
        frame = ttk.Frame(parent)
        frame.columnconfigure(0, weight=1)
        for row, sentence in enumerate(sentences):
            one = Paragraph(frame, self.desk.theme, sentence)
            one.grid(row=row, column=0, sticky="ew", pady=(0, self.desk.theme.px(12)))
        return frame

    def _buttons(self) -> ttk.Frame:
        say, px = self.desk.say, self.desk.theme.px
        row = ttk.Frame(self.body)
        self.next_button = ttk.Button(row, style="Accent.TButton", command=self.forth)
        self.next_button.pack(side="right")
        self.back_button = ttk.Button(row, text=say("Précédent"), command=self.back)
        self.back_button.pack(side="right", padx=px(8))
        self.later_button = ttk.Button(row, text=say("Plus tard"), style="Quiet.TButton", command=self.leave)
        self.later_button.pack(side="left")
        return row

    # from one to the other

    @property
    def page(self) -> int:
        """Which is shown."""
        return self._place

    @property
    def trouble(self) -> str:
        """What kept the settings from being kept."""
        return str(self._trouble.cget("text")) if self._trouble.winfo_manager() else ""

    def forth(self) -> None:
        """To the next page, if all is right on this one."""
        if self.next_button.instate(["disabled"]):
            return
        if self._place == ACCOUNT:
            if (fault := self.account.first_fault()) is not None:
                fault.focus_set()
                return
            self.server.guess(self.account.email.value)
        if self._place == SERVER:
            if (fault := self.server.first_fault()) is not None:
                fault.focus_set()
            else:
                self._keep()
            return
        if self._place == _LAST:
            self.leave()
            return
        self._open(self._place + 1)

    def back(self) -> None:
        """To the page before."""
        if self._place > WELCOME:
            self._open(self._place - 1)

    def leave(self) -> None:
        """End it; what was typed is handed on."""
        typed = self._typed()
        super().leave()
        self._left(typed)

    def _confirm(self, _: object) -> None:
        if keyboard_of(self) is self.trial.number.entry:
            self.trial.send_one()
        else:
            self.forth()

    def _open(self, place: int) -> None:
        say = self.desk.say
        self._pages[self._place][1].pack_forget()
        self._trouble.pack_forget()
        self._place = place
        title, page = self._pages[place]
        page.pack(fill="both", expand=True, padx=0)
        self._step.configure(text=say("Étape {step} sur {all}", step=place + 1, all=len(self._pages)))
        self._title.configure(text=title)
        self.next_button.configure(text=say("Commencer") if place == _LAST else say("Suivant"))
        if place == _LAST:
            self.later_button.pack_forget()
        else:
            self.later_button.pack(side="left")
        self.back_button.state(["disabled" if place == WELCOME else "!disabled"])
        self._focus(place).focus_set()

    def _focus(self, place: int) -> tkinter.Misc:
        if place == ACCOUNT:
            return self.account.service.entry if self.account.email.value else self.account.email.entry
        if place == SERVER:
            return self.server.mail.entry if self.server.server.value else self.server.server.entry
        return self.checking.button if place == TRY else self.next_button

    def _settings(self) -> Settings:
        return self.server.settings(self.account.settings(self._base))

    def _typed(self) -> Typed:
        return Typed(self._settings(), self.account.service.value, self.server.mail.value)

    def _keep(self) -> None:
        self.next_button.state(["disabled"])
        self._trouble.pack_forget()
        keep(self, self.desk, self._typed(), self._well, self._ill)

    def _well(self, kept: Kept) -> None:
        self.next_button.state(["!disabled"])
        self._where.configure(text=where(self.desk.say, kept))
        self._open(TRY)

    def _ill(self, sentence: str) -> None:
        self.next_button.state(["!disabled"])
        self._trouble.configure(text=f"✕ {sentence}")
        self._trouble.pack(side="bottom", fill="x", pady=(self.desk.theme.px(8), 0))
