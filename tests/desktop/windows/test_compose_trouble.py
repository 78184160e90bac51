"""The form that sends, when the disk is full, the server away, the program killed, or the recipients are many."""

import time

import pytest

from smstob.desktop.outbox import LetterState
from smstob.model.contact import Recipient
from smstob.model.merge import Variables
from tests.desktop.office import connection_of
from tests.desktop.windows.desktop import Desktop
from tests.desktop.windows.writing import form_of, write


def test_full_disk(desktop: Desktop) -> None:
    """The disk takes nothing more: that is said, nothing is lost, and with some room it is sent."""
    form, screen = form_of(desktop), desktop.screen
    connection = connection_of(desktop.program.outbox)
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")
    text = "Un texte à ne pas perdre. " * 500
    form.recipients.set("0612345678")
    form.message.set(text)
    screen.pump(0.4)
    screen.click(form.send_button)
    if "?" in str(form.send_button.cget("text")):
        screen.click(form.send_button)
    screen.wait(lambda: "Le disque est plein" in desktop.window.banner.said("error"))
    assert form.message.text == text
    assert desktop.program.outbox.sendings() == []
    connection.execute("PRAGMA max_page_count = 1000000")
    screen.click(form.send_button)
    if "?" in str(form.send_button.cget("text")):
        screen.click(form.send_button)
    desktop.mails(1)
    assert desktop.texts() == [text.strip()]
    assert desktop.window.banner.said("error") == ""


@pytest.mark.alone
def test_ten_thousand_with_a_personal_text(desktop: Desktop) -> None:
    """To ten thousand contacts one types as to one: no key waits for what they come to."""
    group = desktop.program.book.save_group("Tous")
    many = [
        Recipient(f"+336{number}", f"06{number}", "FR", Variables(f"Nom {number}", str(number), "", ""))
        for number in range(10_000_000, 10_010_000)
    ]
    desktop.program.book.take_in(many, ("name", "v1"), getattr(group, "id", None))
    form, screen = form_of(desktop), desktop.screen
    write(desktop, "Tous", "Bonjour [nom], votre numéro est le [v1].")
    screen.wait(lambda: "10\u202f000 destinataires" in form.total)
    screen.click(form.message.area)
    waits = []
    for _ in range(40):
        before = time.monotonic()
        form.message.area.insert("end", "a")
        screen.root.update()
        waits.append(time.monotonic() - before)
        screen.pump(0.02)
    assert sorted(waits)[len(waits) * 9 // 10] < 0.1
    assert form.message.text.endswith("a" * 40)


def test_draft_is_kept_while_typing(desktop: Desktop) -> None:
    """A second after a key what is typed is on disk, with the moment; another start shows it again."""
    form, screen = form_of(desktop), desktop.screen
    write(desktop, "0612345678, ", "Un brouillon é 👍")
    screen.click(form.picker.later_button)
    screen.wait(lambda: desktop.program.outbox.draft().moment == "02/03/2026 13:00", 3)
    desktop.window.close()
    desktop.program.stop()
    with Desktop(desktop.place, screen.display, desktop.server) as again:
        form = form_of(again)
        assert (form.recipients.typed, form.message.text) == ("0612345678, ", "Un brouillon é 👍")
        assert form.picker.typed == "02/03/2026 13:00"


def test_mail_server_away_then_back(desktop: Desktop) -> None:
    """Without the network it waits in the outbox, and leaves when the server is back."""
    desktop.server.stop()
    write(desktop, "0612345678", "Bonjour")
    desktop.screen.key("ctrl+Return")
    desktop.screen.wait(lambda: bool(desktop.program.outbox.sendings()[0].reason))
    assert desktop.program.outbox.sendings()[0].state is LetterState.WAITING
    desktop.server.start()
    desktop.watch.time += 11
    desktop.program.postman.wake()
    desktop.mails(1)
