"""The virtual environment of ``smpp.twisted3``: it pins a Twisted that is not ours."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

NEEDED: Final = ("smpp.twisted3==0.8", "smpp.pdu3==0.6", "Twisted==23.10.0", "pyOpenSSL", "service_identity")
"""It imports the last two and does not say so."""


def python() -> Path:
    """The interpreter of that environment, which is made where it is not there yet: in ours, to go with it."""
    directory = Path(sys.prefix) / "peers" / "smpp.twisted3-0.8"
    interpreter = directory / "bin" / "python"
    whole = directory / "whole"
    if not whole.exists():
        print(f"Making {directory} with {', '.join(NEEDED)}, once…", flush=True)
        shutil.rmtree(directory, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", directory], check=True)
        pip = [str(interpreter), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *NEEDED], check=True)
        whole.touch()
    return interpreter
