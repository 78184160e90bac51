"""The first start: from the downloaded program to a first SMS, and all that may be typed wrong on the way."""

import os
from pathlib import Path

from smstob.desktop.settings import Security
from smstob.desktop.vault import Secret
from smstob.desktop.windows.assistant import ACCOUNT, DONE, SERVER, TRY, WELCOME, Assistant
from smstob.desktop.windows.settings_dialog import SettingsDialog
from tests.desktop.mail_server import MailServer
from tests.desktop.office import DOMAIN, EMAIL, PASSWORD, SECRET, USER
from tests.desktop.windows.desktop import Desktop, set_up
from tests.desktop.windows.display import Display, Screen


def fill_in_account(screen: Screen, assistant: Assistant) -> None:
    """Welcome and account, by keyboard alone: the address is known."""
    screen.key("Return")
    assert assistant.page == ACCOUNT
    screen.type(SECRET)
    screen.key("Return")
    assert assistant.page == SERVER


def fill_in_server(screen: Screen, assistant: Assistant, port: int, password: str) -> None:
    """The mail server of the test."""
    screen.write(assistant.server.server.entry, "localhost")
    screen.click(assistant.server.choices[Security.NONE])
    screen.write(assistant.server.port.entry, str(port))
    screen.write(assistant.server.user.entry, USER)
    screen.write(assistant.server.mail.entry, password)
    screen.key("Return")
    screen.wait(lambda: assistant.page == TRY)


def test_first_start_to_a_first_sms(place: Path, display: Display) -> None:
    """Welcome, account, server, a check, an SMS to one's own mobile that the mail server takes, and the form."""
    with MailServer(user=USER, password=PASSWORD) as server, Desktop(place, display, server) as desktop:
        screen, assistant = desktop.screen, desktop.dialog(Assistant)
        fill_in_account(screen, assistant)
        fill_in_server(screen, assistant, server.port, PASSWORD)
        assert "un fichier que vous seul pouvez lire" in str(assistant._where.cget("text"))
        # the check has the focus
        screen.key("Return")
        screen.wait(lambda: "accepte cet identifiant" in assistant.checking.answer)
        screen.write(assistant.trial.number.entry, "01 42 34 56 78")
        screen.key("Return")
        assert "Écrivez le numéro de votre mobile" in assistant.trial.number.said
        screen.write(assistant.trial.number.entry, "06 12 34 56 78")
        screen.click(assistant.trial.button)
        screen.wait(lambda: assistant.trial.way.startswith("✓ Remis au serveur d'envoi"))
        desktop.mails(1)
        assert desktop.destinations() == ["+33612345678"]
        assert desktop.texts() == ["Essai de SMStoB à 12:00:00."]
        screen.click(assistant.next_button)
        assert assistant.page == DONE
        screen.key("Return")
        screen.wait(lambda: not assistant.winfo_exists())
        assert desktop.program.is_ready
    # another start asks nothing
    with MailServer() as other, Desktop(place, display, other) as again:
        again.screen.pump(0.3)
        assert not [one for one in again.window.root.winfo_children() if isinstance(one, Assistant)]


def test_wrong_password_is_said_by_the_server(place: Path, display: Display) -> None:
    """The mail server's own sentence is shown, at the check and at the test; mended, what waited leaves."""
    with MailServer(user=USER, password=PASSWORD) as server, Desktop(place, display, server) as desktop:
        screen, assistant = desktop.screen, desktop.dialog(Assistant)
        fill_in_account(screen, assistant)
        fill_in_server(screen, assistant, server.port, "faux")
        screen.click(assistant.checking.button)
        screen.wait(lambda: "535 5.7.8 Identifiant ou mot de passe incorrect" in assistant.checking.answer)
        screen.write(assistant.trial.number.entry, "0612345678")
        screen.key("Return")
        screen.wait(lambda: "535 5.7.8 Identifiant ou mot de passe incorrect" in assistant.trial.way)
        screen.click(assistant.back_button)
        # all is there still
        assert assistant.server.server.value == "localhost"
        assert assistant.account.service.value == SECRET
        screen.write(assistant.server.mail.entry, PASSWORD)
        screen.key("Return")
        screen.wait(lambda: assistant.page == TRY)
        screen.wait(lambda: assistant.trial.way.startswith("✓ Remis au serveur d'envoi"))
        desktop.mails(1)


