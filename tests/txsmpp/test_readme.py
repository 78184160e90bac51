"""The README's example does what it says, against an SMSC that others wrote."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.peers.conftest import node_smsc
from tests.peers.node_smsc import NodeSmsc

__all__ = ["node_smsc"]

ROOT: Final = Path(__file__).resolve().parents[2]
STOP: Final = "reactor.callLater(1.5, reactor.stop)\nreactor.run()"


def test_example(node_smsc: NodeSmsc) -> None:
    """Bound, it sends a message, is told its id, and acknowledges the receipt; nothing else is written."""
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "txsmpp" / "README.md").read_text("utf-8"), re.DOTALL)
    program = code.replace("2775", str(node_smsc.port)).replace("reactor.run()", STOP)
    assert program.count(STOP) == program.count(str(node_smsc.port)) == 1
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )
    assert run.stderr == ""
    answer, receipt, *_ = run.stdout.splitlines()
    assert answer == "my message ESME_ROK b'1'"
    assert "DELIVERED" in receipt
    (submitted,) = node_smsc.journal()
    assert (submitted.destination, submitted.short_message) == ("33639980001", b"Bonjour")
    assert node_smsc.counts().receipts_acknowledged == 1
