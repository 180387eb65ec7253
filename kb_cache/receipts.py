"""Receipts of updates on their way to IT: one small file each, in a folder of the desk, until somebody took them.

Where they go is an address (each is posted as JSON) or a folder, a share perhaps; with neither they wait, the newest few hundred.
They hold no personal data: a random number of the desk, versions, times, the key of what went wrong.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from app.domain.knowledge_update import UpdateReceipt
from app.platform.atomic_file import write_atomically

MOST_KEPT = 200

#: Takes one receipt to IT; True where it arrived.
Carry = Callable[[UpdateReceipt], bool]


class ReceiptFolder:
    """``ReceiptQueue`` in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, receipt: UpdateReceipt) -> None:
        """Keep one; a failure like the newest one before replaces it, so that a night without a server is one receipt."""
        with contextlib.suppress(OSError):
            names = self._names()
            newest = _read(names[-1]) if names else None
            if newest is not None and "." in receipt.result and newest.result == receipt.result:
                names[-1].unlink()
            number = int(names[-1].stem) + 1 if names else 1
            write_atomically(self._folder / f"{number:09d}.json", json.dumps(asdict(receipt), ensure_ascii=False).encode())
            for path in names[:max(0, len(names) - MOST_KEPT)]:
                path.unlink()

    def waiting(self) -> tuple[UpdateReceipt, ...]:
        """Those that nobody took yet, oldest first."""
        return tuple(found for path in self._names() if (found := _read(path)) is not None)

    def send(self, carry: Carry) -> int:
        """Have them taken, oldest first, until one is not; gives how many were."""
        taken = 0
        for path in self._names():
            receipt = _read(path)
            if receipt is not None and not carry(receipt):
                break
            with contextlib.suppress(OSError):
                path.unlink()
            taken += receipt is not None
        return taken

    def _names(self) -> list[Path]:
        return sorted(path for path in self._folder.glob("*.json") if path.stem.isdigit())


def carry_to_folder(folder: Path) -> Carry:
    """Into a folder that IT reads: a share."""
    def carry(receipt: UpdateReceipt) -> bool:
        stamp = receipt.at.replace(":", "").replace("+", "p")
        try:
            if not folder.is_dir():
                return False
            write_atomically(folder / f"{receipt.desk[:12]}-{stamp}.json", json.dumps(asdict(receipt), ensure_ascii=False).encode(), 0o644)
        except OSError:
            return False
        return True

    return carry


def _read(path: Path) -> UpdateReceipt | None:
    try:
        return UpdateReceipt(**json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
