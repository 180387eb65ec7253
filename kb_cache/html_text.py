"""HTML to plain text, as entries from elsewhere may bring it.

Only words come through: nh3 (ammonia, a browser's parser) drops markup, scripts and styles with all they hold, block
elements become line breaks. Angle brackets around Chinese titles (<办法>) are text and stay. The result is a fixed point:
cleaning it again changes nothing, however often markup was hidden in entities. It is shown by widgets as plain text only.
"""

from __future__ import annotations

import html
import re

import nh3

_INVISIBLE = "\u200b-\u200f\u202a-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff0-\uffff"
_ODD = re.compile(rf"[<&\x00-\x09\x0b-\x1f\x7f-\x9f\xa0\u2028\u2029\u3000{_INVISIBLE}]|[^\S\n]{{2}}")
_MARKUP = re.compile(r"[<&]")
_CONTROL = re.compile(rf"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f{_INVISIBLE}]")
_NEW_LINE = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_BLANKS = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\s*\n\s*")
_BLOCKS = {"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "section", "article",
           "blockquote", "pre", "dd", "dt", "hr"}
_BREAK = re.compile(r"</?(?:" + "|".join(sorted(_BLOCKS)) + ")>")
_EMPTIED = {"script", "style", "iframe", "object", "embed", "noscript", "template", "svg", "math", "textarea", "select",
            "title", "head", "audio", "video", "canvas"}
_ROUNDS = 6


def plain_text(value: str) -> str:
    """Text of an HTML or plain fragment, trimmed, without control and direction characters; never raises."""
    if not _ODD.search(value):
        return _LINES.sub("\n", value).strip()
    text = _tidy(value)
    for _ in range(_ROUNDS):
        if not _MARKUP.search(text):
            return text
        before, text = text, _tidy(_without_markup(text))
        if text == before:
            return text
    return _tidy(text.replace("&", "").replace("<", ""))  # hidden deeper than any honest text: its signs go


def one_line(value: str) -> str:
    """``plain_text`` with every line break a blank."""
    return plain_text(value).replace("\n", " ")


def _without_markup(text: str) -> str:
    clean = nh3.clean(text, tags=_BLOCKS, clean_content_tags=_EMPTIED, attributes={}, link_rel=None)
    return html.unescape(_BREAK.sub("\n", clean))


def _tidy(text: str) -> str:
    text = _CONTROL.sub("", _NEW_LINE.sub("\n", text))
    return _LINES.sub("\n", _BLANKS.sub(" ", text)).strip()
