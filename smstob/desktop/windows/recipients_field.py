"""Where one types who gets a text: numbers, groups, contacts; those that may be meant are offered while typing."""

import re
import tkinter
from collections.abc import Callable, Collection
from tkinter import ttk
from typing import Final

from ..composing import Addressees
from ..suggesting import Suggestion, begun
from .field import Field
from .keys import keyboard_of
from .reckoning import Suggested
from .theme import COLOURS
from .view import Desk

_PIECE: Final = re.compile("[^,;\n]+")

MOST_NAMED: Final = 3
"""Names of which something is said at once."""


class RecipientsField(Field):
    """The field; ``changed`` is called when something else is typed, ``begins`` with what one is typing at."""

    def __init__(
        self, parent: tkinter.Misc, desk: Desk, changed: Callable[[], None], begins: Callable[[str], None]
    ) -> None:
        super().__init__(parent, desk.theme, desk.say("À qui ?"), desk.say(
            "Numéros, groupes ou contacts, séparés par des virgules."
        ))  # fmt: skip
        self.say = desk.say
        self._changed = changed
        self._begins = begins
        self.area = desk.theme.area(self, 2)
        self.area.grid(row=1, column=0, sticky="ew")
        self.area.tag_configure("wrong", foreground=COLOURS.bad, underline=True)
        self.area.bind("<<Modified>>", lambda _: self.settle())
        self.area.bind("<FocusOut>", lambda _: self._left(), add=True)
        self._to_site = tkinter.BooleanVar(self)
        self._site_box = ttk.Checkbutton(self, variable=self._to_site, command=changed)
        self._found: Addressees | None = None
        self._wanted = False
        self.offers = Offers(self, desk, self._choose)

    @property
    def typed(self) -> str:
        """What is typed; what comes from a spreadsheet's row is separated, too."""
        return self.area.get("1.0", "end-1c").replace("\t", "\n")

    @property
    def to_site_group(self) -> bool:
        """Whether the one unknown name is a group's of the book on the site."""
        return self._to_site.get()

    def set(self, typed: str) -> None:
        """Put that there instead; it can be undone."""
        self.area.edit_separator()
        self.area.replace("1.0", "end", typed)
        self.area.edit_separator()
        self._to_site.set(False)
        self.offers.hide()

    def show(self, found: Addressees) -> None:
        """Tell who is meant."""
        self._found = found
        if self._wanted:
            return
        self.fault("")
        self._show_site_group(found)
        troubles = self._troubles(found, self._at_cursor())
        wrong = {name for names, _ in troubles for name in names}
        self._mark(wrong)
        sentences = [sentence for _, sentence in troubles]
        if sentences:
            self.fault(" ".join(sentences))
        elif found.recipients:
            self.hint(self.say.plural(len(found.recipients), "{count} destinataire", "{count} destinataires"))
        else:
            self.hint(self.say("Numéros, groupes ou contacts, séparés par des virgules."))

    def want_some(self) -> None:
        """Say that there is nobody to send it to, until something else is typed."""
        self._wanted = True
        self.fault(self.say("À qui l'envoyer ? Écrivez un numéro, un groupe ou un contact."))

    def trouble(self, found: Addressees) -> str:
        """What keeps those from being written to; empty for nothing. All of it is said."""
        return " ".join(sentence for _, sentence in self._troubles(found, None))

    def _troubles(self, found: Addressees, spared: str | None) -> list[tuple[list[str], str]]:
        say = self.say
        unknown = [] if self.to_site_group and found.site_group is not None else found.unknown
        told = []
        for names, one, many in (
            (
                unknown,
                say("{names} n'est ni un mobile, ni un groupe, ni un contact : corrigez, ou ajoutez-le au carnet."),
                say("{names} ne sont ni des mobiles, ni des groupes, ni des contacts : corrigez, ou ajoutez-les."),
            ),
            (
                found.ambiguous,
                say("Plusieurs contacts s'appellent {names} : écrivez le numéro."),
                say("Plusieurs contacts s'appellent {names} : écrivez les numéros."),
            ),
            (
                found.empty,
                say("Le groupe {names} est vide : ajoutez-lui des contacts dans le carnet."),
                say("Les groupes {names} sont vides : ajoutez-leur des contacts dans le carnet."),
            ),
        ):
            meant = [name for name in names if name != spared]
            if meant:
                told.append((meant, (one if len(meant) == 1 else many).replace("{names}", self._names(meant))))
        return told

    def _names(self, names: list[str]) -> str:
        shown = ", ".join(self.say("« {name} »", name=_short(name)) for name in names[:MOST_NAMED])
        return shown if len(names) <= MOST_NAMED else f"{shown}…"

    def _show_site_group(self, found: Addressees) -> None:
        name = found.site_group
        if name is None:
            self._to_site.set(False)
            self._site_box.grid_remove()
            return
        sentence = self.say("Envoyer au groupe « {name} » de mon carnet en ligne", name=_short(name))
        self._site_box.configure(text=sentence)
        self._site_box.grid(row=3, column=0, sticky="w")

    def _mark(self, wrong: Collection[str]) -> None:
        self.area.tag_remove("wrong", "1.0", "end")
        typed = self.area.get("1.0", "end-1c")
        for piece in _PIECE.finditer(typed):
            name = piece[0].strip()
            if name in wrong:
                start = piece.start() + piece[0].index(name)
                self.area.tag_add("wrong", self._index(typed, start), self._index(typed, start + len(name)))

    def _at_cursor(self) -> str | None:
        """What is being typed at: of that nothing is said yet."""
        if keyboard_of(self) is not self.area:
            return None
        cursor = len(self.area.get("1.0", "insert"))
        return begun(self.area.get("1.0", "end-1c"), cursor).text

    def _index(self, typed: str, place: int) -> str:
        # Tcl may count two where Python counts one
        return f"1.0 + {self.area.tk.call('string', 'length', typed[:place])} chars"

    def settle(self) -> None:
        """Tell at once of what was typed: Tk tells of it later, after a key that was pressed next perhaps."""
        if not self.area.edit_modified():
            return
        self.area.edit_modified(False)
        self._wanted = False
        self._changed()
        if keyboard_of(self) is self.area:
            self._begins(self._at_cursor() or "")

    def _left(self) -> None:
        self.offers.hide()
        if self._found is not None:
            self.show(self._found)

    def offer(self, suggested: Suggested) -> None:
        """Show whom it may mean, if that is still what is being typed."""
        known = {piece[0].strip() for piece in _PIECE.finditer(self.typed)}
        found = [one for one in suggested.found if one.typed not in known]
        if suggested.begun and suggested.begun == self._at_cursor():
            self.offers.show(found)
        else:
            self.offers.hide()

    def _choose(self, chosen: Suggestion) -> None:
        typed = self.area.get("1.0", "end-1c")
        cursor = len(self.area.get("1.0", "insert"))
        place = begun(typed, cursor)
        more = "" if place.end < len(typed) else ", "
        start, end = self._index(typed, place.start), self._index(typed, place.end)
        self.area.edit_separator()
        self.area.replace(start, end, f"{chosen.typed}{more}")
        self.area.mark_set("insert", f"{start} + {self.area.tk.call('string', 'length', chosen.typed + more)} chars")
        self.area.see("insert")
        self.area.focus_set()


