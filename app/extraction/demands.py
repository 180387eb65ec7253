"""What the caller wants, as one clause (要求停止夜间施工，晚上十点以后不得施工).

Sources in this order: what the operator sums up and the citizen does not deny, together with what the citizen then adds; the
citizen's answer to 您的诉求是; the citizen's own clauses of wanting; for a consultation the questions asked. Where the own
words name no object (修一下) the item's usual demand from the record templates is proposed. The words stay the citizen's. Pure.

Only a summary that the citizen confirmed may stand; everything else is proposed. A curt wish of a report (处罚他们) gets the item's
usual demand in front, a complaint's wish the one who is to act where the item tells who; questions become noun phrases
(``consultations``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.domain.ticket import Evidence
from app.extraction.consultations import topic_of, written_question
from app.extraction.demand_words import clean, is_bare, is_idle, restated, wish_of
from app.extraction.dialogue_view import DialogueView, Reply, Turn
from app.extraction.questions import Topic
from app.extraction.talk_segments import BOTH_ASKED, Segment, clauses

LIMIT = 120
LONG_QUESTION = 40
SHORT = 6
_CURT = 14
FOLLOW_UP_CODE, _TAKE_BACK = "220201", "要求撤销之前的工单"
_LIMITS = re.compile(r"之内|以内|天内|书面|不得|不准")
_LONGEST_TOLD = 12
_WHOLE = 8  # a shorter wish may stand for more than was said
_FRONT = (8, _CURT)  # up to this length a wish that does not name the item's thing gets the usual demand in front
_ANYBODY = 4  # whom so few characters name (一个医生) is better told by the name found
_VERB = {"咨询": "咨询", "求助": "请求", "投诉": "要求", "举报": "要求", "建议": "建议", "表扬": "表扬", "其他": ""}
_END = (r"(?:对吧|对吗|是吗|是吧|对不对|没错吧|可以吗|处理结果|(?:可以)?这样(?:写|登记)|我?记下|还有(?:没有)?(?:其他|别的)"
        r"|需要(?=.{0,6}(?:回访|保密))|请(?=您|保持)|已经|帮您|$)")
_SUMMED = re.compile(
    rf"(?:您(?:这次|现在)?(?:的)?(?:诉求|要求|建议|意思|想法)|^(?:好的?|那|明白)*(?:诉求|要求)(?=是))(?:主要)?(?:是|就是|有|分)?(?:想|希望)?(?P<a>(?!是什么|什么|呢"
    rf"|怎么).{{4,80}}?){_END}"
    rf"|(?:^(?:好|嗯|行|是)*|好的|明白|那就|您|(?:这|那)(?:一)?(?:件|个)(?:事情?)?)(?:是|就是)?(?:想)?要求(?!是|呢|什么|有|变)(?P<b>.{{2,60}}?){_END}"
    rf"|您(?:是)?(?:想要?|要)?(?:咨询|了解|问)(?:的是)?(?!什么|题|的问题|一下什么)(?P<c>.{{4,60}}?){_END}"
    rf"|您(?:是)?(?:想|要)(?:建议|请我们|让|要的是)(?P<d>.{{4,60}}?){_END}"
    r"|您(?:是|的意思是)(?P<e>对.{4,40}?(?:有异议|不满意?|不服|有疑问))"
    rf"|您(?:是|就是|也是)?希望(?!怎|如何|我们|得到什么|什么|哪|有什么)(?:能|能够|可以|有)?(?P<f>.{{4,60}}?){_END}"
)
_DEED_FIRST = re.compile(r"[查修赔退换拆关封罚停拖清]")
_WAIVED = re.compile(r"(?:不用|不要|不需要|不想)(?:他|她|它|你)?(?:们)?(?:赔|退|道歉|罚|处理)|无所谓|无所渭")
_EARLIER = re.compile(r"(?:之前|上次|原来|当时)的?(?:诉求|要求)")
_FOLLOWED = frozenset({Topic.NAME, Topic.PHONE, Topic.ALT_PHONE, Topic.PLACE, Topic.CALLBACK})
_SUGGEST_FIRST = re.compile(r"我?(?:的)?(?:建议|希望|要求)|最好|能不能")
_TOLD_FIRST = re.compile(r"[点号日天月]|昨|今|早上|上个|左右")
_ASKS_MORE = re.compile(r"还有(?:没有)?(?:其他|别的|什么|其它)(?:的)?(?:要求|诉求|想法)")
_OPTIONS = re.compile(r"还是(?!要|会|没).{1,12}$")
_AGENTS: tuple[tuple[str, str], ...] = (
    ("0606", ""), ("0607", ""), ("060503", "培训机构"), ("060506", "平台"),
    ("06", "商家"), ("0901", "公司"), ("1002", "公司"), ("2103", "公司"),
    ("070201", "工厂"), ("020303", "中介"), ("0203", "开发商"), ("020201", "开发商"),
    ("020101", "物业"), ("020102", "物业"), ("020401", "房东"),
    ("160202", "主办方"), ("160101", "旅行社"), ("130202", "学校"), ("130201", "学校"),
    ("130301", "幼儿园"), ("120101", "医院"), ("120102", "医院"),
    ("010105", "企业"), ("040401", "驾校"), ("050101", "交警"), ("150301", "快递公司"),
    ("120302", "托育机构"),
)
_BY_AUTHORITY = re.compile(r"(?:尽快|立即|依法|严肃|好好)*(?:去|来)?(?:查|处罚|取缔|调查|检查|处理|核实|监管|没收|协调)")
_DEMAND_ASKED = re.compile(
    r"怎么(?:样)?(?:改|处理|解决|办)|(?:有|是)什么(?:要求|诉求|想法)|帮您(?:做|处理|解决)(?:什么|哪)|(?:要求|诉求"
    r"|希望)(?:呢|是|有哪些|具体是)?$|想要什么"
)
_HOW_MUCH = re.compile(r"(?:退|赔|补|还)(?:的是|给您|您)?(?:多少|哪)")
_GOES_ON = re.compile(r"^(?:再|把|将|先|还要|也要|并|然后(?:把|再|要)|以后|今后|不要|不准|该|叫|让|找个|要么|或者"
    r"|.{0,6}(?:再|还要|也要?)(?:装|加|补|查|清|罚|扫|修|设|给)|.{0,8}就(?:处)?罚)")
_SPOTTED = re.compile(
    r"(?:有|掉了|丢了|发现|看到)(?:一|两|几|好几)?[个条根只辆台栋块堆窝棵处](?:很大的|大|小|好大的)?(?P<thing>[一-鿿]{2,6}?)"
    r"(?=$|在|掉|倒|坏|断|压|挡|歪|塌|堵|漏|流)"
)
_BARE_VERB = re.compile(r"(?:清除|来摘|摘|处理|清理|拖走|搬走|移走|维修|来修|修|拆除|检查|查处|清走|抓走|抓|捉|砍掉|砍除)$")
_NEXT_STEP = re.compile(r"需要|是否|会转|已经?|转|马上|感谢|我|您|登记|[吗呢吧]$|^(?:好的?|明白|是|请)|先生|女士|号"
                        r"|[零一二三四五六七八九幺]{3}")
_HAS_AGENT = re.compile(r"部门|派人|公司|老板|司机|商家|店|物业|房东|平台|学校|医院|交警|城管|警察|工厂|厂|有人|政府"
    r"|村|业主|中介|驾校|银行|单位|人员|主办")
_DEED = re.compile(r"找到|找回|查(?:了)?监控|掏钱|给.{0,6}买了?|服务.{0,6}(?:好|热情|周到|到位)|态度.{0,4}好"
                   r"|主动|帮|扶|送|救|捡|归还|交还|耐心|热心|细心|垫付|追|护送|陪|守|背|让座")
_VAGUE_WHO = re.compile(r"^(?:谁|人不|你先|人|个人|一个人|好人|好事|一下|的)+的?$")
_PERSON = re.compile(r"(?P<who>[^，]{0,12}?(?:小姑娘|姑娘|小伙子?|师傅|司机|工作人员|民警|警察|护士|医生|老师|话务员"
                     r"|[^人成]员|阿姨|大姐|保安|护工|窗口))$")
_PRAISED = re.compile(r"(?:表扬|感谢)(?:一下)?(?:你们的?|一?[位个名]|那[位个名]|这[位个名])*(?P<who>[^，]{2,16})$")
_NOT_HERE = re.compile(r"(?:这里|我们|这边)(?:不是|并不是)(?P<whom>[^，的]{2,10})$")
_MEANT = re.compile(r"拨(?:一次|打)?(?P<whom>[^，的您我]{2,10})的电话")
_TAKEN_FOR = re.compile(r"不是(?:那个)?(?P<whom>[^，您我]{3,10})吗$")
_ENUMERATED = re.compile(
    r"(?:第?一(?:个|件|是)(?:是)?|一是)(?P<one>.+?)(?:第二(?:个|件)?是?|另(?:外)?一(?:个|件)是?|一(?:个|件)是|二是"
    r"|还有一?个?是?)(?P<two>.+)$"
)
_SECOND = re.compile(r"(?P<one>.{4,}?)(?:第二(?:个|件)是|另(?:外)?一(?:个|件)是|一(?:个|件)是|二是)(?P<two>.{4,})$")
_ASKING = re.compile(r"(?:想|麻烦|能不能|可不可以)?请(?:你们|您们|政府|相关部门)|(?:你们|您)?帮我|我?(?:希望|要求)"
                     r"|(?:你们)?(?:快点|赶紧|尽快)?派(?:个|几个)?人")
_WANT = re.compile(
    r"就一个要求|希望|要求|请求|恳请|(?:想|麻烦|能不能|可不可以)?请(?:你们|您们|政府|相关部门)|帮我|(?:快点|赶紧|赶快"
    r"|尽快|马上)(?:派|来|叫|让|处理|修|解决|把)|派(?:个|几个|点)?人"
    r"|必须|一定要|(?:让|叫|责令)(?:他们?(?![也都不又还了没])|她们?(?![也都不又还了没])|它|那个|这家|老板|商家|公司|物业|房东|司机|路|车)|(?:把"
    r"|将).{1,20}(?:退|还|拆|补|清|修|找|关|停|搬|撤|赔|换|发|恢复|疏通|锯|挪|装|取消|查|要回|救|抽|封|断|停|接|填|盖"
    r"|移|扶|调|改)|(?:把|将).{1,12}(?:掉|好|走|开|出来|通|平|干净|回来)$"
    r"|^(?:你们?|请|先|赶紧|快点?|马上|尽快|再|去|来)*(?:把|将).{2,16}(?<![了过着的])$"
    r"|要(?:退|赔|还)|(?:退|还|赔)(?:给)?我|给我.{0,3}书面|(?:应该|要|也要)(?:处罚|罚款|查处|整改|负责|赔偿)|(?:去"
    r"|来)?查(?:一下|一查|处|封)|不要再|不能再|不准再|不许再|停止"
)
_WEAK_WANT = re.compile(
    r"给(?:我|我们)?(?:一?个)?(?:说法|交代|答复|解释|处理)|尽快|赶紧|赶快|快点|早点|管一?管|整治|整改|解决|落实|恢复"
    r"|安排|协调|道歉|赔|退(?:钱|款|费|给|还)"
    r"|加强|增加|不要|别再|别让|禁止|处罚|查处|取缔|清走|清理|修好|搬走|拆掉|检查"
)
_REFUSED = re.compile(r"不肯|不给|不愿|没人|没有?(?:修|退|赔|来|处理|解决)|都不|拒绝|说(?!法)|不了|过(?:几|两|三"
    r"|好多)?次|不退|不赔|[了过]$")
_SUGGEST = re.compile(r"建议|希望|应该|最好|能不能|可不可以|延长|增加|增设|改成|装个|设个")
_QUESTION = re.compile(
    r"怎么|如何|哪里|哪儿|哪个|哪些|哪一|进度|什么(?!都|也)|多少|多久|(?<![一二三四五六七八九十好])几(?:天|年|岁|个|点|号)|吗"
    r"|能不能|可不可以|可以不|是不是|有没有|算不算|行不行|要不要|咋|啥|几时|点样|点办|边度"
)
_LOST = re.compile(r"(?:不知道|不晓得|忘了|不记得).{0,4}(?:哪里|哪儿|什么时候)")
_READ_BACK = re.compile(r"(?:对吧|是吧|对吗|是吗|听得到吗)$")
_TO_DO = re.compile(r"想|要|查|找|订|撤")
_PRAISE = re.compile(r"表扬|感谢|谢谢|点赞|锦旗|好人好事")
_ALSO = re.compile(r"^(?:还要|还有|再|另外|同时|顺便|也要)(?!打|次|见)")
_OTHER_TALK = re.compile(r"有回复|(?:几天|多久).{0,4}(?:回复|答复)|回访|电话|保密|号码|回个|谢谢|方便|麻烦你们了|短信|登记")
_LIMITING = re.compile(r"^(?:而且|还|就|也)?(?:要(?!的)|必须|不能|不得|不要|一定|限)|以后.{0,4}(?:不|要)|之内|以内|不得|不能再")


@dataclass(frozen=True, slots=True)
class Demand:
    """A demand with how sure it is and where it was said."""

    text: str
    confidence: float
    evidence: tuple[Evidence, ...]
    rule: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a demand is looked for in: the matter's stretches, its kind, number and the item's usual words
    (``usual`` where the item is likely, ``fallback`` in any case); ``several``: the call has further matters; ``own``
    and ``others`` are words that tell this one and each of those; ``subject``: who is meant, where known."""

    stretches: Sequence[Segment]
    kind: str
    number: int
    problem: str
    usual: str
    code: str = ""
    fallback: str = ""
    several: bool = False
    own: str = ""
    others: Sequence[str] = ()
    subject: str = ""


