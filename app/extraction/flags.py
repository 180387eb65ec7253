"""Yes-or-no matters and degrees: anonymous, confidential, callback, urgency, requester's kind, tags.

A question and its answer decide; words of the citizen alone do where they are plain (我匿名, 不要告诉别人). Urgency
comes from the operator's own words (按特急件) and from danger to life in what the citizen says and does not deny.
Reports (举报) are confidential by default: that default is only suggested.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from app.domain.ticket import Evidence, Hit
from app.extraction.dialogue_view import DialogueView, Reply, Turn
from app.extraction.hits import found
from app.extraction.questions import Topic

_POLICE = re.compile(r"公安|警方?|警察")
_ANONYMOUS = re.compile(
    r"匿名|不(?:想|愿意?|方便)?(?:留|透露|告诉|提供|说)(?:我的?)?(?:姓名|名字|名|姓|身份)"
    r"|(?:姓名|名字)(?:就)?不(?:留|说|用|方便|透露)了?"
)
_NOTHING_LEFT = re.compile(r"不留|不(?:方便|想|愿意?)(?:留|说|透露|提供)|都不用(?:留|登记)")
_CONFIDENTIAL = re.compile(
    r"(?:要|帮我|给我|请|得|必须|希望)?保密|(?:不要|别|不能|不想)(?:让|给|跟"
    r"|告诉)?(?:他们|他|对方|别人|老板|房东|物业|店家|公司|厂里|学校)?"
    r"(?:知道|透露|泄露|说是我|告诉|听到|看到|晓得|查到|猜到)"
    r"|(?:不要|别|不能)(?:把)?我的?(?:个人)?(?:信息|电话|名字|姓名|号码|身份)[^，]{0,3}(?:透露|泄露|告诉|说|给"
    r"|公开|暴露)"
)
_NOT_CONFIDENTIAL = re.compile(
    r"(?:不用|不需要|不必|无需|没必要|用不着)(?:保密)?|公开(?:也)?(?:可以|没关系"
    r"|无所谓)|不怕|无所谓"
)
_NO_SECRET = re.compile(
    r"保密(?:就|也|倒|这个|的话)*(?:不用|不需要|不必|算了|免了|无所谓)|(?:不用|不需要|不必|无需|没必要|用不着|没什么好)(?:保密|隐藏|藏|遮)|^(?:那|这个|哎|啊)*(?:不用|不需要|不必|无所谓)|不怕(?:他|人|别人)"
)
_SECRET_TREATED = re.compile(r"保密处理(?!吗|好吗|可以吗|行吗|对吗)")  # told, not asked, whatever the turn asks else
_SECRET_PROMISED = re.compile(r"会(?:严格|为您|给您|帮您|替您|对您的?信息)*(?:做好)?保密")
_ASKS_OPENLY = re.compile(r"公开|透露|(?:提供|转|告知|披露)给|实名")
_NOT_OPENLY = re.compile(r"不(?:要|想|能|可以|同意|愿意|行|公开|方便)|别|最好不")
_WANTS_CALLBACK = re.compile(
    r"(?:给|打)我(?:回个?|打个?|回)(?:电话|话|复)"
    r"|(?<!不用)(?<!不要)(?<!不需要)(?<!没必要)(?:要|需要|请|希望)?回访(?:一下|我)|(?<!不)(?:要|请|记得)给我回访"
    r"|(?:做完|修好|弄好|处理完|处理好|办完|办好|搞定|有结果|解决)了?(?:以后|之后|后)?(?:要|请)?(?:再)?(?:给|跟"
    r"|和)?(?:通知|告诉|回复|联系|告知)我"
    r"|^(?:那就|那|就)?回一?个吧|^打[啊吧呀]|我等(?:你们)?(?:的)?(?:电话|消息|回复)"
    r"|打我(?:电话|手机)|^回我|(?:给我|要)(?:个)?回(?:话|音)|要(?:给我)?回复我|(?:给|跟)我(?:一个|个)?(?:答复|回复|说法|回话|回音|消息|信儿?)"
    r"|(?:跟|和|给|同)我(?:讲|说|通知|回|联系|反馈)(?:一?[下声]|个信)"
    r"|有(?:消息|结果|进展)(?:了|的话)?(?:就|要|请|记得|麻烦)*(?:打|告诉|通知|联系|回|说|讲|发)"
)
_ASKED_YES = re.compile(
    r"^(?:哎|哦|啊|那|这个|我|还是|也)*(?:肯定|必须|当然|一定|最好|应该|随时|得(?!了)|要得|成(?!都)|中(?!午)|OK"
    r"|行|麻烦|发个?短信|短信|微信|打(?!扰)|回|联系|通知|告诉|告知|答复|答应|跟我|给我|希望|想(?:要|知道)|都(?:行|可以))"
    r"|(?:发|用)(?:个|条)?(?:短信|微信|信息)|(?:联系|通知|告诉|告知|回复|答复|打给|回访)(?:一下|下|给)?我|一定要|(?:要|得)(?:回|答复|通知)|(?<!不)(?:讲|说|通知|告知|知会)我?一声"
)
_ASKED_NO = re.compile(
    r"不用(?!客气)|不必|免了|不需要|用不着|没(?:有)?(?:必要|这个必要)|别(?:打|回|联系|再(?!让)|麻烦|通知)|不要(?:打|回|联系|了|再(?!让)|麻烦|通知|紧)"
    r"|不麻烦|算了|(?:自己|我)会(?:去|来)?(?:看|查|上网)|不打扰"
)
_PROMISED = re.compile(r"(?<!不)(?<!不会)(?:给您|向您|会)回访(?!吗|您吗)")
_OTHER_WAY = re.compile(r"(?:发|用)(?:个|条)?(?:短信|微信|信息)|短信(?:就|通知|告诉|回)|书面")
_NO_CALLBACK = re.compile(
    r"(?:不用|不需要|不必|不要|无需|没必要|用不着|别)(?:再|专门|特意|特地|另外)?(?:给我)?(?:回访|回电|反馈|告知"
    r"|通知|回复"
    r"|打电话|打来|联系)"
)
_LIFE = re.compile(
    r"着火|起火|火灾|(?:煤气|燃气|天然气|瓦斯)[^，]{0,4}漏|漏(?:了)?(?:煤|燃|天然)?气(?!候)|冒(?:黑|浓)?烟|爆炸"
    r"|煤气泄漏|燃气泄漏|漏煤气|漏燃气|煤气味|燃气味|触电|漏电"
    r"|困(?:了|着|住)(?!难)|关在(?:电梯|里面)|火花|往下跳|要跳|砍(?=人|我|他|她|伤|死|过来|向)|拿(?:着)?[菜砍]?刀|出血不止|没(?:有)?呼吸|叫不醒|没反应了"
    r"|跳楼|自杀|轻生|不想活|晕倒|昏迷|大出血|溺水|掉进(?:水|河|井)|被困|困在|坍塌|倒塌|塌了|塌方|站在(?:天?桥|楼顶|天台|栏杆)(?:上|外|边)?(?!等)|坐在栏杆"
    r"|持刀|砍人|打起来|绑架|中毒|呼吸困难|喘不上气|心脏病|救命|井盖[^好]{0,8}(?:不见"
    r"|没了|丢了|缺|被偷|掉)|电线(?:掉|垂|断)"
)
_HAZARD = re.compile(
    r"家暴|(?:老公|丈夫|男朋友|他|前夫|爸爸)[^，]{0,6}打我|被[^，]{0,8}(?:殴打|打了|打伤|欺负|霸凌)|咬了|咬伤"
    r"|摔伤|(?<!没)(?<!没有)受伤|砸伤|撞伤|流血|骨折|塌陷|摇摇欲坠|砸到|砸下来|树[^，]{0,4}倒|爆管|水管爆"
    r"|(?:老人|孩子|小孩|阿婆|爷爷|奶奶)[^，]{0,6}(?:走失|走丢|不见了)"
)
_DENIED = re.compile(
    r"没有?(?:什么)?(?:人)?(?:受伤|冒烟|起火|着火|危险|事)|^(?:没有|没|那倒没有|暂时没有)|怕"
    r"|担心|万一|要是|如果|隐患|容易|以前|去年|可能会|会不会|可能是|没事了|已经没事|幸亏"
)
_LONG_AGO = re.compile(r"工伤|伤残|认定|鉴定|报销|理赔|保险|上个?月|前年|年前|当年|那次")
_OPERATOR_EXTREME = re.compile(
    r"特急|最紧急|最高级|(?:马上|立刻|立即|现在就?)(?:帮您|为您|给您)?(?:转|联系|通知|上报)[^，]{0,4}(?:消防|公安|警|急救|医院)"
    r"|转[^，]{0,8}(?:幺幺[零九]|一一[零九]|幺二[零二]|一二[零二])|马上(?:通知|联系|转)(?:消防|一一零|幺幺零"
    r"|一二零"
    r"|幺二零|急救|公安|警方)"
    r"|转(?:接)?(?:幺幺零|一一零|幺二零|一二零|幺幺九|一一九)"
)
_OPERATOR_URGENT = re.compile(
    r"加急|(?:按|作为?|标)(?:了)?紧急|紧急(?:件|工单|处理|派单)|尽快(?:派"
    r"|安排)(?:人员?|工作人员)(?:到|去)(?:现场|看)"
)
_PRAISED = re.compile(r"(?<!不)(?:想|要|来|专门)?(?:打电话)?表扬|锦旗|点个?赞")
_COMPANY = re.compile(
    r"我(?:们)?是(?:一家|一个|个|做)?([一-鿿A-Z0-9]{2,20}?(?:公司|厂|企业|集团|店|工作室"
    r"|事务所|合作社|商行|酒店|学校|幼儿园|医院|协会|诊所))的|(?:代表|替)(?:我们)?(?:公司|单位"
    r"|企业)"
)
_TAGS = (
    (
        "群体",
        r"(?:我们)?(?:十几|几十|上百|几百|二十多|三十多|一百多)(?:个|名|位|户|多)?(?:人|业主|工人|工友|员工"
        r"|家长|住户)|集体|大家(?:一起)?(?:签|联名)|联名",
    ),
    (
        "扬言",
        r"不(?:解决|处理|管)[^，]{0,10}(?:就去|我就|就要)(?:上访|北京|省里|跳|堵|拉横幅|闹|曝光|死|砸|烧)"
        r"|拉横幅|同归于尽|跳楼|上访|去北京|堵路|不想活",
    ),
    (
        "重复",
        r"(?:打|投诉|反映|报|说)(?:了|过)(?:好(?:几|多)次|很多次|几次|多次|无数次|[两三四五六七八九十]次)"
        r"|上(?:次|个月)(?:也)?(?:打|投诉|反映)过|再次(?:投诉|反映)|第[二三四五]次",
    ),
    (
        "未成年人",
        r"未成年|小学生|中学生|(?:我|他|她)(?:儿子|女儿|孩子|小孩)[^，]{0,12}(?:被打|被欺负|霸凌|体罚"
        r"|辅导班|咬|伤)|童工|校园欺凌|体罚",
    ),
    ("老人残疾", r"残疾|轮椅|盲人|聋哑|失能|(?:七|八|九)十(?:多|几|来)?岁|独居老人|孤寡|高龄"),
    ("舆情", r"抖音|发到网上|曝光|媒体|记者|微博|热搜|网上都"),
    ("涉外", r"外国人|外籍|老外|领事|大使馆"),
)
_A_MATTER = 8
_TAG_RULES = tuple((tag, re.compile(pattern)) for tag, pattern in _TAGS)


def flags(view: DialogueView) -> tuple[Hit, ...]:
    """Hits for is_anonymous, is_confidential, need_callback, urgency, requester_type, org_name, tags."""
    anonymous = _anonymous(view)
    return tuple(
        hit
        for hit in (
            anonymous,
            _confidential(view, anonymous),
            _callback(view),
            _urgency(view),
            *_requester(view),
            _tags(view),
        )
        if hit is not None
    )


def _anonymous(view: DialogueView) -> Hit | None:
    for question, turn in view.exchanges():
        match = _ANONYMOUS.search(turn.text)
        if match is not None and not re.search(r"不(?:用|需要|必|要)匿名|不匿名|实名", turn.text):
            only_name = "匿名" not in match.group()
            if only_name and re.search(r"我姓|免贵|姓.", turn.text):
                continue
            confidence = 0.97 if not only_name else 0.88
            return found(
                "is_anonymous",
                True,
                confidence,
                turn.evidence(*match.span()),
                "anonymous.said",
                heard=turn.confidence(*match.span()),
            )
        asked = question is not None and (Topic.ANONYMOUS in question.topics or Topic.NAME in question.topics)
        if asked and question is not None and (_NOTHING_LEFT.search(turn.text) or _accepts_anonymous(question, turn)):
            return found(
                "is_anonymous",
                True,
                0.9,
                (*turn.evidence(), *question.evidence()),
                "anonymous.answer",
                heard=turn.confidence(),
            )
    return None


def _accepts_anonymous(question: Turn, turn: Turn) -> bool:
    asked = re.search(r"匿名(?:登记|处理|的话|吗|是吗|对吗|可以吗)", question.text) is not None
    return (
        asked
        and "实名" not in question.text
        and turn.reply is Reply.ASSENT
        and not re.search(
            r"不用匿名"
            r"|不匿名",
            turn.text,
        )
    )


def _confidential(view: DialogueView, anonymous: Hit | None) -> Hit | None:
    for question, turn in view.exchanges():
        asked = (
            question is not None
            and Topic.CONFIDENTIAL in question.topics
            and re.search(r"吗|需要|要不要|看|是否|呢", question.text)
            and not _SECRET_TREATED.search(question.text)
        )
        if asked and question is not None:
            answer = _keeps_secret(question, turn)
            if answer is not None:
                return found(
                    "is_confidential",
                    answer,
                    0.97,
                    (*turn.evidence(), *question.evidence()),
                    "confidential.answer",
                    heard=turn.confidence(),
                )
        match = _CONFIDENTIAL.search(turn.text)
        if (
            match is not None
            and ("保密" in match.group() or "我的" in match.group())
            and not re.search(r"(?:不用|不需要|不必)保密", turn.text)
        ):
            return found(
                "is_confidential",
                True,
                0.93,
                turn.evidence(*match.span()),
                "confidential.said",
                heard=turn.confidence(*match.span()),
            )
    for turn in view.operator:
        match = _SECRET_PROMISED.search(turn.text)
        if match is not None:
            heard = turn.confidence(*match.span())
            return found("is_confidential", True, 0.86, turn.evidence(*match.span()), "confidential.promised", heard=heard)
    if anonymous is not None:
        return None
    for turn in view.citizen:
        match = re.search(r"我(?:要|想|是来|来)?(?:实名)?举报", turn.text)
        if match is not None:
            return found(
                "is_confidential",
                True,
                0.8,
                turn.evidence(*match.span()),
                "confidential.report_default",
                heard=turn.confidence(*match.span()),
            )
    return None


def _keeps_secret(question: Turn, turn: Turn) -> bool | None:
    """The reply to a question for confidentiality; 可以公开吗 asks for the contrary of 需要保密吗."""
    if _CONFIDENTIAL.search(turn.text) and not _NO_SECRET.search(turn.text):
        return True
    if _ASKS_OPENLY.search(question.text) and "保密" not in question.text:
        if _NOT_OPENLY.search(turn.text) or turn.reply is Reply.DENIAL:
            return True
        return False if turn.reply is Reply.ASSENT else None
    if _NO_SECRET.search(turn.text):
        return False
    return True if re.search(r"藏|隐去|隐藏", turn.text) else _yes_no(turn, _CONFIDENTIAL, _NOT_CONFIDENTIAL)


def _yes_no(turn: Turn, yes: re.Pattern[str], no: re.Pattern[str]) -> bool | None:
    if no.search(turn.text):
        return False
    if turn.reply is Reply.ASSENT or yes.search(turn.text):
        return True
    return False if turn.reply is Reply.DENIAL else None


def _callback(view: DialogueView) -> Hit | None:
    last: Hit | None = None
    for question, turn in view.exchanges():
        no, yes = _NO_CALLBACK.search(turn.text), _WANTS_CALLBACK.search(turn.text)
        if question is not None and Topic.CALLBACK in question.topics:
            answer = _wants_answer(turn)
            if (
                answer is not None
                and re.search(r"不再?(?:给您)?回访了?|(?:没(?:有)?办法|无法|不能|没法)(?:给您|向您)?(?:回访|反馈|回复|答复)", question.text)
                and not yes
            ):
                answer = False
            if answer is not None:
                last = found(
                    "need_callback",
                    answer,
                    0.97,
                    (*turn.evidence(), *question.evidence()),
                    "callback.answer",
                    heard=turn.confidence(),
                )
        elif last is None and (no or yes):
            match = no or yes
            assert match is not None
            last = found(
                "need_callback",
                yes is not None and no is None,
                0.86 if no else 0.7,
                turn.evidence(*match.span()),
                "callback.said",
                heard=turn.confidence(*match.span()),
            )
    return last if last is not None else _callback_promised(view)


def _callback_promised(view: DialogueView) -> Hit | None:
    """The last words of a call: 有结果给您回访，再见."""
    last = view.turns[-1] if view.turns else None
    match = _PROMISED.search(last.text) if last is not None and last.is_operator else None
    if last is None or match is None:
        return None
    heard = last.confidence(*match.span())
    return found("need_callback", True, 0.8, last.evidence(*match.span()), "callback.promised", heard=heard)


def _wants_answer(turn: Turn) -> bool | None:
    """The reply to 需要回复您吗; an answer by another way than asked (不用打电话，发短信) is one that is wanted."""
    if _OTHER_WAY.search(turn.text):
        return True
    if _NO_CALLBACK.search(turn.text) or _ASKED_NO.search(turn.text):
        return False
    if turn.reply is Reply.ASSENT or _WANTS_CALLBACK.search(turn.text) or _ASKED_YES.search(turn.text):
        return True
    return False if turn.reply is Reply.DENIAL else None


def _urgency(view: DialogueView) -> Hit | None:
    danger = any(_LIFE.search(turn.text) for turn in view.citizen)
    for level, pattern in (("特急", _OPERATOR_EXTREME), ("紧急", _OPERATOR_URGENT)):
        for turn in view.operator:
            match = pattern.search(turn.text)
            if match is not None:
                # 马上转公安部门 is said of frauds and gambling, too: alone it does not stand.
                return found(
                    "urgency",
                    level,
                    0.95 if level == "紧急" or "急" in match.group() or danger else 0.8,
                    turn.evidence(*match.span()),
                    "urgency.operator",
                    heard=turn.confidence(*match.span()),
                )
    praised = any(_PRAISED.search(turn.text) for turn in list(view.citizen)[:2])
    for level, pattern in () if praised else (("特急", _LIFE), ("紧急", _HAZARD)):
        for turn in view.citizen:
            match = pattern.search(turn.text)
            if match is not None and not (
                _DENIED.search(turn.text[max(0, match.start() - 8) : match.end() + 2])
                or (level == "紧急" and _LONG_AGO.search(turn.text))
            ):
                return found(
                    "urgency",
                    level,
                    0.7,
                    turn.evidence(*match.span()),
                    "urgency.danger",
                    heard=turn.confidence(*match.span()),
                )
    told = any(len(turn.text) >= _A_MATTER for turn in view.citizen)
    return found("urgency", "一般", 0.9, (), "urgency.default") if told else None


def _requester(view: DialogueView) -> Iterable[Hit]:
    for turn in view.citizen:
        match = _COMPANY.search(turn.text)
        if match is not None and (match.group(1) or "代表" in match.group()):
            heard = turn.confidence(*match.span())
            yield found("requester_type", "企业", 0.7, turn.evidence(*match.span()), "requester.company", heard=heard)
            if match.group(1):
                yield found(
                    "org_name", match.group(1), 0.7, turn.evidence(*match.span(1)), "requester.company", heard=heard
                )
            return


def _tags(view: DialogueView) -> Hit | None:
    tags: list[str] = []
    evidence: list[Evidence] = []
    for tag, pattern in _TAG_RULES:
        for turn in view.citizen:
            match = pattern.search(turn.text)
            if match is not None:
                tags.append(tag)
                evidence += turn.evidence(*match.span())
                break
    return found("tags", tags, 0.7, evidence, "tags.words") if tags else None
