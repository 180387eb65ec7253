"""Reads a server's answer: taken, known already, refused for good, or to be tried again. In doubt it is tried again.

A ticket counts as delivered only where the answer proves it in the way that the mapping asks for: a captive portal's friendly
page, half an answer or another system's JSON proves nothing. Pure; any thread.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

from app.delivery.mapping import AnswerRules, Rule
from app.domain.delivery import Delivered, Failed, Outcome, Refused, safe_words

LONGEST_RETRY_AFTER_S = 24 * 3600.0
_MOST_RECEIPT = 120
_AGAIN = frozenset({408, 421, 425, 429})
_CREDENTIALS = frozenset({401, 407})
_NOTHING = object()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. ``headers`` have lower-case names; ``body`` is capped, ``is_whole`` says whether it is all of it."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_whole: bool = True


def judge(answer: Answer, rules: AnswerRules, now: datetime) -> Outcome:
    """What the answer means.

    Args:
        answer: what came back.
        rules: of the mapping.
        now: for a Retry-After that is a date.
    """
    held = _parsed(answer)
    words, receipt = _words(answer, held, rules), _receipt(held, rules)
    if _matches(rules.duplicate, answer, held):
        return Delivered(receipt, was_known=True, status=answer.status)
    if _matches(rules.retry, answer, held):
        return Failed("delivery.server_asks_again", words, answer.status, retry_after_s(answer, now))
    if _matches(rules.refuse, answer, held):
        return Refused("delivery.refused", words, answer.status)
    if 200 <= answer.status < 300:
        return _judge_success(answer, held, rules, receipt, words)
    return _judge_status(answer, words, now)


def retry_after_s(answer: Answer, now: datetime) -> float | None:
    """Seconds that the server asks to wait, at most a day; None where it says nothing usable."""
    told = answer.headers.get("retry-after", "").strip()
    if told.isascii() and told.isdigit():
        return min(float(told[:9]), LONGEST_RETRY_AFTER_S)
    try:
        wait_s = (parsedate_to_datetime(told) - now).total_seconds()
    except (ValueError, TypeError):
        return None
    return min(max(wait_s, 0.0), LONGEST_RETRY_AFTER_S)


def _judge_success(answer: Answer, held: object, rules: AnswerRules, receipt: str, words: str) -> Outcome:
    if rules.any_2xx and rules.accept is None and not rules.receipt:
        return Delivered("", status=answer.status)
    if held is _NOTHING:
        return Failed("delivery.answer_unreadable", words, answer.status)
    if rules.accept is not None and not _matches(rules.accept, answer, held):
        if rules.refuse is None and rules.accept.path and _at(held, rules.accept.path) is not _NOTHING:
            return Refused("delivery.refused", words, answer.status)
        return Failed("delivery.answer_unknown", words, answer.status)
    if rules.receipt and not receipt:
        return Failed("delivery.no_receipt", words, answer.status)
    return Delivered(receipt, status=answer.status)


def _judge_status(answer: Answer, words: str, now: datetime) -> Outcome:
    status = answer.status
    if status in _CREDENTIALS:
        return Failed("delivery.credentials", words, status, is_line=True)
    if status in _AGAIN or status >= 500:
        wait_s = retry_after_s(answer, now)
        return Failed("delivery.server_busy" if status in (429, 503) else "delivery.server_failed", words, status, wait_s,
                      is_line=status == 429 or (status == 503 and wait_s is not None))
    if 400 <= status < 500:
        return Refused("delivery.refused", words, status)
    return Failed("delivery.redirected" if 300 <= status < 400 else "delivery.answer_unknown", words, status)


def _matches(rule: Rule | None, answer: Answer, held: object) -> bool:
    if rule is None or (rule.status and answer.status not in rule.status):
        return False
    if not rule.path:
        return True
    found = _at(held, rule.path)
    return any(found == each and isinstance(found, bool) == isinstance(each, bool) for each in rule.among)


def _parsed(answer: Answer) -> object:
    if not answer.is_whole:
        return _NOTHING
    try:
        return json.loads(answer.body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return _NOTHING


def _at(held: object, path: str) -> object:
    for key in path.split("."):
        if isinstance(held, dict) and key in held:
            held = held[key]
        elif isinstance(held, list) and key.isascii() and key.isdigit() and int(key[:6]) < len(held):
            held = held[int(key[:6])]
        else:
            return _NOTHING
    return held


def _receipt(held: object, rules: AnswerRules) -> str:
    found = _at(held, rules.receipt) if rules.receipt else _NOTHING
    if isinstance(found, bool) or not isinstance(found, str | int):
        return ""
    return safe_words(str(found), _MOST_RECEIPT)


def _words(answer: Answer, held: object, rules: AnswerRules) -> str:
    told = _at(held, rules.message) if rules.message else _NOTHING
    if isinstance(told, str) and told.strip():
        return safe_words(told)
    if told is not _NOTHING and told is not None:
        return safe_words(json.dumps(told, ensure_ascii=False))
    return safe_words(answer.body[:4096].decode(_charset(answer), "replace"))


def _charset(answer: Answer) -> str:
    named = answer.headers.get("content-type", "").lower().partition("charset=")[2].strip(' "').split(";")[0]
    return named if named in ("gbk", "gb2312", "gb18030") else "utf-8"
