"""Text of a small file as Chinese office programs write it: UTF-8 with or without its mark, or GB18030. Pure."""

from __future__ import annotations


def decoded(raw: bytes) -> str:
    """The text.

    Raises:
        ValueError: it is neither.
    """
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030")
