"""Modems that the daemon of a shop seems to have: told in its database, as a daemon tells of its own."""

import time
from typing import Final

import attrs

from smstob.model.modem import ModemReport, ModemState, SimLimits
from smstob.storage import status
from tests.daemon import RunningDaemon

from .shop import MODEMS

BEGUN: Final = int(time.time())
LASTING: Final = 3_600
"""Seconds that they stay, in which nobody tells of them anew."""

LIMITS: Final = SimLimits(per_minute=15, per_day=200, per_month=3_000, recipients_per_month=200)
WORKING: Final = ModemReport(
    gateway=MODEMS,
    port="/dev/serial/by-id/usb-HUAWEI_HUAWEI_Mobile-if00-port0",
    state=ModemState.UP,
    since=BEGUN - 93_000,
    model="HUAWEI E3131",
    imei="867710010000019",
    card="8933150119000000017",
    sim="208150123456789",
    network="Free Mobile",
    signal=-71,
    sent=1_234,
    failed=7,
    resets=1,
    day=96,
    month=1_904,
    recipients=168,
    limits=LIMITS,
    heard=BEGUN - 4,
)

POOL: Final = (
    WORKING,
    attrs.evolve(
        WORKING,
        port="/dev/serial/by-id/usb-ZTE_MF190-if01-port0",
        state=ModemState.LIMITED,
        reason="La carte SIM a écrit à 200 numéros différents en 31 jours, sa limite (recipients_per_month).",
        until=BEGUN + 7_300,
        model="ZTE MF190",
        imei="861230010000011",
        card="8933010119000000041",
        sim="208010123456781",
        network="Orange F",
        signal=-93,
        recipients=200,
    ),
    attrs.evolve(
        WORKING,
        port="/dev/serial/by-id/usb-SimTech_SIM7600-if02-port0",
        state=ModemState.LOCKED,
        reason="La carte SIM a refusé son code PIN : corrigez-le, puis « smstob modem retry-pin 8933200119000000033 ».",
        since=BEGUN - 700,
        model="SIMCOM SIM7600E-H",
        imei="862636050000013",
        card="8933200119000000033",
        sim="",
        network="",
        signal=None,
        sent=0,
        failed=0,
        resets=0,
        limits=LIMITS,
    ),
    ModemReport(
        gateway=MODEMS,
        port="/dev/serial/by-id/usb-HUAWEI_E220-if00-port0",
        state=ModemState.ABSENT,
        reason="Il n'y a rien à ce port : branchez le modem.",
        since=BEGUN - 320,
        heard=BEGUN - 320,
        sent=388,
        resets=4,
    ),
    attrs.evolve(
        WORKING,
        port="socket://10.0.0.7:2000",
        roaming=True,
        network="Proximus",
        signal=-104,
        model="Quectel EC25",
        imei="867698040000017",
        card="8932020119000000027",
        sim="206010123456787",
        limits=SimLimits(per_minute=10),
    ),
)
"""Two that work, one that reached a limit, one whose card wants its code, and one that is not there."""


def plug_in(daemon: RunningDaemon, *modems: ModemReport) -> None:
    """These are all of them now."""
    at = int(time.time()) + LASTING
    daemon.transact(lambda connection: status.write_modems(connection, "modems", modems, at))
