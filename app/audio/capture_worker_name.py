"""How the capture process is started, and what it says; without importing the sound library, which connects when it is imported."""

from __future__ import annotations

import sys

WORKER_FLAG = "--capture-worker"
RATE_HZ = 16_000
NO_DEVICE, OTHER_DEFAULT = 3, 4
#: Before the name of a program where a device's id is wanted.
APPLICATION = "app:"


def capture_command(*arguments: str) -> list[str]:
    """Command of the capture process; a frozen program is started with a flag (``installer/frozen_entry.py``)."""
    if getattr(sys, "frozen", False):
        return [sys.executable, WORKER_FLAG, *arguments]
    return [sys.executable, "-P", "-m", "app.audio.capture_worker", *arguments]
