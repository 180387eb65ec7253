"""Scores of training: exact values are right or wrong, free words may be half right, what nobody said must stay empty."""

from __future__ import annotations

from pathlib import Path

from app.domain.ticket import TicketDraft, Value
from app.domain.training import Question, Verdict, score

GOLD: dict[str, Value] = {"contact_phone": "13800001111", "subject": "老李烧烤店", "need_callback": True, "item_code": "020701"}
QUESTION = Question("t", Path("a.json"), (GOLD,), {"contact_phone": "电话是幺三八"}, {"item_code": ("020702",)})


def filled(**values: object) -> TicketDraft:
    draft = TicketDraft()
    for name, value in values.items():
        draft = draft.edit(name, value)  # type: ignore[arg-type]
    return draft


def test_all_right_is_a_hundred_and_an_equally_right_item_counts() -> None:
    result = score(QUESTION, filled(contact_phone="138 0000 1111", subject="老李烧烤店", need_callback=True, item_code="020702"))
    assert result.percent == 100
    assert {one.verdict for one in result.fields} == {Verdict.RIGHT}


def test_missing_wrong_partly_and_invented_are_told_apart_and_explained() -> None:
    result = score(QUESTION, filled(contact_phone="13800001112", subject="老李烧烤", need_callback=True, plate_no="粤A12345"))
    verdicts = {one.name: one.verdict for one in result.fields}
    assert verdicts == {"contact_phone": Verdict.WRONG, "subject": Verdict.RIGHT, "need_callback": Verdict.RIGHT,
                        "item_code": Verdict.MISSING, "plate_no": Verdict.INVENTED}
    assert result.percent == round(100 * 1.5 / 4)
    assert next(one.evidence for one in result.fields if one.name == "contact_phone") == "电话是幺三八"
    assert score(QUESTION, filled(subject="烧烤店")).fields[-1].verdict in (Verdict.PARTLY, Verdict.RIGHT)


def test_nothing_filled_is_zero_and_a_false_tick_is_no_invention() -> None:
    assert score(QUESTION, TicketDraft()).percent == 0
    assert all(one.name != "is_anonymous" for one in score(QUESTION, filled(is_anonymous=False)).fields)
