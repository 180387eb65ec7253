"""Short talks with the fields they must and must not give (``talks*.txt``): invented persons and places, our own words.

A line ``O`` or ``C`` is a turn of operator or citizen, ``= field value`` must come out, ``- field`` must stay empty.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from app.domain.dialogue import CallContext, Channel, Utterance


@dataclass
class Talk:
    """One talk with what is expected of it."""

    name: str
    context: CallContext
    dialogue: list[Utterance] = field(default_factory=list)
    wanted: dict[str, str] = field(default_factory=dict)
    empty: list[str] = field(default_factory=list)

    def without_punctuation(self) -> list[Utterance]:
        """As recognised sound has it."""
        return [
            Utterance(u.index, u.channel, u.start_ms, u.end_ms, re.sub(r"[^\w]", "", u.text)) for u in self.dialogue
        ]


def talks() -> list[Talk]:
    """All talks of the file."""
    found: list[Talk] = []
    files = sorted(Path(__file__).parent.glob("talks*.txt"))
    for line in (line for file in files for line in file.read_text("utf-8").splitlines()):
        mark, _, rest = line.partition(" ")
        if mark == "#":
            name, city, time, *more = rest.split()
            caller = more[0].removeprefix("caller=") if more else ""
            found.append(Talk(name, CallContext(name, time, city, caller)))
        elif mark in ("O", "C"):
            place = len(found[-1].dialogue)
            channel = Channel.OPERATOR if mark == "O" else Channel.CITIZEN
            found[-1].dialogue.append(Utterance(place, channel, place * 1000, place * 1000 + 900, rest))
        elif mark == "=":
            key, _, value = rest.partition(" ")
            found[-1].wanted[key] = value
        elif mark == "-":
            found[-1].empty.append(rest.strip())
    return found
