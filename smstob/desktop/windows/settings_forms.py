"""What is asked before anything can be sent, in three forms: the account, the mail server, choices."""

import tkinter
import webbrowser
from collections.abc import Mapping
from tkinter import ttk
from typing import Final

import attrs

from ...model.account import Characters, canonical_email
from ..providers import provider_of
from ..settings import Security, Settings, Wrong
from ..wording import N_
from .field import EntryField, Field
from .paragraph import Paragraph
from .theme import Theme
from .view import Desk

_FAULTS: Final = {
    Wrong.SERVER: N_("Écrivez le nom du serveur d'envoi, par exemple smtp.exemple.fr."),
    Wrong.PORT: N_("Le port est un nombre de 1 à 65535 : le plus souvent 465 ou 587."),
    Wrong.EMAIL: N_("Écrivez l'adresse de votre compte, par exemple nom@exemple.fr."),
    Wrong.DOMAIN: N_("Écrivez le domaine du service, par exemple smstob.com."),
}
_SECURITIES: Final = {
    Security.TLS: N_("TLS (465)"),
    Security.STARTTLS: N_("STARTTLS (587)"),
    Security.NONE: N_("Aucune (25)"),
}


@attrs.frozen
class Typed:
    """Settings and passwords as they are typed, right or wrong."""

    settings: Settings
    service: str = attrs.field(repr=False)
    mail: str = attrs.field(repr=False)


class Form(ttk.Frame):
    """Fields one under the other."""

    def __init__(self, parent: tkinter.Misc, desk: Desk) -> None:
        super().__init__(parent)
        self.desk = desk
        self.say = desk.say
        self.columnconfigure(0, weight=1)

    def put(self, *fields: tkinter.Grid) -> None:
        """Lay them out in that order."""
        for row, one in enumerate(fields):
            one.grid(row=row, column=0, sticky="ew", pady=(0, self.desk.theme.px(12)))

    def show_faults(self, found: Mapping[Field, str]) -> tkinter.Misc | None:
        """Say them beside their fields; gives where the first can be mended."""
        first: tkinter.Misc | None = None
        for field, sentence in found.items():
            field.fault(self.say(sentence) if sentence else "")
            if sentence and first is None and isinstance(field, EntryField):
                first = field.entry
        return first


class SecretField(EntryField):
    """A password, which can be looked at."""

    def __init__(self, parent: tkinter.Misc, desk: Desk, name: str, hint: str) -> None:
        super().__init__(parent, desk.theme, name, hint, secret=True)
        self._seen = tkinter.BooleanVar(self)
        look = ttk.Checkbutton(self, text=desk.say("Afficher"), variable=self._seen, command=self._look)
        look.grid(row=1, column=1, padx=(desk.theme.px(8), 0))

    @property
    def value(self) -> str:
        """What is typed; spaces may be of a password, line ends are of what it was copied from."""
        return self.variable.get().strip("\r\n")

    def _look(self) -> None:
        self.entry.configure(show="" if self._seen.get() else "•")


class AccountForm(Form):
    """The account: its address, its password or a key, and the service's domain."""

    def __init__(self, parent: tkinter.Misc, desk: Desk) -> None:
        super().__init__(parent, desk)
        say, theme, site = self.say, desk.theme, desk.program.site
        self.email = EntryField(
            self, theme, say("Votre adresse e-mail"), say("Celle de votre compte : les réponses y arrivent.")
        )
        self.service = SecretField(
            self, desk, say("Mot de passe du compte, ou clé d'envoi"),
            say("Une clé d'envoi se révoque sans changer le mot de passe : c'est plus sûr."),
        )  # fmt: skip
        self.domain = EntryField(
            self, theme, say("Domaine du service"), say("Les SMS partent par e-mail à une adresse de ce domaine.")
        )
        self.put(self.email, self.service, self.domain)
        if site.base_url:
            page = f"{site.base_url.rstrip('/')}/compte"
            link = ttk.Button(
                self.service, text=say("Créer une clé d'envoi sur le site"), style="Quiet.TButton",
                command=lambda: webbrowser.open(page),
            )  # fmt: skip
            link.grid(row=3, column=0, sticky="w")

    def fill(self, typed: Typed) -> None:
        """Put that into the fields."""
        self.email.set(typed.settings.email)
        self.domain.set(typed.settings.domain)
        self.service.set(typed.service)

    def settings(self, others: Settings) -> Settings:
        """Those of the fields, with ``others`` for the rest."""
        return attrs.evolve(others, email=canonical_email(self.email.value), domain=self.domain.value)

    def first_fault(self) -> tkinter.Misc | None:
        """Say what is wrong; gives the field where to mend it."""
        wrong = self.settings(Settings()).faults()
        missing = "" if self.service.value.strip() else N_("Écrivez le mot de passe du compte, ou une clé d'envoi.")
        return self.show_faults({
            self.email: _FAULTS[Wrong.EMAIL] if Wrong.EMAIL in wrong else "",
            self.service: missing,
            self.domain: _FAULTS[Wrong.DOMAIN] if Wrong.DOMAIN in wrong else "",
        })  # fmt: skip


