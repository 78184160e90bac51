"""The process that reads one workbook: from standard input to a line of JSON for its sheets' names, and one a row.

A string instead of a row says why there are no more. Imports nothing of ours: it starts for every workbook.
"""

import datetime
import io
import json
import resource
import sys
from collections.abc import Iterator
from typing import Any, Final

MOST_MEMORY: Final = 2**30
MOST_PROCESSOR_SECONDS: Final = 30
MOST_CHARACTERS: Final = 32 * 2**20
"""Of all cells together: one long text may stand in every cell and takes no room in the file."""

_WHOLE: Final = 1e15
"""Numbers beyond it are shown as they are written, not digit by digit."""


def main(sheet: int, most_rows: int, most_columns: int) -> None:
    """Read the workbook, within bounds."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_PROCESSOR_SECONDS, MOST_PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from python_calamine import CalamineWorkbook, PasswordError

    write = sys.stdout.write
    try:
        workbook = CalamineWorkbook.from_object(io.BytesIO(sys.stdin.buffer.read()))
        names = workbook.sheet_names
        write(json.dumps(names) + "\n")
        for answer in _rows(workbook.get_sheet_by_index(sheet if sheet < len(names) else 0), most_rows, most_columns):
            write(json.dumps(answer) + "\n")
    except PasswordError:
        write('"password"\n')
    except MemoryError:
        write('"big"\n')
    except BaseException:  # its panics are no Exception
        write('"broken"\n')
    sys.stdout.flush()


def _rows(sheet: Any, most_rows: int, most_columns: int) -> Iterator[Any]:
    """Each row that is not blank with its line; one more than is taken, and one column more."""
    if sheet.start is None:
        return
    top, left = sheet.start
    rows = characters = 0
    for line, values in enumerate(sheet.iter_rows(), top + 1):
        cells = [""] * left + [shown(value) for value in values[: most_columns + 1]]
        if not any(cells):
            continue
        rows += 1
        characters += sum(map(len, cells))
        if characters > MOST_CHARACTERS:
            yield "big"
            return
        yield line, cells[: most_columns + 1]
        if rows > most_rows + 1:
            return


def shown(value: object) -> str:
    """A cell as a person sees it in a French spreadsheet."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "VRAI" if value else "FAUX"
    return _number(float(value)) if isinstance(value, int | float) else _moment(value)


def _moment(value: object) -> str:
    if isinstance(value, datetime.datetime):
        clock = "" if value.time() == datetime.time() else f" {_clock(value.time())}"
        return f"{value:%d/%m/%Y}{clock}"
    if isinstance(value, datetime.date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, datetime.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")
    return _clock(value) if isinstance(value, datetime.time) else ""


def _number(value: float) -> str:
    if value.is_integer() and abs(value) < _WHOLE:
        return str(int(value))
    # fifteen digits are what spreadsheets keep
    return f"{value:.15g}".replace(".", ",").upper()


def _clock(value: datetime.time) -> str:
    return f"{value:%H:%M:%S}" if value.second else f"{value:%H:%M}"


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
