"""Contacts from a file: which one, what it would do, and what it did. Nothing is in the book before «Importer»."""

from collections.abc import Callable, Sequence
from pathlib import Path
from tkinter import filedialog, ttk
from typing import Final

from ...model.contact import Fault, Group
from ...model.contact_import import Plan, Unreadable
from .. import importing, places
from ..book import opened
from ..importing import Cancelled, Looked, Progress, Taken, Unopened
from . import background
from .banner import Kind
from .book_words import FAULTS, SHUT
from .contact_rows import line
from .dialog import Dialog
from .errors import sentence
from .import_file import FilePage
from .import_preview import PreviewPage
from .inquiry import Inquiry
from .keys import press
from .nothing import Nothing
from .reasons import as_sentence
from .scrolling import Scrolled
from .view import Desk, Window
from .waiting import Waiting

_WIDTH, _HEIGHT = 860, 680

FILE, PREVIEW, RESULT = "file", "preview", "result"
"""Its pages."""

_NAMED: Final = 40
"""Characters of a group's name that are shown."""


class ImportView(Dialog):
    """Files are read, and taken in, in a thread: one can always leave, and nothing is changed then."""

    def __init__(
        self, desk: Desk, window: Window, group: str, groups: Sequence[Group], done: Callable[[Group | None], None]
    ) -> None:
        """``done`` is called when contacts were imported, with their group."""
        super().__init__(desk, window.root, desk.say("Importer des contacts"))
        self._window = window
        self._groups = groups
        self._group = group
        self._done = done
        self._path = Path()
        self._looked: Looked | None = None
        self._taken: Taken | None = None
        self._reading: Progress | None = None
        self._importing: Progress | None = None
        self._lay_out()
        self.page = FILE
        self._open(FILE)
        self.show(self.file.browse_button, _WIDTH, _HEIGHT)

    # what it looks like

    def _lay_out(self) -> None:
        px = self.desk.theme.px
        self._buttons().pack(side="bottom", fill="x", pady=(px(12), 0))
        around = ttk.Frame(self.body)
        around.columnconfigure(0, weight=1)
        around.pack(side="bottom", fill="x")
        self.inquiry = Inquiry(around, self.desk)
        self.inquiry.grid(row=0, column=0, sticky="ew")
        self.waiting = Waiting(around, self.desk)
        self.waiting.grid(row=1, column=0, sticky="ew", pady=(px(10), 0))
        self.waiting.grid_remove()
        self._scrolled = Scrolled(self.body, self.desk.theme)
        self._scrolled.pack(fill="both", expand=True)
        inside = self._scrolled.inside
        self.file = FilePage(inside, self.desk, self.take)
        self.preview = PreviewPage(inside, self.desk, self._group, self._read_otherwise, self.keep_left_out)
        self.result = Nothing(inside, self.desk)
        self._pages: dict[str, ttk.Frame] = {FILE: self.file, PREVIEW: self.preview, RESULT: self.result}
        self._scrolled.adopt()
        for key in ("<Return>", "<KP_Enter>"):
            self.preview.group.box.bind(key, lambda _: self.import_all())
        self.bind("<Control-Return>", lambda _: self._forth())

    def _buttons(self) -> ttk.Frame:
        say, px = self.desk.say, self.desk.theme.px
        row = ttk.Frame(self.body)
        self.next_button = ttk.Button(row, style="Accent.TButton", command=self._forth)
        self.next_button.pack(side="right")
        self.close_button = ttk.Button(row, text=say("Annuler"), command=self.leave)
        self.close_button.pack(side="right", padx=px(8))
        self.other_button = ttk.Button(
            row, text=say("Autre fichier"), style="Quiet.TButton", command=lambda: self._open(FILE)
        )
        for button in (self.next_button, self.close_button, self.other_button):
            press(button)
        return row

    def _open(self, page: str) -> None:
        say = self.desk.say
        self.page = page
        for name, frame in self._pages.items():
            if name != page:
                frame.pack_forget()
        self._pages[page].pack(fill="both", expand=True, padx=(0, self.desk.theme.px(4)))
        self.other_button.pack_forget()
        if page == FILE:
            self.next_button.configure(text=say("Voir l'aperçu"))
            self.file.file.entry.focus_set()
        else:
            self.other_button.pack(side="left")
            self.next_button.focus_set()
        self.close_button.configure(text=say("Fermer") if page == RESULT else say("Annuler"))
        if page == RESULT:
            self.next_button.configure(text=say("Écrire à ce groupe"))
            self.next_button.pack_forget()
            if self._taken is not None and self._taken.group is not None:
                self.next_button.pack(side="right", before=self.close_button)
            else:
                self.close_button.focus_set()
        elif not self.next_button.winfo_manager():
            self.next_button.pack(side="right", before=self.close_button)
        self._enable()

    def _enable(self) -> None:
        busy = self._importing is not None
        ready = self.page != PREVIEW or (self._looked is not None and bool(self._looked.reading.recipients))
        ready = ready and self._reading is None and not busy
        self.next_button.state(["!disabled" if ready else "disabled"])
        self.other_button.state(["disabled" if busy else "!disabled"])

    def _forth(self) -> None:
        if self.next_button.instate(["disabled"]):
            return
        if self.page == FILE:
            self.file.take()
        elif self.page == PREVIEW:
            self.import_all()
        elif self._taken is not None and self._taken.group is not None:
            # before the form is shown: else the keyboard would come back here
            self._end()
            self._window.write_to(self._taken.group.name)

    # reading

    def take(self, path: Path) -> None:
        """Look at that file."""
        self._path = path
        if not self._group:
            self.preview.group.variable.set(importing.usual_group(path))
        self._read(lambda: importing.content_of(path), Plan())

    def _read_otherwise(self, plan: Plan) -> None:
        if self._looked is not None:
            content = self._looked.content
            self._read(lambda: content, plan)

    def _read(self, content: Callable[[], bytes], plan: Plan) -> None:
        if self._reading is not None:
            self._reading.cancel()
        progress = self._reading = Progress()
        place = self.desk.program.place
        self.inquiry.over("told")

        def work() -> Looked:
            told = content()
            found = importing.look(told, plan, progress)
            with opened(place) as book:
                return importing.compare(book, told, found, progress)

        def well(looked: Looked) -> None:
            if self._reading is progress:
                self._read_well(looked)

        def ill(error: Exception) -> None:
            if self._reading is progress:
                self._read_ill(error)

        background.run(self, work, well, ill)
        self.waiting.show(self.desk.say("Lecture du fichier…"), progress, self._stop_reading)
        self._enable()

    def _stop_reading(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
        self.waiting.over()
        self._enable()

    def _read_well(self, looked: Looked) -> None:
        say = self.desk.say
        self._reading = None
        self.waiting.over()
        self._looked = looked
        self.preview.file.configure(text=line(str(self._path)))
        self.preview.show(looked, self._groups)
        count = len(looked.reading.recipients)
        self.next_button.configure(text=say.plural(count, "Importer {count} contact", "Importer {count} contacts"))
        if self.page != PREVIEW:
            self._open(PREVIEW)
        self._scrolled.adopt()
        self._enable()
        if not count:
            self.inquiry.report(say("Ce fichier n'a aucune ligne qui convienne : la colonne des numéros est-elle la "
                                    "bonne ?"), Kind.WARNING)  # fmt: skip

    def _read_ill(self, error: Exception) -> None:
        say = self.desk.say
        self._reading = None
        self.waiting.over()
        self._enable()
        if isinstance(error, Cancelled):
            return
        if isinstance(error, Unopened):
            told = say(SHUT[error.why])
        elif isinstance(error, Unreadable):
            told = as_sentence(say, str(error))
        else:
            told = sentence(say, error)
        if self.page == FILE:
            self.file.fault(told)
        else:
            # what is shown stays as it was read before
            self.inquiry.report(told, Kind.BAD)
            if self._looked is not None:
                self.preview.show(self._looked, self._groups)

    # and then

    def import_all(self) -> str:
        """Put its contacts into the book."""
        looked, say = self._looked, self.desk.say
        if looked is None or self._importing is not None or self.next_button.instate(["disabled"]):
            return "break"
        progress = self._importing = Progress()
        place, group = self.desk.program.place, self.preview.group.value

        def work() -> Taken | Fault:
            with opened(place) as book:
                return importing.take_in(book, looked.reading, group, progress)

        background.run(self, work, self._imported, self._not_imported)
        self.waiting.show(say("Import des contacts…"), progress, progress.cancel)
        self._enable()
        return "break"

    def _imported(self, taken: Taken | Fault) -> None:
        say = self.desk.say
        self._importing = None
        self.waiting.over()
        if isinstance(taken, Fault):
            self._enable()
            self.preview.group.fault(say(FAULTS[taken]))
            self.preview.group.box.focus_set()
            return
        assert self._looked is not None
        self._taken = taken
        parts = [
            say.plural(taken.added, "{count} contact ajouté", "{count} contacts ajoutés"),
            say.plural(taken.updated, "{count} mis à jour", "{count} mis à jour"),
        ]
        faults = len(self._looked.reading.faults)
        if faults:
            parts.append(say.plural(faults, "{count} ligne laissée de côté", "{count} lignes laissées de côté"))
        told = ", ".join(parts) + "."
        if taken.group is not None:
            told += "\n" + say.plural(
                taken.group.contacts, "Le groupe « {name} » a maintenant {count} contact.",
                "Le groupe « {name} » a maintenant {count} contacts.", name=line(taken.group.name)[:_NAMED],
            )  # fmt: skip
        keep = [(say("Enregistrer les lignes laissées de côté…"), self.keep_left_out)] if faults else []
        self.result.show(say("Import terminé"), told, keep)
        self._open(RESULT)
        self._done(taken.group)

    def _not_imported(self, error: Exception) -> None:
        self._importing = None
        self.waiting.over()
        self._enable()
        if isinstance(error, Cancelled):
            self.inquiry.report(self.desk.say("Rien n'a été importé."), Kind.WARNING)
        else:
            self._window.fail(error)
            self.inquiry.report_failure(error)

    # what was left out

    def keep_left_out(self) -> None:
        """Let the rows that were left out be kept in a file, to be put right."""
        say = self.desk.say
        chosen = filedialog.asksaveasfilename(
            parent=self, defaultextension=".csv", title=say("Enregistrer les lignes laissées de côté"),
            initialfile=say("{name} à corriger.csv", name=self._path.stem), filetypes=[(say("Fichiers CSV"), "*.csv")],
        )  # fmt: skip
        if chosen:
            self.keep_left_out_in(Path(chosen))

    def keep_left_out_in(self, path: Path) -> None:
        """Keep them there."""
        looked, say = self._looked, self.desk.say
        if looked is None:
            return
        titles = (say("Ligne"), say("Raison"))

        def work() -> None:
            places.write(path, importing.left_out(looked.content, looked.reading, titles))

        def well(_: None) -> None:
            self.inquiry.report(say("Enregistré dans {path}", path=path))

        background.run(self, work, well, self.inquiry.report_failure)

    def leave(self) -> None:
        """See ``Dialog``; an import that is under way ends first, with nothing changed."""
        if self._importing is not None:
            self._importing.cancel()
        else:
            self._end()

    def _end(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
        super().leave()
