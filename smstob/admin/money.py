"""``smstob ledger …``: the record of every credit that moved."""

from argparse import Namespace
from typing import Any

from ..storage import ledger
from .desk import Desk, taken
from .parser import command, count, words
from .report import REASONS, Report, grouped, plural, table


def add_commands(commands: Any) -> None:
    """Add this subject's commands to the grammar."""
    subject = command(commands, "ledger", "le grand livre des crédits").commands()
    command(subject, "verify", "vérifier tout le grand livre", verify)
    show_ = command(subject, "show", "montrer les derniers mouvements d'un compte, le plus ancien d'abord", show)
    show_.add_argument("email", metavar="EMAIL", type=words)
    show_.add_argument("--limit", metavar="N", type=count, default=1000, help="au plus (1000 si rien n'est dit)")


def verify(desk: Desk, _given: Namespace) -> Report:
    """Add up the whole ledger anew."""
    found = desk.read(ledger.verify)
    value = {"entries": found.entries, "sum": found.sum, "differences": list(found.differences)}
    lines = [f"écritures {grouped(found.entries)}, somme {grouped(found.sum)}", *found.differences]
    if found.sound:
        return Report(value, f"Le grand livre est juste : {lines[0]}.")
    wrong = f"{plural(len(found.differences), 'portefeuille')} faux"
    complaint = f"le grand livre n'est pas juste : somme {grouped(found.sum)}, {wrong}"
    return Report(value, "\n".join(lines), complaint)


def show(desk: Desk, given: Namespace) -> Report:
    """The last movements of an account."""
    found = taken(desk.reporter.movements(desk.account(given.email).id, given.limit))
    value = [
        {
            "at": desk.iso(one.at),
            "reason": one.reason,
            "reference": one.reference,
            "amount": one.amount,
            "balance": one.balance,
        }
        for one in found
    ]
    rows = [
        (
            desk.clock(one.at),
            REASONS.get(one.reason, one.reason),
            one.reference,
            one.amount,
            one.balance,
            one.note or "",
        )
        for one in found
    ]
    headers = ("date", "motif", "référence", "montant", "solde", "note")
    return Report(value, table(headers, rows, "Il n'y a pas de mouvement."))
