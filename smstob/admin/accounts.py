"""``smstob account …``: opening, crediting, closing accounts, their passwords and sending keys."""

import secrets
from argparse import Namespace
from typing import Any, Final

from ..accounts.password import unusable
from ..flow.authenticate import HASHER, new_key, new_password, secret_digest
from ..model.access import KEY_PREFIX, LONGEST_KEY_NAME, LONGEST_PASSWORD, MOST_KEYS, Hindrance
from ..model.account import canonical_email, is_email
from ..model.ledger import NotEnoughCredit, Reason
from ..model.tariff import Tariff
from ..storage import accounts, ledger
from ..storage.database import Connection
from ..table import shown
from .desk import Desk, Mistake, account_of
from .options import read_options, shown_options, spelled
from .parser import amount, assignment, command, credits_, words
from .report import Report, grouped, plural, table
from .sharing import add_transfer

BY_OPERATOR: Final = "Par l'opérateur"


def add_commands(commands: Any) -> None:
    """Add this subject's commands to the grammar."""
    subject = command(commands, "account", "les comptes des clients").commands()
    create_ = command(subject, "create", "ouvrir un compte", create)
    create_.add_argument("email", metavar="EMAIL", type=words)
    create_.add_argument("--credits", metavar="N", type=credits_, default=0, help="crédits de départ")
    _add_password(create_)
    show_ = command(subject, "show", "montrer un compte et ses options", show)
    show_.add_argument("email", metavar="EMAIL", type=words)
    credit_ = command(subject, "credit", "donner des crédits à un compte, ou en reprendre", credit)
    credit_.add_argument("email", metavar="EMAIL", type=words)
    credit_.add_argument("amount", metavar="N", type=amount, help="négatif : reprendre, jamais au-dessous de zéro")
    credit_.add_argument("--reason", metavar="TEXTE", type=words, default=BY_OPERATOR, help="noté dans le grand livre")
    add_transfer(subject)
    set_ = command(subject, "set", "changer des options d'un compte", set_options)
    set_.add_argument("email", metavar="EMAIL", type=words)
    set_.add_argument("changes", metavar="OPTION=VALEUR", type=assignment, nargs="+", help=f"options : {spelled()}")
    for name, text, run in (
        ("disable", "fermer un compte à tout envoi", disable),
        ("enable", "rouvrir un compte fermé", enable),
    ):
        command(subject, name, text, run).add_argument("email", metavar="EMAIL", type=words)
    command(subject, "list", "lister les comptes", list_)
    password_ = command(subject, "password", "donner un nouveau mot de passe à un compte", password)
    password_.add_argument("email", metavar="EMAIL", type=words)
    _add_password(password_)
    keys = command(subject, "key", "les clés d'envoi d'un compte").commands()
    for name, text, run in (
        ("create", "faire une clé d'envoi, montrée cette seule fois", create_key),
        ("list", "lister les clés d'envoi", list_keys),
        ("revoke", "révoquer une clé d'envoi", revoke_key),
    ):
        key = command(keys, name, text, run)
        key.add_argument("email", metavar="EMAIL", type=words)
        if run is not list_keys:
            key.add_argument("name", metavar="NOM", type=words)


def _add_password(parser: Any) -> None:
    parser.add_argument("--password", metavar="MOT_DE_PASSE", help="sans cette option il est tiré au sort et montré")


def create(desk: Desk, given: Namespace) -> Report:
    """Open an account."""
    email = canonical_email(given.email)
    if not is_email(email):
        raise Mistake(f"{shown(email)} n'est pas une adresse e-mail")
    secret = _password(given)
    hashed = HASHER.hash(secret)

    def work(connection: Connection) -> None:
        try:
            account = accounts.create(connection, email, hashed, desk.now)
        except accounts.AlreadyThere:
            raise Mistake(f"il y a déjà un compte {shown(email)}") from None
        if given.credits:
            _issue(connection, desk, account.id, given.credits, BY_OPERATOR)

    desk.transact(work)
    opened = f"Compte ouvert : {email}, {plural(given.credits, 'crédit')}."
    return Report({"email": email, "password": secret, "credits": given.credits}, _with_password(opened, given, secret))


def _password(given: Namespace) -> str:
    """The password to set. Raises ``Mistake`` where it could not be used."""
    if given.password is None:
        return new_password()
    secret: str = given.password
    if not secret.strip():
        raise Mistake("le mot de passe est vide")
    hindrance = unusable(secret)
    if hindrance is None:
        return secret
    if hindrance is Hindrance.PASSWORD_TOO_LONG:
        raise Mistake(f"le mot de passe est trop long ({LONGEST_PASSWORD} caractères au plus)")
    if secret.startswith(KEY_PREFIX):
        raise Mistake(f"un mot de passe ne commence pas par « {KEY_PREFIX} » : c'est le début des clés d'envoi")
    raise Mistake("le mot de passe a des caractères que l'on ne peut pas taper")


def _with_password(text: str, given: Namespace, secret: str) -> str:
    if given.password is not None:
        return text
    return f"{text}\nMot de passe : {secret}\nNotez-le : il ne sera plus montré."


def _issue(connection: Connection, desk: Desk, account: int, credits: int, note: str) -> int:
    reference = secrets.token_hex(16)
    return ledger.issue(connection, account, credits, Reason.ADJUSTMENT, reference, desk.now, note)


