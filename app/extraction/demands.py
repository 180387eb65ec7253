"""What the caller wants, as one clause (要求停止夜间施工，晚上十点以后不得施工).

Sources in this order: what the operator sums up and the citizen does not deny, together with what the citizen then adds; the citizen's answer
to 您的诉求是; the citizen's own clauses of wanting; for a consultation the questions asked. The words stay the citizen's; fillers and
the first person go, a verb for the kind of request comes before. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.domain.ticket import Evidence
from app.extraction.dialogue_view import DialogueView, Reply, Turn
from app.extraction.questions import Topic
from app.extraction.talk_segments import Segment, clauses

LIMIT = 120
Finder = Callable[[DialogueView, Sequence[Segment], str, int], "Demand | None"]
_VERB = {"咨询": "咨询", "求助": "请求", "投诉": "要求", "举报": "要求", "建议": "建议", "表扬": "表扬", "其他": ""}
_SUMMED = re.compile(
    r"您(?:的)?(?:诉求|要求|建议|意思)(?:主要)?(?:是|就是)(?P<a>.{4,80}?)(?:对吧|对吗|是吗|是吧|可以吗|没错吧|对不对|$)"
    r"|(?:^|好的|明白|那就|您)(?:是)?(?:想)?要求(?!是|呢|什么)(?P<b>.{4,60}?)(?:对吧|对吗|是吗|处理结果|需要|请|我|已经|帮您|$)"
    r"|您是(?:想要?|要)(?:咨询|了解|问)(?P<c>.{4,60}?)(?:对吧|对吗|是吗|是吧|对不对|$)"
    r"|您(?:是)?(?:想|要)(?:建议|反映|请我们|让)(?P<d>.{4,60}?)(?:对吧|对吗|是吗|是吧|对不对|$)"
)
_ENUMERATED = re.compile(r"(?:第?一个?是?|一(?:个|件|是)是?)(?P<one>.+?)(?:第?二个?是?|另一?(?:个|件)是?|一(?:个|件|是)是?)(?P<two>.+)$")
_WANT = re.compile(
    r"就一个要求|(?:我)?(?:希望|要求|请求|恳请)|(?:想|麻烦|能不能|可不可以)?请(?:你们|您们|政府|相关部门)|(?:你们|您)?帮我(?:把)?|你们(?:快点|赶紧|赶快|尽快)?派|(?:快点|赶紧|赶快|尽快)(?:派|来|叫|让|处理|修|解决)|"
    r"派(?:个|几个|点)?人|必须|一定要|(?:让|叫|责令)(?:他|她|它|他们|她们|那个|这家|老板|商家|公司|物业|房东|司机)|(?:把|将).{1,20}(?:退|还|拆|补|清|修|找|关|停|搬|撤|赔|换|发|恢复|疏通|锯|挪|装|取消|查)|"
    r"要(?:退给|赔|退钱|退款|还给)|(?:退|还|赔)(?:给)?我|给我(?:一个)?(?:说法|答复|交代|退|赔)|(?:应该|要)(?:处罚|罚款|查处|整改)|(?:去|来)?查(?:一下|一查|处|封)|不要再|不能再|不准再|不许再|停止|想(?:请|让|叫)(?:你|政府)"
)
_SUGGEST = re.compile(r"建议|希望(?:能)?|应该|最好(?:能)?|能不能(?:考虑)?|可不可以")
_QUESTION = re.compile(
    r"怎么|如何|哪里|哪儿|哪个|哪些|什么(?!都|也)|多少|多久|几(?:天|年|岁|个)|吗|能不能|可不可以|可以不|是不是|有没有|算不算|行不行|要不要|咋|啥|几时|几钱|点样|点办|边度"
)
_PRAISE = re.compile(r"表扬|感谢|谢谢|点赞|锦旗|好人好事")
_LEAD = re.compile(
    r"^(?:对+|是的?|嗯+|哦|啊|哎|唉|那|就是说|就是|然后|所以|因为|这样|反正|其实|主要|另外|还有|第[一二三](?:个|件)?(?:是|就是)?|要的?|好的?|行|可以|没有?错|你好|您好|喂|"
    r"我(?:就)?(?:是)?(?:想|要)?(?:请问|咨询|问|了解|打听|投诉|举报|反映|提)(?:一下|问|下|您|你)?(?:个|一个|两个)?(?:建议|问题|事情|事)?|请问(?:一下)?|想问一?下?|我就一个要求|我的?(?:要求|诉求|建议|希望)(?:就)?是|"
    r"我?希望(?:能|你们|可以)?|要求|我?(?:想|麻烦|能不能)?请(?:你们|您们|政府|相关部门)(?:能|帮忙|帮我)?|你们(?:能不能)?|麻烦(?:你们|您|你)?|建议(?:是)?|能不能|可不可以|应该|最好|让(?:他|她|他们|她们)(?!的)|叫(?:他|她|他们|她们)(?!的)|"
    r"你(?:就)?(?:帮我)?|帮我|给我|我们|我觉得|我|必须(?:要)?|一定要|去)+"
)
_INNER = re.compile(r"就是说|怎么说呢|反正|你知道吧|我跟你(?:讲|说)|那个(?=[^人车店厂])|我们家?的?(?=.)|你们|我(?!国|市|省|区)|啊|呀|嘛|啦|咯|喔|哈|哎|唉")
_TAIL = re.compile(r"(?:对吧|对吗|是吧|好吧|可以吧|行吧|吧|啊|呀|呢|了|的|嘛|哦|就行|就好|就可以|可以了|谢谢|麻烦|拜托|要快)+$")
_EMPTY = re.compile(r"^(?:处理|一下|好|是|要|对|快点?|谢谢|麻烦|拜托|没错|就这样|就这两个|不用|可以|要的|行|需要)*$")
_FOLLOW_NO = re.compile(r"回访|电话|保密|号码|回个|谢谢|方便")


@dataclass(frozen=True, slots=True)
class Demand:
    """A demand with how sure it is and where it was said."""

    text: str
    confidence: float
    evidence: tuple[Evidence, ...]
    rule: str


def find_demand(view: DialogueView, stretches: Sequence[Segment], kind: str, fallback: str, matter: int = 0) -> Demand | None:
    """The demand of one matter.

    Args:
        view: the dialogue.
        stretches: the matter's segments.
        kind: request type.
        fallback: the item's problem in a few words (路灯与照明), used where nothing was said.
        matter: number of the matter, to pick from an enumerating summary.
    """
    finders: tuple[Finder, ...]
    if kind == "咨询":
        finders = (_summed, _questions)
    elif kind in ("建议", "表扬", "其他"):
        finders = (_summed, _answered, _own)
    else:
        finders = (_summed, _answered, _own, _questions)
    for finder in finders:
        found = finder(view, stretches, kind, matter)
        if found is not None:
            return found
    if not stretches:
        return None
    first = stretches[0]
    return Demand(_worded(kind, f"处理{fallback}问题" if kind != "咨询" else f"{fallback}相关问题"), 0.3,
                  first.turn.evidence(first.start, first.end), "demand.item")


def clean(text: str) -> str:
    """A clause without fillers, first person and trailing particles."""
    text = _LEAD.sub("", text)
    text = _INNER.sub("", text)
    return _TAIL.sub("", _LEAD.sub("", text))


def _worded(kind: str, text: str) -> str:
    verb = _VERB.get(kind, "要求")
    if kind == "其他":
        return f"误拨，{text}"[:LIMIT]
    if text.startswith((verb, "要求", "请求", "希望")):
        return text[:LIMIT]
    return f"{verb}{text}"[:LIMIT]


def _summed(view: DialogueView, stretches: Sequence[Segment], kind: str, matter: int) -> Demand | None:
    best: Demand | None = None
    own = {segment.turn.number for segment in stretches}
    for turn in view.operator:
        match = _SUMMED.search(turn.text)
        if match is None or turn.number == 0:
            continue
        group = next(name for name in "abcd" if match[name])
        if (kind == "咨询") != (group == "c") and not (kind == "咨询" and group in "ad"):
            continue
        text, start = match[group], match.start(group)
        parts = _ENUMERATED.search(text)
        if parts is not None:
            text, start = (parts["one"], start + parts.start("one")) if matter == 0 else (parts["two"], start + parts.start("two"))
        elif turn.number not in own and matter:
            continue
        answer = view.answer_after(turn)
        if answer is not None and answer.reply is Reply.DENIAL:
            continue
        evidence = turn.evidence(start, start + len(text))
        words = clean(_pointed(turn, start, start + len(text)))
        if _EMPTY.match(words):
            continue
        if answer is not None and parts is None:
            more, where = _added(answer, kind)
            words, evidence = (f"{words}，{more}", evidence + where) if more else (words, evidence)
        best = Demand(_worded(kind, words), 0.9, evidence, "demand.summary")
    return best


def _added(answer: Turn, kind: str) -> tuple[str, tuple[Evidence, ...]]:
    kept: list[tuple[int, int]] = []
    for start, end in clauses(answer):
        clause = answer.text[start:end]
        wanted = _QUESTION.search(clause) if kind == "咨询" else len(clause) >= 5
        if wanted and not _FOLLOW_NO.search(clause) and not _EMPTY.match(clean(clause)):
            kept.append((start, end))
    kept = kept[:2]
    text = "，".join(clean(answer.text[a:b]) for a, b in kept)
    return text, tuple(span for a, b in kept for span in answer.evidence(a, b))


def _answered(view: DialogueView, stretches: Sequence[Segment], kind: str, matter: int) -> Demand | None:
    for question, turn in view.exchanges():
        if matter or question is None or Topic.DEMAND not in question.topics or turn.is_backchannel:
            continue
        kept = [(a, b) for a, b in clauses(turn) if not _EMPTY.match(clean(turn.text[a:b])) and not _FOLLOW_NO.search(turn.text[a:b])]
        kept = kept[:3]
        if kept:
            text = "，".join(clean(turn.text[a:b]) for a, b in kept)
            return Demand(_worded(kind, text), 0.9, tuple(s for a, b in kept for s in turn.evidence(a, b)), "demand.answer")
    return None


def _own(view: DialogueView, stretches: Sequence[Segment], kind: str, matter: int) -> Demand | None:
    wanting = {"建议": _SUGGEST, "表扬": _PRAISE}.get(kind, _WANT)
    found: list[tuple[float, Segment, int, int]] = []
    for segment in stretches:
        if segment.turn.is_operator:
            continue
        for start, end in clauses(segment.turn):
            clause = segment.turn.text[max(start, segment.start):min(end, segment.end)]
            if len(clause) >= 4 and wanting.search(clause) and not _FOLLOW_NO.search(clause):
                found.append((segment.turn.number + (3 if segment.role != "opening" else 0), segment, start, end))
    if not found:
        return None
    _, segment, start, end = max(found, key=lambda entry: entry[0])
    text = clean(_pointed(segment.turn, start, end))
    if _EMPTY.match(text) or len(text) < 2:
        return None
    return Demand(_worded(kind, text), 0.75, segment.turn.evidence(start, end), "demand.own")


def _questions(view: DialogueView, stretches: Sequence[Segment], kind: str, matter: int) -> Demand | None:
    for segment in stretches:
        if segment.turn.is_operator:
            continue
        spans = [(max(a, segment.start), min(b, segment.end)) for a, b in clauses(segment.turn) if b > segment.start and a < segment.end]
        asked = [n for n, (a, b) in enumerate(spans) if _QUESTION.search(segment.turn.text[a:b])]
        if not asked:
            continue
        first = max(0, asked[0] - 2)
        kept = [span for span in spans[first : asked[-1] + 1] if len(clean(segment.turn.text[span[0]:span[1]])) >= 2]
        text = "，".join(clean(segment.turn.text[a:b]) for a, b in kept)
        if len(text) >= 4:
            return Demand(_worded(kind, text), 0.8, tuple(s for a, b in kept for s in segment.turn.evidence(a, b)), "demand.question")
    return None


def _pointed(turn: Turn, start: int, end: int) -> str:
    """A span with commas where punctuation stood."""
    marks = {position for position, _ in turn.marks}
    return "".join(("，" if p in marks and p > start else "") + turn.text[p] for p in range(start, end))