Finder = Callable[[DialogueView, Asked], "Demand | None"]


def find_demand(view: DialogueView, asked: Asked) -> Demand | None:
    """The demand of one matter, or None where it has no stretches."""
    if asked.kind == "其他" and asked.code == FOLLOW_UP_CODE and asked.stretches:
        told = asked.stretches[0]
        return Demand(_TAKE_BACK, 0.8, told.turn.evidence(told.start, told.end), "demand.withdrawn")
    finders: tuple[Finder, ...]
    if asked.kind == "咨询":
        finders = (_summed, _questions)
    elif asked.kind in ("表扬", "其他"):
        finders = (_praise, _misdialled, _summed, _answered, _own)
    else:
        finders = (_summed, _answered, _own)
    for finder in finders:
        found = finder(view, asked)
        if found is not None:
            return found
    if not asked.stretches:
        return None
    first = asked.stretches[0]
    text = asked.usual or asked.fallback or (f"{asked.problem}相关问题" if asked.kind == "咨询" else f"处理{asked.problem}问题")
    return Demand(_worded(asked.kind, text), 0.3, first.turn.evidence(first.start, first.end), "demand.item")


def _worded(kind: str, text: str) -> str:
    verb = _VERB.get(kind, "要求")
    if kind == "其他":
        return f"误拨，想{text}"[:LIMIT] if text.startswith(("查", "找", "问", "办")) else f"误拨，{text}"[:LIMIT]
    if text.startswith((verb, "要求", "请求", "希望", "表扬", "建议")):
        return text[:LIMIT]
    return f"{verb}{text.removeprefix('请')}"[:LIMIT]


