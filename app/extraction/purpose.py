"""Why the citizen calls, as far as rules of other fields need it: only to ask, or because something happened.

In a call that only asks (how to apply, what a rule says) a date or a sum that is named belongs to the question, not to
an incident: fields of an incident stay empty there. Pure.
"""

from __future__ import annotations

import re

from app.extraction.dialogue_view import DialogueView

_ASKS = re.compile(
    r"咨询|请教|打听|(?:想|要|来)(?:请)?(?:问|了解|知道)|请问|问(?:一下|下|问|个|一问)|(?:帮我|麻烦)?查(?:一下|下|询|查)"
    r"|怎么(?:办理|申请|领|交|弄|办|查|报|转|补)|要(?:什么|哪些)(?:材料|手续|资料)"
)
_HAPPENED = re.compile(
    r"投诉|举报|反映|(?<!证)(?<!遗)坏了|漏|吵|臭|不退|不(?:肯|给|让)|骗|拖欠|欠(?:薪|我)|没(?:有)?人(?:管|理|修)|受伤|被[^忘]{0,4}(?:打|咬|撞|扣|砸)|打我|堵"
    r"|停[水电气]|表扬|感谢|建议|催|补充|撤|走丢|救|危险|着火|倒了|违法|违规|乱收|辞退|解雇|开除|黑心|过分|维权|讨"
)
_OPENING = 2


def only_asks(view: DialogueView) -> bool:
    """The citizen's opening asks for information and nowhere tells of something that went wrong."""
    told = [turn.text for turn in view.citizen if not turn.is_backchannel]
    opening = "".join(told[:_OPENING])
    return _ASKS.search(opening) is not None and not any(_HAPPENED.search(text) for text in told)
