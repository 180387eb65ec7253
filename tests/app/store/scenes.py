"""A call as the store sees it, made for these tests; all persons, numbers and places are invented."""

from __future__ import annotations

from dataclasses import replace

from app.domain.dialogue import Alternative, CallContext, Channel, Token, Utterance
from app.domain.ticket import Candidate, Evidence, FieldState, Hit, TicketDraft

KEY = bytes(range(32))
NAME, PHONE, ADDRESS = "欧阳试验", "13912345678", "试验路八十八号三栋"


def context(call_id: str = "call-1") -> CallContext:
    return CallContext(call_id, "2026-11-21T09:30:00+08:00", "广州市", PHONE)


def utterance(index: int, text: str = f"我叫{NAME}住在{ADDRESS}") -> Utterance:
    tokens = tuple(Token(i, i + 1, 200 * i, 200 * i + 180, 0.9, "ma5") for i in range(len(text)))
    return Utterance(index, Channel.CITIZEN if index % 2 else Channel.OPERATOR, 3000 * index, 3000 * index + 2500,
                     text, text + "。", 0.87, tokens, (Alternative("我叫" + NAME, 0.1),))


def dialogue(length: int = 6) -> tuple[Utterance, ...]:
    return tuple(utterance(index) for index in range(length))


def draft() -> TicketDraft:
    hits = (
        Hit("requester_name", NAME, FieldState.FILLED, 0.97, (Evidence(1, 2, 6),), "name.said"),
        Hit("contact_phone", PHONE, FieldState.FILLED, 0.99, (Evidence(3, 0, 11),), "phone.read_back"),
        Hit("region_district", "天河区", FieldState.FILLED, 0.95, (Evidence(3, 0, 3),), "place.gazetteer", "440106"),
        Hit("address_detail", ADDRESS, FieldState.SUGGESTED, 0.6, (Evidence(1, 8, 17),), "address.detail"),
        Hit("item_code", "040201", FieldState.SUGGESTED, 0.5, (), "item.model", "",
            (Candidate("040202", 0.3), Candidate("040203", 0.1))),
        Hit("title", "反映第一件事", FieldState.FILLED, 0.9, (), "title.compose"),
        Hit("title", "反映第二件事", FieldState.FILLED, 0.9, (), "title.compose", matter=1),
    )
    return TicketDraft().merge(hits).edit("requester_name", "欧阳改正").confirm("contact_phone")


def one_matter() -> TicketDraft:
    return replace(draft(), matters=draft().matters[:1])
