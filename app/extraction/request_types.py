"""What kind of request a matter is: 咨询 求助 投诉 举报 建议 表扬 其他.

Cues in the citizen's words, weighted by where they stand (an announcement 我要投诉 in the opening outweighs all), on top
of the usual types of the likely items. Cues are few and short so that they survive recognition errors. Pure.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from app.extraction.talk_segments import Segment

TYPES = ("咨询", "求助", "投诉", "举报", "建议", "表扬", "其他")

_ANNOUNCED: tuple[tuple[str, str, float], ...] = (
    ("投诉", r"(?<!不)(?:要|想|来|得|是)(?:再|先|跟你|向你们?|找你们?)?投诉"
           r"|(?<!不是)投诉(?:一下|个|一个|电话|他|你|这|那|我|你们)|^投诉", 4.5),
    ("举报", r"举报|检举|揭发", 5.0),
    ("咨询", r"咨询|(?:想|要|来|先)(?:请)?(?:教|问)(?!题)(?:问|一下|下|你|您)?|请问(?!你是|您是)|打听|了解一下|请教", 3.2),
    ("建议", r"(?:提|有)(?:个|一个|点|一点|两个)?(?:小)?(?:建议|意见)|建议(?!书)|能不能考虑|可不可以考虑", 4.2),
    ("表扬", r"表扬|锦旗|点个?赞|(?:特意|专门|想|要|来)(?:打电话)?(?:来)?感谢|拾金不昧|感谢信", 6.0),
    ("求助", r"求助|(?:帮|救)(?:帮|救)(?:我|忙)|(?:想|请|麻烦|能不能|可不可以)(?:请)?(?:你们|您们|你|政府)?(?:帮|派)"
           r"|帮忙|帮我|求求|救命|派(?:个|几个|点)?人", 2.6),
    ("其他", r"打错|按错|拨错|误拨|不是打给你|是(?:移动|联通|电信|银行|顺丰|京东|美团|淘宝|中国移动)?(?:公司|客服)吗", 5.0),
)
_CUES: tuple[tuple[str, str, float], ...] = (
    ("咨询", r"怎么(?:办理|办|查|弄|申请|领|交|算|补|转|走流程|申诉|开|报|预约|缴|换|操作|申报|登记|选|取|退|打印|认定|计算)|"
             r"(?:要|需要|带|准备|提交|交)(?:些)?(?:什么|哪些|啥)(?:材料|资料|手续|证件|条件|证明|东西)?|(?:去|到"
             r"|在)(?:哪里|哪儿|哪个(?:部门|地方|窗口))|什么(?:条件|流程|手续|政策|标准|材料|规定)|"
             r"多少(?:钱|天|年|比例|岁|分|倍)|多久(?:能|才|可以|到|发)|能不能(?:办|领|报|申请|享受|转|提|用|补)"
             r"|可不可以(?:办|领|报|申请|享受|转|提|用|补)|"
             r"(?:算不算|符不符合|有没有(?:补贴|政策|规定|条件))|(?:可以|能|算|行)(?:.{0,8})吗|还能.{0,8}吗|是不是要"
             r"|什么时候(?:能|可以|开始|发|到账)|怎么(?:样|个)?(?:.{0,6})呢", 1.3),
    ("投诉", r"气死|太过分|不服|被?取消了|让我走人|辞退|开除"
           r"|不像话|没(?:有)?人(?:管|理|处理|来)|不(?:肯)?(?:退|赔|理|管|给|认账|承认|处理)|乱(?:收|扣|停"
           r"|堆|涨)|骗|欠|跑路|吵|臭|影响|赔偿|给(?:我)?个说法|拖着|态度|推来推去|扯皮|坑|黑心|霸王", 0.9),
    ("举报", r"偷偷|违法|无证|没有?证|没牌|黑作坊|黑诊所|黑车|赌博|涉黄|卖淫|吸毒|传销|非法|贪污|受贿|偷税|保密|匿名"
           r"|不要(?:透露|说)|别说是我|怕(?:他们|报复|知道)|查(?:处|封|一查)", 0.9),
    ("求助", r"坏了|不亮|倒了|压(?:住|在)|掉(?:进|下|在)|丢了|落在|不见了|堵(?:了|住)|漏水|爆(?:了|管)|停(?:水|电)"
           r"|困(?:住|在)|快点?(?:来|派)|赶紧(?:来|派)|救|被骗|没饭吃|走投无路|找(?:回|不到)|受伤|危险|修(?:一下|好)"
           r"|抢修", 0.9),
    ("建议", r"希望(?:能)?(?:增加|加装|延长|增设|开通|设置|调整|优化|改)|应该(?:增加|加|设)|最好(?:能)?(?:加|设|改|延)"
           r"|加开|增设|延长", 1.1),
    ("表扬", r"感谢|谢谢(?:他|她|那位|这位)|好人|服务(?:很|特别|非常)好|态度(?:很|特别|非常)好|热心|敬业|送我|帮了(?:我"
           r"|大忙)", 1.0),
)
_ANNOUNCED_RE = tuple((kind, re.compile(pattern), weight) for kind, pattern, weight in _ANNOUNCED)
_CUES_RE = tuple((kind, re.compile(pattern), weight) for kind, pattern, weight in _CUES)
_ROLE_SHARE = {"opening": 1.0, "aside": 1.0, "summary": 0.8, "demand": 0.5, "told": 0.45, "asked": 0.0, "answer": 0.0}
WITHDRAWN, DEMANDED, RESCUED, REPORTED = 9.0, 1.8, 2.5, 4.0
_PRIOR_FLOOR = 0.06
_SECOND_SHARE = 0.45


def rank_types(segments: Sequence[Segment], items: Sequence[tuple[float, tuple[str, ...]]], *,
               repeated: bool = False, demanded: bool = False, withdrawn: bool = False,
               rescued: bool = False, reported: bool = False) -> tuple[tuple[str, float], ...]:
    """Request types with probabilities, best first.

    Args:
        segments: the matter's stretches.
        items: likely items as (probability, their usual types, commonest first).
        repeated: an old ticket is pressed for (催办), which counts as a complaint.
        demanded: the operator asked what the caller demands, which nobody asks who only wants to know something.
        withdrawn: an old ticket is taken back (撤单): no request of any other kind.
        reported: the operator takes up what is wrong (您是反映…对吗), and the citizen agrees.
        rescued: the operator sends help at once, which turns a complaint about the danger into a cry for help.
    """
    scores = {kind: math.log(share) for kind, share in _prior(items).items()}
    for segment in segments:
        share = _ROLE_SHARE.get(segment.role, 0.4)
        if share:
            _add_cues(scores, segment.text.replace(" ", ""), share, announcing=segment.role in ("opening", "aside",
                "summary", "told"))
    if withdrawn:
        scores["其他"] += WITHDRAWN
    elif repeated:
        scores["投诉"] += 3.0
    if rescued:
        scores["求助"] += RESCUED
    if demanded:
        scores["咨询"] -= DEMANDED
    if reported:
        scores["咨询"] -= REPORTED
    top = max(scores.values())
    shares = {kind: math.exp(score - top) for kind, score in scores.items()}
    total = sum(shares.values())
    ranked = sorted(((kind, share / total) for kind, share in shares.items()), key=lambda pair: -pair[1])
    return tuple(ranked)


def cue_spans(text: str, kind: str) -> list[tuple[int, int]]:
    """Where a text (without spaces) announces or hints at a type, announcements first."""
    found = [m.span() for k, pattern, _ in _ANNOUNCED_RE if k == kind for m in pattern.finditer(text)]
    return found or [m.span() for k, pattern, _ in _CUES_RE if k == kind for m in pattern.finditer(text)]


def _prior(items: Sequence[tuple[float, tuple[str, ...]]]) -> Mapping[str, float]:
    prior = dict.fromkeys(TYPES, _PRIOR_FLOOR)
    prior["表扬"] = prior["其他"] = _PRIOR_FLOOR / 6
    for probability, kinds in items:
        for place, kind in enumerate(kinds):
            if kind in prior:
                prior[kind] += probability * (_SECOND_SHARE if place else 1.0)
            elif kind == "无效":
                prior["其他"] += probability
    return prior


def _add_cues(scores: dict[str, float], text: str, share: float, *, announcing: bool) -> None:
    if announcing:
        for kind, pattern, weight in _ANNOUNCED_RE:
            if pattern.search(text):
                scores[kind] += weight * share
    for kind, pattern, weight in _CUES_RE:
        hits = min(2, len(pattern.findall(text)))
        scores[kind] += weight * share * hits
