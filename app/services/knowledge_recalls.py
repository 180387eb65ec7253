"""What a recall means for this PC: which calls were shown the entry. Told to the operator in one line and to IT in a receipt.

Runs on the thread of the update that brought the recall, so that the receipt leaves with the same look. Where the store is locked the
recall itself still holds; only the calls are not named then (``tingdan kb status`` names them later).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from app.domain.call import NoticeRaised
from app.domain.errors import AppError
from app.domain.knowledge_update import UpdateNews, UpdateReceipt
from app.platform import logs
from app.ports.assist import AssistStore
from app.ports.receipts import ReceiptQueue

RESULT = "recalled"
_NAMED = 3
_log = logs.get("kb_recalls")

#: Entry id to (call id, time first shown), newest first.
ShownCalls = Mapping[str, tuple[tuple[str, str], ...]]


def shown_calls(assist: AssistStore, entries: Iterable[str]) -> ShownCalls:
    """The calls in which this PC put entries before the operator.

    Raises:
        AppError: the store cannot be read.
    """
    return {entry: assist.calls_shown(entry) for entry in sorted(entries)}


class RecallWatch:
    """See the module; the update thread.

    Args:
        assist: what was shown when.
        receipts: where receipts wait.
        blank: a receipt of this desk as of now.
    """

    def __init__(self, assist: AssistStore, receipts: ReceiptQueue, blank: Callable[[], UpdateReceipt]) -> None:
        self._assist, self._receipts, self._blank = assist, receipts, blank

    def take(self, news: UpdateNews) -> NoticeRaised | None:
        """Queue the receipt of a recall; gives what the operator is told, None where nothing was recalled."""
        if not news.recalled:
            return None
        count = len(news.recalled)
        try:
            shown = shown_calls(self._assist, news.recalled)
        except AppError as error:
            _log.warning("calls_left_out", key=error.key)
            self._receipts.put(replace(self._blank(), result=RESULT, details={"recalled": count}))
            return NoticeRaised("kb_update.recalled", {"count": count})
        calls = dict.fromkeys(call for each in shown.values() for call, _ in each)
        per_entry = {f"calls:{entry}": len(each) for entry, each in shown.items()}
        self._receipts.put(replace(self._blank(), result=RESULT, details={"recalled": count, "calls": len(calls), **per_entry}))
        params: dict[str, object] = {"count": count, "entries": _few(shown), "calls": len(calls), "named": _few(calls)}
        return NoticeRaised("kb_update.recalled_shown" if calls else "kb_update.recalled_unseen", params)


def _few(names: Iterable[str]) -> str:
    every = list(names)
    return "、".join(every[:_NAMED]) + ("…" if len(every) > _NAMED else "")
