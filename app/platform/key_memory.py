"""Overwrites a key in memory, as far as Python allows.

A bytes object that was made for one key and that nobody else uses is overwritten in place (CPython keeps its characters right
behind its header). Copies that the interpreter or a library made are not reached: SQLCipher clears its own, the text of the
statement that hands the key over is freed and lies in memory until it is used again. Only for 32-byte keys that our own code
made at run time; never for a constant.
"""

from __future__ import annotations

import ctypes
import platform
import sys

_KEY_BYTES = 32


def forget(key: bytes) -> bool:
    """Overwrite a key with zeros wherever this very object is held; False where this interpreter does not allow it."""
    if len(key) != _KEY_BYTES or platform.python_implementation() != "CPython":
        return False
    ctypes.memset(id(key) + sys.getsizeof(b"") - 1, 0, _KEY_BYTES)
    return key == bytes(_KEY_BYTES)
