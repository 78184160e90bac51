"""The ways to be paid, as the daemon finds them."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
from twisted.internet.task import Clock
from zope.interface.verify import verifyObject

from smstob.assembly import gateway_makers
from smstob.billing_interfaces import IPaymentProvider, IPaymentProviderMaker
from smstob.configuration import load
from smstob.settings import SettingsError
from smstob.till import payment_makers
from tests.configurations import COMPANY, MINIMAL, toml

from .fake_stripe import KEY, SECRET
from .orders import BASE

SETTINGS: Final[dict[str, dict[str, Any]]] = {
    "stripe": {"key": KEY, "webhook_secret": SECRET},
    "cheque": {"payee": "SMStoB", "address": "1 rue de la Poste"},
    "transfer": {"holder": "SMStoB", "iban": "FR7630006000011234567890189"},
    "test": {},
}
KINDS: Final = {"stripe": "card", "cheque": "cheque", "transfer": "transfer", "test": "test"}


def configured(path: Path, settings: dict[str, dict[str, Any]]) -> Any:
    """What is read of a file with these payments, each called ``my-`` and its type."""
    payments = "".join(
        f'[payments.my-{type_}]\ntype = "{type_}"\n[payments.my-{type_}.settings]\n{toml(values)}'
        for type_, values in settings.items()
    )
    file = path / "smstob.toml"
    file.write_text(f"{MINIMAL}[company]\n{toml(COMPANY)}{payments}")
    return load(file, gateway_makers(), payment_makers())


def test_all_are_found(tmp_path: Path) -> None:
    """Each type is there, with a line for the operator, and makes of a file a provider of its kind."""
    makers = payment_makers()
    assert makers.keys() == SETTINGS.keys()
    for chosen in configured(tmp_path, SETTINGS).payments:
        maker = makers[chosen.type]
        assert verifyObject(IPaymentProviderMaker, maker)
        assert re.fullmatch(r".{10,80}", maker.description)
        provider = maker.make_provider(chosen.name, chosen.settings, BASE, Clock(), None)
        assert verifyObject(IPaymentProvider, provider)
        assert (provider.method.name, provider.method.kind) == (f"my-{chosen.type}", KINDS[chosen.type])
        assert provider.method.by_hand == (chosen.type in ("cheque", "transfer"))


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    """Neither by the settings nor by mistakes in them."""
    read = configured(tmp_path, SETTINGS)
    assert KEY not in repr(read)
    assert SECRET not in repr(read)
    swapped = {"stripe": {"key": SECRET, "webhook_secret": KEY}}
    with pytest.raises(SettingsError) as refused:
        configured(tmp_path, swapped)
    assert len(refused.value.mistakes) == 2
    assert KEY not in str(refused.value)
    assert SECRET not in str(refused.value)


def test_modules_come_when_they_are_used() -> None:
    """Who has no card payments does not pay for Stripe's library."""
    code = "import sys; from smstob.till import payment_makers; payment_makers(); print('stripe' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
