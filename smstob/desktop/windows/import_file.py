"""The first page of an import: which file."""

import tkinter
from collections.abc import Callable
from pathlib import Path
from tkinter import filedialog, ttk

from .field import EntryField
from .keys import press
from .paragraph import Paragraph
from .view import Desk


class FilePage(ttk.Frame):
    """The name of a file, and what one may be like."""

    def __init__(self, parent: tkinter.Misc, desk: Desk, chosen: Callable[[Path], None]) -> None:
        super().__init__(parent)
        self._desk = desk
        self._chosen = chosen
        say, px = desk.say, desk.theme.px
        self.columnconfigure(0, weight=1)
        told = Paragraph(self, desk.theme, say(
            "Rien n'entre dans le carnet avant l'étape suivante, où vous voyez ce que le fichier donnera."
        ))  # fmt: skip
        told.grid(row=0, column=0, sticky="ew", pady=(0, px(16)))
        hint = say("Un fichier CSV, que tout tableur enregistre : 10 Mo et 100 000 lignes au plus.")
        self.file = EntryField(self, desk.theme, say("Votre fichier"), hint)
        self.file.grid(row=1, column=0, sticky="ew")
        self.browse_button = ttk.Button(self.file, text=say("Parcourir…"), command=self.browse)
        self.browse_button.grid(row=1, column=1, padx=(px(8), 0))
        press(self.browse_button)
        for key in ("<Return>", "<KP_Enter>"):
            self.file.entry.bind(key, lambda _: self.take())
        for row, sentence in enumerate((
            say("Une ligne par contact. Seule la colonne des numéros est nécessaire ; l'ordre des colonnes est libre."),
            say("Les variables prennent la place de [v1], [v2] et [v3] : « Bonjour [v1], votre plat préféré est "
                "[v3] ? »"),
            say("Les numéros s'écrivent comme vous voulez ; le 0 qu'Excel a enlevé est remis."),
            say("Un numéro déjà au carnet ne fait pas de doublon : sa fiche est mise à jour."),
        ), 2):  # fmt: skip
            one = Paragraph(self, desk.theme, f"•  {sentence}", "TLabel")
            one.grid(row=row, column=0, sticky="ew", pady=(px(18) if row == 2 else px(4), 0))

    def browse(self) -> None:
        """Let it be chosen among the files."""
        say = self._desk.say
        kinds = [(say("Fichiers CSV"), "*.csv *.txt *.tsv"), (say("Tous les fichiers"), "*")]
        title = say("Choisir le fichier des contacts")
        found = filedialog.askopenfilename(parent=self, title=title, filetypes=kinds)
        if found:
            self.file.set(str(Path(found)))
            self.take()

    def take(self) -> str:
        """Go on with the file that is typed."""
        typed = self.file.value
        # as file managers and shells write it
        if len(typed) > 1 and typed[0] == typed[-1] and typed[0] in "\"'":
            typed = typed[1:-1]
        if typed:
            self._chosen(Path(typed))
        else:
            self.fault(self._desk.say("Choisissez d'abord un fichier."))
        return "break"

    def fault(self, sentence: str) -> None:
        """Say what is wrong with it."""
        self.file.fault(sentence)
        self.file.entry.focus_set()
