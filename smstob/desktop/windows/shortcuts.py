"""The keys that do something."""

from tkinter import ttk

from .dialog import Dialog
from .view import Desk, Window


class ShortcutsDialog(Dialog):
    """A table of them."""

    def __init__(self, desk: Desk, window: Window) -> None:
        super().__init__(desk, window.root, desk.say("Raccourcis clavier"))
        say, px = desk.say, desk.theme.px
        table = ttk.Frame(self.body)
        table.pack(fill="both", expand=True)
        for row, (keys, what) in enumerate((
            (say("Ctrl+Entrée"), say("Envoyer")),
            (say("Ctrl+1 à Ctrl+4"), say("Envoyer, Boîte d'envoi, Carnet, Phrases types")),
            (say("F4 dans la date"), say("Calendrier")),
            (say("F5 dans la boîte d'envoi"), say("Réessayer")),
            (say("Ctrl+virgule"), say("Réglages")),
            (say("Ctrl+Q"), say("Quitter")),
        )):  # fmt: skip
            ttk.Label(table, text=keys, style="Strong.TLabel").grid(row=row, column=0, sticky="w", pady=px(4))
            ttk.Label(table, text=what).grid(row=row, column=1, sticky="w", padx=(px(24), 0))
        version = desk.program.site.version
        if version:
            told = f"{desk.program.site.service} {version}"
            ttk.Label(self.body, text=told, style="Faint.TLabel").pack(anchor="w", pady=(px(12), 0))
        close = ttk.Button(self.body, text=say("Fermer"), style="Accent.TButton", command=self.leave)
        close.pack(side="bottom", anchor="e", pady=(px(12), 0))
        self.bind("<Return>", lambda _: self.leave())
        self.show(close, 460, 300)
