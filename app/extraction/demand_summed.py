"""The demand as the operator sums it up (您的诉求是…对吗), unless the citizen denies it.

The last summary that suits the kind of request counts, with what the citizen then adds: conditions of a demand, further questions
of a consultation. One that the citizen confirmed and nothing had to complete is the surest demand there is. Of a summary that
counts two matters each gets its own part. Pure.
"""

from __future__ import annotations

import re

from app.domain.ticket import Evidence
from app.extraction.consultations import written_question
from app.extraction.demand_clauses import OTHER_TALK, QUESTION, WANT, is_question
from app.extraction.demand_wording import Asked, Demand, acting, completed, worded
from app.extraction.demand_words import clean, is_bare, is_idle, restated
from app.extraction.dialogue_view import DialogueView, Reply, Turn
from app.extraction.questions import Topic
from app.extraction.talk_segments import clauses

_CURT = 4  # what is summed up in so few characters (退费) the answer tells better
_WHOLE = 8  # a shorter wish may stand for more than was said
SUMMARY_END = (r"(?:对吧|对吗|是吗|是吧|对不对|没错吧|可以吗|处理结果|(?:可以)?这样(?:写|登记)|我?记下|还有(?:没有)?(?:其他|别的)"
               r"|需要(?=.{0,6}(?:回访|保密))|请(?=您|保持)|已经|帮您|$)")
SUMMED = re.compile(
    rf"(?:您(?:这次|现在)?(?:的)?(?:诉求|要求|建议|意思|想法)|^(?:好的?|那|明白)*(?:诉求|要求)(?=是))(?:主要)?(?:是|就是|有|分)?(?:想|希望)?(?P<a>(?!是什么|什么|呢"
    rf"|怎么).{{4,80}}?){SUMMARY_END}"
    rf"|(?:^(?:好|嗯|行|是)*|好的|明白|那就|您|(?:这|那)(?:一)?(?:件|个)(?:事情?)?)(?:是|就是)?(?:想)?要求(?!是|呢|什么|有|变)(?P<b>.{{2,60}}?){SUMMARY_END}"
    rf"|您(?:是)?(?:想要?|要)?(?:咨询|了解|问)(?:的是)?(?!什么|题|的问题|一下什么)(?P<c>.{{4,60}}?){SUMMARY_END}"
    rf"|您(?:是)?(?:想|要)(?:建议|请我们|让|要的是)(?P<d>.{{4,60}}?){SUMMARY_END}"
    r"|您(?:是|的意思是)(?P<e>对.{4,40}?(?:有异议|不满意?|不服|有疑问))"
    rf"|您(?:是|就是|也是)?希望(?!怎|如何|我们|得到什么|什么|哪|有什么)(?:能|能够|可以|有)?(?P<f>.{{4,60}}?){SUMMARY_END}"
)
_OPTIONS = re.compile(r"还是(?!要|会|没).{1,12}$")
_ENUMERATED = re.compile(
    r"(?:第?一(?:个|件|是)(?:是)?|一是)(?P<one>.+?)(?:第二(?:个|件)?是?|另(?:外)?一(?:个|件)是?|一(?:个|件)是|二是"
    r"|还有一?个?是?)(?P<two>.+)$"
)
_SECOND = re.compile(r"(?P<one>.{4,}?)(?:第二(?:个|件)是|另(?:外)?一(?:个|件)是|一(?:个|件)是|二是)(?P<two>.{4,})$")
_ALSO = re.compile(r"^(?:还要|还有|再|另外|同时|顺便|也要)(?!打|次|见)")
_LIMITING = re.compile(r"^(?:而且|还|就|也)?(?:要(?!的)|必须|不能|不得|不要|一定|限)|以后.{0,4}(?:不|要)|之内|以内|不得|不能再")