def _summed(view: DialogueView, asked: Asked) -> Demand | None:
    best: Demand | None = None
    own = {segment.turn.number for segment in asked.stretches}
    for turn in view.operator:
        match = _SUMMED.search(turn.text)
        if match is None or turn.number == 0 or _fits(match, asked.kind) is None or _OTHER_TALK.search(match.group()):
            continue
        group = _fits(match, asked.kind) or "a"
        start, end = match.span(group)
        parts = _ENUMERATED.search(turn.text[start:end]) or _SECOND.match(turn.text[start:end])
        if parts is not None:
            start, end = (start + edge for edge in parts.span("two" if asked.number else "one"))
        elif asked.several and turn.number not in own:
            continue
        answer = view.answer_after(turn)
        if _denied(turn, answer):
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
        written = _worded(asked.kind, _completed(asked, words))
        text = _acting(asked, written)
        confirmed = confirmed and text == written and len(words) >= _WHOLE and not more
        best = Demand(text, 0.9 if confirmed else 0.84, evidence, "demand.summary")
    return best


def _consulted(view: DialogueView, answer: Turn | None, summed: str) -> str:
    """A summed-up question with what the citizen goes on to ask, as one phrase."""
    clauses_said = summed.split("，")
    context = [restated(clean(clause)) for clause in clauses_said if not _QUESTION.search(clause)]
    asked = [clean(clause, question=True) for clause in clauses_said if _QUESTION.search(clause)]
    for turn in view.citizen:
        if answer is not None and turn.number >= answer.number - 2:
            asked += [clean(turn.text[a:b], question=True) for a, b in clauses(turn) if _is_question(turn, a, b)]
    topic = "".join(word for word in context if word)
    return written_question([], asked, topic) or restated(clean(summed))


