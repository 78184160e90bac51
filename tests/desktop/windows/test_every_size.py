"""Windows of every size, full of long sentences, come to rest: no part gives room and takes it back for ever."""

import tkinter
from _tkinter import DONT_WAIT
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from smstob.desktop.windows.assistant import Assistant
from smstob.desktop.windows.contact_dialog import ContactDialog
from smstob.desktop.windows.contacts_view import ContactsView
from smstob.desktop.windows.field import Field
from smstob.desktop.windows.import_view import ImportView
from smstob.desktop.windows.inquiry import Inquiry
from smstob.desktop.windows.settings_dialog import SettingsDialog
from smstob.model.contact import Card
from tests.desktop.mail_server import MailServer
from tests.desktop.windows.desktop import Desktop, set_up
from tests.desktop.windows.display import Display
from tests.desktop.windows.test_import_view import TABLE

LONG: Final = "Une phrase bien trop longue pour la place qu'elle a, et qui prend donc plusieurs lignes. "

MOST_EVENTS: Final = 20_000
"""A window at rest after another size had some hundreds."""

SIZES: Final = (
    *((width, height) for width in range(360, 1000, 13) for height in (300, 520)),
    *((width, 420) for width in range(1000, 360, -29)),
)


@pytest.fixture
def desktop(place: Path, display: Display, server: MailServer) -> Iterator[Desktop]:
    """A program that is set up."""
    set_up(place, server.port)
    with Desktop(place, display, server) as opened:
        opened.window.root.minsize(1, 1)
        yield opened


def fill(widget: tkinter.Misc) -> None:
    """Say something long at every field, and ask something wherever one asks."""
    found = [widget]
    for one in found:
        found += one.winfo_children()
    for one in found:
        if isinstance(one, Field):
            one.fault(LONG)
        elif isinstance(one, Inquiry):
            one.report(LONG * 2, actions=[("Annuler la suppression", lambda: None)])


def sweep(desktop: Desktop, window: tkinter.Wm) -> None:
    """Give the window one size after the other; at each it comes to rest, whether much is said in it or little."""
    _sweep(desktop, window)
    fill(window)  # type: ignore[arg-type]
    _sweep(desktop, window)


def _sweep(desktop: Desktop, window: tkinter.Wm) -> None:
    for width, height in SIZES:
        window.wm_geometry(f"{width}x{height}")
        events = 0
        while desktop.window.root.tk.dooneevent(DONT_WAIT):
            events += 1
            assert events < MOST_EVENTS, (width, height)


@pytest.mark.parametrize("page", range(4))
def test_pages(desktop: Desktop, page: int) -> None:
    """Each page, with what is wrong at each of its fields."""
    desktop.window._open(page)
    desktop.screen.pump(0.3)
    sweep(desktop, desktop.window.root)


def test_book(desktop: Desktop) -> None:
    """The book with somebody in it, everything that is asked in it at once, and a card."""
    desktop.group("Fournisseurs de la région Bretagne", Card(name="Jean", number="0612345678", v1=LONG))
    desktop.screen.key("ctrl+3")
    view = desktop.window.views[2]
    assert isinstance(view, ContactsView)
    desktop.screen.wait(lambda: view.is_settled)
    view.rows.choose_all()
    view.actions.ask_group()
    view.pane.begin()
    sweep(desktop, desktop.window.root)
    desktop.window.root.geometry("900x700")
    view.actions.edit()
    sweep(desktop, desktop.dialog(ContactDialog))


def test_import(desktop: Desktop, tmp_path: Path) -> None:
    """Every page of an import."""
    path = tmp_path / "a.csv"
    path.write_text(TABLE)
    desktop.screen.key("ctrl+3", "ctrl+i")
    dialog = desktop.dialog(ImportView)
    sweep(desktop, dialog)
    dialog.take(path)
    desktop.screen.wait(lambda: dialog.page == "preview")
    sweep(desktop, dialog)
    dialog.preview.left_out_button.invoke()
    sweep(desktop, dialog)
    dialog.import_all()
    desktop.screen.wait(lambda: dialog.page == "result")
    sweep(desktop, dialog)


def test_settings(desktop: Desktop) -> None:
    """Every page of the assistant, and the settings."""
    desktop.window.set_up()
    assistant = desktop.dialog(Assistant)
    for page in range(5):
        assistant._open(page)
        sweep(desktop, assistant)
    assistant.leave()
    desktop.window.open_settings()
    sweep(desktop, desktop.dialog(SettingsDialog))
