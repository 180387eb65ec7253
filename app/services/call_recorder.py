"""Makes the lead's record of each call of a desk: what the call's trace, the store of knowledge use and the window's effort tell.

Asked once a call, on the thread that submits. What cannot be read costs its part of the record, never the ticket: the caller treats a
failure as "no record".
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from app.domain.assist import AssistEvent
from app.domain.call import CallEvent, CallState
from app.domain.call_record import CallRecord
from app.domain.call_recording import CallTold, Desk, Official, Recorded, recorded
from app.domain.errors import AppError
from app.domain.quality import QualityRule
from app.platform import logs
from app.ports.assist import AssistStore
from app.ports.ports import Clock
from app.services.call_trace import CallTrace
from app.services.knowledge_push import unanswered
from app.services.quality_watch import QualityWatch, checked

#: Parts of the versions that have a name of their own in a record; all others together are the recogniser's vocabulary.
_PARTS = ("program", "model", "knowledge", "rules")
_ENGINE = "engine"


@dataclass(frozen=True, slots=True)
class RecorderParts:
    """What a desk's records are made from.

    Attributes:
        desk: this PC's random id.
        rules: version of rules and learned models.
        official: what may leave by its name.
        assist: use of knowledge.
        clock: time.
        effort: keys and clicks of a call, by its id.
        quality: rules of the quality check.
        reminds: whether what is missing is told during the call.
    """

    desk: str
    rules: str
    official: Callable[[], Official]
    assist: AssistStore
    clock: Clock
    effort: Callable[[str], tuple[int, int]] = lambda call_id: (0, 0)
    quality: tuple[QualityRule, ...] = ()
    reminds: bool = True


class CallRecorder:
    """See the module.

    Args:
        parts: see there.
        agent: the operator's work number now.
    """

    def __init__(self, parts: RecorderParts, agent: Callable[[], str] = lambda: "") -> None:
        self._parts, self._agent = parts, agent
        self._log = logs.get("call_recorder")

    def use_effort(self, effort: Callable[[str], tuple[int, int]]) -> None:
        """Count keys and clicks from now on by this."""
        self._parts = replace(self._parts, effort=effort)

    def begin(self) -> CallTrace:
        """Follow a call."""
        return CallTrace(self._parts.clock)

    def watch(self, post: Callable[[CallEvent], None]) -> QualityWatch | None:
        """Tell what is missing while it can be mended; None where nobody wants that."""
        return QualityWatch(self._parts.quality, post) if self._parts.reminds and self._parts.quality else None

    def record(self, state: CallState, told: CallTold, versions: Mapping[str, str]) -> CallRecord:
        """The record of a call that is about to be submitted in this state."""
        parts = self._parts
        keys, clicks = parts.effort(state.context.call_id)
        desk = Desk(parts.desk, self._agent(), {**parts_of(versions), "rules": parts.rules})
        call = Recorded(state, told, self._events(state.context.call_id), len(unanswered(state.dialogue, state.pushes)), keys, clicks,
                        checked(parts.quality, state, told.unheard))
        return recorded(uuid.uuid4().hex, parts.clock.now().isoformat(timespec="seconds"), desk, call, parts.official(), distance)

    def _events(self, call_id: str) -> tuple[AssistEvent, ...]:
        try:
            return self._parts.assist.events(call_id=call_id)
        except AppError as error:
            self._log.warning("use_left_out", key=error.key)
            return ()


def distance(one: str, other: str) -> float:
    """Edit distance over the longer text's length, 0 to 1."""
    from rapidfuzz.distance import Levenshtein  # noqa: PLC0415 - after a call; the window does not wait for it

    return Levenshtein.normalized_distance(one, other)


def parts_of(versions: Mapping[str, str]) -> dict[str, str]:
    """Versions behind a ticket by the parts that a record knows."""
    named = {part: versions[part] for part in _PARTS if part in versions}
    named.setdefault("model", versions.get(_ENGINE, ""))
    words = [f"{part} {version}" for part, version in sorted(versions.items()) if part not in (*_PARTS, _ENGINE)]
    return {**named, "vocabulary": "; ".join(words)}
