"""``smstob account transfer`` and ``smstob domain …``: credits for others."""

import secrets
from argparse import Namespace
from typing import Any

from ..billing.sharing import MOST_DAILY, canonical_domain
from ..model.account import canonical_email
from ..model.sharing import MOST_DOMAINS, DomainFault, SharedDomain, Transfer, TransferFault
from ..storage import accounts, ledger
from ..table import shown
from .desk import Desk, Mistake, finished
from .parser import command, quantity, words
from .report import Report, grouped, plural, table


def add_transfer(accounts_: Any) -> None:
    """Add ``transfer`` to the commands of accounts."""
    transfer_ = command(
        accounts_, "transfer", "passer des crédits d'un compte à un autre, ouvert s'il le faut", transfer
    )
    transfer_.add_argument("giver", metavar="DE", type=words)
    transfer_.add_argument("receiver", metavar="À", type=words)
    transfer_.add_argument("amount", metavar="N", type=quantity)


def add_commands(commands: Any) -> None:
    """Add this subject's commands to the grammar."""
    subject = command(
        commands, "domain", "les domaines dont les adresses envoient sur le compte d'un client"
    ).commands()
    share_ = command(
        subject, "share", "ouvrir un compte aux adresses d'un domaine, dont vous avez vérifié le droit", share
    )
    share_.add_argument("email", metavar="EMAIL", type=words)
    share_.add_argument("domain", metavar="DOMAINE", type=words)
    share_.add_argument("--password", metavar="MOT_DE_PASSE", help="sans cette option il est tiré au sort et montré")
    limit = "crédits qu'une adresse peut dépenser par jour (sans limite si rien n'est dit)"
    share_.add_argument("--limit", metavar="N", type=quantity, help=limit)
    list_ = command(subject, "list", "lister les domaines partagés", list_domains)
    list_.add_argument("email", metavar="EMAIL", type=words, nargs="?", help="ceux de ce compte")
    unshare_ = command(subject, "unshare", "fermer un compte aux adresses d'un domaine", unshare)
    unshare_.add_argument("email", metavar="EMAIL", type=words)
    unshare_.add_argument("domain", metavar="DOMAINE", type=words)


def transfer(desk: Desk, given: Namespace) -> Report:
    """Credits of one account to another; the letter that says so is the daemon's."""
    giver = desk.account(given.giver)
    made = finished(desk.till.transfers.transfer(giver.id, given.receiver, given.amount, secrets.token_hex(16)))
    if isinstance(made, TransferFault):
        raise Mistake(_why_not_moved(desk, made, giver.email, giver.id, given.receiver))
    value = {
        "from": {"email": giver.email, "credits": made.balance},
        "to": {"email": made.receiver, "credits": made.receiver_balance},
    }
    return Report(value, _moved(giver.email, made))


def _moved(giver: str, made: Transfer) -> str:
    opened = " Ce compte vient d'être ouvert : son mot de passe lui est envoyé." if made.opened else ""
    left = f"{giver} en a maintenant {grouped(made.balance)}, {made.receiver} {grouped(made.receiver_balance)}"
    return f"Passé : {plural(made.credits, 'crédit')}. {left}.{opened}"


def _why_not_moved(desk: Desk, fault: TransferFault, email: str, giver: int, receiver: str) -> str:
    match fault:
        case TransferFault.NOT_AN_EMAIL:
            return f"{shown(canonical_email(receiver))} n'est pas une adresse e-mail"
        case TransferFault.TO_ONESELF:
            return f"{email} ne se donne rien à lui-même : il faut deux comptes"
        case TransferFault.NOT_ENOUGH:
            has = plural(desk.read(lambda connection: ledger.balance_of(connection, giver)), "crédit")
            return f"{email} n'a que {has} : rien n'a été passé"
        case TransferFault.CLOSED:
            return f"le compte {email} est fermé : « smstob account enable {email} » le rouvre"
        case TransferFault.TOO_MANY:
            return f"{email} a ouvert trop de comptes aujourd'hui : ouvrez {shown(canonical_email(receiver))} d'abord"
        case _:
            return "ce nombre de crédits ne se passe pas"


def share(desk: Desk, given: Namespace) -> Report:
    """Let all addresses of a domain send on an account's purse; the operator answers for its right to."""
    account = desk.account(given.email)
    domain = _domain_of(given.domain)
    if given.password is not None and not given.password.strip():
        raise Mistake("le mot de passe est vide")
    asked = desk.till.sharing.share(account.id, domain, given.password or "", given.limit, proven=True)
    answer = finished(asked)
    if isinstance(answer, DomainFault):
        raise Mistake(_why_not_shared(answer, account.email, domain))
    shared = f"Partagé : les adresses de {domain} envoient sur le compte {account.email}."
    drawn = f"\nMot de passe du domaine : {answer}\nNotez-le : il ne sera plus montré."
    value = {"email": account.email, "domain": domain, "password": answer, "daily_limit": given.limit}
    return Report(value, shared + ("" if given.password else drawn))


def _domain_of(typed: str) -> str:
    """What follows the @ where there is one, as the DNS has it; as typed where it is no domain."""
    domain = typed.rpartition("@")[2].strip()
    return canonical_domain(domain) or domain


def _why_not_shared(fault: DomainFault, email: str, domain: str) -> str:
    match fault:
        case DomainFault.FREE_MAIL:
            return f"n'importe qui peut avoir une adresse chez {shown(domain)} : ce domaine ne se partage pas"
        case DomainFault.TAKEN:
            return f"{shown(domain)} est déjà partagé par un autre compte (smstob domain list)"
        case DomainFault.BAD_PASSWORD:
            return "ce mot de passe ne convient pas : de 8 à 64 lettres et chiffres sans accent, dont quatre différents"
        case DomainFault.BAD_LIMIT:
            return f"la limite va de 1 à {grouped(MOST_DAILY)} crédits par adresse et par jour"
        case DomainFault.TOO_MANY:
            return f"{email} partage déjà {plural(MOST_DOMAINS, 'domaine')}"
        case _:
            return f"{shown(domain)} n'est pas un nom de domaine, comme exemple.fr"


def list_domains(desk: Desk, given: Namespace) -> Report:
    """Shared domains, of one account or of all."""
    if given.email is None:
        owners = [one.account for one in desk.read(accounts.summaries)]
    else:
        owners = [desk.account(given.email)]
    found = [(owner.email, one) for owner in owners for one in finished(desk.till.sharing.domains(owner.id))]
    value = [_domain(desk, email, one) for email, one in found]
    rows = [
        (one.domain, email, desk.clock(one.created), one.daily_limit, one.senders, one.credits) for email, one in found
    ]
    headers = ("domaine", "compte", "depuis", "limite", "adresses (30 j)", "crédits (30 j)")
    return Report(value, table(headers, rows, "Il n'y a pas de domaine partagé."))


def _domain(desk: Desk, email: str, one: SharedDomain) -> dict[str, Any]:
    return {
        "domain": one.domain,
        "account": email,
        "daily_limit": one.daily_limit,
        "created": desk.iso(one.created),
        "senders": one.senders,
        "credits": one.credits,
    }


def unshare(desk: Desk, given: Namespace) -> Report:
    """Let the addresses of a domain send no longer."""
    account, domain = desk.account(given.email), _domain_of(given.domain)
    if not finished(desk.till.sharing.unshare(account.id, domain)):
        raise Mistake(f"{account.email} ne partage pas {shown(domain)} (smstob domain list)")
    value = {"email": account.email, "domain": domain}
    return Report(value, f"Le compte {account.email} n'est plus ouvert aux adresses de {domain}.")
