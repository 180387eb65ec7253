"""Sends the masked words of calls to the hub, one call a question, where the policy shares them; behind their records.

The words wait as long as they are kept. What the hub will never take (its own switch is off, it does not know the call, it calls the
form wrong) is settled and never asked again; what the line cannot carry now waits. One thread at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from app.domain.delivery import Failed
from app.domain.json_values import Json
from app.domain.shared_text import text_to_json
from app.platform import logs
from app.ports.call_records import TextOutbox

PATH = "/v1/texts"
#: An older hub has no such route.
_NEVER = frozenset({400, 404, 405, 413, 422})
_log = logs.get("hub")


def send_texts(ask: Callable[[str, Json], Mapping[str, object] | Failed], outbox: TextOutbox, is_held: Callable[[], bool]) -> int:
    """Send what is due until nothing is, or ``is_held``; how many the hub took.

    Args:
        ask: a question to the hub.
        outbox: what is due.
        is_held: whether to stop.
    """
    sent = 0
    while not is_held() and (text := outbox.due()) is not None:
        answer = ask(PATH, {"texts": [text_to_json(text)]})
        if isinstance(answer, Failed):
            if answer.status not in _NEVER:
                break
            reason = f"http_{answer.status}"
        else:
            reason = _refusal(answer, text.record_id)
            if not reason and answer.get("accepted") != 1:  # an answer of something else on the way: it waits
                _log.warning("answer_unknown")
                break
        if reason:
            _log.warning("text_refused", record=text.record_id, reason=reason)
        outbox.settle(text.record_id, "refused" if reason else "sent", reason)
        sent += not reason
    return sent


def _refusal(answer: Mapping[str, object], record_id: str) -> str:
    refused = answer.get("refused")
    found = [each for each in refused if isinstance(each, dict)] if isinstance(refused, list) else []
    return next((str(each.get("reason", "")) or "refused" for each in found if each.get("record_id") == record_id), "")
