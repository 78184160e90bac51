"""The files of ``config/`` that others read: systemd, udev; and what the documents say of modems."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from smstob.channels.web.modem_labels import MODEM_STATES

ROOT: Final = Path(__file__).resolve().parent.parent
CONFIG: Final = ROOT / "config"
MANUAL: Final = (ROOT / "docs" / "modems.md").read_text("utf-8")
PROGRAM: Final = "/opt/smstob/.venv/bin/twistd"

RULE: Final = re.compile(
    r'#.*|((ACTION|SUBSYSTEM|ATTRS\{\w+\}|ENV\{\w+\}|GROUP|MODE|SYMLINK|GOTO|LABEL)(=|==|!=|\+=)"[^"]+"(, |$))+'
)
"""A line of rules: matches and assignments, with commas between them (udev(7))."""


def complaints(directory: Path, unit: str) -> str:
    """What systemd says of a unit, whose program is one that is there."""
    path = directory / "smstob.service"
    path.write_text(unit.replace(PROGRAM, "/bin/true"), encoding="utf-8")
    command = ["systemd-analyze", "verify", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return "\n".join(line for line in done.stderr.splitlines() if str(path) in line or path.name in line)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_unit(tmp_path: Path) -> None:
    """Systemd understands every line of it; one that it does not is found."""
    unit = (CONFIG / "smstob.service").read_text("utf-8")
    assert PROGRAM in unit
    assert complaints(tmp_path, unit) == ""
    assert "device policy" in complaints(tmp_path, unit.replace("DevicePolicy=closed", "DevicePolicy=clozed"))
    assert "Unknown key" in complaints(tmp_path, unit.replace("DeviceAllow=char-ttyUSB", "DeviseAllow=char-ttyUSB"))


def test_unit_opens_modems() -> None:
    """It sees serial ports and may use them, and no other device; drivers are loaded before it asks for their ports."""
    lines = (CONFIG / "smstob.service").read_text("utf-8").splitlines()
    allowed = [line.removeprefix("DeviceAllow=") for line in lines if line.startswith("DeviceAllow=")]
    assert allowed == ["char-ttyUSB rw", "char-ttyACM rw", "char-ttyS rw", "char-ttyAMA rw"]
    assert {"DevicePolicy=closed", "SupplementaryGroups=dialout"} <= set(lines)
    assert "PrivateDevices=yes" not in lines
    for name in ("After=", "Wants="):
        (line,) = [line for line in lines if line.startswith(name)]
        assert {"modprobe@usbserial.service", "modprobe@cdc_acm.service"} <= set(line.removeprefix(name).split())


def test_rules() -> None:
    """Each line is one that udev understands, jumps arrive, and a modem's every port is kept from ModemManager."""
    lines = [line for line in (CONFIG / "smstob-modems.rules").read_text("utf-8").splitlines() if line]
    assert [line for line in lines if not RULE.fullmatch(line)] == []
    live = [line for line in lines if not line.startswith("#")]
    assert {*re.findall(r'GOTO="(\w+)"', "\n".join(live))} == {*re.findall(r'LABEL="(\w+)"', "\n".join(live))}
    vendors = [re.match(r'#?ATTRS\{idVendor\}=="([0-9a-f]{4})", ENV\{ID_MM_DEVICE_IGNORE\}="1"$', one) for one in lines]
    found = [vendor[1] for vendor in vendors if vendor]
    assert len(found) == len(set(found)) == sum("idVendor" in line for line in lines)
    for wrong in ('ATTRS{idVendor}="12d1" ENV{X}="1"', "GROUP=dialout", 'SYMLINK=~"x"', 'ATTRS{idVendor}=="12d1",'):
        assert not RULE.fullmatch(wrong)


def test_manual_of_modems() -> None:
    """It knows every state and every setting, and the files that it names are there."""
    for name, _, _ in MODEM_STATES.values():
        assert f"| {name} |" in MANUAL
    example = (CONFIG / "smstob.toml").read_text("utf-8")
    section = example.partition("#[gateways.modem.settings]\n")[2].partition("\n\n")[0]
    keys = set(re.findall(r"^#(\w+) = ", section, re.MULTILINE))
    assert len(keys) == 11
    assert {key for key in keys if not re.search(rf"\b{key}\b", MANUAL)} == {"baudrate"}, "said in the example alone"
    for path in re.findall(r"config/[\w.-]+", MANUAL):
        assert (ROOT / path).is_file(), path
    for path in re.findall(r"\]\(([^)]+)\)", MANUAL):
        assert (ROOT / "docs" / path).is_file(), path
