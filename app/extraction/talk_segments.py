"""Which stretches of a talk tell its matter, how much each counts, and where one matter ends and the next begins.

The citizen's first full statement and the operator's summary (您是想咨询…对吗) carry the matter; names, phones and places do
not and would mislead (学院路 is no school). Spans that other rules already took as name, number or place are cut out.
A second matter begins where the citizen announces it (第二个, 另外, 顺便问一下) or the operator asks for it (那第二件呢).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.domain.ticket import Hit
from app.extraction.dialogue_view import DialogueView, Reply, Turn
from app.extraction.questions import Topic

IDENTITY = frozenset({
    Topic.NAME, Topic.PHONE, Topic.ALT_PHONE, Topic.ID_NO, Topic.USCC, Topic.PLATE, Topic.TICKET_NO, Topic.ORDER_NO,
    Topic.CALLBACK, Topic.CONFIDENTIAL, Topic.ANONYMOUS,
})
PLACE = frozenset({Topic.PLACE, Topic.REGION, Topic.COMMUNITY, Topic.HOME})
MASKED_FIELDS = frozenset({
    "requester_name", "contact_phone", "alt_phone", "id_no", "uscc", "plate_no", "prev_ticket_no", "order_no",
        "requester_address",
    "region_district", "region_street", "region_community", "address_detail", "landmark", "event_time_text", "amount",
})
SUMMARY = re.compile(
    r"您(?:是|就是|主要)?(?:想|要)?(?:咨询|反映|投诉|举报|建议|求助|问|了解)(?:的)?(?:是|就是)?|您(?:的)?(?:诉求|要求"
    r"|建议|问题|意思)(?:主要)?(?:是|就是)"
    r"|(?:您|那您)是(?:想|要|对|说|因为)|登记(?:的是)?催办|也就是说"
)
DISPATCH = re.compile(r"(?:转(?!账|让|移|机|学|入|出|正)(?:给|到|交|派|由)?|通知|请|交由|派单给|反馈给"
                      r"|上报)([一-鿿]{2,14}?(?:部门|局|街道|公司|集团|中心|单位|支队|大队|办|派出所|镇政府|委员会|管理处))")
NEXT_MATTER = re.compile(
    r"第(?:二|三|四)(?:个|件|点|就是|是|呢|,|，)|另外(?:呢|还|,|，|再|我|一|有|就是)|还有(?:一个|一件|个)(?:事|问题"
    r"|情况)|(?:还|再|也)(?:想|要)(?:再)?(?:问|咨询|反映|投诉|了解|说)"
    r"|顺便(?:再|也|想|还)?(?:问|说|反映|咨询|请)|(?:再|还)(?:问|反映)(?:一下|一个|您)|还有就是|还有呢(?=.{8})|另一(?:个|件)(?:事|是|问题)|[哦噢啊还]对了(?=我|还|那|想)"
)
COUNTED = re.compile(r"(?:两|二)(?:件|个)(?:事情?|问题|诉求)?(?:登记|分开|情况|都|一起|给您|帮您|我|$)|(?:是|那是|分)(?:两|二)(?:件|个)"
                     r"|分开登记|这两(?:件|个)|(?:派|开|下|登|立)(?:两|二)张单|两张(?:工)?单|(?:另外?|再)(?:给您)?(?:登记|立|开|派)一(?:单|件|张)")
_BOTH_TOLD = re.compile(r"(?:两|二)(?:件|个)(?:事|问题).{0,3}一(?:个|件)是.{4,40}?(?P<second>(?:另)?一(?:个|件)是)")
_NEXT_WIDE = re.compile(rf"{NEXT_MATTER.pattern}|还有(?:一个(?!月|人|小|星期|多)|他们|它|就是|(?=[那这]))")
ASIDE = re.compile(r"(?:想|要)?先问(?:问|一下|您|你|个)")
NEXT_ASKED = re.compile(r"第(?:二|三)(?:个|件)|(?:另外|还有)(?:一)?(?:个|件)(?:呢|是|事|问题)|第二[^号]{0,4}呢|接着说"
                        r"|下一(?:个|件)")
ANNOUNCED = re.compile(r"(?:有|说|反映|问|投诉)(?:两|二|三|几)(?:个|件)(?:事|问题|情况)|(?:两|二|三)(?:个|件)事")
MORE_ASKED = re.compile(r"还有(?:没有)?(?:别的|其他|其它|另外的?|什么)(?:的)?(?:事|问题|情况|影响|要反映)"
                        r"|(?:别的|其他|其它)(?:的)?(?:事|问题|情况)"
                        r"(?:吗|么|没有|呢)")
_NAMED = re.compile(r"第(?P<ordinal>[一二三])(?:个|件)|(?P<this>[一-鿿]{1,6})(?:这|那)(?:一)?(?:件|个(?=事|问题|情况|您|的?要求))"
                    r"|先说(?P<told>[一-鿿]{2,6}?)(?=$|您|吧)|(?P<about>[一-鿿]{2,8})您(?:想|要)(?:问|咨询|反映)"
                    r"|(?:^|好的?|那么?)+(?P<matter>[一-鿿]{1,6})(?:的问题|的事情?|方面|这边|那边)")
BOTH_ASKED = re.compile(r"分别|(?:两|二|三)(?:件|个)(?:事|问题)")
_BACK_TO = re.compile(r"(?:再说|说回|回到|至于|还是说)(?P<matter>[一-鿿]{2,4})(?:吧|呢|那件|这件|的事)")
_SHARED_WEIGHT = 0.3
_SHORTEST_CLAUSE = 3
_OPENS = re.compile(
    r"我想(?:问|咨询|请|了解|知道|反映|投诉)|(?<![我就是你们])想(?:请|问一下|咨询|让)(?!问)|(?<!想)(?<!要)请问|(?<![想麻烦])请你们|(?<![请让叫给找帮])你们(?=派|帮|能|快|赶|给|把|去|来|要|管|到|催|查)"
    r"|麻烦(?:你们|您|帮)|希望|要求|能不能|可不可以|但是|不过(?!来|去)|然后|而且|另外|所以|因为|如果|要是|(?<=[了的]) ?现在|结果"
    r"|(?:应该|需要|要|得|还要)(?:准备|带|提交|去哪|到哪|交|怎么)|(?<![在去到从是想要该应])(?:到|去|在)哪(?:里|儿|个)|(?<!是)(?<!不)(?<!要)怎么(?:办|领|申请|查|转|报|交|弄)"
    r"|多久(?:能|才|可以)|大概(?:多久|多少)|(?:处理|办|弄)(?:完|好)(?:了|以后|之后)?(?=给|打|告诉|通知|回)|(?<=回来)我|(?<=[了的])(?:我(?!们?的)|他们|她|它|这|那|还|又|就|都|没|不)"
    r"|(?<=[吗呢吧])(?=[一-鿿])|(?<=来着)|先(?=让|把)|还要(?=把|你|他|请|求)|(?<=[零幺一二三四五六七八九])(?:快点|赶紧|你们|麻烦)|(?<=没错)|(?<=[对是好行])(?=你们|要夜|我要|我想)"
)
_ENUMERATES = re.compile(r"第一(?:个|件).*第二(?:个|件)")
A_MATTER = 14
_SPELLING = re.compile(r".{1,4}的.$")
OPENING_WEIGHT = 1.6
SUMMARY_WEIGHT = 1.4


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of one turn that counts for the matter.

    Attributes:
        turn: where it stands.
        start: first character in the turn's text.
        end: one past the last.
        text: its words, masked and with spaces where somebody paused.
        weight: how much it counts; 1 is a usual telling turn.
        role: "opening", "summary", "demand", "told", "aside", "asked" or "answer" (the operator's).
        matter: number of the matter it belongs to.
    """

    turn: Turn
    start: int
    end: int
    text: str
    weight: float
    role: str
    matter: int = 0


