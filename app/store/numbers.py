"""Ticket numbers: yyMMddHHmmss and six random digits; a child of it carries -01, -02, ….

Random, not counted: several desks give numbers at the same second without asking each other. The store makes sure that a
number is free before it takes it.
"""

from __future__ import annotations

import secrets
from datetime import datetime


def new_number(now: datetime) -> str:
    """A number for a ticket made at ``now`` (18 digits)."""
    return f"{now:%y%m%d%H%M%S}{secrets.randbelow(1_000_000):06d}"


def child_number(number: str, matter: int) -> str:
    """The number of the ticket for a further matter, counted from 1."""
    return f"{number}-{matter:02d}"
