"""Modems as daemons tell of them, one in each state, for pages that show them."""

from typing import Final

import attrs

from smstob.model.modem import ModemReport, ModemState, SimLimits
from smstob.storage import status
from tests.house import NOW, House

LIMITS: Final = SimLimits(per_minute=15, per_day=200, per_month=3_000, recipients_per_month=200)

HUAWEI: Final = ModemReport(
    gateway="cles",
    port="/dev/serial/by-id/usb-HUAWEI_HUAWEI_Mobile-if00-port0",
    state=ModemState.UP,
    since=NOW - 7_200,
    model="Huawei E3131",
    imei="867710010000019",
    card="8933150119000000017",
    sim="208150123456789",
    network="Free Mobile",
    signal=-71,
    sent=1_234,
    failed=7,
    resets=2,
    day=180,
    month=1_900,
    recipients=200,
    limits=LIMITS,
    heard=NOW - 5,
)
"""One that sends."""

REASON: Final = "Le code PIN a été refusé : corrigez-le, puis « smstob modem retry-pin 8933150119000000025 »."

POOL: Final = (
    HUAWEI,
    ModemReport(gateway="cles", port="/dev/ttyACM0", state=ModemState.ABSENT, since=NOW - 60),
    ModemReport(gateway="cles", port="/dev/ttyUSB1", state=ModemState.STARTING, since=NOW),
    attrs.evolve(HUAWEI, port="/dev/ttyUSB3", state=ModemState.LOCKED, reason=REASON, signal=None, network="", sim=""),
    attrs.evolve(HUAWEI, port="/dev/ttyUSB4", state=ModemState.LIMITED, until=NOW + 3_600, day=200, roaming=True),
    attrs.evolve(HUAWEI, port="/dev/ttyUSB6", state=ModemState.PAUSED, reason="Le réseau est saturé.", signal=-101),
    attrs.evolve(HUAWEI, port="/dev/ttyUSB9", state=ModemState.HEALING, limits=SimLimits(per_minute=0)),
    ModemReport(gateway="cles", port="socket://10.0.0.7:2000", state=ModemState.SEARCHING, since=NOW, model="SIM7600E"),
)
"""A gateway's, in every state, by port."""

_, ABSENT, _, LOCKED, LIMITED, PAUSED, HEALING, _ = POOL


def tell(house: House, *known: ModemReport) -> None:
    """These are all the modems that a daemon of the house has now."""
    house.write(lambda connection: status.write_modems(connection, "house", known, house.now))