def test_server_away(place: Path, display: Display, server: MailServer) -> None:
    """A server that is not there is said, with its name; the test waits for it, and leaves when it is back."""
    server.stop()
    with Desktop(place, display, server) as desktop:
        screen, assistant = desktop.screen, desktop.dialog(Assistant)
        fill_in_account(screen, assistant)
        screen.write(assistant.server.server.entry, "localhost")
        screen.click(assistant.server.choices[Security.NONE])
        screen.write(assistant.server.port.entry, str(server.port))
        screen.write(assistant.server.user.entry, "")
        screen.key("Return")
        screen.wait(lambda: assistant.page == TRY)
        screen.click(assistant.checking.button)
        screen.wait(lambda: "Le serveur d'envoi localhost est injoignable" in assistant.checking.answer)
        screen.write(assistant.trial.number.entry, "0612345678")
        screen.key("Return")
        screen.wait(lambda: "injoignable" in assistant.trial.way)
        server.start()
        desktop.watch.time += 11
        desktop.program.postman.wake()
        screen.wait(lambda: assistant.trial.way.startswith("✓ Remis au serveur d'envoi"))


def test_what_is_typed_wrong(place: Path, display: Display, server: MailServer) -> None:
    """Each page says what is wrong at its field, and goes on when it is mended."""
    with Desktop(place, display, server) as desktop:
        screen, assistant = desktop.screen, desktop.dialog(Assistant)
        screen.click(assistant.next_button)
        screen.write(assistant.account.email.entry, "moi@")
        screen.key("Return")
        assert "Écrivez l'adresse de votre compte" in assistant.account.email.said
        assert "Écrivez le mot de passe du compte" in assistant.account.service.said
        screen.write(assistant.account.email.entry, EMAIL)
        screen.write(assistant.account.domain.entry, "pas un domaine")
        screen.write(assistant.account.service.entry, SECRET)
        screen.key("Return")
        assert assistant.page == ACCOUNT
        assert "Écrivez le domaine du service" in assistant.account.domain.said
        screen.write(assistant.account.domain.entry, DOMAIN)
        screen.key("Return")
        assert assistant.page == SERVER
        screen.write(assistant.server.server.entry, "smtp exemple")
        screen.write(assistant.server.port.entry, "70000")
        screen.key("Return")
        assert "Écrivez le nom du serveur d'envoi" in assistant.server.server.said
        assert "Le port est un nombre" in assistant.server.port.said
        assert "Écrivez le mot de passe qui va avec" in assistant.server.mail.said
        assert not desktop.program.is_ready


def test_known_provider(place: Path, display: Display, server: MailServer) -> None:
    """From the address the provider's server, protection and port are known; what is typed otherwise stays."""
    with Desktop(place, display, server) as desktop:
        screen, assistant = desktop.screen, desktop.dialog(Assistant)
        screen.key("Return")
        screen.write(assistant.account.email.entry, "Jean.Dupont@orange.fr")
        screen.write(assistant.account.service.entry, SECRET)
        screen.key("Return")
        form = assistant.server
        assert (form.server.value, form.port.value, form.security.get()) == ("smtp.orange.fr", "465", "tls")
        assert form.user.value.lower() == "jean.dupont@orange.fr"
        screen.click(form.choices[Security.STARTTLS])
        assert form.port.value == "587"
        screen.click(assistant.back_button)
        screen.write(assistant.account.email.entry, "jean@gmail.com")
        screen.key("Return")
        assert (form.server.value, form.port.value) == ("smtp.gmail.com", "465")
        assert "mot de passe d'application" in form.mail.said
        screen.write(form.server.entry, "smtp.chez-moi.fr")
        screen.click(assistant.back_button)
        screen.write(assistant.account.email.entry, "jean@free.fr")
        screen.key("Return")
        assert form.server.value == "smtp.chez-moi.fr"


