"""The program where there is no screen: it says so in a terminal."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(("language", "said"), [("fr_FR.UTF-8", "pas d'écran"), ("en_GB.UTF-8", "no screen")])
def test_no_screen(tmp_path: Path, language: str, said: str) -> None:
    """One sentence in the reader's language, no traceback, and the folder is free again."""
    variables = {"HOME": str(tmp_path), "PATH": os.defpath, "LANG": language, "PYTHONIOENCODING": "utf-8"}
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-m", "smstob.desktop"], env=variables, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
        assert said in done.stderr