def _acting(asked: Asked, text: str) -> str:
    """With the one who is to act where the item tells who (要求退款: 要求商家退款)."""
    agent = next((who for code, who in _AGENTS if asked.code.startswith(code)), "") if asked.kind in ("投诉", "举报") else ""
    if not agent or not text.startswith("要求") or _HAS_AGENT.search(text[:12]) or _BY_AUTHORITY.match(text[2:]):
        return text
    return f"要求{agent}{text[2:]}"[:LIMIT]


def _completed(asked: Asked, text: str) -> str:
    """A first wish without object (尽快来摘) with the thing that was spotted (马蜂窝)."""
    head, comma, rest = text.partition("，")
    if asked.kind != "求助" or not _BARE_VERB.search(head):
        return text
    for segment in asked.stretches:
        for start, end in [] if segment.turn.is_operator else _inside(segment):
            spotted = _SPOTTED.search(segment.turn.text[start:end])
            if spotted and spotted["thing"] not in text:
                return f"{head}{spotted['thing']}{comma}{rest}"
    return text


def _fits(match: re.Match[str], kind: str) -> str | None:
    """The group that a summary filled, where it suits the kind of request."""
    group = next((name for name in "abcdef" if match[name]), None)
    consult = group in ("c", "e")
    if group is None or (kind == "咨询") != consult or (kind != "咨询" and _QUESTION.search(match[group])):
        return None
    return group


