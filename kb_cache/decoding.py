"""Bytes of a text file to text: which encoding it is, or why it cannot be told.

Office programs in China write UTF-8 with and without mark, GBK, and UTF-16 ("Unicode text"). GB18030 takes almost any
bytes, so damaged UTF-8 must not slip through as wrong characters: bytes that were plainly UTF-8 up to a point are
damaged, not GBK, and what GB18030 makes must read as Chinese.
"""

from __future__ import annotations

import codecs
import re

from app.domain.errors import OperatorVisibleError

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_SURELY_UTF8 = 4
_COMMON = re.compile("[\u4e00-\u9fff\u3000-\u303f\uff00-\uffef\u2010-\u2027\u2030-\u206f\u2460-\u24ff\u00b7\u00d7\u2103]")
_COMMON_SHARE = 0.9


def decoded(data: bytes, name: str, encoding: str = "") -> tuple[str, str]:
    """The text without its mark, and the encoding it was in.

    Args:
        data: the file.
        name: its name, for the error.
        encoding: use this one and no other.

    Raises:
        OperatorVisibleError: damaged, cut off in a character, no text at all, or an encoding that cannot be told.
    """
    for mark, marked in _MARKS:
        if data.startswith(mark):
            return _checked(_decode(data[len(mark):], encoding or marked, name), name), encoding or marked
    if encoding:
        return _checked(_decode(data, encoding, name), name), encoding
    if b"\0" in data:
        raise OperatorVisibleError("kb_content.nul_bytes", path=name)
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        if sum(char > "\x7f" for char in before) >= _SURELY_UTF8:
            raise _damaged(name, data, error.start) from error
    text = _decode(data, "gb18030", name)
    foreign = [char for char in text if char > "\x7f"]
    if sum(bool(_COMMON.match(char)) for char in foreign) < len(foreign) * _COMMON_SHARE:
        raise OperatorVisibleError("kb_content.encoding_unknown", path=name)
    return text, "gb18030"


def _decode(data: bytes, encoding: str, name: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _damaged(name, data, error.start) from error
    except LookupError as error:
        raise OperatorVisibleError("kb_content.encoding_name", encoding=encoding) from error


def _checked(text: str, name: str) -> str:
    if "\0" in text:
        raise OperatorVisibleError("kb_content.nul_bytes", path=name)
    return text


def _damaged(name: str, data: bytes, at: int) -> OperatorVisibleError:
    return OperatorVisibleError("kb_content.encoding_damaged", path=name, line=data[:at].count(b"\n") + 1)
