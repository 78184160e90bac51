"""How the windows look: ttk's «clam» in today's colours, at the size that the screen asks for."""

import sys
import tkinter
from tkinter import font, ttk
from typing import Any, Final

import attrs

from .paint import Layer, disc, draw, rounded, stroke

# beside which Windows' own scaling would blur every letter
_PER_MONITOR: Final = 2


@attrs.frozen
class Colours:
    """Of the windows; every pair of text and ground has a contrast of 4.5 or more (WCAG 2.2 §1.4.3)."""

    ground: str = "#f6f7f9"
    paper: str = "#ffffff"
    text: str = "#1c2430"
    faint: str = "#5b6675"
    line: str = "#d5dae1"
    accent: str = "#0b5fa5"
    accent_dark: str = "#084a82"
    on_accent: str = "#ffffff"
    selected: str = "#dbeafb"
    good: str = "#1a7046"
    warn: str = "#8a5a00"
    bad: str = "#b3261e"
    bad_ground: str = "#fdecea"
    warn_ground: str = "#fff4dc"
    good_ground: str = "#e5f4ec"
    edge: str = "#8792a2"
    """Of what is ticked or chosen (3:1, WCAG 2.2 §1.4.11)."""
    thumb: str = "#c3cad4"


COLOURS: Final = Colours()

def sharpen() -> None:
    """Tell Windows, before the first window, that the program draws at the screen's own resolution."""
    if sys.platform == "win32":
        import ctypes

        try:
            ctypes.windll.shcore.SetProcessDpiAwareness(_PER_MONITOR)
        except (AttributeError, OSError):
            ctypes.windll.user32.SetProcessDPIAware()


