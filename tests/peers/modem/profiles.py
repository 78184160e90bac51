"""What makers' modems have of their own: banners, noise, what they do not know, what they refuse."""

from collections.abc import Mapping
from typing import Final

import attrs


@attrs.frozen(kw_only=True)
class Profile:
    """A kind of modem."""

    maker: str
    model: str
    revision: str = "1.0"
    banners: tuple[str, ...] = ()
    """What it says when it has started."""
    ready: tuple[str, ...] = ()
    """What it says once its SIM can be used."""
    noise: tuple[str, ...] = ()
    """What it says by itself, in turn."""
    noise_seconds: float = 3.0
    quiet: str = ""
    """The command that ends the noise; it begins anew after a restart."""
    unknown: str = "ERROR"
    """Its answer to a command that it does not know."""
    lacks: frozenset[str] = frozenset()
    """Commands that it does not know."""
    cnmi: tuple[str, ...] = ("012", "0123", "0123", "012", "01")
    """Digits that each value of CNMI may have."""
    direct_needs_mode_1: bool = False
    """Whether ds=1 is refused but with mode 1."""
    csms: int = 0
    """What CSMS begins with."""
    iccid: str = "+CCID"
    iccid_prefix: str = "+CCID: "
    tries: str = ""
    """The command that tells how many PINs the SIM still takes."""
    memories: tuple[str, ...] = ("SM", "ME", "SR")
    """SR is for reports; without it they are stored where nobody can read them."""
    first_index: int = 1
    full: str = ""
    """What it says when a message finds no slot."""
    escaped: str = "OK"
    """Its answer to ESC at the prompt."""
    port_goes: bool = True
    """Whether its port vanishes with a restart, as that of one on USB does."""
    misses_first: bool = False
    """Whether it misses the first command after its start, of which it learns the speed."""
    plain_errors: bool = False
    """Whether +CMS ERROR too needs CMEE=1."""
    empty_slot: int | None = 321
    """The +CMS ERROR for a slot without a message; None where that is OK."""
    refused: Mapping[str, int] = {}
    """Commands that it refuses, with a +CMS ERROR."""
    vendor_commands: frozenset[str] = frozenset()
    """Commands of its maker's that it answers OK."""


GENERIC: Final = Profile(maker="Simulator", model="SIM-1")
HUAWEI: Final = Profile(
    maker="huawei",
    model="E3372",
    revision="21.180.01.00.00",
    banners=("^SYSSTART",),
    ready=("^SIMST:1", "^SRVST:2"),
    noise=("^RSSI:19", "^BOOT:20452112,0,0,0,72", '^HCSQ:"WCDMA",45,40,60', "^MODE:5,4"),
    quiet="^CURC",
    unknown="COMMAND NOT SUPPORT",
    lacks=frozenset({"+CEREG", "+CCID"}),
    cnmi=("012", "0123", "0123", "012", "01"),
    direct_needs_mode_1=True,
    iccid="^ICCID",
    iccid_prefix="^ICCID: ",
    tries="^CPIN",
    memories=("SM", "ME"),
    first_index=0,
    full='^SMMEMFULL: "SM"',
    refused={"+CMMS": 500},
    vendor_commands=frozenset({"^CURC", "^PORTSEL"}),
)
SIMCOM: Final = Profile(
    maker="SIMCOM_Ltd",
    model="SIMCOM_SIM800L",
    revision="Revision:1418B05SIM800L24",
    banners=("RDY", "+CFUN: 1"),
    ready=("+CPIN: READY", "Call Ready", "SMS Ready"),
    lacks=frozenset({"+CEREG"}),
    cnmi=("0123", "0123", "02", "01", "01"),
    iccid_prefix="",
    tries="+SPIC",
    memories=("SM", "ME"),
    port_goes=False,
    misses_first=True,
    empty_slot=None,
)
QUECTEL: Final = Profile(
    maker="Quectel",
    model="EC25",
    revision="EC25EFAR06A03M4G",
    banners=("RDY", "+CFUN: 1"),
    ready=("+CPIN: READY", "+QUSIM: 1", "+QIND: SMS DONE", "+QIND: PB DONE"),
    iccid="+QCCID",
    iccid_prefix="+QCCID: ",
    tries="+QPINC",
    lacks=frozenset({"+CCID"}),
    memories=("SM", "ME", "SR"),
    first_index=0,
    empty_slot=None,
    vendor_commands=frozenset({"+QURCCFG"}),
)
WAVECOM: Final = Profile(
    maker="WAVECOM MODEM",
    model="MULTIBAND  900E  1800",
    revision="651_09gg.Q2406B",
    banners=("+WIND: 1",),
    ready=("+WIND: 7", "+WIND: 4"),
    lacks=frozenset({"+CEREG"}),
    csms=1,
    cnmi=("012", "0123", "0123", "012", "01"),
    iccid_prefix='+CCID: "',
    memories=("SM", "SR"),
    escaped="ERROR",
    port_goes=False,
    plain_errors=True,
)
ZTE: Final = Profile(
    maker="ZTE INCORPORATED",
    model="MF190",
    revision="BD_MF190V1.0.0B04",
    banners=("+ZUSIMR:2",),
    ready=("+ZUSIMR:2", '+ZPASR: "UMTS"'),
    noise=("+ZUSIMR:2", "+ZEND"),
    noise_seconds=2.0,
    quiet="+CPMS",
    lacks=frozenset({"+CEREG", "+CCID"}),
    cnmi=("012", "01", "0123", "02", "01"),
    iccid="+ZGETICCID",
    iccid_prefix="+ZGETICCID: ",
    memories=("SM", "ME"),
    first_index=0,
    full='+ZSMMEMFULL: "SM"',
    escaped="",
    vendor_commands=frozenset({"+ZOPRT", "+ZCDRUN"}),
)
PROFILES: Final[Mapping[str, Profile]] = {
    "generic": GENERIC,
    "huawei": HUAWEI,
    "simcom": SIMCOM,
    "quectel": QUECTEL,
    "wavecom": WAVECOM,
    "zte": ZTE,
}