def show(desk: Desk, given: Namespace) -> Report:
    """An account with its options."""
    email = canonical_email(given.email)
    found = desk.read(lambda connection: accounts.summaries(connection, email))
    if not found:
        raise Mistake(f"il n'y a pas de compte {shown(email)}")
    summary = found[0]
    options = shown_options(summary.account.options)
    value = {
        "email": email,
        "credits": summary.credits,
        "options": options,
        "created": desk.iso(summary.created),
        "disabled": summary.disabled,
    }
    lines = [
        ("compte", email + (" (fermé)" if summary.disabled else "")),
        ("crédits", grouped(summary.credits)),
        ("ouvert le", desk.clock(summary.created)),
        *((name, _option(option)) for name, option in options.items()),
    ]
    width = max(len(name) for name, _ in lines)
    return Report(value, "\n".join(f"{name.ljust(width)}  {text}" for name, text in lines))


def _option(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return "-" if value is None else str(value)


def credit(desk: Desk, given: Namespace) -> Report:
    """Give credits, or take them back."""

    def work(connection: Connection) -> tuple[str, int]:
        account = account_of(connection, given.email)
        before = ledger.balance_of(connection, account.id)
        try:
            return account.email, _issue(connection, desk, account.id, given.amount, given.reason)
        except NotEnoughCredit:
            has = plural(before, "crédit")
            raise Mistake(f"{account.email} n'a que {has} : rien n'a été repris") from None

    email, balance = desk.transact(work)
    done = f"{'Donné' if given.amount > 0 else 'Repris'} : {plural(abs(given.amount), 'crédit')}."
    return Report({"email": email, "credits": balance}, f"{done} {email} en a maintenant {grouped(balance)}.")


def set_options(desk: Desk, given: Namespace) -> Report:
    """Change options, all or none."""
    changes = read_options(given.changes, Tariff(desk.settings.countries))

    def work(connection: Connection) -> tuple[str, dict[str, Any]]:
        account = account_of(connection, given.email)
        accounts.set_options(connection, account.id, changes)
        return account.email, shown_options(account_of(connection, given.email).options)

    email, options = desk.transact(work)
    told = ", ".join(f"{name} {_option(options[name])}" for name in changes)
    return Report({"email": email, "options": options}, f"{email} : {told}.")


def disable(desk: Desk, given: Namespace) -> Report:
    """Close an account to all sending."""
    return _set_disabled(desk, given, True)


def enable(desk: Desk, given: Namespace) -> Report:
    """Open an account again."""
    return _set_disabled(desk, given, False)


def _set_disabled(desk: Desk, given: Namespace, disabled: bool) -> Report:
    def work(connection: Connection) -> str:
        account = account_of(connection, given.email)
        accounts.set_disabled(connection, account.id, disabled)
        return account.email

    email = desk.transact(work)
    return Report({"email": email, "disabled": disabled}, f"Le compte {email} est {'fermé' if disabled else 'ouvert'}.")


def list_(desk: Desk, _given: Namespace) -> Report:
    """All accounts."""
    found = desk.read(accounts.summaries)
    value = [
        {
            "email": one.account.email,
            "credits": one.credits,
            "created": desk.iso(one.created),
            "disabled": one.disabled,
        }
        for one in found
    ]
    rows = [
        (one.account.email, one.credits, desk.clock(one.created), "fermé" if one.disabled else "ouvert")
        for one in found
    ]
    return Report(value, table(("compte", "crédits", "ouvert le", "état"), rows, "Il n'y a pas de compte."))


def password(desk: Desk, given: Namespace) -> Report:
    """Another password."""
    secret = _password(given)
    hashed = HASHER.hash(secret)

    def work(connection: Connection) -> str:
        account = account_of(connection, given.email)
        accounts.set_password(connection, account.id, hashed)
        return account.email

    email = desk.transact(work)
    changed = f"Le mot de passe de {email} est changé."
    return Report({"email": email, "password": secret}, _with_password(changed, given, secret))


def create_key(desk: Desk, given: Namespace) -> Report:
    """A new sending key, shown this once."""
    key, name = new_key(), given.name.strip()
    if len(name) > LONGEST_KEY_NAME or not name.isprintable():
        raise Mistake(f"le nom d'une clé est d'une ligne et de {LONGEST_KEY_NAME} caractères au plus")

    def work(connection: Connection) -> str:
        account = account_of(connection, given.email)
        try:
            accounts.add_key(connection, account.id, name, secret_digest(key), desk.now)
        except accounts.AlreadyThere:
            raise Mistake(f"{account.email} a déjà une clé {shown(name)}") from None
        except accounts.TooManyKeys:
            raise Mistake(f"{account.email} a déjà {plural(MOST_KEYS, 'clé')} : révoquez-en une") from None
        return account.email

    email = desk.transact(work)
    text = f"Clé d'envoi {shown(name)} de {email} : {key}\nNotez-la : elle ne sera plus montrée."
    return Report({"email": email, "name": name, "key": key}, text)


def list_keys(desk: Desk, given: Namespace) -> Report:
    """The names of an account's sending keys."""

    def work(connection: Connection) -> list[str]:
        return [one.name for one in accounts.keys(connection, account_of(connection, given.email).id)]

    names = desk.read(work)
    return Report([{"name": name} for name in names], "\n".join(names) or "Il n'y a pas de clé d'envoi.")


def revoke_key(desk: Desk, given: Namespace) -> Report:
    """Make a sending key worthless."""
    name = given.name.strip()

    def work(connection: Connection) -> str:
        account = account_of(connection, given.email)
        if not accounts.revoke_key(connection, account.id, name):
            raise Mistake(f"{account.email} n'a pas de clé {shown(name)}")
        return account.email

    email = desk.transact(work)
    return Report({"email": email, "name": name}, f"La clé {shown(name)} de {email} est révoquée.")
