"""An operator's callbacks between desk and hub: results go out, each until the hub said of it yes or never; the list comes in.

Runs on the hub's thread, between the other things that a desk tells (``app.services.hub_sender``). A hub of an older version knows no
callbacks (404): then there are none, and nothing else is held up. What cannot be sent waits in the store; what the hub never takes is told
to the operator, an unfit one found by halving its batch so that it holds up no other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from app.domain.callback_form import callback_of, result_json
from app.domain.delivery import Failed
from app.domain.errors import AppError, OperatorVisibleError
from app.domain.json_values import Json
from app.platform import logs
from app.ports.callbacks import CallbackStore
from app.ports.ports import Clock
from app.services.sending import UNFIT

LOOK_S = 120.0
RESULTS, LIST = "/v1/callback-results", "/v1/desk-callbacks"
PATHS = (RESULTS, LIST)
BATCH = 50
_WHY = {"hub.case_state": "callbacks.not_taken_moved", "cases.unknown": "callbacks.not_taken_unknown"}
Ask = Callable[[str, Json], "Mapping[str, object] | Failed"]


@dataclass(frozen=True, slots=True)
class CallbackParts:
    """What the exchange works with.

    Attributes:
        store: list and results.
        agent: the operator's work number now.
        clock: time.
        tell: told what the operator should know (a result that the hub will never take).
        changed: told after the list or what waits has changed.
    """

    store: CallbackStore
    agent: Callable[[], str]
    clock: Clock
    tell: Callable[[AppError], None] = lambda fault: None
    changed: Callable[[], None] = lambda: None


class CallbackExchange:
    """See the module. One thread at a time but for ``look_now``."""

    def __init__(self, parts: CallbackParts) -> None:
        self._parts = parts
        self._log = logs.get("callbacks")
        self._look_s = float("-inf")
        self._looked_for = ""

    def look_now(self) -> None:
        """The list is wanted anew with the next exchange; any thread."""
        self._look_s = float("-inf")

    def __call__(self, ask: Ask) -> None:
        """Send what waits, then ask for the list where it is time.

        Args:
            ask: one question to the hub.

        Raises:
            EnvironmentFault: the store cannot be read or written.
        """
        agent = self._parts.agent()
        before = self._parts.store.damaged()
        is_open = self._send(ask)
        self._note_damaged(self._parts.store.damaged() - before)
        now_s = self._parts.clock.monotonic_s()
        if is_open and agent and (now_s >= self._look_s or agent != self._looked_for):
            self._look(ask, agent, now_s)

    def _send(self, ask: Ask) -> bool:
        """Whether the hub takes questions about callbacks now."""
        size = BATCH
        while waiting := self._parts.store.due(size):
            agent = waiting[0][0]
            batch = [result for whose, result in waiting if whose == agent]
            answer = ask(RESULTS, {"agent": agent, "results": [result_json(each) for each in batch]})
            if isinstance(answer, Failed) and answer.status in UNFIT and len(batch) > 1:
                size = len(batch) // 2
                continue
            taken, refused = _settled(answer, [each.result_id for each in batch])
            if isinstance(answer, Failed) and not refused:
                return False
            if not taken and not refused:
                self._log.warning("answer_unknown")
                return False
            size = BATCH
            self._parts.store.settle([*taken, *refused])
            self._log.info("results_sent", count=len(taken), refused=len(refused))
            for reason in refused.values():
                self._parts.tell(OperatorVisibleError(_WHY.get(reason, "callbacks.not_taken")))
            if refused:
                self.look_now()
            self._parts.changed()
        return True

    def _note_damaged(self, count: int) -> None:
        """The hub's list shows what is to be entered again."""
        if count:
            self._log.error("results_damaged", count=count)
            self._parts.tell(OperatorVisibleError("callbacks.damaged", count=count))
            self.look_now()
            self._parts.changed()

    def _look(self, ask: Ask, agent: str, now_s: float) -> None:
        self._look_s, self._looked_for = now_s + LOOK_S, agent
        answer = ask(LIST, {"agent": agent})
        if isinstance(answer, Failed):
            return
        held = answer.get("callbacks")
        try:
            cases = [callback_of(each) for each in held] if isinstance(held, list) else None
        except ValueError:
            cases = None
        if cases is None:
            self._log.warning("answer_unknown")
            return
        self._parts.store.replace(agent, cases, self._parts.clock.now().isoformat(timespec="seconds"))
        self._parts.changed()


def _settled(answer: Mapping[str, object] | Failed, sent: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Ids of what the hub has, and id to key of the reason of what it never takes; nothing that was not sent."""
    if isinstance(answer, Failed):
        return [], dict.fromkeys(sent, f"http_{answer.status}") if answer.status in UNFIT else {}
    taken, refused = answer.get("taken"), answer.get("refused")
    if not isinstance(taken, list) or not isinstance(refused, list):
        return [], {}
    never = {str(each.get("result_id")): str(each.get("reason", "")) for each in refused if isinstance(each, dict)}
    return [each for each in map(str, taken) if each in sent], {each: why for each, why in never.items() if each in sent}
