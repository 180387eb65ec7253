"""The port on which receipts of knowledge updates leave: kept until they were taken (rooms: kb_cache; a centre's own later)."""

from __future__ import annotations

from typing import Protocol

from app.domain.knowledge_update import UpdateReceipt


class ReceiptQueue(Protocol):
    """Receipts on their way to IT. Any thread; never raises for a disk or a network: a receipt is not worth a failed update."""

    def put(self, receipt: UpdateReceipt) -> None:
        """Keep one; on the disk when it returns, where the disk allows."""

    def waiting(self) -> tuple[UpdateReceipt, ...]:
        """Those that nobody took yet, oldest first."""