def masked_positions(hits: Iterable[Hit]) -> frozenset[tuple[int, int]]:
    """(utterance, offset) of all characters that other rules took as name, number or place."""
    taken: set[tuple[int, int]] = set()
    for hit in hits:
        if hit.name in MASKED_FIELDS:
            for span in hit.evidence:
                taken.update((span.utterance, offset) for offset in range(span.start, span.end))
    return frozenset(taken)


def words_of(turn: Turn, start: int, end: int, masked: frozenset[tuple[int, int]] = frozenset()) -> str:
    """Text of a span: masked characters out, a space where punctuation or a mask stands."""
    marks = {position for position, _ in turn.marks}
    out: list[str] = []
    for position in range(start, end):
        if position in marks and position > start:
            out.append(" ")
        out.append(" " if turn.origin[position] in masked else turn.text[position])
    return " ".join("".join(out).split())


def _spoken_cuts(text: str) -> Iterable[int]:
    """Where unpunctuated speech starts anew: before words that open a clause, behind particles that close one."""
    last = 0
    for match in _OPENS.finditer(text):
        if match.start() - last >= _SHORTEST_CLAUSE and len(text) - match.start() >= _SHORTEST_CLAUSE:
            last = match.start()
            yield last


def clauses(turn: Turn) -> list[tuple[int, int]]:
    """Spans between punctuation marks; without marks between pauses and where speech usually starts anew."""
    cuts = sorted({position for position, _ in turn.marks} or {*turn.breaks, *_spoken_cuts(turn.text)})
    edges = [0, *[cut for cut in cuts if 0 < cut < len(turn.text)], len(turn.text)]
    return [(a, b) for a, b in pairwise(edges) if b > a]


