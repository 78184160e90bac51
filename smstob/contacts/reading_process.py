"""The process that reads one file: it may take seconds, and a hostile file takes nothing but this process with it.

On standard input come a line of JSON that says how to read, and the file. On standard output goes a line of JSON that
says what the file holds, and then one for each contact.
"""

import gc
import json
import resource
import sys
from typing import Any, Final

from ..model.contact_import import Unreadable
from ..model.tariff import Tariff
from . import lines
from .reading import Reading, read

MOST_MEMORY: Final = 2**30
MOST_PROCESSOR_SECONDS: Final = 30


def main() -> None:
    """Read the file, within bounds."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_PROCESSOR_SECONDS, MOST_PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    gc.disable()  # nothing that is made here goes in circles
    asked = json.loads(sys.stdin.buffer.readline())
    content = sys.stdin.buffer.read()
    try:
        found = read(content, lines.plan_of(asked["plan"]), Tariff(asked["prices"]))
    except Unreadable as why:
        print(json.dumps({"unreadable": str(why)}))  # noqa: T201
        return
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write(json.dumps(_head(found, asked["faults"])) + "\n")
    for who in found.recipients:
        sys.stdout.write(json.dumps(lines.written(who), ensure_ascii=False) + "\n")


def _head(found: Reading, faults: int) -> dict[str, Any]:
    return {
        "plan": lines.plan(found.plan),
        "sheets": found.sheets,
        "titles": found.titles,
        "rows": [lines.row(row) for row in found.rows],
        "good": found.good,
        "repaired": found.repaired,
        "repeated": found.repeated,
        "faults": [(fault.line, fault.reason) for fault in found.faults[:faults]],
        "faulty": len(found.faults),
    }


if __name__ == "__main__":
    main()
