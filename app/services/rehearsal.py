"""Stored calls through the chain once more: each call's words (or its sound, where it was kept) into a session of a set-up.

What people said is the same in every pass, so whatever differs comes of the set-up. Words are replayed as finals: cards that a real call
brought while the citizen was still speaking come at the end of the sentence here, in both passes. A call script beside the stored calls
may carry what was submitted under ``submitted`` (``tingdan rehearse export`` writes it).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from app.domain.call import CallAnswered, CallReleased, CallState
from app.domain.dialogue import CallContext, UtteranceFinal
from app.domain.errors import AppError, OperatorVisibleError
from app.domain.json_values import object_of
from app.domain.rehearsal import CallSeen, seen
from app.domain.ticket import Value
from app.ports.ports import Clock
from app.services.call_session import CallSession
from app.services.replay import read_script

#: What may stand beside a script with its sound.
SOUNDS = (".wav", ".flac")


@dataclass(frozen=True, slots=True)
class RehearsalCall:
    """A call to be replayed.

    Attributes:
        key: by which people find it: the ticket's number, or the script's name.
        context: as it was.
        finals: what was said, in order.
        length_ms: of the call.
        submitted: by matter, submitted values.
        helped: entries that the operator made use of.
        sound: its recording, where one was kept.
    """

    key: str
    context: CallContext
    finals: tuple[UtteranceFinal, ...]
    length_ms: int
    submitted: tuple[Mapping[str, Value | None], ...] = ()
    helped: frozenset[str] = frozenset()
    sound: Path | None = None


#: A call through one set-up: the state at its end. Raises AppError where it cannot be played.
Play = Callable[[RehearsalCall], CallState]


def scripts(folder: Path, clock: Clock, city: str) -> Iterator[RehearsalCall]:
    """Call scripts of a folder by name.

    Raises:
        OperatorVisibleError: no such folder, no script in it, or one that cannot be used.
    """
    names = sorted(folder.glob("*.json")) if folder.is_dir() else []
    if not names:
        raise OperatorVisibleError("rehearse.no_scripts", path=str(folder))
    for path in names:
        script = read_script(path)
        time = script.call_time or clock.now().isoformat(timespec="seconds")
        sound = next((found for end in SOUNDS if (found := path.with_suffix(end)).is_file()), None)
        submitted, helped = _told(path)
        yield RehearsalCall(path.stem, CallContext(f"replay-{path.stem}", time, script.city or city), script.finals, script.length_ms,
                            submitted, helped, sound)


def _told(path: Path) -> tuple[tuple[Mapping[str, Value | None], ...], frozenset[str]]:
    """What a script says of its ticket: ``submitted``, an array of objects, and ``helped``, an array of entries."""
    try:
        held = object_of(json.loads(path.read_text("utf-8")))
        submitted, helped = held.get("submitted", []), held.get("helped", [])
        if not isinstance(submitted, list) or not isinstance(helped, list):
            raise ValueError("submitted")
        return tuple(cast("Mapping[str, Value | None]", object_of(each)) for each in submitted), frozenset(str(each) for each in helped)
    except (OSError, ValueError) as error:
        raise OperatorVisibleError("replay.script_unusable", path=str(path)) from error


def play_words(call: RehearsalCall, session: CallSession) -> CallState:
    """A call's words through a session."""
    session.apply(CallAnswered())
    for final in call.finals:
        session.apply(final)
    return session.apply(CallReleased(call.length_ms))


def rehearse(calls: Iterable[RehearsalCall], play: Play, told: Callable[[int], None] = lambda done: None) -> tuple[CallSeen, ...]:
    """All calls through one set-up; a call that breaks off is kept with its fault and compared with nothing."""
    found: list[CallSeen] = []
    for number, call in enumerate(calls, 1):
        try:
            found.append(seen(call.key, play(call), call.submitted, call.helped))
        except AppError as fault:
            found.append(CallSeen(call.key, helped=call.helped, fault=fault.key))
        told(number)
    return tuple(found)