def _denied(turn: Turn, answer: Turn | None) -> bool:
    if answer is None or answer.reply is not Reply.DENIAL:
        return False
    return not {Topic.CALLBACK, Topic.CONFIDENTIAL, Topic.PHONE} & set(turn.topics)


def _added(view: DialogueView, answer: Turn, kind: str, known: str) -> tuple[str, tuple[Evidence, ...]]:
    """What the citizen adds to a summary: conditions of a demand, further questions of a consultation."""
    kept: list[tuple[Turn, int, int]] = []
    for turn in view.citizen if kind == "咨询" else (answer,):
        for start, end in clauses(turn):
            clause = turn.text[start:end]
            wanted = _is_question(turn, start, end) if kind == "咨询" else len(clause) >= 5 and bool(
                _LIMITING.search(clause) or _ALSO.match(clause))
            if wanted and not _OTHER_TALK.search(clause) and not is_idle(clean(clause)) and clean(clause) not in known:
                kept.append((turn, start, end))
    kept = kept[: 3 if kind == "咨询" else 1]
    text = "，".join(clean(turn.text[a:b]) if kind == "咨询" else restated(clean(turn.text[a:b])) for turn, a, b in kept)
    return text, tuple(span for turn, a, b in kept for span in turn.evidence(a, b))


def _asked_for(asked: Asked, question: Turn | None, turn: Turn) -> bool:
    """The operator asked what is wanted, and the turn answers that."""
    if question is None or question.number == 0 or turn.number < 3 or turn.is_backchannel or _EARLIER.search(question.text):
        return False
    if (Topic.DEMAND not in question.topics and not _DEMAND_ASKED.search(question.text)) or _HOW_MUCH.search(question.text):
        return False
    summed = _SUMMED.search(question.text)
    if summed is not None and _fits(summed, asked.kind) is not None and not _ASKS_MORE.search(question.text):
        return False
    if Topic.DEMAND not in question.topics or not _FOLLOWED.intersection(question.topics[question.topics.index(Topic.DEMAND):]):
        return True
    return bool(_WANT.search(turn.text) or _WEAK_WANT.search(turn.text))


def _answered(view: DialogueView, asked: Asked) -> Demand | None:
    own = {segment.turn.number for segment in asked.stretches}
    for question, turn in view.exchanges():
        mine = turn.number in own or (asked.several and question is not None and BOTH_ASKED.search(question.text) is not None)
        if not mine or not _asked_for(asked, question, turn):
            continue
        echoed = _echoed(view, turn)
        if echoed is not None:
            return _said(asked, echoed[0], echoed[1], 0.84, "demand.echo")
        kept: list[tuple[int, int]] = []
        for a, b in _from_wish(turn, clauses(turn)):
            clause = turn.text[a:b]
            short = bool(kept) or _DEED_FIRST.match(clause) is not None
            if _tells(clause, going_on=short) and not _WAIVED.search(clause):
                kept.append((a, b))
        kept = _mine(asked, turn, kept)[:3]
        if kept:
            text = wish_of([turn.text[a:b] for a, b in kept])
            return _said(asked, text, tuple(s for a, b in kept for s in turn.evidence(a, b)), 0.84, "demand.answer")
    return None


