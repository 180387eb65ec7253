"""Names of shops, firms and offices by a telling ending (…有限公司, …物业) or a word of naming (叫…, 招牌是…).

An operator's read-back confirms a name, as does an old ticket that the citizen agrees to. A name that is only a kind (公司, 店) is
none. How a caller spells a name (炉灶的灶) is not part of it; the divisions said before it are not either. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from app.extraction.dialogue_view import DialogueView, Reply, Turn
from app.extraction.subject_mending import mended_by_spelling
from app.extraction.subject_roles import Subject
from app.extraction.talk_segments import clauses

_ENDING = (
    r"有限责任公司|股份有限公司|有限公司|公司|集团|物业|健身房|健身中心|健身|俱乐部|酒店|宾馆|酒家|酒楼|餐厅|饭店"
    r"|茶餐厅|餐馆|大排档|烧烤店|烧烤|火锅店|奶茶店|面馆|粉店|"
    r"牛杂粉|猪脚饭|饭堂|食堂|超市|便利店|商场|广场|百货|药店|药房|大药房|诊所|门诊部|医院|卫生院|幼儿园|小学|中学|学校"
    r"|学院|大学|培训中心|培训机构|培训班|教育|驾校|美术|舞蹈|琴行|营销中心|售楼(?:部|处)|公园|景区|乐园|经济(?:联合)?社|合作社|人力资源|档口|花店|水果店|"
    r"美容院|美容|理发店|发廊|美发|养生馆|足浴|会所|棋牌室|网吧|酒吧|影城|剧本杀|工厂|加工厂|涂料厂|印染厂|家具厂"
    r"|电镀厂|塑料厂|厂|工地|项目|楼盘|开发商|"
    r"旅行社|中介|地产|房产|装饰|装修公司|家居|家具|家私|汽车|4S店|四S店|快递|驿站|停车场|单车|养老院|敬老院|托育园|托儿所"
    r"|公寓|业委会|居委会|村委会|派出所|银行|保险|"
    r"网店|旗舰店|直播间|平台|作坊|网咖|宠物店|洗衣店|店|档|铺"
)
_NAME = r"(?![的在是我了说跟和到给])[一-鿿A-Z0-9]"
_NAMED = re.compile(r"(?:叫做?|名叫|名字叫|名字是|全称是|公司是|写的是|招牌是|写着|是(?:那个|一家"
                    rf"|个)?)(?P<name>(?:{_NAME}){{2,24}}(?:{_ENDING}))")
_COMPANY = re.compile(r"(?P<name>[一-鿿A-Z0-9]{3,24}?(?:有限责任公司|股份有限公司|有限公司))")
_TAIL = re.compile(rf"^(?P<name>(?:{_NAME}){{2,24}}(?:{_ENDING}))")
_CALLED = re.compile(r"^.{0,12}?(?:叫做?|名叫|名字叫|全称是|招牌是|写的是|写着)(?P<name>[一-鿿A-Z0-9]{2,20})$")
LEADS = re.compile(r"^(?:幺|全名(?:好像|应该)?(?:是|叫)|真名(?:是|叫)"
                   r"|只?说是?什么|什么|让您|您|好像|应该|就是|就|是|在|那个|这个|名字|它|他们|那家"
                   r"|一家|店名|公司|单位|全称|叫做?|名叫|就叫"
                   r"|的|我|记得|有|嗯|呃|哦|门口|那个牌子|写的?是?)+")
SPELLED_CLAUSE = re.compile(r"^.{1,5}的.$|^.{1,6}那个.$|旁的?.$")
_NAMING = re.compile(r"(?:叫做?|写的是|写着|名字是|全称是|招牌是)$")
VAGUE = re.compile(r"什么来着|不知道|不清楚|记不|没有?(?:名字|招牌)|不认识|我看一下|没看")
TOO_GENERAL = frozenset(["工地", "店", "档", "铺", "厂", "公司", "物业", "医院", "学校", "平台", "项目", "超市",
    "商场", "小区", "诊所", "药店", "酒店", "饭店", "餐厅", "幼儿园", "停车场", "健身房", "中介", "银行"])
_FIRM_ENDINGS = tuple(ending for ending in re.split(r"\(\?:|[|)]", _ENDING) if len(ending) > 1)
_WITHOUT_ENDING = 0.88  # what is only called so may be a part or a sign of another thing
SHORTEST_NAME = 3
_NUMBERED = "零幺一二三四五六七八九十百0123456789号栋座楼层室房铺档店街路巷"  # 一零三铺 is where, not who
_AROUND = re.compile(r"后面|前面|那边|这边|上面|原来|以前|附近|旁边|对面|隔壁")
_SPELLED_BONUS = 0.02
_COMPLAINED = re.compile(r"(?:投诉|举报)(?:一下)?(?P<name>(?:供水|自来水|供电|燃气|煤气|公交|地铁|快递|保险|物流|电信|移动|联通|装修)"
                         r"[一-鿿]{0,4}?(?:公司|集团))")
_LOOKED_UP = re.compile(r"查到|查询到|系统(?:里|上)|工单")
_WHOLE = re.compile(rf"(?P<name>(?:{_NAME}){{2,20}}(?:{_ENDING}))")
_UNCLEAR = re.compile(r"^(?:后面|前面|那边|这边|上面|原来|以前|附近|旁边|对面)|房东|老板|楼上|我们"
                      r"|他们|你们|没有|自己|现在|一直|每天|里面|外面|什么|这个|那个|把|被|没|就|还|也|都|要|不")


def without_place(name: str, places: Sequence[str]) -> str:
    """A name without the divisions said before it (坂田街道小太阳幼儿园)."""
    for place in places:
        at = name.find(place)
        if at >= 0 and len(name) - at - len(place) >= SHORTEST_NAME:
            name = name[at + len(place):]
    return name


def complained_of(turn: Turn) -> Iterator[Subject]:
    """The one after 投诉 (我要投诉供水公司)."""
    for match in _COMPLAINED.finditer(turn.text):
        name = match["name"]
        if name not in TOO_GENERAL and not _UNCLEAR.search(name):
            yield Subject(name, 0.55 * turn.confidence(), turn.evidence(*match.span("name")), "subject.complained")


def confirmed_names(view: DialogueView, places: Sequence[str]) -> Iterator[Subject]:
    """A name that the operator reads from an old ticket and the citizen confirms."""
    for turn in view.operator:
        answer = view.answer_after(turn)
        if answer is None or answer.reply is not Reply.ASSENT or not _LOOKED_UP.search(turn.text):
            continue
        for start, end in clauses(turn):
            match = _WHOLE.fullmatch(turn.text[start:end])
            if match is not None and match["name"] not in TOO_GENERAL:
                name = without_place(match["name"], places)
                yield Subject(name, 0.7 * turn.confidence(), turn.evidence(end - len(name), end), "subject.old_ticket")


def named_firms(view: DialogueView, turn: Turn, *, asked: bool) -> Iterator[Subject]:
    """Names in a turn; ``asked``: the operator asked for one, so that it needs no word of naming."""
    for start, end in _joined(turn):
        clause = turn.text[start:end]
        if VAGUE.search(clause) or SPELLED_CLAUSE.search(clause):
            continue
        found = _NAMED.search(clause) or _COMPANY.search(clause)
        if found is None and asked:
            found = _CALLED.search(clause)
        if found is not None:
            name, at = _trimmed(found["name"], start + found.start("name"))
        elif asked:
            lead = LEADS.match(clause)
            skip = lead.end() if lead else 0
            tail = _TAIL.match(clause[skip:])
            if tail is None:
                continue
            name, at = tail["name"], start + skip
        else:
            continue
        if not _can_name(name, asked=asked):
            continue
        spelled, count = mended_by_spelling(name, turn.text) if turn.from_sound else (name, 0)
        sure = _sureness(view, turn, name, asked=asked) + (_SPELLED_BONUS * count if turn.from_sound else 0.0)
        if not name.endswith(_FIRM_ENDINGS):
            sure = min(sure, _WITHOUT_ENDING)
        yield Subject(spelled, min(0.98, sure), turn.evidence(at, at + len(name)), "subject.asked" if asked else "subject.named")


def _can_name(name: str, *, asked: bool) -> bool:
    """Not a pronoun, a number (一零三铺), a kind (物业) or what lies around."""
    if name.startswith(("他", "她")) or not name.strip(_NUMBERED) or len(name) < SHORTEST_NAME or name in TOO_GENERAL:
        return False
    return not _AROUND.match(name) and (asked or not _UNCLEAR.search(name))


def _joined(turn: Turn) -> Iterator[tuple[int, int]]:
    """Clauses; one that ends in a naming verb (写的是，…) goes on into the next."""
    begin: int | None = None
    for start, end in clauses(turn):
        begin = start if begin is None else begin
        if _NAMING.search(turn.text[begin:end]):
            continue
        yield begin, end
        begin = None


def _trimmed(name: str, at: int) -> tuple[str, int]:
    lead = LEADS.match(name)
    return (name[lead.end():], at + lead.end()) if lead else (name, at)


def _sureness(view: DialogueView, turn: Turn, name: str, *, asked: bool) -> float:
    sure = 0.8 if asked else 0.6
    for later in view.turns[turn.number + 1:]:
        if later.is_operator and name in later.text:
            answer = view.answer_after(later)
            sure = 0.95 if answer is None or answer.reply is not Reply.DENIAL else sure
            break
    sure += 0.04 if name.endswith(("有限公司", "有限责任公司")) else 0.0
    return min(sure, 0.98) * (0.5 + 0.5 * turn.confidence())
