"""Every page of the desktop program on screens of several kinds: ``python -m tests.desktop.windows.screenshots``.

Into ``var/screenshots/desktop/``; or, with a folder, a width, a height and dpi, of that one screen. It fails where a
field that has the focus, or the button that sends, is not on the screen.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from smstob.desktop.composing import addressees
from smstob.desktop.settings import Security
from smstob.desktop.windows.assistant import Assistant
from smstob.desktop.windows.settings_dialog import SettingsDialog
from smstob.model.contact import Card
from tests.desktop.mail_server import DOT, MailServer
from tests.desktop.office import PASSWORD, SECRET, USER
from tests.desktop.windows.desktop import Desktop, set_up
from tests.desktop.windows.display import Display

SCREENS: Final = ((1280, 900, 96), (800, 600, 96), (1280, 900, 192), (2560, 1600, 192))
FOLDER: Final = Path("var/screenshots/desktop")

Shot = Callable[[str], None]


def main() -> None:
    """All screens, each in a process of its own: Tk knows one in the life of a process."""
    if len(sys.argv) > 1:
        folder, *numbers = sys.argv[1:]
        width, height, dpi = map(int, numbers)
        show_all(Path(folder), width, height, dpi)
        return
    for screen in SCREENS:
        command = [sys.executable, "-m", "tests.desktop.windows.screenshots", str(FOLDER), *map(str, screen)]
        subprocess.run(command, check=True)


def show_all(folder: Path, width: int, height: int, dpi: int) -> None:
    """Every page on one screen."""
    with (
        Display(width, height, dpi) as display,
        MailServer(user=USER, password=PASSWORD) as server,
        tempfile.TemporaryDirectory() as made,
    ):
        os.environ["DISPLAY"] = display.name
        for name, show in (("first", show_first_start), ("daily", show_daily)):
            place = Path(made) / name
            if name == "daily":
                set_up(place, server.port, user=USER)
            with Desktop(place, display, server) as desktop:

                def shot(page: str, desktop: Desktop = desktop) -> None:
                    desktop.screen.shot(folder / f"{width}x{height}-{dpi}-{page}.png")

                show(desktop, shot)


def show_first_start(desktop: Desktop, shot: Shot) -> None:
    """The assistant."""
    screen, assistant = desktop.screen, desktop.dialog(Assistant)
    shot("assistant-1")
    screen.key("Return", "Return")
    shot("assistant-2")
    screen.type(SECRET)
    screen.key("Return")
    screen.write(assistant.server.server.entry, "localhost")
    screen.click(assistant.server.choices[Security.NONE])
    screen.write(assistant.server.port.entry, str(desktop.server.port))
    screen.write(assistant.server.user.entry, USER)
    screen.write(assistant.server.mail.entry, "faux")
    shot("assistant-3")
    screen.key("Return")
    screen.wait(lambda: assistant.trial.winfo_viewable() == 1)
    screen.click(assistant.checking.button)
    screen.wait(lambda: "535" in assistant.checking.answer)
    screen.write(assistant.trial.number.entry, "0612345678")
    screen.key("Return")
    screen.wait(lambda: "535" in assistant.trial.way)
    shot("assistant-4")
    screen.key("Escape")
    screen.wait(lambda: bool(desktop.window.banner.said("held")))
    shot("held")


def show_daily(desktop: Desktop, shot: Shot) -> None:
    """The form, the outbox, the other pages, the settings."""
    screen, window, program = desktop.screen, desktop.window, desktop.program
    form = window.compose
    shot("empty")
    desktop.group("Clients", Card(name="Anne Martin", number="0611111111", v1="10 h"),
                  Card(name="Bruno Martin", number="0622222222", v1="11 h 30"))  # fmt: skip
    program.phrases.save("Rappel", "Bonjour [nom], rappel de votre rendez-vous à [v1].")
    screen.click(form.recipients.area)
    screen.type("mart")
    screen.wait(lambda: form.recipients.offers.shown)
    shot("offers")
    screen.key("Escape")
    form.recipients.set("Clients, 06 33 33 33 33, Xavier")
    form.message.set("Bonjour [nom], rappel de votre rendez-vous à [v1]. L’équipe vous attend ✓")
    screen.click(form.picker.later_button)
    screen.pump(0.4)
    shot("form")
    screen.key("F4")
    shot("calendar")
    screen.key("Escape")
    check_focus(desktop)
    form.recipients.set("Clients")
    form.picker.restore("")
    screen.pump(0.4)
    screen.click(form.send_button)
    screen.wait(lambda: len(desktop.server.mails) >= 2)
    desktop.server.next(DOT, b"550 5.7.1 82 Mot de passe inconnu.")
    send(desktop, "Un message refusé, pour voir")
    desktop.server.stop()
    send(desktop, "Un message qui attend le réseau")
    screen.key("ctrl+2")
    screen.pump(0.5)
    shot("outbox")
    screen.key("ctrl+3")
    shot("contacts")
    screen.key("ctrl+4")
    shot("phrases")
    window.open_settings()
    dialog = desktop.dialog(SettingsDialog)
    for page in range(3):
        dialog.open_page(page)
        shot(f"settings-{page + 1}")
    screen.key("Escape")
    desktop.server.start()


def send(desktop: Desktop, text: str) -> None:
    """Send to one number, and wait until it was offered."""
    program = desktop.program
    found = addressees("06 12 34 56 78", program.book)
    program.send(program.mailing(text, found.recipients, None), "06 12 34 56 78", text, "")
    desktop.screen.wait(lambda: bool(program.outbox.sendings()[0].reason))


def check_focus(desktop: Desktop) -> None:
    """Go through the form by Tab: whatever has the focus is on the screen, and so is the button that sends."""
    screen, root, button = desktop.screen, desktop.window.root, desktop.window.compose.send_button
    width, height = root.winfo_screenwidth(), root.winfo_screenheight()
    assert button.winfo_rootx() + button.winfo_width() <= width
    assert button.winfo_rooty() + button.winfo_height() <= height
    screen.click(desktop.window.compose.recipients.area)
    seen = set()
    for _ in range(16):
        screen.key("Tab")
        focused = root.focus_get()
        assert focused is not None
        seen.add(focused)
        assert 0 <= focused.winfo_rooty() < height, focused
        assert 0 <= focused.winfo_rootx() < width, focused
    assert len(seen) > 8


if __name__ == "__main__":
    main()
