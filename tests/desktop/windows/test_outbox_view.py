"""The outbox as it is seen: every state in words, and what can be done with what is in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from smstob.desktop.outbox import LetterState
from smstob.desktop.windows.outbox_view import OutboxView
from tests.desktop.mail_server import DOT, MailServer
from tests.desktop.windows.desktop import Desktop, set_up
from tests.desktop.windows.display import Display


@pytest.fixture
def desktop(place: Path, display: Display, server: MailServer) -> Iterator[Desktop]:
    """A program that is set up, its outbox at the front."""
    set_up(place, server.port)
    with Desktop(place, display, server) as opened:
        opened.screen.key("ctrl+2")
        yield opened


def outbox_of(desktop: Desktop) -> OutboxView:
    """The view."""
    return desktop.window.outbox


def send(desktop: Desktop, text: str, *numbers: str, moment: str = "") -> int:
    """Send to numbers, and wait until it was offered once."""
    from smstob.desktop.composing import addressees

    program = desktop.program
    typed = ", ".join(numbers or ("06 12 34 56 78",))
    found = addressees(typed, program.book)
    return program.send(program.mailing(text, found.recipients, None), typed, text, moment)


def states(desktop: Desktop) -> list[str]:
    """The last column."""
    tree = outbox_of(desktop).tree
    return [str(tree.item(row, "values")[-1]) for row in tree.get_children()]


def until(desktop: Desktop, *wanted: str) -> None:
    """Wait until the states are these."""
    desktop.screen.wait(lambda: states(desktop) == list(wanted))


def test_empty(desktop: Desktop) -> None:
    """With nothing in it, it says what it is for, and leads to the form."""
    view = outbox_of(desktop)
    desktop.screen.wait(lambda: bool(view._empty.winfo_viewable()))
    button = view._empty.winfo_children()[-1]
    desktop.screen.click(button)
    desktop.screen.wait(lambda: bool(desktop.window.compose.winfo_viewable()))


def test_handed_and_deferred(desktop: Desktop) -> None:
    """What the mail server took is handed, with its moment where it is deferred; the newest is first."""
    send(desktop, "Bonjour à tous")
    send(desktop, "À demain", moment="083003032026")
    until(desktop, "✓ Remis au serveur d'envoi, pour le 03/03/2026 à 08:30", "✓ Remis au serveur d'envoi")
    values = outbox_of(desktop).tree.item(outbox_of(desktop).tree.get_children()[1], "values")
    assert values[:4] == ("12:00", "06 12 34 56 78", "Bonjour à tous", "1")


def test_waiting_and_retried(desktop: Desktop) -> None:
    """The server is away: it says when it is tried again and why; F5 tries at once, and the server takes it."""
    desktop.server.stop()
    send(desktop, "Bonjour")
    until(desktop, "◷ En attente — nouvel essai à 12:00")
    view = outbox_of(desktop)
    desktop.screen.click(view.tree, 60, 40)
    assert "Dernière réponse : Le serveur d'envoi localhost est injoignable" in str(view._said.cget("text"))
    desktop.server.start()
    desktop.screen.key("F5")
    until(desktop, "✓ Remis au serveur d'envoi")
    desktop.mails(1)


def test_refused_in_the_server_s_words(desktop: Desktop) -> None:
    """A mail that is refused for good shows the server's sentence; tried again, it may be taken."""
    desktop.server.next(DOT, b"550 5.7.1 82 Mot de passe inconnu.")
    send(desktop, "Bonjour")
    until(desktop, "✕ Refusé : 550 5.7.1 82 Mot de passe inconnu.")
    view = outbox_of(desktop)
    desktop.screen.click(view.tree, 60, 40)
    desktop.screen.click(view.retry_button)
    until(desktop, "✓ Remis au serveur d'envoi")


