"""The form that sends, by keyboard and mouse, down to the mails that the mail server takes."""


import pytest

from smstob.desktop import composing
from smstob.model.account import Characters
from smstob.model.contact import Card
from tests.desktop.office import read_by_service
from tests.desktop.windows.desktop import Desktop
from tests.desktop.windows.writing import ANNE, BRUNO, form_of, write


def test_send_by_keyboard(desktop: Desktop) -> None:
    """Number, Tab, text, Ctrl+Return: handed to the mail server, as the service reads it; the form is empty again."""
    form, screen = form_of(desktop), desktop.screen
    screen.type("06 12 34 56 78")
    screen.key("Tab")
    # the buttons of the text come before it
    screen.click(form.message.area)
    screen.type("Bonjour à tous,\nà demain ! €")
    screen.key("ctrl+Return")
    desktop.mails(1)
    assert (desktop.destinations(), desktop.texts()) == (["+33612345678"], ["Bonjour à tous,\nà demain ! €"])
    assert (form.recipients.typed, form.message.text) == ("", "")
    assert desktop.window.banner.said("sent") == "Confié à la boîte d'envoi : 1 SMS."
    assert desktop.program.outbox.draft().text == ""


def test_counter_is_the_service_s(desktop: Desktop) -> None:
    """What stands under the text is what ``composing.count`` says, for GSM-7, adapted characters and Unicode."""
    form = form_of(desktop)
    for text, said in (
        ("Bonjour", "7 / 160  ·  1 SMS"),
        ("a" * 161, "161 / 306  ·  2 SMS"),
        ("10 €", "5 / 160  ·  1 SMS"),
        ("fête", "4 / 160  ·  1 SMS  ·  adapté : ê → e"),
        ("Super 👍 fête", "13 / 70  ·  1 SMS  ·  Unicode : 70 par SMS, à cause de 👍"),
        ("\u4f60" * 71, "71 / 134  ·  2 SMS  ·  Unicode : 67 par SMS, à cause de \u4f60"),
        ("", "0 / 160  ·  1 SMS"),
    ):
        form.message.set(text)
        desktop.screen.pump(0.02)
        assert form.message.said == said
        counted = composing.count(text, Characters.ADAPT)
        assert said.startswith(f"{counted.length if text else 0} / ")
        assert f"{counted.segments} SMS" in said


