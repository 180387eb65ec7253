"""Staged roll-out: which desks take a release first.

A desk's place in the order of desks is a hash of its random id and the release's number, so each release meets other desks first, and
a larger share always contains the smaller one. Publisher and server know nothing of it and count nothing.
"""

from __future__ import annotations

import hashlib


def place(desk: str, release: int) -> float:
    """The desk's place from 0 up to 100 in the roll-out of a release."""
    digest = hashlib.sha256(f"{release}:{desk}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64 * 100
