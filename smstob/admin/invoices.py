"""``smstob invoice …``: invoices and credit notes, for the accountant."""

import io
import os
import zipfile
from argparse import Namespace
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from ..billing.invoices import MOST_EXPORTED
from ..model.invoice import InvoiceKind, InvoiceQuery, InvoiceReport
from ..model.moment import date_of, days_until
from ..table import shown
from .desk import Desk, Mistake, finished, first_line, taken
from .parser import command, count, day, words
from .report import Report, euros, grouped, plural, price, table

KINDS: Final = {InvoiceKind.INVOICE: "facture", InvoiceKind.CREDIT_NOTE: "avoir"}
FIRST: Final = date(1970, 1, 1)
LAST: Final = date(9999, 12, 31)


def add_commands(commands: Any) -> None:
    """Add this subject's commands to the grammar."""
    subject = command(commands, "invoice", "les factures et les avoirs").commands()
    list_ = command(subject, "list", "lister les factures et les avoirs, le dernier d'abord", list_invoices)
    _add_period(list_, required=False)
    list_.add_argument("--account", metavar="EMAIL", type=words, help="ceux de ce compte")
    list_.add_argument("--limit", metavar="N", type=count, default=1000, help="au plus (1000 si rien n'est dit)")
    export_ = command(subject, "export", "donner au comptable une période : un fichier CSV et tous les PDF", export)
    kinds = "fichier .zip à faire, ou répertoire où tout mettre"
    export_.add_argument("target", metavar="RÉPERTOIRE|FICHIER.zip", type=words, help=kinds)
    _add_period(export_, required=True)
    show_ = command(subject, "show", "écrire une facture ou un avoir dans un fichier PDF", show)
    show_.add_argument("number", metavar="NUMÉRO", type=words, help="comme F2026-000042")
    show_.add_argument("file", metavar="FICHIER.pdf", type=words, help="fichier à faire ; il ne doit pas exister")


def _add_period(parser: Any, *, required: bool) -> None:
    for name, text in ("from", "premier"), ("to", "dernier"):
        help_ = f"{text} jour, celui des factures"
        parser.add_argument(f"--{name}", dest=text, metavar="JJ/MM/AAAA", type=day, required=required, help=help_)


def _period(given: Namespace) -> tuple[int, int]:
    """First and last day. Raises ``Mistake`` where they are crosswise."""
    first, last = given.premier or FIRST, given.dernier or LAST
    if first > last:
        raise Mistake(f"la période finit avant de commencer : du {first:%d/%m/%Y} au {last:%d/%m/%Y}")
    return days_until(first), days_until(last)


def list_invoices(desk: Desk, given: Namespace) -> Report:
    """Invoices and credit notes of a period."""
    first, last = _period(given)
    account = None if given.account is None else desk.account(given.account).id
    query = InvoiceQuery(account=account, first=first, last=last, limit=given.limit)
    found = taken(desk.till.invoices.invoices(query))
    rows = [
        (
            *(one.number, KINDS[one.kind], f"{date_of(one.issued):%d/%m/%Y}", one.order, one.email, one.customer),
            *(one.credits, price(one.amounts.net), price(one.amounts.gross), one.corrects),
        )
        for one in found
    ]
    headers = ("numéro", "genre", "du", "commande", "compte", "client", "crédits", "HT", "TTC", "corrige")
    return Report([_invoice(one) for one in found], table(headers, rows, "Il n'y a pas de facture."))


def _invoice(one: InvoiceReport) -> dict[str, Any]:
    return {
        "number": one.number,
        "kind": one.kind.value,
        "issued": date_of(one.issued).isoformat(),
        "order": one.order,
        "account": one.email,
        "customer": one.customer,
        "credits": one.credits,
        "net": euros(one.amounts.net),
        "vat": euros(one.amounts.vat),
        "gross": euros(one.amounts.gross),
        "corrects": one.corrects or None,
    }


def export(desk: Desk, given: Namespace) -> Report:
    """What an accountant wants of a period."""
    first, last = _period(given)
    number = len(taken(desk.till.invoices.invoices(InvoiceQuery(first=first, last=last, limit=MOST_EXPORTED))))
    if not number:
        raise Mistake(f"il n'y a pas de facture du {date_of(first):%d/%m/%Y} au {date_of(last):%d/%m/%Y}")
    target = Path(given.target)
    as_file = target.suffix.lower() == ".zip"
    if as_file:
        _refuse_existing([target])
    archive = finished(desk.till.invoices.export(first, last))
    if archive is None:
        raise Mistake(f"cette période a plus de {grouped(MOST_EXPORTED)} factures : exportez-la en plusieurs fois")
    if as_file:
        _write({target: archive})
    else:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            files = {target / name: opened.read(name) for name in opened.namelist()}
        _refuse_existing(files)
        _write(files, target)
    value = {"file": given.target, "invoices": number}
    return Report(value, f"Export fait : {given.target} ({plural(number, 'facture')}, avoirs compris).")


def show(desk: Desk, given: Namespace) -> Report:
    """The PDF of one of them, with its XML inside."""
    number = given.number.strip().upper()
    target = Path(given.file)
    _refuse_existing([target])
    document = finished(desk.till.invoices.document(number))
    if document is None:
        raise Mistake(f"il n'y a pas de facture {shown(number)} (smstob invoice list)")
    _write({target: document.pdf})
    value = {"number": number, "file": given.file, "bytes": len(document.pdf), "sha256": document.sha256}
    return Report(value, f"{number} : {given.file} ({plural(len(document.pdf), 'octet')}).")


def _refuse_existing(targets: Iterable[Path]) -> None:
    for target in targets:
        if os.path.lexists(target):
            raise Mistake(f"{shown(str(target))} existe déjà : rien n'est écrasé")


def _write(files: Mapping[Path, bytes], directory: Path | None = None) -> None:
    """Make files, and first the directory that they are in; all or none."""
    made: list[Path] = []
    path = directory
    try:
        if directory is not None:
            directory.mkdir(parents=True, exist_ok=True)
        for path, content in files.items():
            with open(path, "xb") as file:
                made.append(path)
                file.write(content)
    except (OSError, ValueError) as error:
        for one in made:
            one.unlink()
        why = getattr(error, "strerror", None) or first_line(error)
        raise Mistake(f"{shown(str(path))} n'a pas pu être écrit ({why}) : rien n'a été gardé") from None
