"""Plans, contacts and rows as JSON has them: between processes, and kept with an import. Pure."""

from typing import Any

import attrs

from ..model.contact import Recipient
from ..model.contact_import import Columns, Plan, PreviewRow
from ..model.merge import Variables


def plan(value: Plan) -> dict[str, Any]:
    """As JSON has it."""
    return attrs.asdict(value)


def plan_of(told: dict[str, Any]) -> Plan:
    """What ``plan`` made."""
    columns = told["columns"]
    return Plan(**{**told, "columns": None if columns is None else Columns(**columns)})


def written(who: Recipient) -> tuple[str, ...]:
    """As JSON has it; the number comes first."""
    said = who.variables
    return who.number, who.typed, who.country, said.name, said.v1, said.v2, said.v3


def recipient_of(told: list[str]) -> Recipient:
    """What ``written`` made."""
    number, typed, country, *said = told
    return Recipient(number, typed, country, Variables(*said))


def row(value: PreviewRow) -> dict[str, Any]:
    """As JSON has it."""
    contact = None if value.contact is None else written(value.contact)
    return {**attrs.asdict(value, recurse=False), "contact": contact}


def row_of(told: dict[str, Any]) -> PreviewRow:
    """What ``row`` made."""
    contact = None if told["contact"] is None else recipient_of(told["contact"])
    return PreviewRow(**{**told, "cells": tuple(told["cells"]), "contact": contact})
