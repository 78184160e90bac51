"""Phrases types as they are written, used, and never lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from smstob.desktop import composing
from smstob.desktop.windows.phrases_view import PhrasesView
from smstob.model.account import Characters
from tests.desktop.mail_server import MailServer
from tests.desktop.windows.desktop import Desktop, set_up
from tests.desktop.windows.display import Display


@pytest.fixture
def desktop(place: Path, display: Display, server: MailServer) -> Iterator[Desktop]:
    """A program that is set up."""
    set_up(place, server.port)
    with Desktop(place, display, server) as opened:
        yield opened


def show(desktop: Desktop) -> PhrasesView:
    """The page, at the front."""
    desktop.screen.key("ctrl+4")
    return page(desktop)


def page(desktop: Desktop) -> PhrasesView:
    """The page."""
    view = desktop.window.views[3]
    assert isinstance(view, PhrasesView)
    return view


def kept(desktop: Desktop) -> list[tuple[str, str]]:
    """All phrases, by name."""
    return [(one.name, one.text) for one in desktop.program.phrases.all()]


def test_first_one(desktop: Desktop) -> None:
    """With none, it says what they are for; one is written by keyboard alone, with the counter, and used."""
    screen, view = desktop.screen, show(desktop)
    assert view.empty.title == "Pas encore de phrase type"
    screen.key("Return")
    screen.key("ctrl+s")
    assert kept(desktop) == []
    screen.type("Retard")
    screen.key("ctrl+s")
    assert view.editor.text.said == "✕ Écrivez le texte."
    screen.type("Bonjour [nom],\nj'arrive.")
    assert view.editor.text.said == "26 / 160  ·  1 SMS"
    screen.key("ctrl+s")
    assert kept(desktop) == [("Retard", "Bonjour [nom],\nj'arrive.")]
    screen.key("ctrl+Return")
    screen.wait(lambda: desktop.window.compose.message.text == "Bonjour [nom],\nj'arrive.")
    assert desktop.window.compose.winfo_viewable()


@pytest.mark.parametrize("text", ["a" * 161, "é€[]" * 20, "œuvre", "日本語 " * 30, "😀" * 40])
def test_counter(desktop: Desktop, text: str) -> None:
    """It counts as the form does."""
    view = show(desktop)
    view.begin()
    view.editor.area.insert("1.0", text)
    desktop.screen.pump(0.1)
    measured = composing.count(text, Characters.ADAPT)
    told = view.editor.text.said
    assert told.startswith(f"{measured.length} / ")
    assert f"{measured.segments} SMS" in told


def test_changed_copied_deleted(desktop: Desktop) -> None:
    """A phrase is changed, copied, and deleted after a question; a name that is taken is told."""
    for name in ("Fermeture", "Retard"):
        desktop.program.phrases.save(name, f"{name} !")
    screen, view = desktop.screen, show(desktop)
    assert view.editor.typed == ("Fermeture", "Fermeture !")
    screen.key("Down")
    assert view.editor.typed == ("Retard", "Retard !")
    screen.key("ctrl+d")
    assert view.editor.typed == ("Retard (copie)", "Retard !")
    screen.type("fermeture")
    screen.key("ctrl+s")
    assert view.editor.name.said == "✕ Ce nom est déjà pris : choisissez-en un autre."
    screen.key("ctrl+slash")
    screen.type("Avance")
    screen.key("ctrl+s")
    assert [name for name, _ in kept(desktop)] == ["Avance", "Fermeture", "Retard"]
    screen.write(view.editor.area, "En avance.")
    screen.key("ctrl+s")
    assert kept(desktop)[0] == ("Avance", "En avance.")
    screen.click(view.delete_button)
    assert view.inquiry.asked == "Supprimer la phrase « Avance » ?"
    screen.key("Escape")
    assert len(kept(desktop)) == 3
    screen.click(view.tree, 40, 14)
    screen.key("Delete", "Return")
    assert [name for name, _ in kept(desktop)] == ["Fermeture", "Retard"]
    assert view.editor.typed == ("Fermeture", "Fermeture !")


def test_not_saved(desktop: Desktop) -> None:
    """Whoever leaves a phrase that is not saved is asked: he stays, saves it, or gives it up."""
    for name in ("Fermeture", "Retard"):
        desktop.program.phrases.save(name, f"{name} !")
    screen, view = desktop.screen, show(desktop)
    screen.write(view.editor.area, "Fermé.")
    screen.click(view.tree, 40, 42)
    assert view.inquiry.asked == "« Fermeture » n'est pas enregistrée."
    screen.key("Escape")
    assert view.editor.typed == ("Fermeture", "Fermé.")
    screen.click(view.tree, 40, 42)
    screen.click(view.inquiry.button("asked", "Abandonner"))
    assert view.editor.typed == ("Retard", "Retard !")
    assert kept(desktop)[0] == ("Fermeture", "Fermeture !")
    screen.write(view.editor.area, "En retard.")
    screen.key("ctrl+n")
    assert view.inquiry.asked == "« Retard » n'est pas enregistrée."
    screen.key("Return")
    assert view.editor.typed == ("", "")
    assert kept(desktop)[1] == ("Retard", "En retard.")


@pytest.mark.parametrize("old", [False, True])
def test_outlives_the_program(place: Path, display: Display, server: MailServer, old: bool) -> None:
    """What is typed and not saved is there at the next start, in its place; and another page does not lose it."""
    set_up(place, server.port)
    with Desktop(place, display, server) as desktop:
        if old:
            desktop.program.phrases.save("Retard", "Retard !")
        screen, view = desktop.screen, show(desktop)
        screen.key("ctrl+n")
        if old:
            screen.click(view.tree, 40, 14)
        screen.write(view.editor.area, "Pas fini")
        screen.key("ctrl+1", "ctrl+4")
        assert view.editor.typed[1] == "Pas fini"
    with Desktop(place, display, server) as desktop:
        view = show(desktop)
        assert view.editor.typed == ("Retard" if old else "", "Pas fini")
        assert view.is_changed
        if not old:
            desktop.screen.click(view.editor.name.entry)
            desktop.screen.type("Autre")
        desktop.screen.key("ctrl+s")
        assert kept(desktop) == [("Retard" if old else "Autre", "Pas fini")]
    with Desktop(place, display, server) as desktop:
        assert not show(desktop).is_changed


def test_too_long_and_hostile(desktop: Desktop) -> None:
    """Any text is kept as it is typed, but for one longer than the site would keep."""
    hostile = "{a} [b] $c \\d \u202eabc 😀"
    screen, view = desktop.screen, show(desktop)
    view.begin()
    view.editor.name.set("{x} [y]")
    view.editor.area.insert("1.0", "é" * 2001)
    screen.key("ctrl+s")
    assert view.editor.text.said == "✕ C'est trop long : 2\u202f000 caractères au plus."
    view.editor.area.replace("1.0", "end", hostile)
    screen.key("ctrl+s")
    assert kept(desktop) == [("{x} [y]", hostile)]


def test_disk_takes_nothing(desktop: Desktop) -> None:
    """What cannot be kept is told above, and stays in the fields."""
    screen, view = desktop.screen, show(desktop)
    desktop.program.book._connection.execute("PRAGMA query_only = ON")
    screen.key("ctrl+n")
    screen.type("Retard")
    screen.key("Tab")
    screen.type("Bonjour")
    screen.key("ctrl+s")
    assert "Rien n'a été enregistré" in desktop.window.banner.said("error")
    assert view.editor.typed == ("Retard", "Bonjour")
    desktop.program.book._connection.execute("PRAGMA query_only = OFF")
    screen.key("ctrl+s")
    assert kept(desktop) == [("Retard", "Bonjour")]