def test_offers(desktop: Desktop) -> None:
    """While one types, groups and contacts are offered: Down and Return take one, the mouse another, Escape none."""
    desktop.group("Anciens", ANNE, BRUNO)
    form, screen = form_of(desktop), desktop.screen
    offers = form.recipients.offers
    screen.click(form.recipients.area)
    screen.type("an")
    screen.wait(lambda: offers.shown)
    rows = [offers.tree.item(row, "text") for row in offers.tree.get_children()]
    assert rows == ["Anciens", "Anne Martin"]
    screen.key("Down", "Return")
    assert form.recipients.typed == "Anne Martin, "
    screen.type("mart")
    screen.wait(lambda: offers.shown)
    # Anne is there already
    assert [offers.tree.item(row, "text") for row in offers.tree.get_children()] == ["Bruno Martin"]
    box = offers.tree.bbox("0")
    assert isinstance(box, tuple)
    x, y, _, height = box
    screen.click(offers.tree, x + 20, y + height // 2)
    assert form.recipients.typed == "Anne Martin, Bruno Martin, "
    screen.type("anc")
    screen.wait(lambda: offers.shown)
    screen.key("Escape")
    assert not offers.shown
    assert form.recipients.typed == "Anne Martin, Bruno Martin, anc"


def test_group_with_merge(desktop: Desktop) -> None:
    """A group's text has its contacts' names and variables, in the preview and in the mails; the total is said."""
    desktop.group("Clients", ANNE, BRUNO)
    form, screen = form_of(desktop), desktop.screen
    write(desktop, "clients", "Bonjour [nom], à [v1].")
    screen.wait(lambda: form.total == "1 SMS × 2 destinataires = 2 SMS")
    assert form.recipients.said == "2 destinataires"
    assert (form.preview.who, form.preview.shown) == ("Anne Martin · 0611111111", "Bonjour Anne Martin, à 10 h.")
    screen.click(form.preview.forth)
    assert form.preview.shown == "Bonjour Bruno Martin, à 11 h 30."
    screen.click(form.preview.forth)
    assert form.preview.shown == "Bonjour Anne Martin, à 10 h."
    screen.click(form.send_button)
    desktop.mails(2)
    assert dict(zip(desktop.destinations(), desktop.texts(), strict=True)) == {
        "+33611111111": "Bonjour Anne Martin, à 10 h.", "+33622222222": "Bonjour Bruno Martin, à 11 h 30.",
    }  # fmt: skip


def test_variables_and_phrases_are_inserted(desktop: Desktop) -> None:
    """The buttons put variables where the cursor is, the menu a standard phrase."""
    desktop.program.phrases.save("Rappel", "Rappel : rendez-vous demain.")
    form, screen = form_of(desktop), desktop.screen
    screen.click(form.message.area)
    screen.type("Bonjour !")
    screen.key("Left", "Left")
    buttons = {one.cget("text"): one for one in form.message.phrases.master.winfo_children() if "text" in one.keys()}  # noqa: SIM118
    screen.click(buttons["Nom"])
    screen.click(buttons["v1"])
    assert form.message.text == "Bonjour[nom][v1] !"
    screen.key("ctrl+End", "Return")
    screen.click(form.message.phrases)
    screen.pump(0.2)
    screen.key("Down", "Return")
    screen.wait(lambda: form.message.text == "Bonjour[nom][v1] !\nRappel : rendez-vous demain.")


def test_what_is_wrong_with_recipients(desktop: Desktop) -> None:
    """Unknown, ambiguous and empty names are said beside the field with what to do; nothing is sent until mended."""
    desktop.group("Vide")
    desktop.program.book.save(Card(name="Paul", number="0633333333"))
    desktop.program.book.save(Card(name="paul", number="0644444444"))
    form, screen = form_of(desktop), desktop.screen
    for typed, said in (
        ("0612345678, Xavier", "« Xavier » n'est ni un mobile, ni un groupe, ni un contact"),
        ("0612345678, 0142345678, Zoé", "« 0142345678 », « Zoé » ne sont ni des mobiles"),
        ("paul", "Plusieurs contacts s'appellent « paul » : écrivez le numéro."),
        ("Vide, 0612345678", "Le groupe « Vide » est vide"),
        ("", "À qui l'envoyer ?"),
    ):
        form.recipients.set("")
        form.message.set("Bonjour")
        screen.click(form.recipients.area)
        screen.type(typed)
        screen.key("Escape", "ctrl+Return")
        screen.wait(lambda said=said: said in form.recipients.said)  # type: ignore[misc]
        assert form.recipients.faulty
    assert desktop.program.outbox.sendings() == []
    assert form.message.text == "Bonjour"


def test_sent_at_once(desktop: Desktop) -> None:
    """Who sends with the last letter hardly typed sends that letter too; a refusal so quick stays to be read."""
    form, screen = form_of(desktop), desktop.screen
    form.message.set("Bonjou")
    form.submit()
    screen.pump(0.5)
    assert form.recipients.said.startswith("✕ À qui l'envoyer ?")
    form.recipients.set("0612345678, Xavier")
    screen.pump(0.5)
    form.recipients.area.focus_force()
    form.message.area.insert("end", "r")
    form.submit()
    form.submit()
    screen.pump(0.5)
    assert "« Xavier » n'est ni un mobile" in form.recipients.said
    form.recipients.set("0612345678")
    form.message.area.insert("end", " !")
    form.submit()
    desktop.mails(1)
    assert desktop.texts() == ["Bonjour !"]


def test_group_of_the_site(desktop: Desktop) -> None:
    """A single unknown name may be a group of the book on the site: ticked, it is sent by its name."""
    form, screen = form_of(desktop), desktop.screen
    write(desktop, "Adhérents 2026", "Réunion jeudi")
    box = form.recipients._site_box
    screen.wait(lambda: bool(box.winfo_viewable()))
    assert "« Adhérents 2026 »" in str(box.cget("text"))
    screen.click(box)
    screen.wait(lambda: form.total == "1 SMS pour chaque contact")
    screen.click(form.send_button)
    desktop.mails(1)
    assert desktop.destinations() == ["Adhérents 2026"]


def test_deferred(desktop: Desktop) -> None:
    """Later: the next full hour is proposed, a day is chosen in the calendar by keyboard; the mail says the moment."""
    form, screen = form_of(desktop), desktop.screen
    write(desktop, "0612345678", "À jeudi")
    screen.click(form.picker.later_button)
    assert form.picker.typed == "02/03/2026 13:00"
    assert form.picker.said == "Partira lundi 2 mars 2026 à 13:00, heure de Paris."
    screen.click(form.picker.date_entry)
    screen.key("F4")
    screen.wait(lambda: bool(form.picker.calendar.winfo_ismapped()))
    # three days on, and a week
    screen.key("Right", "Right", "Right", "Down", "Return")
    assert form.picker.typed == "12/03/2026 13:00"
    screen.type("8h15")
    assert form.picker.said == "Partira jeudi 12 mars 2026 à 08:15, heure de Paris."
    screen.key("Up")
    screen.click(form.send_button)
    desktop.mails(1)
    request = read_by_service(desktop.server.mails[0].content)[1]
    assert request.when == "083012032026"
    assert form.picker.typed == ""


@pytest.mark.parametrize(
    ("day", "hour", "said"),
    [
        ("02/03/2026", "11:58", "Cette date est passée : choisissez-en une à venir."),
        ("29/03/2026", "02:30", "Cette heure n'existe pas : les montres avancent d'une heure cette nuit-là."),
        ("04/03/2027", "12:00", "Cette date est à plus d'un an : choisissez-en une plus proche."),
        ("31/02/2026", "12:00", "Écrivez la date comme 27/11/2026, et l'heure comme 14:30."),
        ("demain", "midi", "Écrivez la date comme 27/11/2026, et l'heure comme 14:30."),
        ("", "", "Écrivez la date comme 27/11/2026, et l'heure comme 14:30."),
    ],
)
def test_wrong_moment(desktop: Desktop, day: str, hour: str, said: str) -> None:
    """A moment at which nothing can leave is said beside the field; nothing is sent, what is typed stays."""
    form, screen = form_of(desktop), desktop.screen
    form.recipients.set("0612345678")
    form.message.set("Bonjour")
    screen.click(form.picker.later_button)
    screen.write(form.picker.date_entry, day)
    screen.write(form.picker.time_entry, hour)
    screen.click(form.send_button)
    screen.wait(lambda: said in form.picker.said)
    assert desktop.program.outbox.sendings() == []
    assert form.message.text == "Bonjour"


def test_no_text(desktop: Desktop) -> None:
    """Without a text, or with one of which nothing is left for anyone, it is said at the field."""
    desktop.group("Sans", Card(name="", number="0611111111"))
    form, screen = form_of(desktop), desktop.screen
    write(desktop, "Sans", " ")
    screen.key("ctrl+Return")
    assert form.message.said == "✕ Écrivez le message."
    form.message.set("[v1]")
    screen.pump(0.4)
    assert form.preview.shown == ""
    screen.key("ctrl+Return")
    screen.wait(lambda: "Il ne reste rien de ce texte" in form.message.said)
    assert desktop.program.outbox.sendings() == []


def test_many_are_asked_for_twice(desktop: Desktop) -> None:
    """More than 20 SMS: the button asks with their number first; Escape, or a change of the text, is no."""
    numbers = ", ".join(f"06123456{number:02}" for number in range(21))
    form, screen = form_of(desktop), desktop.screen
    form.recipients.set(numbers)
    form.message.set("Bonjour")
    screen.wait(lambda: form.total == "1 SMS × 21 destinataires = 21 SMS")
    screen.click(form.send_button)
    assert str(form.send_button.cget("text")) == "Envoyer 21 SMS ?"
    screen.key("Escape")
    assert str(form.send_button.cget("text")) == "Envoyer"
    screen.click(form.message.area)
    screen.key("ctrl+Return")
    screen.wait(lambda: str(form.send_button.cget("text")) == "Envoyer 21 SMS ?")
    screen.click(form.message.area)
    screen.type(".")
    assert str(form.send_button.cget("text")) == "Envoyer"
    assert desktop.program.outbox.sendings() == []
    screen.key("ctrl+Return")
    screen.wait(lambda: str(form.send_button.cget("text")) == "Envoyer 21 SMS ?")
    screen.key("Return")
    desktop.mails(1)
    assert len(desktop.destinations()[0].split(",")) == 21


def test_cautions(desktop: Desktop) -> None:
    """Contacts without a text and messages longer than accounts usually allow are told before they are sent."""
    desktop.group("Clients", ANNE, Card(name="", number="0655555555"))
    form, screen = form_of(desktop), desktop.screen
    form.recipients.set("Clients")
    form.message.set("[v1]")
    screen.wait(lambda: form.caution == "! 1 destinataire sans texte")
    form.message.set("a" * 900)
    screen.wait(lambda: "plus de 5 SMS" in form.caution)
    assert form.total == "6 SMS × 2 destinataires = 12 SMS"


def test_hostile_text(desktop: Desktop) -> None:
    """Control characters, right-to-left marks, emoji, ten thousand characters: seen, counted, sent as the core says."""
    form, screen = form_of(desktop), desktop.screen
    hostile = "a\x00b\x07c\x1b[31m \u202eabc\u202c 👩\u200d👩\u200d👧 שלום\u2028fin [v9] {x} %s \\ $var [exit]"
    form.recipients.set("0612345678")
    form.message.set(hostile)
    screen.pump(0.4)
    counted = composing.count(form.message.text, Characters.ADAPT)
    assert form.message.said.startswith(f"{counted.length} / ")
    assert form.total == f"{counted.segments} SMS"
    screen.click(form.send_button)
    desktop.mails(1)
    sent = desktop.program.outbox.sendings()[0]
    assert desktop.texts() == [sent.text]
    desktop.window.show_outbox()
    screen.pump(0.2)
    desktop.window.write()
    form.message.set("é" * 10_000)
    form.recipients.set("\x00, \u202e, " + "x" * 5000 + ", {a} [b] $c \\")
    screen.pump(0.5)
    assert form.message.said.startswith("10 000 / ") or form.message.said.startswith("10\u202f000 / ")
    form.message.set("x " * 10_001)
    screen.pump(0.3)
    assert "bien trop long" in form.message.said
    screen.click(form.send_button)
    assert "bien trop long" in form.message.said
    screen.root.clipboard_clear()
    screen.root.clipboard_append("x" * 1_000_000)
    form.message.set("")
    screen.click(form.message.area)
    screen.key("ctrl+v")
    assert "Rien n'a été collé" in form.message.said
    assert form.message.text == ""
    assert desktop.window.banner.said("error") == ""


def test_recipients_from_a_spreadsheet(desktop: Desktop) -> None:
    """A pasted column of numbers, or a row, is as many recipients, each once; the outbox keeps them apart."""
    form, screen = form_of(desktop), desktop.screen
    screen.root.clipboard_clear()
    screen.root.clipboard_append("06 12 34 56 78\n06 12 34 56 79\t0612345680\n06.12.34.56.78")
    screen.click(form.recipients.area)
    screen.key("ctrl+v")
    screen.wait(lambda: form.recipients.said == "3 destinataires")
    form.message.set("Bonjour")
    screen.click(form.send_button)
    desktop.mails(1)
    (sending,) = desktop.program.outbox.sendings()
    again = composing.addressees(sending.label, desktop.program.book)
    assert [one.number for one in again.recipients] == ["+33612345678", "+33612345679", "+33612345680"]
