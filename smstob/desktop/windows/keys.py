"""Keys that do something wherever in a page the keyboard is."""

import tkinter
from collections.abc import Callable, Mapping
from typing import Final

Work = Callable[[], object]

_OF_PAGE: Final = "page-keys-"


def reach(page: tkinter.Misc, keys: Mapping[str, Work]) -> None:
    """Let those keys do that in ``page`` and all that is in it now, before the widgets' own keys."""
    tag = f"{_OF_PAGE}{page.winfo_id()}"
    for key, work in keys.items():
        page.bind_class(tag, key, lambda _, work=work: _done(work))  # type: ignore[misc]
    waiting: list[tkinter.Misc] = [page]
    while waiting:
        one = waiting.pop()
        one.bindtags((tag, *one.bindtags()))
        waiting += one.winfo_children()


def is_of_page(tag: str) -> bool:
    """Whether it is the bindtag of keys that reach a page."""
    return tag.startswith(_OF_PAGE)


def _done(work: Work) -> str:
    work()
    return "break"


def press(button: tkinter.Misc) -> None:
    """Let Return press a button that has the keyboard, as the space bar does."""
    for key in ("<Return>", "<KP_Enter>"):
        button.bind(key, lambda event: _done(event.widget.invoke))


def keyboard_of(page: tkinter.Misc) -> tkinter.Misc | None:
    """What has the keyboard in the program; None where that is not ours, as the list of a combobox."""
    try:
        return page.focus_get()
    except KeyError:
        return None


def has_keyboard(widget: tkinter.Misc) -> bool:
    """Whether it has the keyboard."""
    return str(widget.tk.call("focus")) == str(widget)