def _from_wish(turn: Turn, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Clauses from the first that wishes: what was asked beside (哪天遇到的) is answered before it."""
    wishing = [n for n, (a, b) in enumerate(spans) if _SUGGEST_FIRST.search(turn.text[a:b]) or _WANT.search(turn.text[a:b])]
    return spans[wishing[0] :] if wishing and _TOLD_FIRST.search(turn.text[: spans[wishing[0]][0]]) else spans


def _echoed(view: DialogueView, turn: Turn) -> tuple[str, tuple[Evidence, ...]] | None:
    """The operator's wording of an answer (检修安排在夜间，增设直梯指引，是吗), where the citizen does not deny it."""
    echo = view.answer_after(turn)
    if echo is None or {Topic.NAME, Topic.PHONE}.intersection(echo.topics):
        return None
    reply = view.answer_after(echo)
    if reply is not None and reply.reply is Reply.DENIAL:
        return None
    kept = [(a, b) for a, b in clauses(echo) if b - a >= 4 and not _OTHER_TALK.search(echo.text[a:b])
            and (_alike(echo.text[a:b], turn.text) or _taken_up(echo.text[a:b], turn.text))]
    text = "，".join(filter(None, (restated(clean(re.split(_END, echo.text[a:b])[0])) for a, b in kept)))
    if len(text) < SHORT or is_idle(text) or not echo.marks:
        return None
    return text, tuple(span for a, b in kept for span in echo.evidence(a, b))


def _alike(clause: str, said: str) -> bool:
    """Half of a clause's pairs were said before."""
    pairs = [clause[i : i + 2] for i in range(len(clause) - 1)]
    return sum(pair in said for pair in pairs) >= 0.4 * len(pairs)


def _taken_up(clause: str, said: str) -> bool:
    """A clerk's wording of what was just wished: some of its characters, and nothing of what the operator does next."""
    return _NEXT_STEP.search(clause) is None and len(set(clause) & set(said)) >= max(2, len(clause) // 3)


def _mine(asked: Asked, turn: Turn, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Of one answer on several matters the clauses that name this one more than another."""
    if not asked.others:
        return spans
    kept = [(a, b) for a, b in spans if _names(asked.own, turn.text[a:b]) >= max(_names(other, turn.text[a:b]) for other in asked.others)]
    named = [(a, b) for a, b in kept if _names(asked.own, turn.text[a:b])]
    return named or kept


def _names(words: str, clause: str) -> int:
    """How many of a matter's characters a clause names; pairs count double."""
    return sum(char in words for char in set(clause)) + 2 * sum(clause[i : i + 2] in words for i in range(len(clause) - 1))


def _own(view: DialogueView, asked: Asked) -> Demand | None:
    wanting = {"建议": _SUGGEST, "表扬": _PRAISE, "其他": _TO_DO}.get(asked.kind, _WANT)
    best: list[tuple[Segment, int, int]] = []
    for segment in asked.stretches:
        if segment.turn.is_operator:
            continue
        spoken = segment.turn.text
        found: list[tuple[Segment, int, int]] = []
        for a, b in _wishes(segment):
            wished = wanting.search(spoken[a:b]) is not None
            goes_on = bool(found) and found[-1][2] == a and (
                _GOES_ON.match(spoken[a:b]) is not None or restated(clean(spoken[a:b])) != clean(spoken[a:b])
            )
            if (wished or goes_on) and _tells(spoken[a:b], going_on=goes_on):
                found.append((segment, a, b))
        if found and (asked.kind != "其他" or not best):
            best = found
    if not best and asked.kind in ("投诉", "举报", "求助"):
        best = _hinted(asked)
    if not best:
        return None
    best = best[:3]
    echoed = _echoed(view, best[-1][0].turn)
    if echoed is not None and asked.kind in ("投诉", "举报", "求助", "建议"):
        return _said(asked, *echoed, 0.8, "demand.echo")
    text = wish_of([segment.turn.text[a:b] for segment, a, b in best])
    return _said(asked, text, tuple(s for segment, a, b in best for s in segment.turn.evidence(a, b)), 0.75, "demand.own")


def _hinted(asked: Asked) -> list[tuple[Segment, int, int]]:
    """The last clauses that call for something without a word of wanting (赶紧恢复供水)."""
    for segment in reversed(asked.stretches):
        spoken = segment.turn.text
        if segment.turn.is_operator:
            continue
        found = [(segment, a, b) for a, b in _wishes(segment)
                 if _WEAK_WANT.search(spoken[a:b]) and not _REFUSED.search(spoken[a:b]) and not _QUESTION.search(spoken[a:b])
                 and _tells(spoken[a:b])]
        if found:
            return found[:2]
    return []


def _said(asked: Asked, text: str, evidence: tuple[Evidence, ...], confidence: float, rule: str) -> Demand | None:
    """The demand of own words; where they name no object, the item's usual one with what was said to be wrong."""
    if asked.usual and any(segment.turn.from_sound for segment in asked.stretches) and _shares(asked.usual, text):
        rest = [wish for wish in text.split("，") if (not _shares(asked.usual, wish) and not is_bare(wish)) or _LIMITS.search(wish)]
        return Demand(_worded(asked.kind, "，".join([asked.usual, *rest])), 0.5, evidence, "demand.usual")  # heard words may be others
    wishes = [wish for wish in text.split("，") if not _WAIVED.search(wish)]
    said = [wish for wish in wishes if not is_bare(wish)]
    if asked.usual and said and len(said) < len(wishes):
        shared = any(_shares(asked.usual, wish) for wish in said)
        text = "，".join(said if shared else [re.sub("^(?:要求|请求)", "", asked.usual), *said])
        return Demand(_worded(asked.kind, text), 0.5, evidence, "demand.usual")
    if asked.usual and (is_bare(text) or _says_more(asked.usual, text)):
        told = _told_before(asked.stretches) if is_bare(text) and asked.kind == "求助" else ""
        told = told if len(told) <= _LONGEST_TOLD or not _shares(asked.usual, told) else ""
        return Demand(_worded(asked.kind, f"{asked.usual}，{told}" if told else asked.usual), 0.5, evidence, "demand.usual")
    if is_idle(text):
        return None
    if asked.usual and len(text) <= _FRONT[asked.kind == "举报"] and not _shares(asked.usual, text):
        return Demand(_worded(asked.kind, f"{asked.usual}，{text}"), 0.5, evidence, "demand.usual")
    return Demand(_acting(asked, _worded(asked.kind, _completed(asked, text))), confidence, evidence, rule)


def _shares(usual: str, own: str) -> bool:
    """Two wishes name the same thing."""
    return any(own[i : i + 2] in usual for i in range(len(own) - 1))


def _says_more(usual: str, own: str) -> bool:
    """A short wish whose object the item's usual demand names too (追回工资: 支付拖欠的工资)."""
    return len(own) <= SHORT and any(own[i : i + 2] in usual for i in range(2, len(own) - 1))


def _praise(view: DialogueView, asked: Asked) -> Demand | None:
    """Who is praised, for which deed."""
    who, deeds = "", list[tuple[Turn, int, int]]()
    for segment in asked.stretches if asked.kind == "表扬" else ():
        turn = segment.turn
        for start, end in [] if turn.is_operator else _inside(segment):
            praised = None if "不表扬" in turn.text[start:end] else _PRAISED.search(turn.text[start:end])
            person = None if who else _PERSON.search(turn.text[start:end])
            if praised and not who and not _VAGUE_WHO.match(praised["who"]):
                who = re.sub(r"^(?:他|她|的)+", "", praised["who"])
            elif person is not None:
                who = person["who"]
            elif _DEED.search(turn.text[start:end]) and not _OTHER_TALK.search(turn.text[start:end]):
                deeds.append((turn, start, end))
    who = asked.subject if asked.subject and len(who) <= _ANYBODY else who
    if asked.subject and not deeds:
        told_by = asked.stretches[0]
        return Demand(f"表扬{who}", 0.7, told_by.turn.evidence(told_by.start, told_by.end), "demand.praise")
    if not who or not deeds:
        return None
    told = "，".join(re.sub(r"^(?:是|就是|还|又|而且|然后)*(?:他|她|人家)?(?:就|还|又|很"
    r"|都)*", "", clean(t.text[a:b])) for t, a, b in deeds[:2])
    return Demand(f"表扬{who}{told}"[:LIMIT], 0.7, tuple(s for t, a, b in deeds[:2] for s in t.evidence(a, b)), "demand.praise")


def _misdialled(view: DialogueView, asked: Asked) -> Demand | None:
    """A wrong number: whom the caller meant, as the operator puts it (这里不是送水站)."""
    for turn in view.turns if asked.kind == "其他" else ():
        meant = _MEANT if turn.is_operator else _TAKEN_FOR
        for start, end in clauses(turn):
            match = meant.search(turn.text[start:end]) or (_NOT_HERE.search(turn.text[start:end]) if turn.is_operator else None)
            if match is not None:
                return Demand(f"误拨，想打{match['whom']}电话", 0.7, turn.evidence(start, end), "demand.misdialled")
    return None


def _told_before(stretches: Sequence[Segment]) -> str:
    """The first clause that says what is wrong."""
    for segment in stretches:
        if segment.role == "opening":
            spans = [(a, b) for a, b in _inside(segment)]
            asking = None if segment.turn.marks else _ASKING.search(segment.turn.text, *spans[0]) if spans else None
            if asking and asking.start() > spans[0][0] + 6:
                spans = [(spans[0][0], asking.start())]
            spoken = (clean(segment.turn.text[a:b]) for a, b in spans)
            return next((text for text in spoken if len(text) >= 6 and not _WANT.search(text)), "")
    return ""


def _tells(clause: str, *, going_on: bool = False) -> bool:
    return len(clause) >= (3 if going_on else 4) and not _OTHER_TALK.search(clause) and not is_idle(clean(clause))


def _questions(view: DialogueView, asked: Asked) -> Demand | None:
    parts: list[str] = []
    context: list[str] = []
    questions: list[str] = []
    evidence: list[Evidence] = []
    for segment in asked.stretches:
        if segment.turn.is_operator or len(parts) >= 3:
            continue
        kept = _question_spans(segment, whole=not parts)
        words = [(restated(clean(segment.turn.text[a:b])), _is_question(segment.turn, a, b)) for a, b in kept]
        text = "，".join(word for word, _ in words if word)
        if len(text) >= 4:
            parts.append(text)
            evidence += [span for a, b in kept for span in segment.turn.evidence(a, b)]
            context += [word for word, is_asked in words if not is_asked and not questions]
            questions += _asked_in(segment, kept, later=bool(parts[1:]))
    if not parts:
        return None
    written = _about(asked.problem, written_question(context, questions), context)
    return Demand(_worded("咨询", written or "；".join(parts)), 0.8, tuple(evidence), "demand.question")


def _asked_in(segment: Segment, kept: Sequence[tuple[int, int]], *, later: bool) -> list[str]:
    """Question clauses; a short one further on in the talk with the clause before it, which says what it is about."""
    out: list[str] = []
    before = ""
    for start, end in kept:
        clause = clean(segment.turn.text[start:end], question=True)
        if _is_question(segment.turn, start, end):
            out.append(before + clause if later and before and len(clause) < _CURT // 2 else clause)
            before = ""
        else:
            before = clause
    return out


def _about(problem: str, written: str, context: Sequence[str]) -> str:
    """With the told clause in front that names the item's matter where the questions do not (身份证丢了，能不能补办)."""
    names = {problem[i : i + 2] for i in range(len(problem) - 1)}
    if not written or any(name in written for name in names):
        return written
    told = next((clause for clause in reversed(context) if any(name in clause for name in names)), "")
    return f"{topic_of(told)}，{written}" if told else written


def _question_spans(segment: Segment, *, whole: bool) -> list[tuple[int, int]]:
    """The clauses of a question with what it is about before it."""
    turn = segment.turn
    spans = _inside(segment)
    asked = [n for n, (a, b) in enumerate(spans) if _is_question(turn, a, b)]
    if not asked:
        return []
    first = 0 if whole and sum(b - a for a, b in spans[: asked[-1] + 1]) <= LONG_QUESTION else max(0, asked[0] - 2)
    return [(a, b) for a, b in spans[first : asked[-1] + 1] if len(clean(turn.text[a:b])) >= 2]


def _is_question(turn: Turn, start: int, end: int) -> bool:
    clause = turn.text[start:end]
    return bool(_QUESTION.search(clause)) and not _LOST.search(clause) and not _READ_BACK.search(clause) and not _OTHER_TALK.search(clause)


def _inside(segment: Segment) -> list[tuple[int, int]]:
    return [(max(a, segment.start), min(b, segment.end)) for a, b in clauses(segment.turn)
            if b > segment.start and a < segment.end]


def _wishes(segment: Segment) -> list[tuple[int, int]]:
    """Clauses of a stretch; where nothing parts them (recognised sound), a long one begins where the asking begins."""
    spans = _inside(segment)
    if segment.turn.marks:
        return spans
    out: list[tuple[int, int]] = []
    for start, end in spans:
        asking = _ASKING.search(segment.turn.text, start, end)
        out.append((asking.start() if asking and asking.start() > start + 6 else start, end))
    return out


def _pointed(turn: Turn, start: int, end: int) -> str:
    """A span with commas where punctuation stood."""
    marks = {position for position, _ in turn.marks}
    return "".join(("，" if p in marks and p > start else "") + turn.text[p] for p in range(start, end))
