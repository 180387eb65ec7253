"""What the first call needs and the window does not: rules, word lists, readings; loaded beside the open window. Without Qt.

Extraction and the knowledge search take a second of processor time until they answer for the first time. ``DeskCalls`` does these
jobs on its thread after the window was shown, one after the other, and leaves them out where a call came first: that call then loads
what it needs, as the first one always did.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from app.assembly import new_session
from app.domain.dialogue import CallContext, Channel, Utterance, UtteranceFinal
from app.domain.errors import AppError
from app.ports.ports import Clock, KnowledgeBase
from app.services.call_session import CallSession

#: Touches names, numbers, places, times, demands: what each of them reads is read once. Nobody's words.
_SAID = "你好我姓张电话是一三八零零零零零零零零我住在幸福路一百号昨天晚上八点楼下饭店的噪音很大影响休息希望尽快处理"


def warming(city: str, clock: Clock, knowledge: KnowledgeBase) -> tuple[Callable[[], None], ...]:
    """The jobs, each shorter than a second. What cannot be loaded is the first call's to tell.

    Args:
        city: the hotline's.
        clock: time.
        knowledge: of the calls; searched once.
    """
    made: list[CallSession] = []

    def load() -> None:
        with contextlib.suppress(AppError):
            made.append(new_session(CallContext("warming", clock.now().isoformat(timespec="seconds"), city), knowledge))

    def listen() -> None:
        for session in made:
            session.apply(UtteranceFinal("warming", Utterance(0, Channel.CITIZEN, 0, 10_000, _SAID)))

    return load, listen
