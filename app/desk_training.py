"""A training call at the desk: a recorded call in the real window, nothing prefilled, nothing stored; submitting scores it."""

from __future__ import annotations

from collections.abc import Callable

from app.desk_calls import CallParts, DeskCall
from app.domain.call import CallState, TicketSubmitted
from app.domain.training import Question, Score, score
from app.platform import messages
from app.services.call_session import CallSession


class TrainingCall(DeskCall):
    """Keeps no draft, looks up no old ticket, submits nothing: the ticket is compared with gold instead.

    Args:
        session: where it begins; its extractor fills in nothing.
        parts: as for any call; its store is never used.
        question: gold.
        told: takes the result; on the call's thread "submit".
    """

    def __init__(self, session: CallSession, parts: CallParts, question: Question, told: Callable[[Score], None]) -> None:
        super().__init__(session, parts)
        self._question, self._told = question, told
        self._old_tickets = None

    def _save(self, state: CallState) -> None:
        """Nothing of a training call is stored."""

    def _submit(self, state: CallState) -> None:
        result = score(self._question, state.draft)
        self.post(TicketSubmitted(messages.text("training.number", {"percent": result.percent})))
        self._told(result)
