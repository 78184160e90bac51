"""Programs that others wrote take the simulator for a modem: ``gammu``, and the ``smsd`` of smstools."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from tests.daemon import wait_until
from tests.peers.modem_bench import ModemBench

LONG: Final = (
    "Chères adhérentes, chers adhérents, l'assemblée aura lieu samedi à 18 h à la salle polyvalente. "
    "Prix : 5 € [payables sur place]. Où ? Près de l'église, comme l'été dernier ; à samedi, le bureau."
)
"""Over 160 septets, some of them of the extension."""
UNICODE: Final = "Fête à l'école ✓ 😀." * 6
PATIENCE: Final = 90
SMSD: Final = Path("/usr/sbin/smsd")


def gammu(bench: ModemBench, *words: str, text: str = "") -> str:
    """Have it do one thing; gives what it says."""
    settings = bench.directory / "gammurc"
    settings.write_text(f"[gammu]\ndevice = {bench.path()}\nconnection = at115200\n", encoding="utf-8")
    done = subprocess.run(
        ["gammu", "-c", settings, *words],
        input=text,
        capture_output=True,
        encoding="utf-8",
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def joined(taken: list[dict[str, Any]]) -> str:
    """The text that the parts make."""
    assert len({part["reference"] for part in taken}) == 1
    assert [(part["part"], part["total"]) for part in taken] == [(at, len(taken)) for at in range(1, len(taken) + 1)]
    return "".join(part["text"] for part in taken)


@pytest.mark.parametrize("profile", ["huawei", "zte"])
def test_gammu(tmp_path: Path, profile: str) -> None:
    """It identifies the modem, sends a long text in two coded parts, and reads what came."""
    with ModemBench(tmp_path, profile=profile, send_seconds=0.1) as bench:
        told = gammu(bench, "identify")
        assert "490154203237501" in told
        assert "208010000000001" in told
        sent = gammu(bench, "sendsms", "TEXT", "+33612345678", "-len", "400", "-report", text=LONG)
        assert sent.count("OK, message reference=") == 2
        taken = bench.taken(2)
        assert joined(taken) == LONG
        assert {(part["number"], part["coding"], part["wants_report"]) for part in taken} == {
            ("+33612345678", "gsm7", True)
        }
        bench.do("send_message", sender="+33698765432", text="Où êtes-vous ?")
        wait_until(lambda: bench.do("counts").get("message") == 1, "the message is stored", 10)
        read = gammu(bench, "getallsms")
        assert "+33698765432" in read
        assert "Où êtes-vous ?" in read
    assert bench.complaints() == ""


def test_gammu_unicode(tmp_path: Path) -> None:
    """What GSM's alphabet has not goes as UCS-2."""
    with ModemBench(tmp_path) as bench:
        gammu(bench, "sendsms", "TEXT", "0612345678", "-len", "400", "-unicode", text=UNICODE)
        taken = bench.taken(2)
        assert joined(taken) == UNICODE
        assert {(part["number"], part["coding"]) for part in taken} == {("0612345678", "ucs2")}


def test_gammu_is_refused(tmp_path: Path) -> None:
    """It understands a refusal."""
    with ModemBench(tmp_path) as bench:
        bench.do("answers", answers={"78": [38]})
        with pytest.raises(AssertionError, match=r"38|[Ee]rror"):
            gammu(bench, "sendsms", "TEXT", "+33612345678", text="Essai")
        assert bench.do("taken") == []


@contextmanager
def smsd(bench: ModemBench) -> Iterator[Path]:
    """The daemon of smstools with its spool, from start to end."""
    spool = bench.directory / "spool"
    folders = ("outgoing", "checked", "incoming", "sent", "failed", "report")
    for folder in folders:
        (spool / folder).mkdir(parents=True)
    lines = [f"{folder} = {spool / folder}" for folder in folders]
    lines += [f"{name} = {spool / name}" for name in ("logfile", "infofile", "pidfile")]
    lines += ["devices = GSM1", "autosplit = 3", "incoming_utf8 = yes", "decode_unicode_text = yes"]
    lines += ["delaytime = 1", "delaytime_mainprocess = 1", "[GSM1]", f"device = {bench.path()}", "pin = 8642"]
    lines += ["incoming = yes", "report = yes", "using_routed_status_report = yes", "init = AT+CNMI=1,1,0,1,0"]
    settings = spool / "smsd.conf"
    settings.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with (spool / "output").open("wb") as output:
        daemon = subprocess.Popen([SMSD, "-t", f"-c{settings}"], stdout=output, stderr=output)
    try:
        yield spool
    finally:
        daemon.terminate()
        daemon.wait(PATIENCE)


def texts(folder: Path) -> str:
    """All that is in the folder."""
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted(folder.iterdir()))


@pytest.mark.skipif(not SMSD.exists(), reason="no smstools, whose package starts a daemon that seizes ports")
def test_smstools(tmp_path: Path) -> None:
    """It gives the PIN, sends a long text, and files a reply."""
    with ModemBench(tmp_path, pin="8642", mr=41) as bench:
        order = f"To: 33612345678\nReport: yes\nAlphabet: UTF-8\n\n{LONG}"
        with smsd(bench) as spool:
            (tmp_path / "order").write_text(order, encoding="utf-8")
            (tmp_path / "order").rename(spool / "outgoing" / "order")
            taken = bench.taken(2, PATIENCE)
            wait_until((spool / "sent" / "order").exists, "it knows that it was sent", PATIENCE)
            bench.do("send_message", sender="33698765432", text="Où êtes-vous ?")
            wait_until(lambda: "Où êtes-vous ?" in texts(spool / "incoming"), "it has the reply", PATIENCE)
        assert joined(taken) == LONG
        assert [part["mr"] for part in taken] == [41, 42]
        assert "Message_id: 42" in (spool / "sent" / "order").read_text(encoding="utf-8")
        assert bench.do("commands").count("AT+CPIN=…") == 1
    assert bench.complaints() == ""
