"""The text with which an operator reads the ticket back to the citizen: one breath, in spoken order, phone in groups.

Made of the ticket as it stands. What is only suggested stays in the text, marked, because reading back is when it is settled; a
field that holds nothing leaves its words out. Pure; any thread.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.domain.ticket import OPERATOR_STATES, FieldState, TicketDraft

UNSURE = "（待核）"
_TITLES = ("先生", "女士", "小姐")
_PLACE = ("region_district", "region_street", "region_community", "address_detail")
_ENDS = "。！？；，、 "


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the text; ``is_unsure``: nobody has confirmed it yet, namely ``fields`` of ``matter``, whose whole values it holds."""

    text: str
    is_unsure: bool = False
    fields: tuple[str, ...] = ()
    matter: int = 0


@dataclass(frozen=True, slots=True)
class ReadBack:
    """The text in pieces; empty where the ticket holds nothing to read."""

    parts: tuple[Part, ...] = ()

    @property
    def text(self) -> str:
        """All of it, unsure pieces marked."""
        return "".join(part.text + (UNSURE if part.is_unsure else "") for part in self.parts)

    @property
    def unsure(self) -> tuple[tuple[int, str], ...]:
        """Matter and name of the fields that are read out and that nobody has confirmed yet."""
        return tuple((part.matter, name) for part in self.parts for name in part.fields)


def read_back(draft: TicketDraft) -> ReadBack:
    """What to read to the citizen, all matters."""
    told: list[Part] = []
    for matter in range(len(draft.matters)):
        told += _matter(draft, matter)
    who = _who(draft)
    if not told and not who:
        return ReadBack()
    parts = [Part("跟您核对一下："), *who, *told, *_wishes(draft), Part("请问对吗？")]
    return ReadBack(tuple(parts))


def spoken_phone(digits: str) -> str:
    """A phone number in the groups in which people say it: 138 0060 7788, 020 8123 4567."""
    plain = re.sub(r"[^\d]", "", digits)
    if len(plain) == 11 and plain.startswith("1"):
        return f"{plain[:3]} {plain[3:7]} {plain[7:]}"
    area = 3 if plain.startswith(("01", "02")) else 4
    if plain.startswith("0") and len(plain) in (area + 7, area + 8):
        return f"{plain[:area]} {plain[area:-4]} {plain[-4:]}"
    return digits


def _who(draft: TicketDraft) -> list[Part]:
    if draft.get("is_anonymous").value is True:
        return [Part("您要求匿名；")]
    name, title = _text(draft, "requester_name"), _text(draft, "requester_title")
    parts: list[Part] = []
    if name or title:
        ending = "" if title and name.endswith(title) else title if title in _TITLES else ""
        parts = [Part("您是"), _said(draft, "requester_name" if name else "requester_title", name + ending or title)]
    phone = _text(draft, "contact_phone")
    if phone:
        parts += [Part("，电话" if parts else "您的电话是"), _said(draft, "contact_phone", spoken_phone(phone))]
    return [*parts, Part("；")] if parts else []


def _matter(draft: TicketDraft, matter: int) -> list[Part]:
    number = f"第{matter + 1}件，" if len(draft.matters) > 1 else ""
    pieces: list[Part] = []
    kind = _text(draft, "request_type", matter)
    title = _text(draft, "title", matter)
    if title:
        pieces += [Part(f"您要{kind}的是" if kind in ("投诉", "举报", "咨询", "求助", "建议", "表扬") else "您反映的是"),
                   _said(draft, "title", title, matter, tuple(name for name in _PLACE if _text(draft, name, matter) in title)), Part("；")]
    pieces += _place(draft, matter)
    for name, usual in (("event_time_text", "时间是"), ("demand", "您希望")):
        text = _text(draft, name, matter).strip(_ENDS)
        if text:
            lead = "您" if text.startswith(("希望", "要求")) else usual
            pieces += [Part(lead), _said(draft, name, text, matter), Part("；")]
    return [Part(number), *pieces] if pieces and number else pieces


def _place(draft: TicketDraft, matter: int) -> list[Part]:
    title = _text(draft, "title", matter)  # has been read already
    held = [(name, _text(draft, name, matter)) for name in _PLACE]
    parts = [_said(draft, name, text, matter) for name, text in held if text and text not in title]
    mark = _text(draft, "landmark", matter)
    if mark:
        parts += [*([Part("，")] if parts else []), _said(draft, "landmark", mark, matter)]
    return [Part("地点是"), *parts, Part("；")] if parts else []


def _wishes(draft: TicketDraft) -> list[Part]:
    parts: list[Part] = []
    for name, yes, no in (("is_confidential", "您的信息保密；", ""), ("need_callback", "办理后给您回访；", "不用回访；")):
        value = draft.get(name).value
        words = yes if value is True else no if value is False else ""
        if words:
            parts.append(_said(draft, name, words))
    return parts


def _text(draft: TicketDraft, name: str, matter: int = 0) -> str:
    value = draft.get(name, matter).value
    return value if isinstance(value, str) else ""


def _said(draft: TicketDraft, name: str, words: str, matter: int = 0, also: tuple[str, ...] = ()) -> Part:
    """``also``: fields whose values stand in the words, too; empty ones are left out."""
    unsure = tuple(each for each in (name, *also) if draft.get(each, matter).value not in (None, "") and _is_unsure(draft, each, matter))
    return Part(words, bool(unsure), unsure, matter)


def _is_unsure(draft: TicketDraft, name: str, matter: int = 0) -> bool:
    state = draft.get(name, matter).state
    return state is not FieldState.FILLED and state not in OPERATOR_STATES
