"""Whom an account's invoices are for."""

from typing import Any

import attrs
from sqlalchemy import Connection, select

from ..model.customer import Customer
from . import bulk
from .billing_schema import customer

_FIELDS = tuple(field.name for field in attrs.fields(Customer))


def find(connection: Connection, account: int) -> Customer:
    """The account's details; empty where it gave none."""
    row: Any = connection.execute(select(customer).where(customer.c.account_id == account)).one_or_none()
    return Customer() if row is None else Customer(**{name: getattr(row, name) for name in _FIELDS})


def keep(connection: Connection, account: int, details: Customer) -> None:
    """These from now on. Invoices that were issued stay as they are."""
    replaced = ", ".join(f"{name} = excluded.{name}" for name in _FIELDS)
    row = (account, *(getattr(details, name) for name in _FIELDS))
    conflict = f"ON CONFLICT (account_id) DO UPDATE SET {replaced}"
    bulk.insert(connection, customer, ("account_id", *_FIELDS), [row], conflict)
