"""The second page of an import: what the file would do to the book, and how it is read."""

import tkinter
from collections.abc import Callable, Sequence
from tkinter import ttk
from typing import Final

from ...model.contact import Group
from ...model.contact_import import Columns, Plan
from ...model.number import national
from ..importing import Looked, LookedRow
from ..wording import N_, Wording
from .bordered import Bordered, column_width, fitted
from .contact_rows import line
from .flow import Flow
from .group_question import GroupField
from .keys import press
from .paragraph import Paragraph
from .reasons import in_words
from .theme import COLOURS
from .tooltip import Tooltip
from .view import Desk

_DELIMITERS: Final = {
    ";": N_("Point-virgule ;"), ",": N_("Virgule ,"), "\t": N_("Tabulation"), "|": N_("Barre |"),
}  # fmt: skip

_ROLES: Final = ("number", "name", "v1", "v2", "v3")

_MOST_FAULTS: Final = 500
"""Rows left out that are shown; the file of them has all."""

_NARROW: Final = 640
"""Points of width below which variables are not shown."""

_SAMPLE: Final = 24
"""Characters that are shown of a column's name and first cell."""

_NO_CELLS: Final = ("",) * len(_ROLES)

_FIRST, _LEFT_OUT = "first", "left-out"


class PreviewPage(ttk.Frame):
    """``changed`` is called with the plan by which the file is to be read instead."""

    def __init__(
        self,
        parent: tkinter.Misc,
        desk: Desk,
        group: str,
        changed: Callable[[Plan], None],
        keep_left_out: Callable[[], None],
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self._changed = changed
        self._keep_left_out = keep_left_out
        self._looked: Looked | None = None
        self._delimiters: list[str] = []
        self._results: dict[str, str] = {}
        px = desk.theme.px
        self.columnconfigure(0, weight=1)
        self.rowconfigure(6, weight=1)
        self.file = ttk.Label(self, style="Faint.TLabel")
        self.file.grid(row=0, column=0, sticky="w")
        self._figures = Paragraph(self, desk.theme, "", "Strong.TLabel")
        self._figures.grid(row=1, column=0, sticky="ew", pady=(px(2), 0))
        self._more = Paragraph(self, desk.theme, "", "Faint.TLabel")
        self._more.grid(row=2, column=0, sticky="ew", pady=(px(2), 0))
        self._columns().grid(row=3, column=0, sticky="ew", pady=(px(10), 0))
        self._reading().grid(row=4, column=0, sticky="ew", pady=(px(8), 0))
        self._parts().grid(row=5, column=0, sticky="ew", pady=(px(10), px(4)))
        self._table().grid(row=6, column=0, sticky="nsew")
        self._detail = Paragraph(self, desk.theme, " ", "Faint.TLabel")
        self._detail.grid(row=7, column=0, sticky="ew", pady=(px(4), 0))
        say = desk.say
        self.group = GroupField(
            self, desk, say("Groupe qui reçoit ces contacts"),
            say("Un groupe de ce nom est complété ; s'il n'existe pas, il est créé. Vide : aucun groupe."),
        )  # fmt: skip
        self.group.grid(row=8, column=0, sticky="ew", pady=(px(10), 0))
        self.group.variable.set(group)

    # what it looks like

    def _columns(self) -> ttk.Frame:
        say, px = self._desk.say, self._desk.theme.px
        frame = ttk.Frame(self)
        names = (say("Numéro"), say("Nom"), say("Variable 1"), say("Variable 2"), say("Variable 3"))
        self.boxes: dict[str, ttk.Combobox] = {}
        for column, (role, name) in enumerate(zip(_ROLES, names, strict=True)):
            frame.columnconfigure(column, weight=1, uniform="roles")
            pad = (0 if column == 0 else px(4), 0 if role == _ROLES[-1] else px(4))
            ttk.Label(frame, text=name, style="Strong.TLabel").grid(row=0, column=column, sticky="w", padx=pad)
            box = ttk.Combobox(frame, state="readonly", width=8, style="Wide.TCombobox")
            box.grid(row=1, column=column, sticky="ew", padx=pad, pady=(px(3), 0))
            box.bind("<<ComboboxSelected>>", lambda _: self._columns_chosen())
            self.boxes[role] = box
        return frame

    def _reading(self) -> Flow:
        say, theme = self._desk.say, self._desk.theme
        row = Flow(self, theme)
        self._header = tkinter.BooleanVar(self)
        self.header_box = ttk.Checkbutton(
            row, text=say("La première ligne donne les titres"), variable=self._header, command=self._header_chosen
        )
        around = ttk.Frame(row)
        ttk.Label(around, text=say("Séparateur")).pack(side="left", padx=(theme.px(8), theme.px(6)))
        self.delimiter_box = ttk.Combobox(around, state="readonly", width=16)
        self.delimiter_box.pack(side="left")
        self.delimiter_box.bind("<<ComboboxSelected>>", lambda _: self._delimiter_chosen())
        row.lay_out()
        return row

    def _parts(self) -> Flow:
        say = self._desk.say
        self._flow = row = Flow(self, self._desk.theme)
        self._part = tkinter.StringVar(self, _FIRST)
        self.first_button = ttk.Radiobutton(
            row, text=say("Les premières lignes"), value=_FIRST, variable=self._part, command=self._fill
        )
        self.left_out_button = ttk.Radiobutton(row, value=_LEFT_OUT, variable=self._part, command=self._fill)
        self.keep_button = ttk.Button(
            row, text=say("Les enregistrer…"), style="Small.TButton", command=self._keep_left_out
        )
        press(self.keep_button)
        Tooltip(self.keep_button, self._desk.theme, say("Les lignes laissées de côté, dans un fichier à corriger"))
        row.lay_out()
        return row

    def _table(self) -> Bordered:
        say, px = self._desk.say, self._desk.theme.px
        frame = Bordered(self)
        columns = ("line", *_ROLES, "result")
        self.tree = tree = ttk.Treeview(frame, show="headings", columns=columns, selectmode="browse", height=6)
        names = (say("Ligne"), say("Numéro"), say("Nom"), "v1", "v2", "v3", say("Résultat"))
        for column, name, width in zip(columns, names, (52, 126, 104, 76, 76, 76, 190), strict=True):
            tree.heading(column, text=name, anchor="w")
            tree.column(column, width=px(width), minwidth=px(36), anchor="w", stretch=column == "result")
        tree.tag_configure("faulty", foreground=COLOURS.bad)
        tree.tag_configure("repeated", foreground=COLOURS.faint)
        frame.hold(tree)
        tree.bind("<<TreeviewSelect>>", lambda _: self._select())
        tree.bind("<Configure>", lambda _: self.after_idle(self._fit), add=True)
        return frame

    # what is in it

    def show(self, looked: Looked, groups: Sequence[Group]) -> None:
        """Show what the file would do."""
        self._looked = looked
        reading = looked.reading
        plan, columns = reading.plan, reading.plan.columns
        assert columns is not None
        self.group.offer(groups)
        self._header.set(bool(plan.header))
        delimiter = plan.delimiter or ";"
        self._delimiters = list(dict.fromkeys((*_DELIMITERS, delimiter)))
        say = self._desk.say
        self.delimiter_box.configure(values=[say(_DELIMITERS[one]) if one in _DELIMITERS else one
                                             for one in self._delimiters])  # fmt: skip
        self.delimiter_box.current(self._delimiters.index(delimiter))
        named = self._column_names(looked)
        for role, box in self.boxes.items():
            # without numbers there are no contacts
            box.configure(values=named if role == "number" else ["—", *named])
            position = getattr(columns, role)
            if role == "number":
                box.current(min(position, len(named) - 1))
            else:
                box.current(0 if position is None else position + 1)
        self._show_figures(looked)
        count = len(reading.faults)
        self.left_out_button.configure(text=say("Laissées de côté : {count}", count=say.number(count)))
        for button in (self.left_out_button, self.keep_button):
            button.state(["!disabled" if count else "disabled"])
        if not count:
            self._part.set(_FIRST)
        self._flow.lay_out()
        self._fill()

    def _column_names(self, looked: Looked) -> list[str]:
        """What each column of the file is called, and what is in its first row."""
        titles = looked.reading.titles
        first = next((one.row.cells for one in looked.rows if one.row.cells), ())
        names = []
        for place in range(max(len(titles), len(first), 1)):
            title = titles[place] if place < len(titles) else ""
            cell = first[place] if place < len(first) else ""
            shown = " · ".join(filter(None, (line(title)[:_SAMPLE], line(cell)[:_SAMPLE])))
            names.append(f"{place + 1}. {shown}")
        return names

    def _show_figures(self, looked: Looked) -> None:
        say, reading = self._desk.say, looked.reading
        rows = say.number(reading.good + len(reading.faults))
        taken = len(reading.recipients)
        self._figures.configure(text=say.plural(
            taken, "{count} contact à importer, de {rows} lignes lues",
            "{count} contacts à importer, de {rows} lignes lues", rows=rows,
        ))  # fmt: skip
        told = []
        if looked.known:
            told.append(say.plural(
                looked.known, "{count} déjà au carnet : sa fiche sera mise à jour",
                "{count} déjà au carnet : leurs fiches seront mises à jour",
            ))  # fmt: skip
        if reading.repaired:
            told.append(say.plural(
                reading.repaired, "{count} numéro réparé : un tableur l'avait changé",
                "{count} numéros réparés : un tableur les avait changés",
            ))  # fmt: skip
        if reading.repeated:
            told.append(say.plural(
                reading.repeated, "{count} ligne répète un numéro : la dernière compte",
                "{count} lignes répètent un numéro : la dernière compte",
            ))  # fmt: skip
        self._more.show("  ·  ".join(told))

    def _fill(self) -> None:
        looked = self._looked
        if looked is None:
            return
        tree, say = self.tree, self._desk.say
        tree.delete(*tree.get_children())
        self._detail.configure(text=" ")
        self._results = {}
        if self._part.get() == _FIRST:
            for one in looked.rows:
                tag = "faulty" if one.row.fault else "repeated" if one.is_repeated else ""
                self._insert(say.number(one.row.line), self._cells(looked, one), result(say, one), tag)
        else:
            faults = looked.reading.faults
            for fault in faults[:_MOST_FAULTS]:
                self._insert(say.number(fault.line), _NO_CELLS, f"✕ {in_words(say, fault.reason)}", "faulty")
            if more := len(faults[_MOST_FAULTS:]):
                self._insert("", _NO_CELLS, say.plural(more, "et {count} autre", "et {count} autres"), "")
        self._fit()

    def _insert(self, number: str, cells: Sequence[str], told: str, tag: str) -> None:
        row = self.tree.insert("", "end", values=(number, *cells, told), tags=(tag,) if tag else ())
        self._results[row] = told

    def _fit(self) -> None:
        """Give the results what room there is, and let them say that they are longer."""
        if not self.winfo_exists():
            return
        tree, theme = self.tree, self._desk.theme
        others: tuple[str, ...] = ("line",)
        if self._part.get() == _FIRST:
            # what becomes of a row is worth more than all of its variables
            others = ("line", *(_ROLES if tree.winfo_width() >= theme.px(_NARROW) else _ROLES[:2]))
        tree.configure(displaycolumns=(*others, "result"))
        room = tree.winfo_width() - sum(int(tree.column(column, "width")) for column in others)
        tree.column("result", width=max(theme.px(190), room))
        width = column_width(tree, "result", theme)
        for row, told in self._results.items():
            tree.set(row, "result", fitted(told, width, theme.body))

    def _cells(self, looked: Looked, one: LookedRow) -> list[str]:
        row, columns = one.row, looked.reading.plan.columns
        assert columns is not None
        if row.contact is None:
            there = [getattr(columns, role) for role in _ROLES]
            cells = [row.cells[at] if at is not None and at < len(row.cells) else "" for at in there]
        else:
            said = row.contact.variables
            cells = [national(row.contact.number), said.name, said.v1, said.v2, said.v3]
        widths = [column_width(self.tree, role, self._desk.theme) for role in _ROLES]
        by = self._desk.theme.body
        return [fitted(line(cell), width, by) for cell, width in zip(cells, widths, strict=True)]

    def _select(self) -> None:
        rows = self.tree.selection()
        self._detail.configure(text=self._results.get(rows[0], " ") if rows else " ")

    # how the file is read

    def _plan(self) -> Plan:
        assert self._looked is not None
        return self._looked.reading.plan

    def _columns_chosen(self) -> None:
        chosen = {role: box.current() - (role != "number") for role, box in self.boxes.items()}
        positions = {role: at if at >= 0 else None for role, at in chosen.items()}
        columns = Columns(number=positions.pop("number") or 0, **positions)
        plan = self._plan()
        self._changed(Plan(columns=columns, delimiter=plan.delimiter, header=plan.header))

    def _header_chosen(self) -> None:
        plan = self._plan()
        self._changed(Plan(columns=plan.columns, delimiter=plan.delimiter, header=self._header.get()))

    def _delimiter_chosen(self) -> None:
        # the columns are others then
        self._changed(Plan(delimiter=self._delimiters[self.delimiter_box.current()]))

    @property
    def figures(self) -> str:
        """What it would do, in a sentence."""
        return str(self._figures.cget("text"))

    @property
    def more(self) -> str:
        """What one should know besides."""
        return str(self._more.cget("text"))


def result(say: Wording, one: LookedRow) -> str:
    """What becomes of a row."""
    if one.row.fault is not None:
        return f"✕ {in_words(say, one.row.fault)}"
    if one.is_repeated:
        return "– " + say("répété : une autre ligne compte")
    parts = []
    if one.row.repaired:
        parts.append(say("numéro réparé"))
    parts.append(say("mise à jour") if one.is_known else say("nouveau"))
    return "✓ " + ", ".join(parts)
