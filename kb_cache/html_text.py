"""HTML to plain text, as entries from elsewhere may bring it.

Only the text comes through: markup, scripts, styles and comments are dropped, block elements become line breaks. Angle
brackets around Chinese titles (<办法>) are text and stay. The result is shown by widgets as plain text only.
"""

from __future__ import annotations

import html
import re

_DROPPED = re.compile(r"<(script|style|iframe|object|svg|math|template|noscript)\b[^>]*>.*?(?:</\1\s*>|\Z)", re.I | re.S)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)|<[!?][^>]*>", re.S)
_BREAK = re.compile(r"<(?:br|/p|/div|/li|/tr|/h[1-6]|/table|/ul|/ol)\b[^>]*>", re.I)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*(?:>|\Z)")
_BLANKS = re.compile(r"[^\S\n]+")
_ODD = re.compile(r"[<&\x00-\x09\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\xa0\u3000]|  ")
_LINES = re.compile(r"\s*\n\s*")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")


def plain_text(value: str) -> str:
    """Text of an HTML or plain fragment, trimmed, without control and direction characters; never raises."""
    if not _ODD.search(value):
        return _LINES.sub("\n", value).strip()
    text = value
    for _ in range(3):  # entities may hide markup once or twice; after three rounds what is left is text
        text = _COMMENT.sub("", _DROPPED.sub("", text))
        text = _TAG.sub("", _BREAK.sub("\n", text))
        decoded = html.unescape(text)
        if decoded == text:
            break
        text = decoded
    text = _TAG.sub("", _CONTROL.sub("", text))
    return _LINES.sub("\n", _BLANKS.sub(" ", text)).strip()
