"""A contact book of a hundred thousand."""

from collections.abc import Iterator
from pathlib import Path

from smstob.desktop.book import opened
from smstob.model.contact import Group, Recipient
from smstob.model.merge import Variables
from tests.desktop.mail_server import MailServer
from tests.desktop.windows.desktop import Desktop, set_up
from tests.desktop.windows.display import Display
from tests.desktop.windows.test_contacts_view import names, settled, show

MANY = 100_000


def many(place: Path) -> None:
    """A hundred thousand contacts, in a group too."""
    with opened(place) as book:
        group = book.save_group("Tous")
        assert isinstance(group, Group)
        book.take_in(_contacts(), ("name", "v1"), group.id)


def _contacts() -> Iterator[Recipient]:
    for number in range(MANY):
        typed = f"06{number:08}"
        said = Variables(f"Nom{number:06} Élu", f"ville {number % 97}", "", "")
        yield Recipient(f"+33{typed[1:]}", typed, "FR", said)


def test_a_hundred_thousand(place: Path, display: Display, server: MailServer) -> None:
    """They are never all read, whether one scrolls, searches or chooses all; the last is as near as any."""
    set_up(place, server.port)
    many(place)
    with Desktop(place, display, server) as desktop:
        screen, view = desktop.screen, show(desktop)
        assert view.bar.status == "100\u202f000 contacts"
        assert len(view.rows.tree.get_children()) < 40
        screen.key("End")
        assert names(desktop)[-1] == "Nom099999 Élu"
        screen.key("Home")
        for _ in range(50):
            view.rows.tree.event_generate("<Next>")
            desktop.window.root.update()
            assert len(view.rows.tree.get_children()) < 40
        view._search.set("nom0543 elu")
        settled(desktop)
        assert names(desktop)[0] == "Nom054300 Élu"
        assert view.bar.status == "100 contacts trouvés"
        screen.key("Escape")
        settled(desktop)
        screen.key("ctrl+a")
        assert view.bar.status == "100\u202f000 contacts · 100\u202f000 choisis"
        screen.key("ctrl+e")
        screen.wait(lambda: "sont trop pour le formulaire" in view.inquiry.told)
        screen.key("Delete")
        assert view.inquiry.asked == "Supprimer 100\u202f000 contacts ? Cela ne s'annule pas."
        screen.key("Return")
        screen.wait(lambda: view.is_settled and not view.rows.ids, 60)
        assert view.empty.title == "Votre carnet est vide"
