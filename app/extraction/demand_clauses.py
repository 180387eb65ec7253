"""Which clauses of a talk can tell a demand: those of wanting, those that ask, and those that are talk of other things.

The forms that several finders of demands look for stand here once. Where nothing parts a turn (recognised sound), a long clause
begins where the asking begins. Pure.
"""

from __future__ import annotations

import re

from app.extraction.demand_words import clean, is_idle
from app.extraction.dialogue_view import Turn
from app.extraction.talk_segments import Segment, clauses

WAIVED = re.compile(r"(?:不用|不要|不需要|不想)(?:他|她|它|你)?(?:们)?(?:赔|退|道歉|罚|处理)|无所谓|无所渭")
ASKING = re.compile(r"(?:想|麻烦|能不能|可不可以)?请(?:你们|您们|政府|相关部门)|(?:你们|您)?帮我|我?(?:希望|要求)"
                    r"|(?:你们)?(?:快点|赶紧|尽快)?派(?:个|几个)?人")
WANT = re.compile(
    r"就一个要求|希望|要求|请求|恳请|(?:想|麻烦|能不能|可不可以)?请(?:你们|您们|政府|相关部门)|帮我|(?:快点|赶紧|赶快"
    r"|尽快|马上)(?:派|来|叫|让|处理|修|解决|把)|派(?:个|几个|点)?人"
    r"|必须|一定要|(?<![人都家])(?:让|叫|责令|喊)(?:人(?![家说讲给])|警察|城管|交警|工人|师傅|他们?(?![也都不又还了没])|她们?(?![也都不又还了没])|它|那个|这家|老板|商家|公司|物业|房东|司机|路|车)|(?:把"
    r"|将).{1,20}(?:退|还|拆|补|清|修|找|关|停|搬|撤|赔|换|发|恢复|疏通|锯|挪|装|取消|查|要回|救|抽|封|断|停|接|填|盖"
    r"|移|扶|调|改|追|端|敲|铲|搬|冲|画|封)|(?:把|将).{1,12}(?:掉|好|走|开|出来|通|平|干净|回来)$"
    r"|^(?:你们?|请|先|赶紧|快点?|马上|尽快|再|去|来)*(?:把|将).{2,16}(?<![了过着的])$"
    r"|要(?:退|赔|还)|(?:退|还|赔)(?:给)?我|给我(?:.{0,3}书面|取消|换|退|补|装|拆|办好)|(?:应该|要|也要)(?:处罚|罚款|查处|整改|负责|赔偿)|(?:去"
    r"|来)?查(?:一下|一查|处|封)|不要再|不能再|不准再|不许再|停止"
)
WEAK_WANT = re.compile(
    r"给(?:我|我们)?(?:一?个)?(?:说法|交代|答复|解释|处理)|尽快|赶紧|赶快|快点|早点|管一?管|整治|整改|解决|落实|恢复"
    r"|安排|协调|道歉|赔|退(?:钱|款|费|给|还)"
    r"|加强|增加|不要|别再|别让|禁止|处罚|查处|取缔|清走|清理|修好|搬走|拆掉|检查"
)
QUESTION = re.compile(
    r"怎么|如何|哪里|哪儿|哪个|哪些|哪一|进度|什么(?!都|也)|多少|多久|(?<![一二三四五六七八九十好这那])几(?:天|年|岁|个|点|号)|吗"
    r"|能不能|可不可以|可以不|是不是|有没有|算不算|行不行|要不要|咋|啥|几时|点样|点办|边度"
)
_LOST = re.compile(r"(?:不知道|不晓得|忘了|不记得).{0,4}(?:哪里|哪儿|什么时候)")
_READ_BACK = re.compile(r"(?:对吧|是吧|对吗|是吗|听得到吗)$")
OTHER_TALK = re.compile(r"有回复|(?:几天|多久).{0,4}(?:回复|答复)|回访|电话|保密|号码|回个|谢谢|方便|麻烦你们了|短信|登记")


def tells_wish(clause: str, *, going_on: bool = False) -> bool:
    """A clause can tell a wish: long enough, about the matter, not idle; ``going_on``: a wish came right before it."""
    return len(clause) >= (3 if going_on else 4) and not OTHER_TALK.search(clause) and not is_idle(clean(clause))


def is_question(turn: Turn, start: int, end: int) -> bool:
    """The clause between two places of a turn asks something about the matter."""
    clause = turn.text[start:end]
    return bool(QUESTION.search(clause)) and not _LOST.search(clause) and not _READ_BACK.search(clause) and not OTHER_TALK.search(clause)


def clauses_inside(segment: Segment) -> list[tuple[int, int]]:
    """The clauses of a stretch, cut at its edges, as places in its turn."""
    return [(max(a, segment.start), min(b, segment.end)) for a, b in clauses(segment.turn)
            if b > segment.start and a < segment.end]


def wish_clauses(segment: Segment) -> list[tuple[int, int]]:
    """Clauses of a stretch; where nothing parts them (recognised sound), a long one begins where the asking begins."""
    spans = clauses_inside(segment)
    if segment.turn.marks:
        return spans
    out: list[tuple[int, int]] = []
    for start, end in spans:
        asking = ASKING.search(segment.turn.text, start, end)
        out.append((asking.start() if asking and asking.start() > start + 6 else start, end))
    return out