def is_counted(view: DialogueView) -> bool:
    """One side said that there are several matters."""
    return any(COUNTED.search(turn.text) for turn in view.operator) or any(ANNOUNCED.search(turn.text) for turn in view.citizen)


def segments(view: DialogueView, hits: Sequence[Hit] = ()) -> tuple[Segment, ...]:
    """All telling stretches of a call in order, with their matters numbered."""
    cutter = _Cutter(view, masked_positions(hits))
    for turn in view.turns:
        if turn.is_operator:
            cutter.operator(turn)
        else:
            cutter.citizen(turn)
    return tuple(cutter.out)


class _Cutter:
    """Goes through a talk turn by turn and numbers its matters."""

    def __init__(self, view: DialogueView, masked: frozenset[tuple[int, int]]) -> None:
        self.out: list[Segment] = []
        self._view, self._masked = view, masked
        self._counted = is_counted(view)
        self._matter = self._highest = 0
        self._opened = self._asked = self._more = self._both = False
        self._aside = -1

    def operator(self, turn: Turn) -> None:
        """What the operator asks decides which matter the answer belongs to."""
        self._asked = self._opened and bool(NEXT_ASKED.search(turn.text)) and not SUMMARY.search(turn.text)
        self._more = self._opened and bool(MORE_ASKED.search(turn.text))
        self._both = bool(self._highest) and bool(BOTH_ASKED.search(turn.text))
        if self._asked:
            self._matter = self._highest = self._highest + 1
        elif self._highest:
            self._matter = _called(turn, self.out, self._matter, self._highest)
        self.out += _operator(turn, self._masked, _around(self._matter, self._aside, turn))

    def citizen(self, turn: Turn) -> None:
        """The turn's stretches, each with its matter."""
        role, weight = _citizen_role(self._view, turn, self._opened)
        if weight <= 0:
            return
        if self._more and turn.reply is not Reply.DENIAL and len(turn.text) >= A_MATTER:
            self._asked, role, weight = True, "opening", OPENING_WEIGHT
            self._matter = self._highest = self._highest + 1
        for start, end, number, kind in _parts(turn, self._matter, self._highest, opened=self._opened, asked=self._asked,
                                               counted=self._counted):
            if kind == "aside":
                self._aside, role = turn.number, "aside"
            elif number > self._highest:
                self._matter = self._highest = number
            self._tell(turn, start, end, weight, role, number)
        self._opened = self._opened or len(turn.text) >= 8

    def _tell(self, turn: Turn, start: int, end: int, weight: float, role: str, number: int) -> None:
        back = _BACK_TO.search(turn.text, start, end) if self._highest and number == self._matter else None
        if back is not None and back.start() > start:
            self._tell(turn, start, back.start(), weight, role, number)
        begin = back.start() if back is not None else start
        if back is not None:
            number = _nearest(back["matter"], self.out, self._matter, self._highest)
        told = min(weight, _SHARED_WEIGHT) if self._both else weight
        self.out.append(Segment(turn, begin, end, words_of(turn, begin, end, self._masked), told, role, number))


