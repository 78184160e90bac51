"""The window as a whole: its pages and keys, how it begins and ends, and what it says when something breaks."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from smstob.desktop.database import Broken
from smstob.desktop.outbox import Draft
from smstob.desktop.places import AlreadyOpen
from smstob.desktop.site import Site
from smstob.desktop.windows import failure
from smstob.desktop.windows.shortcuts import ShortcutsDialog
from smstob.desktop.wording import Wording
from tests.desktop.mail_server import MailServer
from tests.desktop.office import DOMAIN, EMAIL
from tests.desktop.windows.desktop import Desktop, set_up
from tests.desktop.windows.display import Display, Screen


@pytest.fixture
def desktop(place: Path, display: Display, server: MailServer) -> Iterator[Desktop]:
    """A program that is set up, with its window."""
    set_up(place, server.port)
    with Desktop(place, display, server) as opened:
        yield opened


def test_pages_and_keys(desktop: Desktop) -> None:
    """Ctrl+1 to Ctrl+4 open the pages, on a French keyboard too; a click does; the title is the service's."""
    window, screen = desktop.window, desktop.screen
    assert window.root.title() == "SMStoB"
    names = [window.tabs.tab(place, "text") for place in range(4)]
    assert names == ["Envoyer", "Boîte d'envoi", "Carnet", "Phrases types"]
    for key, place in (("ctrl+4", 3), ("ctrl+2", 1), ("ctrl+eacute", 1), ("ctrl+3", 2), ("ctrl+ampersand", 0)):
        screen.key(key)
        assert window.tabs.index("current") == place
        assert window.views[place].winfo_viewable()
    screen.click(window.tabs, 120, 20)
    assert window.tabs.index("current") == 1


def test_other_pages_write(desktop: Desktop) -> None:
    """The book's page gives recipients to the form, that of phrases a text, at the cursor."""
    window, screen = desktop.window, desktop.screen
    window.compose.message.set("Bonjour ")
    window.write_to("0612345678, 0622222222")
    screen.wait(lambda: window.compose.recipients.said == "2 destinataires")
    window.insert("à tous")
    screen.pump(0.1)
    assert window.compose.message.text == "Bonjour à tous"


def test_help(place: Path, display: Display, server: MailServer, tmp_path: Path) -> None:
    """F1 opens the service's documentation in the browser, and where none is known the keys."""
    set_up(place, server.port)
    with Desktop(place, display, server) as desktop:
        desktop.screen.key("F1")
        shown = desktop.dialog(ShortcutsDialog)
        desktop.screen.key("Escape")
        assert not shown.winfo_exists()
    seen = tmp_path / "seen"
    browser = tmp_path / "navigateur"
    browser.write_text(f'#!/bin/sh\necho "$1" > {seen}\n')
    browser.chmod(0o755)
    import webbrowser

    webbrowser.register("essai", None, webbrowser.GenericBrowser(str(browser)), preferred=True)
    site = Site(domain=DOMAIN, email=EMAIL, base_url="https://sms.exemple.fr/")
    with Desktop(place, display, server, site) as desktop:
        desktop.screen.key("F1")
        desktop.screen.wait(lambda: seen.exists() and bool(seen.read_text()))
    assert seen.read_text() == "https://sms.exemple.fr/documentation\n"


def test_broken_settings(place: Path, display: Display, server: MailServer) -> None:
    """Settings that cannot be read are put aside and told; the program asks for them again."""
    set_up(place, server.port)
    (place / "settings.json").write_bytes(b"\xff{")
    with Desktop(place, display, server) as desktop:
        said = desktop.window.banner.said("broken")
        assert "Les réglages étaient illisibles" in said
        assert "settings.json.broken" in said
        assert not desktop.program.is_ready


def test_left_with_something_waiting(desktop: Desktop) -> None:
    """With letters on their way it says that they leave at the next start: stay, or quit; the next start sends them."""
    from smstob.desktop.composing import addressees

    desktop.server.stop()
    window, screen, program = desktop.window, desktop.screen, desktop.program
    found = addressees("0612345678", program.book)
    program.send(program.mailing("Bonjour", found.recipients, None), "0612345678", "Bonjour", "")
    screen.key("ctrl+q")
    assert "ils partiront au prochain démarrage" in window.banner.said("leaving")
    screen.click(window.banner.button("leaving", "Rester"))
    assert not window.banner.said("leaving")
    screen.key("ctrl+q")
    screen.wait(lambda: bool(window.banner.said("leaving")))
    screen.key("Return")
    assert not desktop.is_open
    program.stop()
    desktop.server.start()
    with Desktop(desktop.place, screen.display, desktop.server) as again:
        again.watch.time += 20
        again.program.postman.wake()
        again.mails(1)


def test_left_at_once(desktop: Desktop) -> None:
    """With nothing waiting nothing is asked; what is typed is there at the next start."""
    desktop.window.compose.message.set("à finir")
    desktop.window.leave()
    assert not desktop.is_open
    desktop.program.stop()
    with Desktop(desktop.place, desktop.screen.display, desktop.server) as again:
        assert again.window.compose.message.text == "à finir"


