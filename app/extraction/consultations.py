"""Spoken questions as the noun phrases a clerk files: 补贴怎么领，要什么材料 -> 补贴的领取办法和材料.

Each question clause gives what it is about (its stem) and what is asked of it (办法, 材料, 时限, 地点, 标准, 是否…). A clause
without a stem asks of what was named before. Only wording changes, nothing unsaid appears. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_MOST = 4
_SHORT_STEM = 3
_ENOUGH_SAID = 21  # a clerk stops there
_TELLING = 4  # 是否收费 tells something by itself
_LONG_CONTEXT = 12
_LEAST_RAW = 5
_LONGEST_STEM, _STEM_TAIL = 24, 16
_ENOUGH = 2
_VAGUE = re.compile(r"那个什么|什么来着|说不清|不清楚|叫什么|是吧$|也?归.{0,6}管")
_WRITTEN_VERB = {
    "办": "办理", "弄": "办理", "搞": "办理", "领": "领取", "查": "查询", "算": "计算", "交": "缴纳", "缴": "缴纳", "补": "补办",
    "转": "转移", "退": "退还", "开": "开具", "换": "换领", "提": "提取", "用": "使用", "取": "提取", "选": "选择", "申": "申请",
    "走": "办理", "报": "申报", "扣": "扣除", "贷": "贷款", "赔": "赔偿", "拿": "领取", "办下来": "办理", "做": "办理",
    "处理": "处理", "申领": "申领", "收": "收费", "打": "打印", "约": "预约", "销": "注销", "改": "变更",
}
_AMOUNT_OF = {
    "提": "提取额度", "扣": "扣除标准", "领": "领取标准", "贷": "贷款额度", "报": "报销比例", "报销": "报销比例",
    "交": "缴费标准",
    "缴": "缴费标准", "赔": "赔偿标准", "拿": "领取标准", "补": "补贴标准",
    "给": "发放标准", "发": "发放标准", "收": "收费标准", "要": "费用", "": "标准",
}
_FILLING = re.compile(r"^(?:请问|[这那][台辆家条](?!里)|那(?!边|里|个|种)|就|还|又|再|也"
                      r"|[我你您]们?|是|要|去|的话|的时候|都|该|得|现在|具体|一般"
    r"|大概|到底|呢|这个|那个)+")
_STEM_END = re.compile(
    r"(?:的时候|的话|呢|啊|是|要|需要|得|该|应该|又|都|还|去|来|走|办|准备|带|提交|提供|符合|具备|满足|有|大概|一般"
    r"|一共|最多|最高|最少|最快|能|可以|会|在|到"
    r"|从|一个月|一年|每个月|每年|的|这个|那个|我|再|就)+$"
)
_STEM_LEAD = re.compile(
    r"^(?:想|请教一?下|查(?:一下|询)|不?知道|不清楚|不晓得|不懂|听说|说是?|有(?:个|一个)?|那个|这个|就是|关于|办(?!理|公|证)|我们?|我的|你们?|现在|那|呃"
    r"|呢|比如|如果|因为|所以|还有"
    r"|另外|然后|第[一二三](?:个|件)?(?:是)?|顺便|之前|一下|了解|咨询|问问?)+"
)
_HOW = re.compile(r"(?:怎么样?|如何|怎样|点样|咋)(?:去|才能|能|可以|来|才)?(?P<verb>[一-鿿]{0,6})")
_WHY = re.compile(r"(?:是|到底|究竟)*(?:什么情况|怎么回事|什么原因|为什么|为啥|什么道理)")
_STEPS = re.compile(r"(?:第一步|先|首先|应?该|要|得)+(?:做|干|办|弄)(?:什么|啥|些什么|哪些)")
_BRING = re.compile(r"(?:要|需要|得|该|都)*(?:带|准备|提交|交|拿|填)(?:一?些|点)?(?:什么|啥|哪些|几样)"
                    r"(?:材料|资料|东西|证件|手续)?(?:去|过去|来)?")
_PROGRESS = re.compile(r"(?:办|走|审)?(?:理|批)?到(?:了)?哪(?:一)?步了?|(?:办理)?进度")
_CASE = re.compile(r"^(?:如果|要是|假如|万一)(?P<case>.{3,}?)(?:怎么办|咋办)?呢?$")
_WHAT = re.compile(
    r"(?:什么|哪些|啥|几样|哪几样)(?:样的|具体)?(?P<noun>流程|手续|条件|材料|资料|证件|证明|标准|政策|规定|待遇|补贴|要求|东西|费用|渠道)"
)
_LONG = re.compile(r"(?:多久|多长时间|多少天|几天|几个工作日|几个月|什么时候|几时|何时)(?:能|才能|可以|才|内)?(?P<verb>[一-鿿]{0,4})")
_MUCH = re.compile(r"(?:能|可以|要(?!多少)|得|会|给)?(?P<verb>报销|[提扣领贷补报交缴赔拿给发收要]?)(?:到)?"
                   r"(?:多少(?:钱|块|比例|金额)?|几多钱)")
_WHERE = re.compile(
    r"(?:在|去|到|是|找|上|往)*(?:哪里|哪儿|哪个(?:部门|地方|窗口|科室|单位|网站|平台)|什么(?:地方|部门)|边度)(?:去"
    r"|可以|能|才能)?(?P<verb>[一-鿿]{0,6})"
)
_MAY = re.compile(r"(?:还)?(?:能不能|可不可以|可以不可以|能否|是不是可以|可否|行不行)(?:再|也)?(?P<verb>.+)")
_WHETHER = re.compile(r"(?P<word>是不是|算不算|要不要|用不用|需不需要|需要不需要|有没有|符不符合|合不合法|会不会|影不影响)(?P<verb>.*)")
_YES_NO = re.compile(r"(?P<verb>(?:还?来得及|还?可以|还?能|算|需?要|合法|合理|有影响|影响|行|够|有|会|属于"
    r"|符合)[^，]{0,12}?)(?:吗|(?<!什)么|(?<!要)不)$")
_WHETHER_WRITTEN = {
    "是不是": "是否", "算不算": "是否算", "要不要": "是否需要", "用不用": "是否需要", "需不需要": "是否需要", "需要不需要": "是否需要",
    "有没有": "有无", "符不符合": "是否符合", "合不合法": "是否合法", "会不会": "是否会", "影不影响": "是否影响",
}
_PARTICLE = re.compile(r"(?:的呀|啊|呀|呢|吗|么|的|了|嘛|哦|吧|咧|才好|才行|比较好)+$")


@dataclass(frozen=True, slots=True)
class Question:
    """What a clause asks about and what it asks."""

    stem: str
    aspect: str

    @property
    def is_clause(self) -> bool:
        """是否…, 能否… follow their stem without 的."""
        return self.aspect.startswith(("是否", "能否", "有无"))


def question_of(clause: str) -> Question | None:
    """A cleaned question clause taken apart, or None where no question word is known."""
    case = _CASE.match(clause)
    if case is not None:
        return Question(_stem(case["case"]), "处理")
    text = _PARTICLE.sub("", clause) if not clause.endswith(("吗", "么", "不")) else clause
    for pattern, worded in _PATTERNS:
        match = pattern.search(text)
        if match is not None:
            stem = _stem(text[: match.start()])
            aspect = worded(match)
            return Question(stem, aspect) if aspect else None
    return None


def topic_of(clause: str) -> str:
    """A clause that tells what the questions are about, without its framing."""
    return _PARTICLE.sub("", _STEM_LEAD.sub("", clause))


def written_question(context: Sequence[str], asked: Sequence[str], topic: str = "") -> str:
    """The questions of one matter as one phrase; empty where none is understood.

    Args:
        context: cleaned clauses before the first question, nearest last.
        asked: cleaned question clauses in order.
        topic: what all of it is about, where the operator summed it up.
    """
    understood = [(question_of(clause), clause) for clause in asked]
    if not any(question is not None for question, _ in understood):
        return ""
    few = sum(question is not None for question, _ in understood) < _ENOUGH
    taken = [question or Question(_stem(clause), "") for question, clause in understood
             if question is not None or (few and len(clause) >= _LEAST_RAW and not _VAGUE.search(clause))]
    taken = [q for n, q in enumerate(dict.fromkeys(taken)) if n == 0 or q.stem or not q.is_clause or len(q.aspect) >= _TELLING]
    questions = taken[:_MOST]
    first = questions[0]
    if topic:
        questions[0] = Question(topic, first.aspect)
    elif len(first.stem) < _SHORT_STEM:
        told = [topic_of(clause) for clause in context]
        near = next((text for text in reversed(told) if len(text) >= _SHORT_STEM), "")
        earlier = told[: told.index(near)] if near else []
        if earlier and len(earlier[-1]) + len(near) <= 2 * _LONG_CONTEXT and len(earlier[-1]) >= _SHORT_STEM:
            near = earlier[-1] + near
        questions[0] = Question(near[-2 * _LONG_CONTEXT :] + first.stem, first.aspect)
    parts: list[str] = []
    for number, question in enumerate(questions):
        if sum(map(len, parts)) > _ENOUGH_SAID:
            break
        stem = question.stem
        if number and stem and stem in questions[0].stem:
            stem = ""
        joint = "" if question.is_clause or not question.aspect or not stem or stem.endswith("的") else "的"
        parts.append(stem + joint + question.aspect)
    if len(parts) == 1:
        return parts[0]
    return "、".join(parts[:-1]) + "和" + parts[-1]


def _stem(text: str) -> str:
    before = None
    while text != before:
        before = text
        text = _STEM_END.sub("", _STEM_LEAD.sub("", _FILLING.sub("", text)))
    return text if len(text) <= _LONGEST_STEM else _STEM_LEAD.sub("", text[-_STEM_TAIL:])


def _verb(match: re.Match[str], default: str = "办理") -> str:
    verb = _PARTICLE.sub("", match["verb"])
    verb = re.sub(r"(?:一下|手续|了|到|好|回来|下来)$", "", verb)
    return _WRITTEN_VERB.get(verb, verb) or default


def _how(match: re.Match[str]) -> str:
    verb = _verb(match)
    return "办法" if match["verb"] in ("办", "办呢", "办啊", "弄", "搞") else verb + "办法"


def _what(match: re.Match[str]) -> str:
    return {"东西": "材料", "证件": "证件材料"}.get(match["noun"], match["noun"])


def _long(match: re.Match[str]) -> str:
    verb = _PARTICLE.sub("", match["verb"])
    return (_WRITTEN_VERB.get(verb, verb) + "时间") if verb else "时限"


def _where(match: re.Match[str]) -> str:
    verb = _verb(match)
    return verb + ("途径" if verb == "查询" else "的地点" if len(verb) > _SHORT_STEM else "地点")


def _may(match: re.Match[str]) -> str:
    return "能否" + _PARTICLE.sub("", match["verb"])


def _whether(match: re.Match[str]) -> str:
    return _WHETHER_WRITTEN[match["word"]] + _PARTICLE.sub("", match["verb"])


def _yes_no(match: re.Match[str]) -> str:
    verb = match["verb"]
    return "能否" + verb[2:] if verb.startswith("可以") and len(verb) > 2 else "是否" + verb


_PATTERNS = (
    (_BRING, lambda match: "材料"),
    (_PROGRESS, lambda match: "办理进度"),
    (_WHAT, _what),
    (_STEPS, lambda match: "步骤"),
    (_WHY, lambda match: "原因"),
    (_MUCH, lambda match: _AMOUNT_OF[match["verb"]]),
    (_LONG, _long),
    (_WHERE, _where),
    (_HOW, _how),
    (_MAY, _may),
    (_WHETHER, _whether),
    (_YES_NO, _yes_no),
)
