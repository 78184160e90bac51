"""A Python with nothing installed, and nobody's home: what customers run the program with."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any, Final

PYTHON: Final = ("/usr/bin/python3", "-I", "-S")
"""The system's, which sees no packages and no variables."""


def run(
    script: str, archive: Path, *, given: str = "", options: tuple[str, ...] = (), **variables: str
) -> "subprocess.CompletedProcess[str]":
    """Run ``script``; ``ARCHIVE`` in it is where the program is, and ``HOME`` is an empty folder beside that."""
    home = archive.parent / "home"
    home.mkdir(exist_ok=True)
    text = f"ARCHIVE = {str(archive)!r}\n{script}"
    return subprocess.run(
        [*PYTHON, *options, "-c", text],
        input=given,
        cwd=home,
        env={"HOME": str(home), "PATH": os.defpath, **variables},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=120,
        check=False,
    )


def told(script: str, archive: Path, given: Any = None) -> Any:
    """What ``script`` prints, as JSON, with the archive's modules to import and ``given`` as JSON on its input."""
    head = "import json, sys\nsys.path.insert(0, ARCHIVE)\nGIVEN = json.load(sys.stdin)\n"
    done = run(head + script, archive, given=json.dumps(given))
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return json.loads(done.stdout)
