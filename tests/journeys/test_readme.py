"""What the README says to do first, done: the shipped configuration, the real commands, a fresh directory."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

from tests.daemon import BIN, RunningDaemon
from tests.ports import START, free_port

ROOT: Final = Path(__file__).resolve().parent.parent.parent
README: Final = (ROOT / "README.md").read_text(encoding="utf-8")
PASSWORD: Final = "XV65JU7K2P"


@pytest.fixture
def shipped(tmp_path: Path) -> RunningDaemon:
    """A daemon on the shipped configuration: only the ports are others, and paths start in a fresh directory."""
    daemon = RunningDaemon(tmp_path)
    text = (ROOT / "config" / "smstob.toml").read_text(encoding="utf-8")
    for port, other in ((8080, daemon.port), (2525, free_port()), (9090, free_port())):
        assert str(port) in text
        text = text.replace(str(port), str(other))
    daemon.config.write_text(text, encoding="utf-8")
    return daemon


def smstob(daemon: RunningDaemon, *arguments: str) -> Any:
    """What the operator's command prints with ``--json``."""
    command = [str(BIN / "smstob"), "--config", str(daemon.config), "--json", *arguments]
    done = subprocess.run(command, cwd=daemon.directory, capture_output=True, text=True, timeout=START, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_first_sms(shipped: RunningDaemon) -> None:
    """An account, a call, the text in the journal, delivered, nine credits left, a ledger that adds up."""
    try:
        shipped.start()
        created = smstob(shipped, "account", "create", "a@b.fr", "--credits", "10", "--password", PASSWORD)
        assert (created["email"], created["credits"], created["password"]) == ("a@b.fr", 10, PASSWORD)
        call = {"email": "a@b.fr", "pass": PASSWORD, "numero": "0639980001", "message": "Bonjour"}
        assert shipped.call(call) == "80"
        journal = shipped.directory / "var" / "sink.jsonl"
        shipped.wait(lambda: journal.exists() and journal.read_text(encoding="utf-8"), "the text is in the journal", 5)
        (line,) = journal.read_text(encoding="utf-8").splitlines()
        sent = json.loads(line)
        assert (sent["to"], sent["text"], sent["coding"], sent["class"]) == ("+262639980001", "Bonjour", "gsm7", None)

        def delivered() -> bool:
            (message,) = smstob(shipped, "message", "list")
            assert (message["to"], message["text"], message["credits"]) == ("+262639980001", "Bonjour", 1)
            return bool(message["state"] == "delivered")

        shipped.wait(delivered, "the message is delivered", 10)
        assert smstob(shipped, "account", "show", "a@b.fr")["credits"] == 9
        verified = smstob(shipped, "ledger", "verify")
        assert (verified["sum"], verified["differences"]) == (0, [])
        assert shipped.terminate() < 10
        assert f"http://127.0.0.1:{shipped.port}" in shipped.logged()
        assert PASSWORD not in shipped.logged()
        assert "Bonjour" not in shipped.logged()
    finally:
        shipped.close()


def test_readme_says_this() -> None:
    """The commands above are the README's."""
    for said in (
        f"smstob account create a@b.fr --credits 10 --password {PASSWORD}",
        f"/http.php?email=a@b.fr&pass={PASSWORD}&numero=0639980001&message=Bonjour",
        "cat var/sink.jsonl",
        "smstob message list",
        "smstob account show a@b.fr",
        "smstob ledger verify",
        "http://127.0.0.1:8080",
    ):
        assert said in README
    assert re.search(r"9 credits left", README)
