"""Who or what is complained about (被反映对象): a shop, a company, a driver, a landlord, somebody's dog.

The answer to 叫什么名字 / 哪一家 / 公司全称 counts most, an operator's read-back of it confirms; else names with a telling
ending (…有限公司, …物业) and persons known by what they own. How a caller spells a name (炉灶的灶) is not part of it. Pure.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from app.domain.ticket import Hit
from app.extraction.dialogue_view import DialogueView, Reply, Turn
from app.extraction.items import classifier
from app.extraction.questions import Topic
from app.extraction.sound import Sound
from app.extraction.spelling import Spelling
from app.extraction.spoken_numbers import written
from app.extraction.subject_roles import OWN_FIRM, Subject, by_role, vehicle
from app.extraction.talk_segments import clauses
from app.platform.resource_files import resource

_ENDING = (
    r"有限责任公司|股份有限公司|有限公司|公司|集团|物业|健身房|健身中心|健身|俱乐部|酒店|宾馆|酒家|酒楼|餐厅|饭店"
    r"|茶餐厅|餐馆|大排档|烧烤店|烧烤|火锅店|奶茶店|面馆|粉店|"
    r"牛杂粉|猪脚饭|饭堂|食堂|超市|便利店|商场|广场|百货|药店|药房|大药房|诊所|门诊部|医院|卫生院|幼儿园|小学|中学|学校"
    r"|学院|大学|培训中心|培训机构|培训班|教育|驾校|美术|舞蹈|琴行|营销中心|售楼(?:部|处)|公园|景区|乐园|经济(?:联合)?社|合作社|人力资源|档口|花店|水果店|"
    r"美容院|美容|理发店|发廊|美发|养生馆|足浴|会所|棋牌室|网吧|酒吧|影城|剧本杀|工厂|加工厂|涂料厂|印染厂|家具厂"
    r"|电镀厂|塑料厂|厂|工地|项目|楼盘|开发商|"
    r"旅行社|中介|地产|房产|装饰|装修公司|家居|家具|家私|汽车|4S店|四S店|快递|驿站|停车场|养老院|敬老院|托育园|托儿所"
    r"|公寓|业委会|居委会|村委会|派出所|银行|保险|"
    r"网店|旗舰店|直播间|平台|作坊|网咖|宠物店|洗衣店|店|档|铺"
)
_NAME = r"(?![的在是我了说跟和到给])[一-鿿A-Z0-9]"
_NAMED = re.compile(r"(?:叫做?|名叫|名字叫|名字是|全称是|公司是|写的是|招牌是|写着|是(?:那个|一家"
                    rf"|个)?)(?P<name>(?:{_NAME}){{2,24}}(?:{_ENDING}))")
_COMPANY = re.compile(r"(?P<name>[一-鿿A-Z0-9]{3,24}?(?:有限责任公司|股份有限公司|有限公司))")
_TAIL = re.compile(rf"^(?P<name>(?:{_NAME}){{2,24}}(?:{_ENDING}))")
_CALLED = re.compile(r"^.{0,12}?(?:叫做?|名叫|名字叫|全称是|招牌是|写的是|写着)(?P<name>[一-鿿A-Z0-9]{2,20})$")
_ASKED_NAME = re.compile(r"(?<!您)(?<!你)(?<!您的)叫什么|全称|名称|店名|(?:哪|那)(?:一)?(?:家|个|所|间)(?:公司|厂|店|学校"
                         r"|医院|物业|驾校|机构|平台|旅行社|银行|中介|单位|酒店|商场|超市|小区|工地|楼盘|医院|景区|公园|市场)|哪一?家"
                         r"|什么(?:景区|公园|市场|公司|店|厂|名字|名称|学校|机构|平台|单位)")
_PLACE_ASKED = re.compile(r"小区|楼盘")
_FIRM_ASKED = re.compile(r"物业|公司|店|商家|厂|学校|单位|机构|平台|主办")
_BUS_LINE = re.compile(r"([一二两三四五六七八九十百零幺0-9]{1,6})路(?:公交)?(?:车|$|，)|([一二两三四五六七八九十百零幺0-9]{1,6})路")
_LEADS = re.compile(r"^(?:幺|只?说是?什么|什么|让您|您|好像|应该|就是|就|是|在|那个|这个|名字|它|他们|那家"
                    r"|一家|店名|公司|单位|全称|叫做?|名叫|就叫"
                    r"|的|我|记得|有|嗯|呃|哦|门口|那个牌子|写的?是?)+")
_SPELLED = re.compile(r"^.{1,5}的.$|^.{1,6}那个.$|旁的?.$")
_NAMING = re.compile(r"(?:叫做?|写的是|写着|名字是|全称是|招牌是)$")
_VAGUE = re.compile(r"什么来着|不知道|不清楚|记不|没有?(?:名字|招牌)|不认识|我看一下|没看")
_OWNERS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?:的士|出租车|计程车)"), "出租车司机"),
    (re.compile(r"(?:网约车|滴滴|专车|快车)"), "网约车司机"),
    (re.compile(r"公交车?(?:的)?司机"), "公交车司机"),
    (re.compile(r"车主|违停|乱停|停(?:在|了|到)"), "车主"),
    (re.compile(r"房东"), "房东"),
    (re.compile(r"二房东"), "二房东"),
    (re.compile(r"开发商"), "开发商"),
    (re.compile(r"狗(?:的)?主人|狗主|养狗的"), "狗主人"),
    (re.compile(r"教练"), "驾校教练"),
    (re.compile(r"物业"), "小区物业"),
    (re.compile(r"包工头"), "包工头"),
    (re.compile(r"(?:楼上|隔壁|对面|楼下)(?:的)?(?:邻居|住户|业主|那家|人家)"), "邻居"),
)
_TOO_GENERAL = frozenset(["工地", "店", "档", "铺", "厂", "公司", "物业", "医院", "学校", "平台", "项目", "超市",
    "商场", "小区", "诊所", "药店", "酒店", "饭店", "餐厅", "幼儿园", "停车场", "健身房", "中介", "银行"])


_FIRM_ENDINGS = tuple(ending for ending in re.split(r"\(\?:|[|)]", _ENDING) if len(ending) > 1)
_WITHOUT_ENDING = 0.88  # what is only called so may be a part or a sign of another thing
_SHORTEST, _LONGEST_BARE, _FIRST_CLAUSES = 3, 10, 3
_OF_WORD = re.compile(r"[一-鿿]{1,4}的(?P<char>[一-鿿])$")
_NEAR_START = 32
_WORD_OF = re.compile(r"(?P<word>[一-鿿]{2})的(?P<char>[一-鿿])")
_NICKNAME = re.compile(r"(?:都|人)?叫(?:他|她|它)(?:做)?(?P<name>[老小阿][一-鿿]|[一-鿿][哥姐叔婶伯])")
_SURNAMED = re.compile(r"(?P<role>老板娘?|房东|司机|包工头|师傅|教练|经理)[^您我]{0,6}?(?:听说|好像|应该)?(?:是)?姓(?P<surname>[一-鿿])")
_AROUND = re.compile(r"后面|前面|那边|这边|上面|原来|以前|附近|旁边|对面|隔壁")
_SPELLED_BONUS = 0.02
_PLACE_FIELDS = frozenset({"region_district", "region_street", "region_community"})
_WHICH_FIRM = re.compile(r"(?:哪|那)(?:一)?(?:家|个|所|间)(?:公司|厂|店|学校|医院|物业|驾校|机构|平台|旅行社|银行|中介"
                         r"|酒店|饭店|餐厅|幼儿园|超市|工地)|(?:公司|单位|企业|物业|店|厂|机构|介绍所|学校|医院|商家)(?:的)?(?:全称|名称|名字|叫什么)")
_CALLED_ASKED = re.compile(r"叫什么(?!路)|名称|全称|店名|旅行社|医院|银行|中介|楼盘|工地")
_WHERE_ASKED = re.compile(r"哪块地|哪个(?:位置|地方|方位|区|街道|镇|村|社)|哪里|什么(?:位置|地方|路)|地址")
_STAFF_ASKED = re.compile(r"(?:工作人员|司机|师傅|民警|医生|老师|话务员|护士|窗口|对方)(?:的)?(?:姓名|名字|叫什么|怎么称呼)")
_PERSON_NAME = re.compile(r"(?:.{0,8}?(?:写着?的?是?|叫做?|姓名是?|名字是?|好像叫?))?(?P<name>[一-鿿]{2,3})$")
_COMPLAINED = re.compile(r"(?:投诉|举报)(?:一下)?(?P<name>(?:供水|自来水|供电|燃气|煤气|公交|地铁|快递|保险|物流|电信|移动|联通|装修)"
                         r"[一-鿿]{0,4}?(?:公司|集团))")
_LOOKED_UP = re.compile(r"查到|查询到|系统(?:里|上)|工单")
_WHOLE = re.compile(rf"(?P<name>(?:{_NAME}){{2,20}}(?:{_ENDING}))")
_UNCLEAR = re.compile(r"^(?:后面|前面|那边|这边|上面|原来|以前|附近|旁边|对面)|房东|老板|楼上|我们"
                      r"|他们|你们|没有|自己|现在|一直|每天|里面|外面|什么|这个|那个|把|被|没|就|还|也|都|要|不")


def find_subject(view: DialogueView, hits: Sequence[Hit], code: str = "") -> Subject | None:
    """The best-supported subject of a complaint, or None.

    Args:
        view: the dialogue.
        hits: what other rules found: a plate or an address tells whose driver or landlord it is.
        code: the matter's likely item; the estate's management is complained about only where the item is its own.
    """
    values = {hit.name: str(hit.value) for hit in hits if hit.matter == 0}
    best = vehicle(view, values)
    if best is not None:
        return best
    for found in (*_candidates(view, hits, code), *by_role(view, values)):
        if best is None or found.confidence > best.confidence:
            best = found
    return best


def _candidates(view: DialogueView, hits: Sequence[Hit], code: str) -> Iterator[Subject]:
    places = tuple(str(hit.value) for hit in hits if hit.name in _PLACE_FIELDS)
    for turn in view.citizen:
        question = view.question_before(turn)
        if question is not None and _STAFF_ASKED.search(question.text):
            yield from _person(turn)
            continue
        if question is not None and OWN_FIRM.search(question.text):
            continue
        yield from _known_as(turn)
        asked = question is not None and _asks_name(question)
        if asked:
            yield from _spelled_out(turn)
        for reading in (turn, *_read_otherwise(turn)) if asked else (turn,):
            for found in _named(view, reading, asked=asked):
                bare = _without_place(found.name, places)
                if len(bare) >= _SHORTEST and bare not in _TOO_GENERAL:
                    yield replace(found, name=bare)
        yield from _complained(turn)
    yield from _confirmed(view, places)
    yield from _owned(view, hits, code)


def _asks_name(question: Turn) -> bool:
    if _WHICH_FIRM.search(question.text):
        return True
    if _PLACE_ASKED.search(question.text) and not _FIRM_ASKED.search(question.text):
        return False
    named = _FIRM_ASKED.search(question.text) or _CALLED_ASKED.search(question.text)
    asks_place = named is None and _WHERE_ASKED.search(question.text) is not None
    return bool(_ASKED_NAME.search(question.text)) and Topic.NAME not in question.topics and not asks_place


def _read_otherwise(turn: Turn) -> Iterator[Turn]:
    """The turn with other readings of the same length: where a name was spelled the one that fits the spelling counts."""
    for text in turn.readings:
        if len(text) == len(turn.text) and text != turn.text:
            yield replace(turn, text=text)


def _without_place(name: str, places: Sequence[str]) -> str:
    """A name without the divisions said before it (坂田街道小太阳幼儿园)."""
    for place in places:
        at = name.find(place)
        if at >= 0 and len(name) - at - len(place) >= _SHORTEST:
            name = name[at + len(place):]
    return name


def _spelled(name: str, text: str) -> tuple[str, int]:
    """The name with the characters that the citizen spelled (宏伟的宏), and how many of them it has."""
    said = _spelled_characters(text)
    sounds = classifier().syllables
    for char in said:
        if char in name or char not in sounds:
            continue
        at = next((n for n, other in enumerate(name) if sounds.get(other) == sounds[char] and other not in said), None)
        if at is not None:
            name = name[:at] + char + name[at + 1:]
    return name, sum(char in name for char in said)


@functools.lru_cache(maxsize=256)
def _spelled_characters(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fact.character for fact in _spelling().facts(text)))


@functools.cache
def _spelling() -> Spelling:
    sound = Sound.load(resource("readings.csv"))
    return Spelling.load(resource("spelled_components.csv"), resource("spelling_words.csv"), sound)


def _person(turn: Turn) -> Iterator[Subject]:
    """A member of staff by name (胸牌上写着，宋楚怡)."""
    for start, end in clauses(turn):
        match = _PERSON_NAME.match(turn.text[start:end])
        if match is not None and not _VAGUE.search(turn.text[start:end]):
            at = start + match.start("name")
            yield Subject(match["name"], 0.7 * turn.confidence(), turn.evidence(at, at + len(match["name"])), "subject.staff")
            return


def _spelled_out(turn: Turn) -> Iterator[Subject]:
    """The first clause of an answer to 叫什么, whose characters the citizen goes on to spell: a name of whatever ending."""
    if not turn.marks:
        yield from _spelled_on(turn)
        return
    spans = clauses(turn)
    for (start, end), (after, stop) in pairwise(spans[:_FIRST_CLAUSES]):
        clause, next_clause = turn.text[start:end], turn.text[after:stop]
        lead = _LEADS.match(clause)
        name = clause[lead.end():] if lead else clause
        spelled = _OF_WORD.match(next_clause)
        if spelled is None or not 2 <= len(name) <= _LONGEST_BARE or _VAGUE.search(name) or _SPELLED.search(name):
            continue
        if spelled["char"] in name:
            yield Subject(name, 0.78 * (0.5 + 0.5 * turn.confidence()), turn.evidence(end - len(name), end), "subject.spelled")
            return


def _spelled_on(turn: Turn) -> Iterator[Subject]:
    """The same where nothing parts name and spelling (叫康惠堂健康的康)."""
    for match in _WORD_OF.finditer(turn.text[:_NEAR_START]):
        head = turn.text[: match.start()]
        lead = _LEADS.match(head)
        name = head[lead.end():] if lead else head
        if match["char"] in match["word"] and match["char"] in name and 2 <= len(name) <= _LONGEST_BARE and not _VAGUE.search(name):
            yield Subject(name, 0.74 * (0.5 + 0.5 * turn.confidence()), turn.evidence(match.start() - len(name), match.start()),
                          "subject.spelled")
            return


def _known_as(turn: Turn) -> Iterator[Subject]:
    """Somebody of whom only a by-name or a surname is known (大家都叫他老曾; 外面的老板，听说姓赖)."""
    match = _NICKNAME.search(turn.text)
    if match is not None:
        yield Subject(match["name"], 0.6 * turn.confidence(), turn.evidence(*match.span("name")), "subject.by_name")
    match = _SURNAMED.search(turn.text)
    if match is not None:
        name = f"{match['surname']}姓{match['role']}"
        yield Subject(name, 0.6 * turn.confidence(), turn.evidence(*match.span()), "subject.surname")


def _complained(turn: Turn) -> Iterator[Subject]:
    """The one after 投诉 (我要投诉供水公司)."""
    for match in _COMPLAINED.finditer(turn.text):
        name = match["name"]
        if name not in _TOO_GENERAL and not _UNCLEAR.search(name):
            yield Subject(name, 0.55 * turn.confidence(), turn.evidence(*match.span("name")), "subject.complained")


def _confirmed(view: DialogueView, places: Sequence[str]) -> Iterator[Subject]:
    """A name that the operator reads from an old ticket and the citizen confirms."""
    for turn in view.operator:
        answer = view.answer_after(turn)
        if answer is None or answer.reply is not Reply.ASSENT or not _LOOKED_UP.search(turn.text):
            continue
        for start, end in clauses(turn):
            match = _WHOLE.fullmatch(turn.text[start:end])
            if match is not None and match["name"] not in _TOO_GENERAL:
                name = _without_place(match["name"], places)
                yield Subject(name, 0.7 * turn.confidence(), turn.evidence(end - len(name), end), "subject.old_ticket")


def _named(view: DialogueView, turn: Turn, *, asked: bool) -> Iterator[Subject]:
    for start, end in _joined(turn):
        clause = turn.text[start:end]
        if _VAGUE.search(clause) or _SPELLED.search(clause):
            continue
        found = _NAMED.search(clause) or _COMPANY.search(clause)
        if found is None and asked:
            found = _CALLED.search(clause)
        if found is not None:
            name, at = _trimmed(found["name"], start + found.start("name"))
        elif asked:
            lead = _LEADS.match(clause)
            skip = lead.end() if lead else 0
            tail = _TAIL.match(clause[skip:])
            if tail is None:
                continue
            name, at = tail["name"], start + skip
        else:
            continue
        if len(name) < _SHORTEST or name in _TOO_GENERAL or (_UNCLEAR.search(name) and not asked):
            continue
        if _AROUND.match(name):
            continue
        spelled, count = _spelled(name, turn.text) if turn.from_sound else (name, 0)
        sure = _sureness(view, turn, name, asked=asked) + (_SPELLED_BONUS * count if turn.from_sound else 0.0)
        if not name.endswith(_FIRM_ENDINGS):
            sure = min(sure, _WITHOUT_ENDING)
        yield Subject(spelled, min(0.98, sure), turn.evidence(at, at + len(name)), "subject.asked" if asked else "subject.named")


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
    lead = _LEADS.match(name)
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


def _bus_line(view: DialogueView) -> str:
    """The line of a bus as it is written (五百六十路 -> 560路); empty where none was said."""
    for turn in view.citizen:
        match = _BUS_LINE.search(turn.text)
        if match is not None:
            return written(match.group(1) or match.group(2)) + "路"
    return ""


def _owned(view: DialogueView, hits: Sequence[Hit], code: str) -> Iterator[Subject]:
    values = {hit.name: str(hit.value) for hit in hits if hit.matter == 0}
    for turn in view.citizen:
        for pattern, name in _OWNERS:
            match = pattern.search(turn.text)
            if match is None:
                continue
            sure, full = 0.45, name
            if name == "小区物业" and code and not code.startswith("0201"):
                continue
            if name == "车主":
                if "plate_no" not in values:
                    continue
                sure, full = 0.7, values["plate_no"] + name
            elif name.endswith("车司机") and "plate_no" in values:
                line = _bus_line(view) if name == "公交车司机" else ""
                sure, full = 0.75, (line or values["plate_no"]) + name
            elif name == "房东" and "address_detail" in values:
                building = re.match(r".*?(?:号|栋|楼)", values["address_detail"])
                full, sure = (building[0] if building else "") + name, 0.6 if building else 0.45
            yield Subject(full, sure, turn.evidence(match.start(), match.end()), "subject.owner")
            break
