"""Columns as the hub's tables have them: never NULL, of types that SQLite and every database of the PostgreSQL protocol know."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Text


def text_column(name: str, *, key: bool = False) -> Column[str]:
    """A text; ``key``: of the primary key."""
    return Column(name, Text, primary_key=key, nullable=False, default="")


def whole_column(name: str, *, key: bool = False) -> Column[int]:
    """A whole number of 64 bits."""
    return Column(name, BigInteger, primary_key=key, nullable=False, default=0, autoincrement=False)