class ServerForm(Form):
    """The mail server by which everything leaves."""

    def __init__(self, parent: tkinter.Misc, desk: Desk) -> None:
        super().__init__(parent, desk)
        say, theme = self.say, desk.theme
        self.server = EntryField(
            self, theme, say("Serveur d'envoi (SMTP)"),
            say("Le même que dans votre logiciel de courrier ; votre fournisseur l'indique."),
        )  # fmt: skip
        around = ttk.Frame(self)
        around.columnconfigure(1, weight=1)
        self.security, self.protection = self._securities(around, theme)
        self.protection.grid(row=0, column=0, sticky="nw")
        self.port = EntryField(around, theme, say("Port"), width=8)
        # what is said below it has the rest of the row, of which the port itself needs little
        self.port.grid(row=0, column=1, sticky="new", padx=(theme.px(24), 0))
        self.port.entry.grid(sticky="w")
        self._plain = Paragraph(around, theme, "", "Warning.TLabel")
        self._plain.grid(row=1, column=0, columnspan=2, sticky="ew", pady=(theme.px(8), 0))
        self.user = EntryField(
            self, theme, say("Identifiant"), say("Souvent votre adresse entière ; vide si le serveur n'en demande pas.")
        )
        self.mail = SecretField(self, desk, say("Mot de passe du courrier"), "")
        self.put(self.server, around, self.user, self.mail)
        self._guessed = ""
        self._warn()

    def _securities(self, parent: ttk.Frame, theme: Theme) -> tuple[tkinter.StringVar, Field]:
        chosen = tkinter.StringVar(self, Security.STARTTLS.value)
        field = Field(parent, theme, self.say("Protection"))
        row = ttk.Frame(field)
        row.grid(row=1, column=0, sticky="w", pady=(theme.px(4), 0))
        self.choices: dict[Security, ttk.Radiobutton] = {}
        for security, label in _SECURITIES.items():
            button = ttk.Radiobutton(row, text=self.say(label), variable=chosen, value=security.value)
            button.configure(command=self._chosen)
            button.pack(side="left", padx=(0, theme.px(14)))
            self.choices[security] = button
        return chosen, field

    def _chosen(self) -> None:
        self.port.set(str(Security(self.security.get()).port))
        self._warn()

    def _warn(self) -> None:
        bare = Security(self.security.get()) is Security.NONE
        self._plain.show(
            self.say("Mot de passe et SMS passent en clair : seulement dans votre propre réseau.") if bare else ""
        )

    def guess(self, email: str) -> None:
        """Fill in what is known of the provider of that address, unless something else was typed."""
        found = provider_of(email)
        hint = self.say("Ce fournisseur veut un « mot de passe d'application » : créez-en un sur son site.")
        self.mail.hint(hint if found is not None and found.app_password else "")
        if self.server.value not in {"", self._guessed}:
            return
        if found is not None:
            self._guessed = found.server
            self.server.set(found.server)
            self.security.set(found.security.value)
            self._chosen()
        if not self.user.value:
            self.user.set(email)

    def fill(self, typed: Typed) -> None:
        """Put that into the fields."""
        self.server.set(typed.settings.server)
        self.security.set(typed.settings.security.value)
        self.port.set(str(typed.settings.port))
        self.user.set(typed.settings.user)
        self.mail.set(typed.mail)
        self._warn()

    def settings(self, others: Settings) -> Settings:
        """Those of the fields, with ``others`` for the rest; a port that is none is 0."""
        port = self.port.value
        return attrs.evolve(
            others,
            server=self.server.value,
            port=int(port) if port.isascii() and port.isdigit() and len(port) < 6 else 0,
            security=Security(self.security.get()),
            user=self.user.value,
        )

    def first_fault(self) -> tkinter.Misc | None:
        """Say what is wrong; gives the field where to mend it."""
        wrong = self.settings(Settings()).faults()
        missing = self.user.value and not self.mail.value
        return self.show_faults({
            self.server: _FAULTS[Wrong.SERVER] if Wrong.SERVER in wrong else "",
            self.port: _FAULTS[Wrong.PORT] if Wrong.PORT in wrong else "",
            self.mail: N_("Écrivez le mot de passe qui va avec cet identifiant.") if missing else "",
        })  # fmt: skip


class ChoicesForm(Form):
    """What may be chosen, and works as it is."""

    def __init__(self, parent: tkinter.Misc, desk: Desk) -> None:
        super().__init__(parent, desk)
        say = self.say
        self.characters = tkinter.StringVar(self)
        self.language = tkinter.StringVar(self)
        spelling = self._choice(say("Caractères que les SMS n'ont pas"), self.characters, {
            Characters.ADAPT.value: say("Adapter : ê devient e, et 160 caractères tiennent dans un SMS"),
            Characters.AS_IS.value: say("Tels quels : un SMS en contient alors 70"),
        })  # fmt: skip
        spelling.hint(say("Comme l'option du même nom de votre compte : le compteur en dépend."))
        language = self._choice(say("Langue"), self.language, {"fr": "Français", "en": "English"})
        self.put(spelling, language)

    def _choice(self, name: str, chosen: tkinter.StringVar, labels: dict[str, str]) -> Field:
        field = Field(self, self.desk.theme, name)
        row = ttk.Frame(field)
        row.grid(row=1, column=0, sticky="w")
        for value, label in labels.items():
            ttk.Radiobutton(row, text=label, variable=chosen, value=value).pack(anchor="w")
        return field

    def fill(self, typed: Typed) -> None:
        """Put that into the fields."""
        self.characters.set(typed.settings.characters.value)
        self.language.set(typed.settings.language or self.say.language)

    def settings(self, others: Settings) -> Settings:
        """Those of the fields, with ``others`` for the rest."""
        return attrs.evolve(others, characters=Characters(self.characters.get()), language=self.language.get())