def test_partly(desktop: Desktop) -> None:
    """Of several mails some may be handed, and others not: both are said."""
    desktop.server.next(DOT, b"250 Pris", b"451 4.2.0 Plus tard")
    numbers = [f"+336123{number:05}" for number in range(150)]
    send(desktop, "Bonjour", *numbers)
    until(desktop, "◷ 1/2 remis — nouvel essai à 12:00")
    desktop.screen.click(outbox_of(desktop).tree, 60, 40)
    desktop.screen.click(outbox_of(desktop).give_up_button)
    until(desktop, "✕ 1/2 remis — Abandonné")


def test_given_up_and_forgotten(desktop: Desktop) -> None:
    """What waits can be given up, and what ended be removed from the list; nothing of it is sent later."""
    desktop.server.stop()
    send(desktop, "Bonjour")
    until(desktop, "◷ En attente — nouvel essai à 12:00")
    view, screen = outbox_of(desktop), desktop.screen
    screen.click(view.tree, 60, 40)
    # what waits is not removed
    screen.key("Delete")
    assert view.forget_button.instate(["disabled"])
    assert len(states(desktop)) == 1
    screen.click(view.give_up_button)
    until(desktop, "✕ Abandonné")
    desktop.server.start()
    desktop.watch.time += 3600
    desktop.program.postman.wake()
    screen.pump(0.3)
    assert desktop.server.mails == []
    screen.click(view.forget_button)
    until(desktop)
    assert desktop.program.outbox.sendings() == []


def test_used_again(desktop: Desktop) -> None:
    """Recipients and text go back into the form; a text that was there comes back by undoing."""
    form, view, screen = desktop.window.compose, outbox_of(desktop), desktop.screen
    send(desktop, "Bonjour\nà tous", "06 12 34 56 78", "06 12 34 56 79")
    until(desktop, "✓ Remis au serveur d'envoi")
    form.message.set("En cours")
    screen.click(view.tree, 60, 40)
    screen.click(view.reuse_button)
    screen.wait(lambda: form.recipients.said == "2 destinataires")
    assert form.message.text == "Bonjour\nà tous"
    assert "Ctrl+Z" in desktop.window.banner.said("told")
    screen.click(form.message.area)
    screen.key("ctrl+z")
    assert form.message.text == "En cours"


def test_held_until_the_settings_change(place: Path, display: Display) -> None:
    """A server that refuses the log-in is told above, in its words, with the settings to mend it; then all leaves."""
    with MailServer(user="facteur", password="le bon") as server:
        set_up(place, server.port, user="facteur")
        with Desktop(place, display, server) as desktop:
            screen, window = desktop.screen, desktop.window
            screen.key("ctrl+2")
            send(desktop, "Bonjour")
            until(desktop, "◷ En attente — le serveur d'envoi refuse l'accès")
            screen.wait(lambda: "Identifiant ou mot de passe incorrect" in window.banner.said("held"))
            screen.click(window.banner.button("held", "Réglages"))
            from smstob.desktop.windows.settings_dialog import SettingsDialog

            dialog = desktop.dialog(SettingsDialog)
            dialog.open_page(1)
            screen.write(dialog.server.mail.entry, "le bon")
            screen.click(dialog.save_button)
            until(desktop, "✓ Remis au serveur d'envoi")
            screen.wait(lambda: not window.banner.said("held"))
            assert "Réglages enregistrés." in window.banner.said("told")


def test_hostile_sending(desktop: Desktop) -> None:
    """A text of control characters, right-to-left marks and ten thousand letters is one row, and whole below."""
    text = "a\u202eb\x07 {x}\n" + "é" * 10_000
    send(desktop, text)
    desktop.screen.wait(lambda: states(desktop)[:1] == ["✓ Remis au serveur d'envoi"])
    view = outbox_of(desktop)
    desktop.screen.click(view.tree, 60, 40)
    assert "é" * 10_000 in view._text.get("1.0", "end")
    cell = str(view.tree.item(view.tree.get_children()[0], "values")[2])
    assert cell.isprintable()
    assert desktop.program.outbox.sendings()[0].state is LetterState.HANDED