def test_left_and_come_back_to(place: Path, display: Display, server: MailServer) -> None:
    """Left half-way, the program can be used but for sending, which leads back; what was typed is there again."""
    with Desktop(place, display, server) as desktop:
        screen, assistant = desktop.screen, desktop.dialog(Assistant)
        fill_in_account(screen, assistant)
        screen.write(assistant.server.server.entry, "smtp.exemple.fr")
        screen.key("Escape")
        screen.wait(lambda: not assistant.winfo_exists())
        form = desktop.window.compose
        form.recipients.set("0612345678")
        form.message.set("Bonjour")
        screen.click(form.send_button)
        again = desktop.dialog(Assistant)
        assert again.page == WELCOME
        assert (again.account.service.value, again.server.server.value) == (SECRET, "smtp.exemple.fr")
        screen.key("Escape")
        assert form.message.text == "Bonjour"
        assert desktop.program.outbox.sendings() == []


def test_settings_that_cannot_be_kept(place: Path, display: Display, server: MailServer) -> None:
    """A disk that takes nothing is told on the page; what is typed stays, and is kept when there is room again."""
    with Desktop(place, display, server) as desktop:
        screen, assistant = desktop.screen, desktop.dialog(Assistant)
        fill_in_account(screen, assistant)
        screen.write(assistant.server.server.entry, "localhost")
        screen.write(assistant.server.mail.entry, PASSWORD)
        # a folder where the file would be: the system refuses, as a full disk does, and root too
        blocked = place / "settings.json"
        blocked.mkdir()
        (blocked / "x").touch()
        screen.click(assistant.next_button)
        screen.wait(lambda: "Rien n'a été enregistré" in assistant.trouble)
        assert assistant.page == SERVER
        assert assistant.server.mail.value == PASSWORD
        assert PASSWORD not in assistant.trouble
        (blocked / "x").unlink()
        blocked.rmdir()
        screen.click(assistant.next_button)
        screen.wait(lambda: assistant.page == TRY)
        assert desktop.program.secret(Secret.MAIL) == PASSWORD


def test_settings_dialog(place: Path, display: Display, server: MailServer) -> None:
    """The settings again: a fault opens its page, Escape changes nothing, the language changes the whole window."""
    set_up(place, server.port)
    with Desktop(place, display, server) as desktop:
        screen, window = desktop.screen, desktop.window
        window.compose.message.set("Un texte commencé")
        screen.key("ctrl+comma")
        dialog = desktop.dialog(SettingsDialog)
        screen.write(dialog.account.email.entry, "autre@exemple.fr")
        screen.key("Escape")
        assert desktop.program.settings.email == EMAIL
        screen.click(window.settings_button)
        dialog = desktop.dialog(SettingsDialog)
        dialog.open_page(1)
        screen.click(dialog.checking.button)
        screen.wait(lambda: "Le serveur répond." in dialog.checking.answer)
        screen.write(dialog.server.port.entry, "zéro")
        dialog.open_page(2)
        screen.click(dialog.save_button)
        screen.wait(lambda: bool(dialog.server.port.winfo_viewable()))
        assert "Le port est un nombre" in dialog.server.port.said
        screen.write(dialog.server.port.entry, str(server.port))
        dialog.open_page(2)
        dialog.choices.language.set("en")
        screen.click(dialog.save_button)
        screen.wait(lambda: window.desk.say.language == "en")
        assert str(window.tabs.tab(0, "text")) == window.desk.say("Envoyer")
        assert window.compose.message.text == "Un texte commencé"
        assert desktop.program.settings.language == "en"


def test_passwords_are_nowhere_else(place: Path, display: Display, server: MailServer) -> None:
    """After a set-up they are in their own file alone, which its user alone reads."""
    with Desktop(place, display, server) as desktop:
        screen, assistant = desktop.screen, desktop.dialog(Assistant)
        fill_in_account(screen, assistant)
        fill_in_server(screen, assistant, server.port, PASSWORD)
    having = [path.name for path in place.iterdir() if SECRET.encode() in path.read_bytes()]
    assert having == ["passwords.json"]
    assert os.stat(place / "passwords.json").st_mode & 0o777 == 0o600