class Theme:
    """Styles for every window of ``root``: ``Accent.TButton``, ``Faint.TLabel``, ``Title.TLabel`` …"""

    def __init__(self, root: tkinter.Tk) -> None:
        self._root = root
        self.scale = max(1.0, root.winfo_fpixels("1i") / 96)
        """Pixels for each of a plain screen's."""
        root.configure(background=COLOURS.ground)
        self.body = font.nametofont("TkDefaultFont")
        self.text = font.nametofont("TkTextFont")
        for one in (self.body, self.text, font.nametofont("TkMenuFont"), font.nametofont("TkHeadingFont")):
            one.configure(size=10)
        self.title = self.body.copy()
        self.title.configure(size=15, weight="bold")
        self.strong = self.body.copy()
        self.strong.configure(weight="bold")
        self.small = self.body.copy()
        self.small.configure(size=9)
        self._pictures: dict[str, tkinter.PhotoImage] = {}
        if root.tk.call("tk", "windowingsystem") == "x11":
            # Tk has the key of Emacs there, where every other program of today chooses all
            root.event_delete("<<LineStart>>", "<Control-a>")
            root.event_add("<<SelectAll>>", "<Control-a>")
        style = ttk.Style(root)
        self._style(style)
        self._buttons(style)
        self._tabs(style)
        self._scrollbars(style)
        self._ticks(style)
        self._dots(style)
        self._comboboxes(style)
        self._lists(style)

    def px(self, points: float) -> int:
        """Pixels of a length given for a plain screen."""
        return round(points * self.scale)

    def _style(self, style: ttk.Style) -> None:
        style.theme_use("clam")
        colours, px = COLOURS, self.px
        style.configure(
            ".", background=colours.ground, foreground=colours.text, font=self.body, bordercolor=colours.line,
            lightcolor=colours.ground, darkcolor=colours.ground, troughcolor=colours.line, focuscolor=colours.accent,
        )  # fmt: skip
        style.configure("Paper.TFrame", background=colours.paper)
        for name, colour in (("Faint", colours.faint), ("Good", colours.good), ("Bad", colours.bad)):
            style.configure(f"{name}.TLabel", foreground=colour, font=self.small)
        style.configure("Title.TLabel", font=self.title)
        style.configure("Strong.TLabel", font=self.strong)
        style.configure("Warning.TLabel", background=colours.warn_ground, foreground=colours.warn, padding=px(8))
        style.configure("Error.TLabel", background=colours.bad_ground, foreground=colours.bad, padding=px(8))
        style.configure("Told.TLabel", background=colours.good_ground, foreground=colours.good, padding=px(8))
        for name in ("TEntry", "TCombobox", "TSpinbox"):
            style.configure(name, padding=px(6), fieldbackground=colours.paper, lightcolor=colours.paper)
            style.configure(name, arrowsize=px(14), arrowcolor=colours.faint, selectbackground=colours.selected)
            style.configure(name, selectforeground=colours.text, insertwidth=px(1))
            style.map(name, bordercolor=[("focus", colours.accent)], lightcolor=[("focus", colours.accent)])
        style.configure(
            "Treeview", rowheight=px(28), background=colours.paper, fieldbackground=colours.paper, borderwidth=0
        )
        style.configure("Treeview.Heading", padding=px(6), relief="flat", background=colours.ground, font=self.small)
        style.map("Treeview.Heading", background=[("active", colours.selected)])
        style.map(
            "Treeview",
            background=[("selected", colours.selected)],
            foreground=[("selected", colours.text)],
        )

    def _buttons(self, style: ttk.Style) -> None:
        """``TButton``; ``Accent`` the one that does what the page is for; ``Quiet`` without an edge; ``Small``."""
        colours, px = COLOURS, self.px
        edge = {"bordercolor": colours.line, "lightcolor": colours.paper, "darkcolor": colours.paper}
        grounds = [("disabled", colours.ground), ("active", colours.selected)]
        for name in ("TButton", "TMenubutton"):
            style.configure(name, padding=(px(12), px(6)), background=colours.paper, relief="raised", **edge)
            style.map(
                name,
                background=grounds,
                lightcolor=grounds,
                darkcolor=grounds,
                bordercolor=[("focus", colours.accent)],
                foreground=[("disabled", colours.edge)],
            )
        style.configure("TMenubutton", arrowsize=px(5), arrowcolor=colours.faint)
        for name in ("Small.TButton", "Small.TMenubutton"):
            style.configure(name, padding=(px(8), px(3)), font=self.small, width=0)
        for key in ("<Return>", "<KP_Enter>"):
            self._root.bind_class("TButton", key, _press)
        accents = [("disabled", colours.line), ("active", colours.accent_dark)]
        style.configure(
            "Accent.TButton", background=colours.accent, foreground=colours.on_accent, font=self.strong,
            bordercolor=colours.accent, lightcolor=colours.accent, darkcolor=colours.accent,
            focuscolor=colours.on_accent,
        )  # fmt: skip
        style.map(
            "Accent.TButton",
            background=accents,
            lightcolor=accents,
            darkcolor=accents,
            bordercolor=[("disabled", colours.line), ("focus", colours.text)],
            foreground=[("disabled", colours.faint)],
        )
        for kind, ground, text in (
            ("Quiet", colours.ground, colours.accent),
            ("Warning", colours.warn_ground, colours.warn),
            ("Error", colours.bad_ground, colours.bad),
            ("Told", colours.good_ground, colours.good),
        ):
            plain = [("focus", ground), ("!focus", ground)]
            style.configure(f"{kind}.TButton", padding=(px(8), px(4)), background=ground, foreground=text, width=0)
            style.map(
                f"{kind}.TButton",
                background=[("disabled", ground), ("active", colours.paper)],
                lightcolor=plain,
                darkcolor=plain,
                bordercolor=[("focus", text), ("active", text), ("!focus", ground)],
            )
            style.configure(f"{kind}.TFrame", background=ground)

    def _tabs(self, style: ttk.Style) -> None:
        """Words with a line under that of the page which is shown."""
        size, thick = self.px(12), self.px(3)
        whole, under = rounded(0, 0, size, size, 0), rounded(0, size - thick, size, size, 0)
        looks = {
            "tab": [Layer(whole, COLOURS.ground)],
            "tab-active": [Layer(whole, COLOURS.ground), Layer(under, COLOURS.line)],
            "tab-selected": [Layer(whole, COLOURS.ground), Layer(under, COLOURS.accent)],
        }
        plain, active, selected = (self._picture(look, size, layers) for look, layers in looks.items())
        if "Tab.smstob" not in style.element_names():
            states = (("selected", selected), ("active", active))
            style.element_create("Tab.smstob", "image", plain, *states, border=(1, 1, 1, thick), sticky="nswe")
        label = [("Notebook.label", {"side": "top", "sticky": ""})]
        focus = [("Notebook.focus", {"side": "top", "sticky": "nswe", "children": label})]
        padding = [("Notebook.padding", {"side": "top", "sticky": "nswe", "children": focus})]
        layout: Any = [("Tab.smstob", {"sticky": "nswe", "children": padding})]
        style.layout("TNotebook.Tab", layout)
        style.configure("TNotebook", borderwidth=0, tabmargins=(self.px(8), 0, self.px(8), 0))
        style.configure("TNotebook", bordercolor=COLOURS.ground)
        padded = (self.px(10), self.px(6))
        style.configure("TNotebook.Tab", padding=padded, foreground=COLOURS.faint)
        style.map(
            "TNotebook.Tab",
            foreground=[("selected", COLOURS.accent), ("active", COLOURS.text)],
            padding=[("selected", padded)],
            expand=[("selected", (0, 0, 0, 0))],
        )

    def _scrollbars(self, style: ttk.Style) -> None:
        """Flat ones without arrows."""
        for side, sticky in (("Vertical", "ns"), ("Horizontal", "ew")):
            thumb = [(f"{side}.Scrollbar.thumb", {"expand": "1", "sticky": "nswe"})]
            layout: Any = [(f"{side}.Scrollbar.trough", {"sticky": sticky, "children": thumb})]
            style.layout(f"{side}.TScrollbar", layout)
        colours = [("disabled", COLOURS.ground), ("active", COLOURS.edge), ("!active", COLOURS.thumb)]
        style.configure(
            "TScrollbar", arrowsize=self.px(11), gripcount=0, troughcolor=COLOURS.ground, bordercolor=COLOURS.ground
        )
        style.map("TScrollbar", background=colours, lightcolor=colours, darkcolor=colours)

    def _ticks(self, style: ttk.Style) -> None:
        """The boxes of ``TCheckbutton``, drawn as sharp as the screen is."""
        size = self.px(16)
        edge = self.px(1)
        box, inside = rounded(0.5, 0.5, size - 0.5, size - 0.5, size / 5), size / 5 - edge

        def empty(colour: str, ground: str) -> list[Layer]:
            hole = rounded(0.5 + edge, 0.5 + edge, size - 0.5 - edge, size - 0.5 - edge, inside)
            return [Layer(box, colour), Layer(hole, ground)]

        tick = stroke([(size * 0.24, size * 0.52), (size * 0.43, size * 0.7), (size * 0.77, size * 0.31)], size / 8)
        self._indicator(style, "Checkbutton", {
            "on-off": [Layer(box, COLOURS.line), Layer(tick, COLOURS.faint)],
            "on": [Layer(box, COLOURS.accent), Layer(tick, COLOURS.on_accent)],
            "off-off": empty(COLOURS.line, COLOURS.ground),
            "off-focus": empty(COLOURS.accent, COLOURS.selected),
            "off": empty(COLOURS.edge, COLOURS.paper),
        })  # fmt: skip

    def _dots(self, style: ttk.Style) -> None:
        """Those of ``TRadiobutton``."""
        size = self.px(16)
        middle, edge = size / 2, self.px(1)
        whole, hole = disc(middle, middle, middle - 0.5), disc(middle, middle, middle - 0.5 - edge)
        dot = disc(middle, middle, size / 5)

        def empty(colour: str, ground: str) -> list[Layer]:
            return [Layer(whole, colour), Layer(hole, ground)]

        self._indicator(style, "Radiobutton", {
            "on-off": [Layer(whole, COLOURS.line), Layer(dot, COLOURS.faint)],
            "on": [Layer(whole, COLOURS.accent), Layer(dot, COLOURS.on_accent)],
            "off-off": empty(COLOURS.line, COLOURS.ground),
            "off-focus": empty(COLOURS.accent, COLOURS.selected),
            "off": empty(COLOURS.edge, COLOURS.paper),
        })  # fmt: skip

    def _indicator(self, style: ttk.Style, kind: str, looks: dict[str, list[Layer]]) -> None:
        size = self.px(16)
        pictures = (self._picture(f"{kind}-{look}", size, layers) for look, layers in looks.items())
        on_off, on, off_off, off_focus, off = pictures
        name = f"{kind}.smstob"
        if name not in style.element_names():
            states = (("selected", "disabled", on_off), ("selected", on), ("disabled", off_off), ("focus", off_focus))
            style.element_create(name, "image", off, *states, sticky="w", width=size + self.px(8))
        label = (f"{kind}.label", {"side": "left", "sticky": "nswe"})
        focus = (f"{kind}.focus", {"side": "left", "sticky": "w", "children": [label]})
        inner = [(name, {"side": "left", "sticky": ""}), focus]
        layout: Any = [(f"{kind}.padding", {"sticky": "nswe", "children": inner})]
        style.layout(f"T{kind}", layout)
        style.configure(f"T{kind}", padding=(0, self.px(3)))
        style.map(f"T{kind}", background=[("active", COLOURS.ground)], foreground=[("disabled", COLOURS.edge)])

    def _comboboxes(self, style: ttk.Style) -> None:
        """Fields with a list; its arrow is drawn, too."""
        colours, px, size = COLOURS, self.px, self.px(16)
        down = [(size * 0.22, size * 0.38), (size * 0.5, size * 0.66), (size * 0.78, size * 0.38)]
        arrow = self._picture("chevron", size, [Layer(stroke(down, size / 9), colours.faint)])
        if "Chevron.smstob" not in style.element_names():
            style.element_create("Chevron.smstob", "image", arrow, sticky="e", width=size + px(4))
        inside = [("Chevron.smstob", {"side": "right", "sticky": ""}), ("Combobox.textarea", {"sticky": "nswe"})]
        padding = ("Combobox.padding", {"sticky": "nswe", "children": inside})
        layout: Any = [("Combobox.field", {"sticky": "nswe", "children": [padding]})]
        style.layout("TCombobox", layout)
        style.map(
            "TCombobox",
            fieldbackground=[("disabled", colours.ground), ("readonly", colours.paper)],
            selectbackground=[("readonly", colours.paper)],
            foreground=[("disabled", colours.edge), ("readonly", colours.text)],
        )
        # for lists of more than their field has room for
        style.configure("Wide.TCombobox", postoffset=(0, 0, px(120), 0))
        for option, value in (
            ("font", self.text), ("background", colours.paper), ("foreground", colours.text),
            ("selectBackground", colours.selected), ("selectForeground", colours.text), ("borderWidth", 0),
        ):  # fmt: skip
            self._root.option_add(f"*TCombobox*Listbox.{option}", value)

    def _lists(self, style: ttk.Style) -> None:
        """Cells under their headings; ``Flat.Treeview`` without the room for what could be unfolded; bars of time."""
        style.configure("Treeview.Cell", padding=(self.px(6), 0))
        children = [("Treeitem.image", {"side": "left", "sticky": ""}), ("Treeitem.text", {"sticky": "nswe"})]
        layout: Any = [("Treeitem.padding", {"sticky": "nswe", "children": children})]
        style.layout("Flat.Treeview.Item", layout)
        style.configure("Flat.Treeview.Item", padding=(self.px(6), 0))
        for name in ("Flat.Treeview", "Bordered.Treeview"):
            paper = COLOURS.paper
            style.configure(name, bordercolor=paper, lightcolor=paper, darkcolor=paper)
        style.configure("Flat.Treeview.Cell", padding=(self.px(6), 0))
        style.configure(
            "TProgressbar", background=COLOURS.accent, troughcolor=COLOURS.line, bordercolor=COLOURS.line,
            lightcolor=COLOURS.accent, darkcolor=COLOURS.accent, thickness=self.px(8),
        )  # fmt: skip

    def _picture(self, name: str, size: int, layers: list[Layer]) -> tkinter.PhotoImage:
        # Tk forgets a picture that Python lets go
        made = tkinter.PhotoImage(master=self._root, data=draw(size, layers))
        self._pictures[name] = made
        return made

    def tick(self, ticked: bool) -> tkinter.PhotoImage:
        """The box of ``TCheckbutton``, for lists of what can be ticked."""
        return self._pictures["Checkbutton-on" if ticked else "Checkbutton-off"]

    def area(self, parent: tkinter.Misc, height: int) -> tkinter.Text:
        """A field for a text of several lines, so high, with undo; Tab leaves it, as it leaves other fields."""
        colours = COLOURS
        made = tkinter.Text(
            parent, height=height, wrap="word", undo=True, font=self.text, relief="flat", borderwidth=0,
            background=colours.paper, foreground=colours.text, insertbackground=colours.text,
            highlightthickness=1, highlightbackground=colours.line, highlightcolor=colours.accent,
            selectbackground=colours.selected, selectforeground=colours.text, padx=self.px(8), pady=self.px(6),
        )  # fmt: skip
        made.bind("<Tab>", lambda event: _leave(made.tk_focusNext()))
        made.bind("<Shift-Tab>", lambda event: _leave(made.tk_focusPrev()))
        return made


def _press(event: "tkinter.Event[tkinter.Misc]") -> str:
    # Tk knows the space bar alone
    if isinstance(event.widget, ttk.Button):
        event.widget.invoke()
    return "break"


def _leave(other: tkinter.Misc | None) -> str:
    if other is not None:
        other.focus_set()
    return "break"