class Offers:
    """The list under the field. The field keeps the keyboard: Up, Down, Return, Tab, Escape are for the list then."""

    def __init__(self, field: RecipientsField, desk: Desk, choose: Callable[[Suggestion], None]) -> None:
        self._field = field
        self._desk = desk
        self._choose = choose
        self._found: list[Suggestion] = []
        self.tree = ttk.Treeview(field.winfo_toplevel(), show="tree", columns=("what",), selectmode="browse")
        self.tree.configure(takefocus=False)
        self.tree.bind("<ButtonRelease-1>", self._clicked)
        self.tree.bind("<Button-1>", lambda _: "break")
        area = field.area
        area.bind("<Down>", lambda _: self._move(1))
        area.bind("<Up>", lambda _: self._move(-1))
        area.bind("<Return>", lambda _: self._take())
        area.bind("<Escape>", lambda _: self._dismiss())
        area.bind("<Destroy>", lambda _: self.tree.destroy())

    @property
    def shown(self) -> bool:
        """Whether it is there."""
        return bool(self.tree.winfo_ismapped())

    def show(self, found: list[Suggestion]) -> None:
        """Show those; none hides it."""
        self._found = found
        self.tree.delete(*self.tree.get_children())
        if not found:
            self.hide()
            return
        for place, one in enumerate(found):
            self.tree.insert("", "end", str(place), text=one.name or one.number, values=(self._what(one),))
        self.tree.selection_set("0")
        area, px = self._field.area, self._desk.theme.px
        width = min(area.winfo_width(), px(520))
        self.tree.column("#0", width=width * 3 // 5, minwidth=px(80))
        self.tree.column("what", width=width * 2 // 5, minwidth=px(60), anchor="e")
        self.tree.configure(height=len(found))
        left = area.winfo_rootx() - area.winfo_toplevel().winfo_rootx()
        top = area.winfo_rooty() - area.winfo_toplevel().winfo_rooty() + area.winfo_height()
        self.tree.place(x=left, y=top, width=width)
        self.tree.lift()

    def hide(self) -> None:
        """Take it away."""
        self.tree.place_forget()

    def _what(self, one: Suggestion) -> str:
        if one.contacts is None:
            return one.number if one.name else ""
        return self._desk.say.plural(one.contacts, "groupe de {count} contact", "groupe de {count} contacts")

    def _move(self, by: int) -> str | None:
        if not self.shown:
            return None
        place = (int(self.tree.selection()[0]) + by) % len(self._found)
        self.tree.selection_set(str(place))
        return "break"

    def _take(self) -> str | None:
        if not self.shown:
            return None
        self.hide()
        self._choose(self._found[int(self.tree.selection()[0])])
        return "break"

    def _dismiss(self) -> str | None:
        if not self.shown:
            return None
        self.hide()
        return "break"

    def _clicked(self, event: "tkinter.Event[tkinter.Misc]") -> str:
        row = self.tree.identify_row(event.y)
        if row:
            self.hide()
            self._choose(self._found[int(row)])
        return "break"


def _short(name: str) -> str:
    """A name on one line that fits into a sentence."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in name).split())
    return line if len(line) <= 40 else f"{line[:39]}…"
