"""A daemon that sells in every way, the Stripe that it knows, and who buys and who runs it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.daemon import RunningDaemon, wait_until
from tests.payments.fake_stripe import KEY, SECRET
from tests.ports import START, answers, free_port

ROOT: Final = Path(__file__).resolve().parent.parent.parent
OPERATOR: Final = "exploitant@exemple.fr"
AUDIOTEL: Final = "le secret du numéro"
MODEMS: Final = "cles-usb"
"""A gateway by which nothing leaves: its modems are those that ``modems.plug_in`` tells of."""
IBAN: Final = "FR7630006000011234567890189"
COMPANY: Final = {
    "name": "SMStoB",
    "legal_form": "SARL au capital de 10 000 €",
    "address": "1 rue de la Poste",
    "postcode": "35000",
    "city": "Rennes",
    "siren": "732829320",
    "register": "RCS Rennes 732 829 320",
    "vat_number": "FR44732829320",
}


def payments(stripe_port: int) -> dict[str, Any]:
    """The ways to pay, Stripe's API on loopback among them."""
    stripe = {"key": KEY, "webhook_secret": SECRET, "api": f"http://127.0.0.1:{stripe_port}"}
    return {
        "carte": {"type": "stripe", "settings": stripe},
        "essai": {"type": "test", "settings": {}},
        "cheque": {"type": "cheque", "settings": {"payee": "SMStoB", "address": "1 rue de la Poste\n35000 Rennes"}},
        "virement": {"type": "transfer", "settings": {"holder": "SMStoB", "iban": IBAN, "bic": "AGRIFRPP"}},
    }


@contextmanager
def selling(directory: Path, operator: str = OPERATOR) -> Iterator[RunningDaemon]:
    """The daemon, started, beside a Stripe that calls it; at the end both are stopped, and the books are checked."""
    daemon, stripe_port = RunningDaemon(directory), free_port()
    base_url = f"http://127.0.0.1:{daemon.port}"
    daemon.configure(
        {
            "service": {"base_url": base_url},
            "web": {"listen": [f"tcp:{daemon.port}:interface=127.0.0.1"], "operators": [operator]},
            "company": COMPANY,
            "payments": payments(stripe_port),
            "gateways": {"sink": daemon.sink(), MODEMS: {"type": "gsm", "settings": {"port": "/dev/none/*"}}},
            "audiotel": {"number": "08 99 12 34 56", "price": "3,00 € par appel", "secret": AUDIOTEL},
        }
    )
    command = [sys.executable, "-m", "tests.payments.stripe_process"]
    called = f"{base_url}/paiement/avis/carte"
    with subprocess.Popen([*command, str(stripe_port), called], cwd=ROOT) as stripe:
        try:
            wait_until(lambda: answers(stripe_port), "Stripe answers", START)
            daemon.start()
            yield daemon
            daemon.terminate()
            daemon.check()
        finally:
            daemon.close()
            stripe.terminate()