def summed_up(view: DialogueView, asked: Asked) -> Demand | None:
    """The last summary of this matter that the citizen does not deny, with what is added to it; else None."""
    best: Demand | None = None
    own = {segment.turn.number for segment in asked.stretches}
    for turn in view.operator:
        match = SUMMED.search(turn.text)
        if match is None or turn.number == 0 or fitting_group(match, asked.kind) is None or OTHER_TALK.search(match.group()):
            continue
        group = fitting_group(match, asked.kind) or "a"
        start, end = match.span(group)
        parts = _ENUMERATED.search(turn.text[start:end]) or _SECOND.match(turn.text[start:end])
        if parts is not None:
            start, end = (start + edge for edge in parts.span("two" if asked.number else "one"))
        elif asked.several and turn.number not in own:
            continue
        answer = view.answer_after(turn)
        if _denied(turn, answer) or _chosen(turn.text[start:end], answer):
            continue
        pointed = _OPTIONS.sub("", _pointed(turn, start, end))
        if asked.kind == "咨询":
            words = _consulted(view, answer, pointed)
        else:
            words = "，".join(filter(None, (restated(clean(clause)) for clause in pointed.split("，"))))
        if is_idle(words):
            continue
        evidence = turn.evidence(start, end)
        more = ""
        if answer is not None and parts is None and asked.kind != "咨询":
            more, where = _added(view, answer, asked.kind, words)
            words, evidence = (f"{words}，{more}", evidence + where) if more else (words, evidence)
        confirmed = answer is not None and answer.reply is Reply.ASSENT and asked.kind != "咨询" and not is_bare(words)
        if asked.usual and is_bare(words):
            words = asked.usual
        written = worded(asked.kind, completed(asked, words))
        text = acting(asked, written)
        confirmed = confirmed and text == written and len(words) >= _WHOLE and not more
        best = Demand(text, 0.9 if confirmed else 0.84, evidence, "demand.summary")
    return best


def _consulted(view: DialogueView, answer: Turn | None, summed: str) -> str:
    """A summed-up question with what the citizen goes on to ask, as one phrase."""
    clauses_said = summed.split("，")
    context = [restated(clean(clause)) for clause in clauses_said if not QUESTION.search(clause)]
    asked = [clean(clause, question=True) for clause in clauses_said if QUESTION.search(clause)]
    for turn in view.citizen:
        if answer is not None and turn.number >= answer.number - 2:
            asked += [clean(turn.text[a:b], question=True) for a, b in clauses(turn) if is_question(turn, a, b)]
    topic = "".join(word for word in context if word)
    return written_question([], asked, topic) or restated(clean(summed))


def fitting_group(match: re.Match[str], kind: str) -> str | None:
    """The group that a summary filled, where it suits the kind of request."""
    group = next((name for name in "abcdef" if match[name]), None)
    consult = group in ("c", "e")
    if group is None or (kind == "咨询") != consult or (kind != "咨询" and QUESTION.search(match[group])):
        return None
    return group


def _denied(turn: Turn, answer: Turn | None) -> bool:
    if answer is None or answer.reply is not Reply.DENIAL:
        return False
    return not {Topic.CALLBACK, Topic.CONFIDENTIAL, Topic.PHONE} & set(turn.topics)


def _chosen(summed: str, answer: Turn | None) -> bool:
    """退定金还是按原价提车 is a choice, and the answer tells it."""
    return answer is not None and answer.reply is not Reply.ASSENT and _OPTIONS.search(summed) is not None


def _added(view: DialogueView, answer: Turn, kind: str, known: str) -> tuple[str, tuple[Evidence, ...]]:
    """What the citizen adds to a summary: conditions of a demand, further questions of a consultation."""
    kept: list[tuple[Turn, int, int]] = []
    for turn in view.citizen if kind == "咨询" else (answer,):
        for start, end in clauses(turn):
            clause = turn.text[start:end]
            wanted = is_question(turn, start, end) if kind == "咨询" else len(clause) >= 5 and bool(
                _LIMITING.search(clause) or _ALSO.match(clause) or (len(known) <= _CURT and WANT.search(clause)))
            if wanted and not OTHER_TALK.search(clause) and not is_idle(clean(clause)) and clean(clause) not in known:
                kept.append((turn, start, end))
    kept = kept[: 3 if kind == "咨询" else 2 if len(known) <= _CURT else 1]
    text = "，".join(clean(turn.text[a:b]) if kind == "咨询" else restated(clean(turn.text[a:b])) for turn, a, b in kept)
    return text, tuple(span for turn, a, b in kept for span in turn.evidence(a, b))


def _pointed(turn: Turn, start: int, end: int) -> str:
    """A span with commas where punctuation stood."""
    marks = {position for position, _ in turn.marks}
    return "".join(("，" if p in marks and p > start else "") + turn.text[p] for p in range(start, end))
