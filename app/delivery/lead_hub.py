"""``LeadSource`` over HTTP: a lead's questions to the centre's hub, as ``app.domain.lead_wire`` describes them.

The person signs in with name and password and gets a token of some hours; it lives in memory only. Answers are whole or an error: what
the hub does not allow, or asks to be narrowed, is visible to the person; what the network does is a fault of the environment. One
thread at a time.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import requests

from app.delivery.answers import Answer
from app.delivery.exchange import Exchange
from app.delivery.hub_line import checked_address
from app.delivery.mapping import Line
from app.domain.after_appeals import GrantedCount
from app.domain.call_record import CallRecord
from app.domain.call_record_form import from_json
from app.domain.delivery import Failed
from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.domain.lead_counts import (
    Behind,
    BinCount,
    CallCount,
    CallPage,
    CardCount,
    Confusion,
    Dimension,
    FindingCount,
    FloorDesk,
    MatterCount,
    OutcomeCount,
    RankCount,
    Scope,
    Slice,
    WrongCount,
)
from app.domain.lead_voice import VoiceCount
from app.domain.lead_wire import PREFIX, by_to_param, params_of_behind, params_of_slice, row_from_json, rows_from_json
from app.domain.shared_text import SharedText, text_from_json

_CONNECT_S, _READ_S, _WHOLE_S = 10.0, 60.0, 120.0
_LARGEST_BYTES = 64 << 20
_UNKNOWN, _NOT_THEIRS, _MISSING, _TOO_WIDE = 401, 403, 404, (400, 413, 422)
_MANY = 10_000

By = tuple[Dimension, ...]
Params = list[tuple[str, str]]
Row = TypeVar("Row")


class HubLeadSource:
    """See the module.

    Args:
        address: the hub's.
        authority: certificate of the intranet's authority; None for the system's store.
        proxy: ``system``, ``none`` or an address.

    Raises:
        OperatorVisibleError: the address is none, or a token would travel in the clear.
        EnvironmentFault: the certificate cannot be used.
    """

    def __init__(self, address: str, authority: Path | None = None, proxy: str = "system") -> None:
        self._address = checked_address(address)
        self._exchange = Exchange(Line(authority, None, None, "", proxy, _CONNECT_S, _READ_S, _WHOLE_S), largest_bytes=_LARGEST_BYTES)
        self._token = ""

    def sign_in(self, name: str, password: str) -> None:
        """Name and password for a token.

        Raises:
            OperatorVisibleError: they are not right.
            EnvironmentFault: the hub cannot be reached.
        """
        body = json.dumps({"name": name, "password": password}, ensure_ascii=False).encode()
        request = requests.Request("POST", f"{self._address}/v1/session", data=body, headers={"Content-Type": "application/json"})
        answer = self._sent(request)
        if answer.status != requests.codes.ok:
            key = "lead.not_signed_in" if answer.status == _UNKNOWN else "lead.hub_refused"
            raise OperatorVisibleError(key, status=answer.status)
        held = _held(answer)
        token = held.get("token") if isinstance(held, dict) else None
        if not isinstance(token, str):
            raise EnvironmentFault("lead.hub_answer")
        self._token = token

    def close(self) -> None:
        """End what hangs, forget the token."""
        self._token = ""
        self._exchange.close()

    def scope(self) -> Scope:
        """Whose calls can be seen."""
        return self._row(Scope, "scope", [])

    def outcomes(self, asked: Slice, by: By = ()) -> tuple[OutcomeCount, ...]:
        """What became of fields."""
        return self._rows(OutcomeCount, "outcomes", _params(asked, by))

    def bins(self, asked: Slice, by: By = ()) -> tuple[BinCount, ...]:
        """Proposals by confidence."""
        return self._rows(BinCount, "bins", _params(asked, by))

    def calls(self, asked: Slice, by: By = ()) -> tuple[CallCount, ...]:
        """Calls, effort, quality."""
        return self._rows(CallCount, "calls", _params(asked, by))

    def wrong_calls(self, asked: Slice, by: By = ()) -> tuple[WrongCount, ...]:
        """Calls by how many fields stood filled wrong; none from a hub of a version before this question."""
        return self._newer_rows(WrongCount, "wrong_calls", _params(asked, by))

    def voices(self, asked: Slice, by: By = ()) -> tuple[VoiceCount, ...]:
        """Voice indicators; none from a hub of a version before this question."""
        return self._newer_rows(VoiceCount, "voices", _params(asked, by))

    def ranks(self, asked: Slice, choice: str, by: By = ()) -> tuple[RankCount, ...]:
        """Where the submitted one stood."""
        return self._rows(RankCount, "ranks", [*_params(asked, by), ("choice", choice)])

    def confusions(self, asked: Slice, choice: str, limit: int = 200) -> tuple[Confusion, ...]:
        """What was offered first and not submitted."""
        return self._rows(Confusion, "confusions", [*_params(asked), ("choice", choice), ("limit", str(limit))])

    def cards(self, asked: Slice, limit: int = 2000) -> tuple[CardCount, ...]:
        """By entry."""
        return self._rows(CardCount, "cards", [*_params(asked), ("limit", str(min(limit, _MANY)))])

    def findings(self, asked: Slice, by: By = ()) -> tuple[FindingCount, ...]:
        """Breaches."""
        return self._rows(FindingCount, "findings", _params(asked, by))

    def granted(self, asked: Slice, by: By = ()) -> tuple[GrantedCount, ...]:
        """What granted appeals took back; a hub of before knows nothing of it."""
        try:
            return self._rows(GrantedCount, "granted", _params(asked, by))
        except OperatorVisibleError as error:
            if error.params.get("status") == _MISSING:
                return ()
            raise

    def degradations(self, asked: Slice, by: By = ()) -> tuple[FindingCount, ...]:
        """What was worse than it should be."""
        return self._rows(FindingCount, "degradations", _params(asked, by))

    def matters(self, asked: Slice, by: By) -> tuple[MatterCount, ...]:
        """Matters by place, item and time."""
        return self._rows(MatterCount, "matters", _params(asked, by))

    def behind(self, asked: Slice, which: Behind, offset: int = 0, limit: int = 200) -> CallPage:
        """The calls behind a number."""
        params = [*_params(asked), *params_of_behind(which), ("offset", str(offset)), ("limit", str(limit))]
        return self._row(CallPage, "behind", params)

    def record(self, record_id: str) -> CallRecord | None:
        """One call."""
        answer = self._answer("record", [("record_id", record_id)])
        if answer.status == _MISSING:
            return None
        try:
            return from_json(_held(answer))
        except ValueError as error:
            raise EnvironmentFault("lead.hub_answer") from error

    def text(self, record_id: str) -> SharedText | None:
        """The masked words of a call, None where the hub has none that this person may see; the hub writes down who looked."""
        try:
            answer = self._answer("text", [("record_id", record_id)])
            return None if answer.status == _MISSING else text_from_json(_held(answer))
        except OperatorVisibleError as error:
            if error.params.get("status") != _NOT_THEIRS:
                raise
            return None
        except ValueError as error:
            raise EnvironmentFault("lead.hub_answer") from error

    def floor(self) -> tuple[FloorDesk, ...]:
        """Desks now."""
        return self._rows(FloorDesk, "floor", [])

    def ask(self, method: str, path: str, params: Params, body: object = None) -> tuple[int, object]:
        """A question beside the counts: status and what came back as JSON (None where it is none).

        Raises:
            EnvironmentFault: the hub cannot be reached.
        """
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        answer = self._sent(requests.Request(method, f"{self._address}{path}", params=params, data=data, headers=headers))
        return answer.status, _held(answer) if answer.body else None

    def _rows(self, kind: type[Row], method: str, params: Params) -> tuple[Row, ...]:
        try:
            return rows_from_json(kind, _held(self._answer(method, params)))
        except ValueError as error:
            raise EnvironmentFault("lead.hub_answer") from error

    def _newer_rows(self, kind: type[Row], method: str, params: Params) -> tuple[Row, ...]:
        """Rows of a method that an older hub does not know: then none."""
        try:
            return self._rows(kind, method, params)
        except OperatorVisibleError as error:
            if error.params.get("status") != _MISSING:
                raise
            return ()

    def _row(self, kind: type[Row], method: str, params: Params) -> Row:
        try:
            return row_from_json(kind, _held(self._answer(method, params)))
        except ValueError as error:
            raise EnvironmentFault("lead.hub_answer") from error

    def _answer(self, method: str, params: Params) -> Answer:
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}
        answer = self._sent(requests.Request("GET", f"{self._address}{PREFIX}/{method}", params=params, headers=headers))
        if answer.status == requests.codes.ok or (answer.status == _MISSING and method in ("record", "text")):
            return answer
        key = "lead.too_wide" if answer.status in _TOO_WIDE else "lead.signed_out" if answer.status == _UNKNOWN else "lead.hub_refused"
        raise OperatorVisibleError(key, status=answer.status)

    def _sent(self, request: requests.Request) -> Answer:
        answer = self._exchange.send(self._exchange.prepared(request))
        if isinstance(answer, Failed):
            raise EnvironmentFault("lead.hub_unreachable", reason=answer.words or answer.reason)
        return answer


def _params(asked: Slice, by: Sequence[Dimension] = ()) -> Params:
    return [*params_of_slice(asked), *([("by", by_to_param(by))] if by else [])]


def _held(answer: Answer) -> object:
    try:
        return json.loads(answer.body) if answer.is_whole else None
    except (ValueError, RecursionError) as error:
        raise EnvironmentFault("lead.hub_answer") from error
