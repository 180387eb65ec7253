"""Forms of what requests about cases and callbacks name: ids, work numbers, codes, days. One place for both routers. Pure."""

from __future__ import annotations

import re

ID = r"^[0-9a-f]{32}$"
TICKET = r"^[0-9A-Za-z-]{4,40}$"
RULE = r"^[0-9a-z_.]{1,60}$"
CODE = r"^[0-9A-Za-z_.-]{0,60}$"
AGENT, MAYBE_AGENT = r"^[0-9A-Za-z_.-]{1,40}$", r"^[0-9A-Za-z_.-]{0,40}$"
A_DAY, MAYBE_DAY = r"^\d{4}-\d{2}-\d{2}$", r"^(\d{4}-\d{2}-\d{2})?$"
PLACE = r"^\w{0,20}$"


def matching(text: str, pattern: str) -> str:
    """The text; ValueError where it is not of this form. Says nothing of the text."""
    if not re.fullmatch(pattern, text):
        raise ValueError(pattern)
    return text
