"""A call written for the desk's tests and pictures: persons, numbers and places of it are invented."""

from __future__ import annotations

from dataclasses import replace

from app.domain.call import CallState, Phase
from app.domain.dialogue import CallContext, Channel, HypothesisRevised, Token, Utterance
from app.domain.knowledge import Choice, KnowledgeEntry, Phone, Place, Push, Ranked, Section, Step, Tier
from app.domain.ticket import Candidate, Evidence, FieldState, FieldValue, TicketDraft

CONTEXT = CallContext("call-1", "2026-11-16T09:12:00+08:00", "广州市", "13800607788")

_SAID: tuple[tuple[Channel, str, str], ...] = (
    (Channel.OPERATOR, "您好广州一二三四五请问有什么可以帮您", "您好，广州12345，请问有什么可以帮您？"),
    (Channel.CITIZEN, "你好我要投诉我们楼下那个烧烤店天天半夜还在营业油烟直接排到楼上来窗户都不敢开",
     "你好，我要投诉，我们楼下那个烧烤店，天天半夜还在营业，油烟直接排到楼上来，窗户都不敢开。"),
    (Channel.OPERATOR, "好的先生请问具体在什么位置", "好的先生，请问具体在什么位置？"),
    (Channel.CITIZEN, "天河区棠下街道棠德南路十二号一楼叫老李烧烤就在棠下地铁站旁边",
     "天河区棠下街道，棠德南路12号一楼，叫老李烧烤，就在棠下地铁站旁边。"),
    (Channel.OPERATOR, "这个情况有多久了", "这个情况有多久了？"),
    (Channel.CITIZEN, "从上个月开始的每天晚上十一点以后最严重", "从上个月开始的，每天晚上11点以后最严重。"),
    (Channel.OPERATOR, "请问您贵姓方便留个电话吗", "请问您贵姓？方便留个电话吗？"),
    (Channel.CITIZEN, "我姓陈叫陈建华电话是幺三八零零六零七七八八", "我姓陈，叫陈建华，电话是13800607788。"),
    (Channel.OPERATOR, "跟您核对一下幺三八零零六零七七八八对吗", "跟您核对一下，13800607788，对吗？"),
    (Channel.CITIZEN, "对的我就是希望你们让他装油烟净化器晚上不要再开那么晚了",
     "对的，我就是希望你们让他装油烟净化器，晚上不要再开那么晚了。"),
)


def _tokens(text: str, start_ms: int, unsure: str) -> tuple[Token, ...]:
    weak = set()
    place = text.find(unsure) if unsure else -1
    if place >= 0:
        weak = set(range(place, place + len(unsure)))
    return tuple(Token(i, i + 1, start_ms + 180 * i, start_ms + 180 * (i + 1), 0.32 if i in weak else 0.94)
                 for i in range(len(text)))


def dialogue() -> tuple[Utterance, ...]:
    """All that was said."""
    made, at_ms = [], 1200
    for index, (channel, text, display) in enumerate(_SAID):
        length = 180 * len(text)
        made.append(Utterance(index, channel, at_ms, at_ms + length, text, display, 0.93,
                              _tokens(text, at_ms, {3: "老李", 9: "净化器"}.get(index, ""))))
        at_ms += length + 700
    return tuple(made)


def _span(utterance: int, words: str) -> Evidence:
    start = _SAID[utterance][1].index(words)
    return Evidence(utterance, start, start + len(words))


def draft() -> TicketDraft:
    """A ticket with every state in it."""
    filled, suggested, edited, confirmed = (FieldState.FILLED, FieldState.SUGGESTED, FieldState.EDITED,
                                            FieldState.CONFIRMED)
    values = {
        "request_type": FieldValue("投诉", filled, 0.97, (_span(1, "投诉"),)),
        "urgency": FieldValue("一般", filled, 0.93),
        "item_code": FieldValue("070101", suggested, 0.71, (_span(1, "油烟直接排到楼上来"),), code="070101",
                                alternatives=(Candidate("010101", 0.12), Candidate("070202", 0.06))),
        "subject": FieldValue("老李烧烤", suggested, 0.62, (_span(3, "老李烧烤"),),
                              alternatives=(Candidate("老黎烧烤", 0.2),)),
        "event_time_text": FieldValue("从上个月开始，每天晚上11点以后", filled, 0.9,
                                      (_span(5, "从上个月开始的每天晚上十一点以后"),)),
        "region_city": FieldValue("广州市", filled, 0.99),
        "region_district": FieldValue("天河区", confirmed, 0.99, (_span(3, "天河区"),), code="440106"),
        "region_street": FieldValue("棠下街道", filled, 0.96, (_span(3, "棠下街道"),), code="440106012"),
        "address_detail": FieldValue("棠德南路12号一楼", filled, 0.91, (_span(3, "棠德南路十二号一楼"),)),
        "landmark": FieldValue("棠下地铁站旁边", filled, 0.9, (_span(3, "棠下地铁站旁边"),)),
        "requester_name": FieldValue("陈建华", edited, 0.66, (_span(7, "陈建华"),)),
        "requester_title": FieldValue("先生", filled, 0.98, (_span(2, "先生"),)),
        "contact_phone": FieldValue("13800607788", confirmed, 0.99,
                                    (_span(7, "幺三八零零六零七七八八"), _span(8, "幺三八零零六零七七八八"))),
        "demand": FieldValue("要求店家安装油烟净化器，晚上不要营业过晚", suggested, 0.7,
                             (_span(9, "希望你们让他装油烟净化器晚上不要再开那么晚了"),)),
        "title": FieldValue("天河区棠下街道棠德南路12号老李烧烤油烟扰民", suggested, 0.8),
        "content": FieldValue("地址：天河区棠下街道棠德南路12号一楼（棠下地铁站旁边）。\n"
                              "事项：市民反映楼下烧烤店每天半夜仍在营业，油烟直排楼上，从上个月开始，每晚11点以后最严重。\n"
                              "备注：要求安装油烟净化器。", suggested, 0.8),
    }
    return TicketDraft((values,))


