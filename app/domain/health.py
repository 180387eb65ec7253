"""What `tingdan doctor` says: one finding a line, from whichever room looked.

Rooms give checks, the command line prints them; nobody decides anything on a check's wording.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Check:
    """One finding.

    Attributes:
        name: what was looked at, a stable dotted name ("speech.engine").
        ok: whether it is as it should be.
        key: message key of the sentence that tells it.
        params: values for the sentence's placeholders; never personal data.
        remedy: the command that mends it, empty where nothing is to be done.
    """

    name: str
    ok: bool
    key: str
    params: Mapping[str, object] = field(default_factory=dict)
    remedy: str = ""