def _called(turn: Turn, told: Sequence[Segment], matter: int, highest: int) -> int:
    """The matter that the operator turns to (那水的问题, 停电这件, 第一件), else the present one."""
    named = _NAMED.search(turn.text)
    if named is None or _ENUMERATES.search(turn.text):
        return matter
    if named["ordinal"]:
        return min("一二三".find(named["ordinal"]), highest)
    return _nearest(named["this"] or named["told"] or named["about"] or named["matter"], told, matter, highest)


def _nearest(words: str, told: Sequence[Segment], matter: int, highest: int) -> int:
    """The matter in which the citizen said most of these words; the present one where none."""
    shares = []
    for number in range(highest + 1):
        said = "".join(s.text for s in told if s.matter == number and not s.turn.is_operator)
        pairs = sum(words[i : i + 2] in said for i in range(len(words) - 1))
        shares.append((pairs, sum(char in said for char in words), number == matter))
    best = max(range(highest + 1), key=lambda number: shares[number])
    return best if shares[best][1] else matter


def _around(matter: int, aside: int, turn: Turn) -> int:
    return matter + 1 if aside >= 0 and turn.number == aside + 1 else matter


def _parts(turn: Turn, matter: int, highest: int, *, opened: bool, asked: bool, counted: bool = False) -> list[tuple[int, int, int, str]]:
    """Cut a citizen's turn where a further matter begins: (start, end, matter, kind)."""
    if asked:  # the operator called for it: the whole answer is the next matter
        return [(0, len(turn.text), matter, "")]
    aside = ASIDE.search(turn.text)
    if aside and (opened or aside.start() > 8):
        parts = [(0, aside.start(), matter, "")] if aside.start() else []
        return [*parts, (aside.start(), len(turn.text), highest + 1, "aside")]
    counted_off = None if opened else _BOTH_TOLD.search(turn.text)
    if counted_off is not None:
        return [(0, counted_off.start("second"), matter, ""), (counted_off.start("second"), len(turn.text), highest + 1, "")]
    cut = (_NEXT_WIDE if counted and highest == 0 else NEXT_MATTER).search(turn.text)
    if cut is None or (not opened and cut.start() < 8):
        return [(0, len(turn.text), matter, "")]
    parts = [(0, cut.start(), matter, "")] if cut.start() else []
    ordinal = "二三四".find(cut.group()[1]) + 1 if cut.group().startswith("第") else 0
    return [*parts, (cut.start(), len(turn.text), ordinal or highest + 1, "")]


def _citizen_role(view: DialogueView, turn: Turn, opened: bool) -> tuple[str, float]:
    if turn.is_backchannel or len(turn.text) < 2:
        return "told", 0.0
    asked = set(view.topics_before(turn))
    if not opened:
        return "opening", OPENING_WEIGHT
    if Topic.DEMAND in asked:
        return "demand", 1.0
    if asked & {Topic.NAME, Topic.PHONE, Topic.ALT_PHONE, Topic.ID_NO}:
        return "told", 0.15 if len(turn.text) < 24 else 0.3
    if asked and asked <= IDENTITY:
        return "told", 0.2 if len(turn.text) < 14 else 0.45
    if asked & PLACE:
        return "told", 0.4
    return "told", 0.8


def _operator(turn: Turn, masked: frozenset[tuple[int, int]], matter: int) -> list[Segment]:
    if turn.number == 0 or turn.is_backchannel:
        return []
    summary = SUMMARY.search(turn.text)
    if summary and not re.fullmatch(r".{0,8}(?:您的)?(?:诉求|要求|建议)(?:是|呢)?(?:什么|怎么)?", turn.text):
        start = summary.start()
        return [Segment(turn, start, len(turn.text), words_of(turn, start, len(turn.text), masked), SUMMARY_WEIGHT,
            "summary", matter)]
    long_answer = len(turn.text) > 45
    return [Segment(turn, 0, len(turn.text), words_of(turn, 0, len(turn.text), masked), 0.12 if long_answer else 0.22,
                    "answer" if long_answer else "asked", matter)]
