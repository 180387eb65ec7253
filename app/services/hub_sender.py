"""What a desk tells the hub: records of calls, receipts of updates, that it lives, how the call at hand stands. Without a thread.

Records wait in the encrypted store until the hub said of each that it has it (or will never take it): batches, oldest first, an
unfit one found by halving its batch so that it holds up no other. The rest is told when there is time and never kept. What the line
or the hub cannot take now waits as tickets do (``app.services.sending``). A token that the hub does not know any more ends all
sending until the program starts again or the desk is enrolled anew: a desk that was locked out must not knock for ever.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from app.domain.call_record import CallRecord
from app.domain.call_record_form import to_json
from app.domain.delivery import Failed
from app.domain.errors import AppError, OperatorVisibleError
from app.domain.floor import FloorState
from app.domain.json_values import Json
from app.domain.knowledge_update import UpdateReceipt
from app.platform import logs
from app.ports.call_records import RecordOutbox, TextOutbox
from app.ports.hub import HubLine
from app.ports.ports import Clock
from app.services.callback_exchange import PATHS as CALLBACK_PATHS
from app.services.sending import LOOK_AGAIN_S, UNFIT, LinePace
from app.services.text_sender import PATH as TEXTS
from app.services.text_sender import send_texts

BATCH = 50
HEARTBEAT_S = 300.0
#: A running call is told again at least this often, so that a hub can forget desks that have gone.
FLOOR_S = 30.0
_REVOKED, _TOO_LARGE = 401, 413
_NO_ROUTE = frozenset({404, 405})
#: What a hub of an older version does not know: no trouble of the line.
_NEWER = frozenset({TEXTS, *CALLBACK_PATHS})
_REFUSED_CODE = frozenset({400, 401, 403, 404, 409, 410, 422})

#: Hands each waiting receipt to a carrier until one is not taken; gives how many were.
CarryReceipts = Callable[[Callable[[UpdateReceipt], bool]], int]


@dataclass(frozen=True, slots=True)
class HubDesk:
    """Who tells.

    Attributes:
        desk: this PC's random id.
        program: version.
        versions: of all parts, now.
        token: the desk's token, None before it is enrolled.
        keep_token: keeps it.
        code: enrolment code, "" for none.
        receipts: what IT has not got yet; None where somebody else carries receipts.
        shares: whether records of calls may be sent.
        agent: the operator's work number now.
        texts: masked words of calls; None where the policy shares none.
        oldest: since when the oldest ticket waits for the ticket system (ISO 8601), "" for none.
        callbacks: the operator's list and results, by questions to the hub; None where nobody sits here.
    """

    desk: str
    program: str
    versions: Callable[[], Mapping[str, str]]
    token: Callable[[], str | None]
    keep_token: Callable[[str], None]
    code: str = ""
    receipts: CarryReceipts | None = None
    shares: bool = True
    agent: Callable[[], str] = lambda: ""
    texts: TextOutbox | None = None
    oldest: Callable[[], str] = lambda: ""
    callbacks: Callable[[Callable[[str, Json], Mapping[str, object] | Failed]], None] | None = None


class HubSender:
    """See the module. One thread at a time but for ``note_floor``.

    Args:
        line: to the hub.
        outbox: records that it has not got.
        desk: who tells.
        clock: time.
        tell: told once what IT must do (revoked, not enrolled).
        chance: uniform in [0, 1).
    """

    def __init__(self, line: HubLine, outbox: RecordOutbox, desk: HubDesk, clock: Clock,
                 tell: Callable[[AppError], None] = lambda fault: None, chance: Callable[[], float] = random.random) -> None:
        self._line, self._outbox, self._desk, self._clock, self._tell = line, outbox, desk, clock, tell
        self._chance = chance
        self._pace = LinePace(clock, chance)
        self._log = logs.get("hub")
        self._token = ""
        self._is_locked_out = False
        self._refused_token = ""
        self._has_told_refusal = False
        self._beat_s = float("-inf")
        self._floor: FloorState | None = None
        self._told_floor: tuple[FloorState, float] | None = None

    def note_floor(self, state: FloorState) -> None:
        """How the desk stands now; any thread."""
        self._floor = state

    def send_due(self, is_stopping: Callable[[], bool] = lambda: False) -> int:
        """Tell all that is due; how many records the hub took.

        Raises:
            EnvironmentFault: store or keyring cannot be read or written; everything is as it was.
        """
        sent = 0
        if self._is_locked_out and (self._desk.token() or "") != self._refused_token:
            self.line_is_free()  # somebody enrolled the desk anew
        if self._is_held() or not self._has_token():
            return sent
        self._tell_floor()
        self._beat()
        if self._desk.callbacks is not None and not self._is_held():
            self._desk.callbacks(self._ask)
        if self._desk.receipts is not None and not self._is_held():
            self._desk.receipts(lambda receipt: not is_stopping() and self._carried(receipt))
        if self._desk.shares:
            before = self._outbox.damaged()
            sent = self._send_records(is_stopping)
            self._note_damaged(self._outbox.damaged() - before)
            if self._desk.texts is not None:
                send_texts(self._ask, self._desk.texts, lambda: is_stopping() or self._is_held())
        return sent

    def wait_s(self) -> float:
        """Seconds until there may be something to do."""
        if self._is_locked_out:
            return LOOK_AGAIN_S
        now_s = self._clock.monotonic_s()
        due_s = [LOOK_AGAIN_S, self._beat_s - now_s]
        if self._floor is not None and self._floor.is_busy and self._told_floor is not None:
            due_s.append(self._told_floor[1] + FLOOR_S - now_s)
        return max(min(due_s), self._pace.wait_s(), 1.0)

    def line_is_free(self) -> None:
        """A person wants an attempt now, whatever the line did before."""
        self._is_locked_out = False
        self._token = ""
        self._pace.free()

    def enrol(self) -> bool:
        """Introduce this desk by its code, whatever token it has; whether that was taken (else it is told, or tried again)."""
        answer = self._line.ask("/v1/enrol", {"code": self._desk.code, "desk": self._desk.desk, "program": self._desk.program})
        if isinstance(answer, Failed):
            if answer.status in _REFUSED_CODE:
                self._lock_out("hub_desk.code_refused")
            else:
                self._failed(answer)
            return False
        token = answer.get("token")
        if not isinstance(token, str) or not token:
            self._failed(Failed("hub_desk.answer_unknown"))
            return False
        self._desk.keep_token(token)
        self._token = token
        self._pace.well()
        self._log.info("enrolled")
        return True

    def _has_token(self) -> bool:
        self._token = self._token or self._desk.token() or ""
        if not self._token and not self._desk.code:
            self._lock_out("hub_desk.not_enrolled")
            return False
        return bool(self._token) or self.enrol()

    def _is_held(self) -> bool:
        return self._is_locked_out or self._pace.wait_s() > 0

    def _send_records(self, is_stopping: Callable[[], bool]) -> int:
        sent, size = 0, BATCH
        while not is_stopping() and not self._is_held():
            batch = self._outbox.due(size)
            if not batch:
                break
            answer = self._ask("/v1/records", {"records": [to_json(record) for record in batch]})
            if isinstance(answer, Failed):
                if answer.status not in UNFIT:
                    break
                if len(batch) == 1:
                    self._outbox.settle((), [(batch[0].record_id, f"http_{answer.status}")])
                    self._log.warning("record_refused", record=batch[0].record_id, status=answer.status)
                    self._note_refused(1)
                size = BATCH if len(batch) == 1 else len(batch) // 2
                continue
            refused = _refused(answer, batch)
            if refused is None:
                self._failed(Failed("hub_desk.answer_unknown"))
                break
            never = {record_id for record_id, _ in refused}
            for record_id, reason in refused:
                self._log.warning("record_refused", record=record_id, reason=reason)
            self._note_refused(len(refused))
            self._outbox.settle([record.record_id for record in batch if record.record_id not in never], refused)
            sent += len(batch) - len(never)
        if sent:
            self._log.info("records_sent", count=sent)
        return sent

    def _beat(self) -> None:
        if self._clock.monotonic_s() < self._beat_s or self._is_held():
            return
        state = self._floor.short if self._floor is not None else "idle"
        beat: dict[str, Json] = {"versions": dict(self._desk.versions()), "at": self._now(), "state": state,
                                 "waiting": self._outbox.waiting() + self._outbox.refused(), "refused": self._outbox.refused(),
                                 "oldest_s": self._waits_s()}
        if self._asked("/v1/heartbeat", beat) is not None:
            self._beat_s = self._clock.monotonic_s() + HEARTBEAT_S * (0.8 + 0.4 * self._chance())

    def _waits_s(self) -> int:
        """For how long the oldest record or ticket has waited, by this PC's clock."""
        now = self._clock.now()
        found = [datetime.fromisoformat(at) for at in (self._outbox.oldest() if self._desk.shares else "", self._desk.oldest()) if at]
        return max([0, *(round((now - at).total_seconds()) for at in found)])

    def _note_refused(self, count: int) -> None:
        """Told once a start: IT sees how many in ``tingdan records status``, and why."""
        if count and not self._has_told_refusal:
            self._has_told_refusal = True
            self._tell(OperatorVisibleError("hub_desk.records_refused", hub=self._line.name, count=count))

    def _note_damaged(self, count: int) -> None:
        """What cannot be read is no fault of the hub's; the rest went."""
        if count:
            self._log.error("records_damaged", count=count)
            self._tell(OperatorVisibleError("hub_desk.records_damaged", count=count))

    def _tell_floor(self) -> None:
        floor, now_s = self._floor, self._clock.monotonic_s()
        if floor is None or self._is_held():
            return
        if self._told_floor is not None:
            told, at_s = self._told_floor
            if told == floor and not (floor.is_busy and now_s - at_s >= FLOOR_S):
                return
        question: dict[str, Json] = {"at": self._now(), "phase": floor.phase.value, "since": floor.since, "alerts": list(floor.alerts),
                                     "agent": self._desk.agent()}
        if self._asked("/v1/floor", question) is not None:
            self._told_floor = (floor, now_s)

    def _carried(self, receipt: UpdateReceipt) -> bool:
        return self._asked("/v1/receipts", {"receipts": [asdict(receipt)]}) is not None

    def _asked(self, path: str, question: Json) -> Mapping[str, object] | None:
        """The answer, None where there is none; what the hub does not understand counts as told: it is not worth repeating."""
        if self._is_held():
            return None
        answer = self._ask(path, question)
        if isinstance(answer, Failed):
            return {} if answer.status in UNFIT else None
        return answer

    def _ask(self, path: str, question: Json) -> Mapping[str, object] | Failed:
        answer = self._line.ask(path, question, self._token)
        if not isinstance(answer, Failed):
            self._pace.well()
        elif answer.status == _REVOKED:
            self._lock_out("hub_desk.revoked")
        elif answer.status not in UNFIT and not (path in _NEWER and answer.status in _NO_ROUTE):
            self._failed(answer)
        return answer

    def _failed(self, outcome: Failed) -> None:
        wait_s = self._pace.failed(outcome.retry_after_s)
        self._log.info("put_off", reason=outcome.reason, status=outcome.status, wait_s=round(wait_s))

    def _lock_out(self, key: str) -> None:
        self._is_locked_out, self._refused_token, self._token = True, self._token, ""
        self._log.warning("locked_out", reason=key)
        self._tell(OperatorVisibleError(key, hub=self._line.name))

    def _now(self) -> str:
        return self._clock.now().isoformat(timespec="seconds")


def _refused(answer: Mapping[str, object], batch: Sequence[CallRecord]) -> list[tuple[str, str]] | None:
    """(record, reason) of what the hub will never take; None where its answer does not account for the whole batch."""
    accepted, known, refused = answer.get("accepted"), answer.get("known"), answer.get("refused", [])
    if not isinstance(accepted, int) or not isinstance(known, int) or not isinstance(refused, list):
        return None
    ids = {record.record_id for record in batch}
    found = {str(each.get("record_id")): str(each.get("reason", "")) for each in refused if isinstance(each, dict)}
    if accepted + known + len(refused) != len(batch) or len(found) != len(refused) or not found.keys() <= ids:
        return None
    return list(found.items())
