"""Every page of the site with something on it: for those who judge how pages look, and whether all can use them."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from smstob.model.customer import Customer
from smstob.model.moment import day_of
from smstob.model.order import reference_of
from smstob.model.price import PRICES
from smstob.model.vat import Taxation, taxed
from smstob.storage import customers, orders, payments, phrases, sharing, tally, transfers
from smstob.storage.database import Connection
from tests.daemon import RunningDaemon, password_hash
from tests.house import SELLER

from .modems import POOL, plug_in
from .person import Person

NAMES: Final = (
    *("Camille Le Goff", "Jean Moreau", "Hédé Martin", "Aïcha Benali", "Zoé Lefèvre", "Paul Ferrand", "Inès Roux"),
    *("Marc-Antoine Dupuis", "Léa Garnier", "Noé Chevalier", "Élise Fontaine", "Karim Haddad", "Sophie Le Bris"),
)
TOWNS: Final = ("Hédé", "Rennes", "Saint-Malo", "Vitré")
DISHES: Final = ("la Pizza", "la Choucroute", "le petit-salé", "la galette")
SANDBOX: Final = ("0639980001", "0639980002", "0639980003", "0639980005", "0639980006")
"""Numbers that are delivered, fail, expire, are never reported on, and are refused."""

USED: Final = (41, 38, 0, 12, 57, 44, 36, 29, 51, 33)
"""Messages of the school, month by month back."""

MERGED: Final = "Bonjour [nom], votre plat préféré est [v1] ? Venez le découvrir dans notre restaurant de [v2]"

CSV: Final = (
    "Prénom;Numéro;Variable1;Variable2\n"
    "Jean;660919010;Merci de joindre M. Poirier au 08 21 000 350;\n"
    "Jérôme;06 60 54 54 65;Pouvez-vous penser à apporter des fleurs ?;\n"
    "Jacques;0299000000;Votre véhicule est prêt. Prenez contact avec :;M. Dupont\n"
    "Jules;6,65E+08;Votre véhicule est prêt. Prenez contact avec :;M. Durand\n"
)

TOWN_HALL: Final = "mairie@exemple.fr"
"""Whose pages they are; who runs the service too."""

HALL: Final = Customer(
    name="Mairie de Saint-Œuvre",
    address="1 place de la Mairie",
    postcode="35000",
    city="Rennes",
    siren="213500010",
)

OUTSIDE: Final = {
    "accueil-visiteur": "/",
    "inscription": "/inscription",
    "connexion": "/connexion",
    "mot-de-passe-oublie": "/mot-de-passe-oublie",
    "mentions-legales": "/mentions-legales",
    "contact": "/contact",
    "introuvable": "/cette-page-manque",
}
INSIDE: Final = {
    "accueil": "/accueil",
    "envoyer": "/envoyer",
    "carnet": "/carnet",
    "contact-nouveau": "/carnet/nouveau",
    "contact-fiche": "/carnet/1",
    "groupes": "/carnet/groupes",
    "groupe": "/carnet/groupes/1",
    "phrases": "/carnet/phrases",
    "import": "/carnet/import",
    "historique": "/historique",
    "messages": "/historique/messages",
    "programmes": "/programmes",
    "credits": "/credits",
    "acheter": "/credits/acheter?quantite=480",
    "commandes": "/credits/commandes",
    "commande-payee": f"/credits/commandes/{reference_of(1)}",
    "commande-cheque": f"/credits/commandes/{reference_of(2)}",
    "commande-virement": f"/credits/commandes/{reference_of(3)}",
    "payer": f"/credits/commandes/{reference_of(4)}/payer",
    "coordonnees": "/credits/coordonnees",
    "essai": "/credits/essai",
    "exploitation-paiements": "/exploitation/paiements",
    "exploitation-commande": f"/exploitation/paiements/{reference_of(2)}",
    "exploitation-modems": "/exploitation/modems",
    "transferts": "/credits/transferts",
    "transferts-compte": "/credits/transferts/3",
    "partage": "/credits/partage",
    "partage-domaine": "/credits/partage/exemple.fr",
    "options": "/options",
    "compte": "/compte",
    "double-authentification": "/compte/double-authentification",
    "documentation": "/documentation",
    "documentation-http": "/documentation/http",
    "documentation-e-mail": "/documentation/e-mail",
    "documentation-publipostage": "/documentation/publipostage",
    "documentation-codes": "/documentation/codes",
    "telecharger": "/telecharger",
}


def furnish(daemon: RunningDaemon) -> str:
    """An account with a past, a future and a book; gives its address. The first of a fresh daemon."""
    book = [
        (f"06609{index:05}", name, DISHES[index % 4], TOWNS[index % 4], "") for index, name in enumerate(NAMES, 10_000)
    ]
    groups = {"Clients": book, "Conseil municipal": book[:5], "Bénévoles": book[4:9]}
    address = daemon.provision(2_000, groups=groups, email=TOWN_HALL)
    daemon.change(
        address,
        lambda connection, account: [
            phrases.create(connection, account, name, text)
            for name, text in (
                ("Commande prête", "Bonjour [nom], votre commande est prête."),
                ("Réunion", "Réunion du conseil ce soir à 20 h, salle des fêtes."),
            )
        ],
    )
    for number in SANDBOX:
        assert daemon.sms(address, number, "Bonjour, la mairie est fermée vendredi.") == "80"
    assert daemon.sms(address, "Clients", MERGED) == "80"
    assert daemon.sms(address, "0639980001", "Fermeture de la piscine : rendez-vous lundi 🏊") == "80"
    later = datetime.now(ZoneInfo("Europe/Paris")) + timedelta(days=6)
    reminder = "Rappel : collecte des déchets verts demain à 8 h."
    assert daemon.sms(address, "Conseil municipal", reminder, diff=f"{later:%H%M%d%m%Y}") == "81"
    buy(daemon, address)
    share(daemon, address)
    plug_in(daemon, *POOL)
    daemon.settled()
    # receipts come a moment after
    daemon.wait(lambda: sum(one.state == "delivered" for one in daemon.messages(address)) >= 15, "most are delivered")
    time.sleep(0.5)
    return address


def buy(daemon: RunningDaemon, address: str) -> None:
    """Orders: one that was paid by card, one by cheque and one by transfer that are awaited, one at the test bank."""
    ways = (("carte", 2_500), ("cheque", 1_000), ("virement", 5_000), ("essai", 500))

    def order(connection: Connection, account: int) -> None:
        customers.keep(connection, account, HALL)
        now = int(time.time())
        for way, credits_ in ways:
            amounts = taxed(PRICES.net(credits_), 2000, Taxation.STANDARD)
            wanted = orders.Wanted(
                account=account,
                key=way,
                method=way,
                by_hand=way in ("cheque", "virement"),
                credits=credits_,
                amounts=amounts,
                customer=HALL,
                at=now,
            )
            orders.create(connection, wanted)
        today = day_of(now, ZoneInfo("Europe/Paris"))
        told = payments.Payment(
            provider="carte", event="evt", order=reference_of(1), day=today, today=today, at=now, method="card"
        )
        payments.pay(connection, told, SELLER)

    daemon.change(address, order)


def share(daemon: RunningDaemon, address: str) -> None:
    """Credits for two other accounts, one of which uses them, and some from a third; a domain with senders."""
    patron = daemon.provision(500, email="departement@exemple.org")
    ecole = daemon.provision(0, email="ecole@exemple.fr")

    def give(connection: Connection) -> None:
        gifts = ((address, ecole, 120), (address, "petanque@exemple.org", 40), (patron, address, 200))
        for giver, receiver, credits_ in gifts:
            wanted = transfers.Wanted(
                giver=daemon.account_id(connection, giver),
                receiver=receiver,
                credits=credits_,
                key=receiver,
                # what was used before is not seen
                at=int(time.time()) - 330 * 86_400,
                nobody=password_hash(),
            )
            transfers.give(connection, wanted)
        today, account = day_of(time.time(), ZoneInfo("Europe/Paris")), daemon.account_id(connection, ecole)
        past = {(account, today - 30 * ago, tally.Outcome.ACCEPTED): sent for ago, sent in enumerate(USED, 1)}
        tally.add(connection, {key: (sent, sent, sent) for key, sent in past.items()})

    def open_domain(connection: Connection, account: int) -> None:
        wanted = sharing.Wanted(
            account=account,
            domain="exemple.fr",
            password_hash=password_hash(),
            daily_limit=50,
            at=int(time.time()),
            proven=False,
        )
        sharing.share(connection, wanted)
        today = day_of(time.time(), ZoneInfo("Europe/Paris"))
        used = {"accueil@exemple.fr": 131, "camille.le-goff@exemple.fr": 48, "etat-civil@exemple.fr": 7}
        uses = {(account, today - ago, sender): (sent, sent) for ago, (sender, sent) in enumerate(used.items())}
        sharing.note(connection, uses)

    daemon.transact(give)
    daemon.change(address, open_domain)
    assert daemon.sms(ecole, "0639980001", "Cantine : pas d'école lundi.") == "80"


def compose(person: Person) -> None:
    """The form that sends, filled in."""
    page = person.go("/envoyer").page
    page.fill("#numeros", "06 12 34 56 78")
    page.check("input[name=groupe] >> nth=1")
    page.fill("#message", MERGED)
    page.wait_for_selector("#estimation:not([hidden])")


def confirm(person: Person) -> None:
    """What asks to confirm."""
    compose(person)
    person.page.click("text=Vérifier l'envoi")
    person.sees("Ce qui sera reçu")


def mistaken(person: Person) -> None:
    """The form that sends, with a mistake told."""
    person.go("/envoyer").page.fill("#message", "Bonjour")
    person.expected.add(422)
    person.page.click("text=Vérifier l'envoi")
    person.sees("Indiquez au moins un destinataire")


def submission(person: Person) -> None:
    """A submission to a group, ended."""
    page = person.go("/historique").page
    page.click("main a[href^='/historique/']:has-text('Clients') >> nth=0")
    person.sees("Remis")


def preview(person: Person) -> None:
    """A file of contacts, looked at before it is taken in."""
    page = person.go("/carnet/import").page
    file: Any = {"name": "publipostage.csv", "mimeType": "text/csv", "buffer": CSV.encode()}
    page.set_input_files("input[type=file]", file)
    page.click("main form[enctype] button[type=submit]")
    person.sees("Poirier")


STEPS: Final[dict[str, Callable[[Person], Any]]] = {
    "envoyer-rempli": compose,
    "envoyer-confirmer": confirm,
    "envoyer-erreur": mistaken,
    "envoi": submission,
    "import-apercu": preview,
}
"""Pages that one comes to by doing something."""


def open_page(person: Person, name: str) -> None:
    """Come to a page, by its name in this gallery."""
    if name in STEPS:
        STEPS[name](person)
        return
    if name == "introuvable":
        person.expected.add(404)
    person.go(OUTSIDE.get(name) or INSIDE[name])
    person.page.wait_for_load_state("networkidle" if name in OUTSIDE else "load")


ALL: Final = (*OUTSIDE, *INSIDE, *STEPS)