def test_unexpected_exception(desktop: Desktop, capfd: pytest.CaptureFixture[str]) -> None:
    """A fault of the program's own is told quietly and goes on; standard error has its kind and place, not its text."""

    def stumble() -> None:
        raise ValueError("motdepasse K7P2 et le texte d'un SMS")

    desktop.window.root.after(1, stumble)
    desktop.screen.wait(lambda: "Quelque chose s'est mal passé (ValueError)" in desktop.window.banner.said("error"))
    told = capfd.readouterr().err
    assert "ValueError at " in told
    assert "test_main_window.py" in told
    assert "K7P2" not in told
    desktop.screen.click(desktop.window.compose.message.area)
    desktop.screen.type("encore là")
    assert desktop.window.compose.message.text == "encore là"


def test_ailing_disk(desktop: Desktop) -> None:
    """What the disk says to the postman is told above, and no more when it is over."""
    desktop.program.postman.ailing = "disk I/O error"
    desktop.screen.wait(lambda: "disk I/O error" in desktop.window.banner.said("ailing"))
    desktop.program.postman.ailing = ""
    desktop.screen.wait(lambda: not desktop.window.banner.said("ailing"))


@pytest.mark.parametrize(("width", "height", "dpi"), [(800, 600, 96), (1280, 900, 192), (2560, 1600, 192)])
def test_small_and_sharp_screens(tmp_path: Path, width: int, height: int, dpi: int) -> None:
    """On 800×600, and on 192 dpi, the button that sends is on the screen, and Tab shows every field in turn."""
    # Tk knows one screen in the life of a process
    numbers = map(str, (width, height, dpi))
    command = [sys.executable, "-m", "tests.desktop.windows.screenshots", str(tmp_path), *numbers]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.glob("*.png"))) > 8


def kept_draft(path: Path) -> Draft:
    """What another process kept, as far as it has."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        found = connection.execute("SELECT recipients, text, moment FROM draft").fetchone()
        if found is not None:
            return Draft(*found)
    return Draft()


def test_draft_survives_kill(tmp_path: Path, display: Display, server: MailServer) -> None:
    """A real program is killed (SIGKILL) while one types: a second after a key what was typed is safe."""
    place = tmp_path / "smstob"
    set_up(place, server.port)
    environment = {**display.environment, "XDG_DATA_HOME": str(tmp_path), "HOME": str(tmp_path), "LANG": "fr_FR.UTF-8"}
    command = [sys.executable, "-m", "smstob.desktop"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) as running:
        try:
            window = first_window(display, environment)
            display.do("windowfocus", "--sync", window).wait(10)
            end = time.monotonic() + 30
            while "0612345678" not in kept_draft(place / "smstob.db").recipients and time.monotonic() < end:
                display.do("type", "--delay", "20", "0612345678, ").wait(10)
                time.sleep(1.5)
        finally:
            running.send_signal(signal.SIGKILL)
    assert "0612345678, " in kept_draft(place / "smstob.db").recipients
    with Desktop(place, display, server) as again:
        assert "0612345678, " in again.window.compose.recipients.typed


def first_window(display: Display, environment: dict[str, str]) -> str:
    """The X window of the program, when it is there."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        found = subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--name", "^SMStoB$"],
            env=environment, capture_output=True, text=True, check=False,
        ).stdout.split()  # fmt: skip
        if found:
            return found[-1]
        time.sleep(0.2)
    raise AssertionError("no window")


@pytest.mark.parametrize(
    ("error", "said", "advice"),
    [
        (AlreadyOpen("x"), "déjà ouvert", "Retrouvez sa fenêtre"),
        (
            PermissionError(13, "Non permis"),
            "ne peut pas être ouvert : Non permis",
            "Vérifiez vos droits",
        ),
        (Broken("file is not a database"), "illisibles : file is not a database", "Rien n'y a été changé"),
    ],
)
def test_cannot_begin(tmp_path: Path, display: Display, error: Exception, said: str, advice: str) -> None:
    """A folder that cannot be opened is told in a window of its own, with what to do; Return closes it."""
    what, then = failure.sentences(tmp_path, error, Wording("fr"))
    assert said in what
    assert advice in then
    root = failure.window(what, then, Wording("fr"))
    screen = Screen(display, root)
    screen.pump(0.2)
    gone: list[bool] = []
    root.bind("<Destroy>", lambda _: gone.append(True))
    root.focus_force()
    root.event_generate("<Return>")
    assert gone


def test_cannot_begin_really(tmp_path: Path, display: Display) -> None:
    """The program itself, before a file that is no database: the window, no traceback, and it ends with 1."""
    (tmp_path / "smstob").mkdir()
    (tmp_path / "smstob" / "smstob.db").write_bytes(os.urandom(5000))
    environment = {**display.environment, "XDG_DATA_HOME": str(tmp_path), "HOME": str(tmp_path), "LANG": "fr_FR.UTF-8"}
    with subprocess.Popen(
        [sys.executable, "-m", "smstob.desktop"], env=environment, stderr=subprocess.PIPE, text=True
    ) as running:
        try:
            window = first_window(display, environment)
            display.do("windowfocus", "--sync", window).wait(10)
            display.do("key", "Return").wait(10)
            assert running.wait(15) == 1
            assert running.stderr is not None
            assert "Traceback" not in running.stderr.read()
        finally:
            running.kill()
