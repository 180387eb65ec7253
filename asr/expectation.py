"""Who is about to say a number: found from the finals of both channels, so that decoding knows what the other side asked for.

A number is expected of one side while the other has asked for one (电话多少, 身份证号, 工单编号, 车牌), of the operator also while the
citizen's number waits to be read back, and of whoever stopped in the middle of one. It is a hint, asked for when an utterance
ends (an answer often begins before the question's own final is there): an engine may lean towards digits, it must not drop words.
Lives in the speech process, one a call, used by its one thread; the program tells a successor of a dead process what was said
last (``Said``), so that a question asked before still counts. Nothing of it outlives the call.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable

from app.domain.dialogue import Channel, SpeechEvent, UtteranceFinal
from asr.engine import Engine, HearsNumbers, UtteranceDecoder

_WHAT = (
    "电话|手机|座机|固话|号码|联系方式|联系您的|身份证|证件|工单|编号|单号|受理号|车牌|牌照|门牌|房号|尾号|尾数|验证码|社保号|账号|卡号|几号|多少号"
)
_ASKS = re.compile(
    f"(?:{_WHAT}).{{0,8}}(?:多少|什么|是哪|几位|呢|吗|报一下|说一下|念一下|提供|是$|号$|号码$|编号$|电话$|手机$)"
    f"|(?:请|麻烦|方便|提供|留|报|说|念|告诉|给我|记得|核对|重复|再).{{0,10}}(?:{_WHAT})"
    "|(?:后|前|最后|中间)[两二三四几]位|(?:号|电话|联系方式)(?:多少|呢)?$"
)
_NO_NUMBER = re.compile("保持.{0,3}(?:电话|手机)|(?:电话|手机).{0,3}(?:畅通|挂|断)|打(?:了|过|来).{0,4}电话|再见|感谢(?:您的)?来电")
_NUMBER = re.compile("[零〇一二三四五六七八九幺洞拐勾0-9]{3,}|(?:两|三|四)个[零一二三四五六七八九幺]")
_UNFINISHED = re.compile("[零〇一二三四五六七八九幺洞拐勾0-9]{2,}$")
_LASTS_MS = 30_000
_ANSWERS = 2
"""Utterances that may come before the number (好, 您记一下)."""
KEPT = 4
"""Finals that count, of both channels together."""
Said = tuple[Channel, str, int]
"""Who said what, and when it ended (milliseconds of the call)."""


def said(event: UtteranceFinal) -> Said:
    """What counts of a final."""
    return event.utterance.channel, event.utterance.text, event.utterance.end_ms


class NumberTalk:
    """What both sides of one call said last.

    Args:
        before: what a process before this one heard of the same call, oldest first.
    """

    def __init__(self, before: Iterable[Said] = ()) -> None:
        self._finals: deque[Said] = deque(before, maxlen=KEPT)

    def hear(self, event: SpeechEvent) -> None:
        """Any event of either channel; finals count."""
        if isinstance(event, UtteranceFinal):
            self._finals.append(said(event))

    def expects(self, channel: Channel) -> bool:
        """Whether this channel's utterance of now may well be a number."""
        answers = 0
        newest = self._finals[-1][2] if self._finals else 0
        for speaker, text, end_ms in reversed(self._finals):
            if newest - end_ms > _LASTS_MS or answers > _ANSWERS:
                return False
            if speaker is channel:
                if not answers and _UNFINISHED.search(text):
                    return True
                answers += 1
            elif _asks(text) or (channel is Channel.OPERATOR and _NUMBER.search(text)):
                return True
        return False

    def opener(self, engine: Engine, channel: Channel) -> Callable[[], UtteranceDecoder]:
        """How this channel's utterances are opened: engines that care are told."""
        if isinstance(engine, HearsNumbers):
            hears: HearsNumbers = engine
            return lambda: hears.open_expecting(lambda: self.expects(channel))
        return engine.open_utterance


def _asks(text: str) -> bool:
    return bool(_ASKS.search(text)) and not _NO_NUMBER.search(text)