def entries() -> tuple[KnowledgeEntry, ...]:
    """Knowledge of three kinds: valid, expired, not a sample."""
    mark = "示例内容，非官方口径"
    return (
        KnowledgeEntry(
            "k1", "餐饮油烟扰民怎么投诉、由谁处理",
            "餐饮店应当安装油烟净化设施并正常使用，油烟不得直排。我帮您登记，由镇街综合执法队到现场核查。",
            "餐饮服务经营者应当安装油烟净化设施并保持正常使用。\n"
            "居民住宅楼未配套设立专用烟道的，不得新建产生油烟的餐饮项目。\n登记时请记下店名、门牌和油烟最重的时段。",
            Tier.FAQ, source=mark, item_codes=("070101",), region="广州市", unit="镇街综合执法队",
            valid_from="2025-01-01", valid_to="2027-12-31", version=3, tags=("示例",),
            sections=(Section("受理条件", "有经营场所、有明确门牌的餐饮店。\n流动摊贩转城管。"),
                      Section("办理时限", "5 个工作日内到现场。"), Section("回访", "办结后 3 日内回访。")),
            steps=(Step("s1", "油烟有没有经过专用烟道？", (Choice("直接排到楼上", "s2"), Choice("有烟道，但味道大", "s3"))),
                   Step("s2", "楼上住的是居民吗？", (Choice("是居民楼", "s3"), Choice("不是，是商铺", "s4"))),
                   Step("s3", "登记投诉，转镇街综合执法队现场核查。"), Step("s4", "告知向商场物业反映，仍不处理再登记。")),
            materials=("店名和门牌", "油烟最重的时段", "照片或视频（可选）"),
            places=(Place("棠下街综合执法队", "天河区棠下街道试验路 1 号", "工作日 9:00-17:30", "020-00000001"),),
            phones=(Phone("镇街综合执法队值班", "020-00000001"),)),
        KnowledgeEntry(
            "k2", "夜间经营噪声扰民的时段规定", "晚上10点到早上6点是夜间，经营活动产生的噪声不得超过标准。",
            "夜间指晚上10点至次日早上6点。", Tier.INTERPRETATION, source=mark, region="广州市",
            valid_to="2026-06-30", tags=("示例",)),
        KnowledgeEntry(
            "k3", "投诉多久能有答复", "投诉一般在15个工作日内办结，办好后承办单位会联系您。", "", Tier.POLICY,
            source=mark, region="广东省", valid_from="2024-01-01", tags=("示例",)),
    )


def pushes() -> tuple[Push, ...]:
    """Two pushes; the newest holds three cards."""
    first, second, third = entries()
    return (
        Push(9000, 1, (Ranked(second, 0.5, ("半夜", "营业")),)),
        Push(14000, 3, (Ranked(first, 0.86, ("油烟", "烧烤店", "投诉")), Ranked(second, 0.44, ("半夜", "营业")),
                        Ranked(third, 0.31, ("投诉",)))),
    )


def talking() -> CallState:
    """In the middle of the call, both sides speaking."""
    said = dialogue()
    now = said[-1].end_ms
    partials = {
        Channel.CITIZEN: HypothesisRevised("c9", 4, Channel.CITIZEN, now + 600, now + 2600, now + 2500, 12.0,
                                           "还有就是他们把桌子都摆到"),
        Channel.OPERATOR: HypothesisRevised("o9", 1, Channel.OPERATOR, now + 2000, now + 2600, now + 2500, 9.0,
                                            "好的"),
    }
    return CallState(CONTEXT, Phase.TALKING, now + 2600, said, partials, draft(), pushes())


def ringing() -> CallState:
    """Before anybody spoke."""
    return CallState(CONTEXT)


def urgent() -> CallState:
    """Danger to life."""
    state = talking()
    held = dict(state.draft.matters[0])
    held["urgency"] = FieldValue("特急", FieldState.FILLED, 0.97)
    return replace(state, draft=TicketDraft((held,)))


def two_matters() -> CallState:
    """A second matter with its own item."""
    state = talking()
    second = {"request_type": FieldValue("咨询", FieldState.FILLED, 0.9),
              "item_code": FieldValue("080101", FieldState.SUGGESTED, 0.6)}
    return replace(state, draft=TicketDraft((*state.draft.matters, second)))


def wrap_up() -> CallState:
    """After the call."""
    return replace(talking(), phase=Phase.WRAP_UP, partials={})
