"""What of a call's words may leave the desk: nothing personal on the open calls, nothing of secret ones; the reader trusts nobody."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from app.assembly_shared_text import new_pseudonyms
from app.domain.dialogue import Channel, Utterance
from app.domain.shared_text import (
    SharedText,
    SharedTurn,
    may_leave,
    places_in,
    shared_text,
    text_from_json,
    text_to_json,
)
from app.domain.spoken_digits import as_digits, digit_runs
from app.domain.ticket import Value

ID = "0" * 32
HIDING = new_pseudonyms()
TICKET: dict[str, Value | None] = {
    "request_type": "投诉", "requester_name": "陈志强", "contact_phone": "13800605217", "id_no": "440106199003078515",
    "requester_address": "广州市天河区车陂街道翠湖花园18栋302"}
SAID = [
    ("operator", "您好请问怎么称呼"), ("citizen", "我叫陈志强耳东陈志气的志"), ("operator", "陈志强先生您的电话"),
    ("citizen", "幺三八零零六零五二幺七"), ("operator", "幺三八零零六零五二幺七对吗"), ("citizen", "对我住翠湖花园十八栋三零二路灯坏了"),
    ("citizen", "身份证四四零幺零六幺九九零零三零七八五幺五"), ("operator", "好的陈先生已经登记"),
]


def dialogue(turns: list[tuple[str, str]]) -> tuple[Utterance, ...]:
    sides = {"operator": Channel.OPERATOR, "citizen": Channel.CITIZEN}
    return tuple(Utterance(at, sides[who], 3000 * at, 3000 * at + 2500, text) for at, (who, text) in enumerate(turns))


def digits_in(text: str) -> str:
    return "".join(as_digits(text[start:end]) for start, end in digit_runs(text, 2))


@pytest.mark.parametrize("ticket", [TICKET, {"request_type": "投诉"}], ids=["ticket", "no ticket"])
def test_words_without_the_person(ticket: dict[str, Value | None]) -> None:
    text = shared_text(ID, dialogue(SAID), [ticket], HIDING)
    assert text is not None
    told = "".join(turn.text for turn in text.turns)
    assert [word for word in ("陈志强", "志强", "耳东", "志气", "十八栋", "三零二") if word in told] == []
    assert digits_in(told) == ""
    assert "路灯坏了" in told
    assert ("翠湖花园" in told) is (ticket is not TICKET)  # the name of an estate is known by the ticket only
    assert [(turn.side, turn.at_ms) for turn in text.turns][:2] == [("agent", 0), ("citizen", 3000)]


@pytest.mark.parametrize("name", ["陈志强(房东)", "陈志强、李芳", "(陈志强", "*陈志强", "陈志强?", "阿不都·陈志强", "[陈志强\\",
                                  "陈志强先生/李女士"])
def test_a_name_with_signs_in_it_is_searched_for_by_its_parts(name: str) -> None:
    said = dialogue([("citizen", "路灯坏了是陈志强和我看见的"), ("operator", "志强说的是吧陈先生"), ("citizen", "房东也看见了")])
    text = shared_text(ID, said, [{"request_type": "投诉", "requester_name": name}], HIDING)
    assert text is not None
    told = "".join(turn.text for turn in text.turns)
    assert ("志强" in told, "陈" in told, "路灯坏了" in told, "房东也看见了" in told) == (False, False, True, True)


@pytest.mark.parametrize("secret", [{"is_confidential": True}, {"is_anonymous": True}, {"request_type": "举报"}])
def test_of_a_secret_call_nothing_leaves_whichever_of_its_matters_is_secret(secret: dict[str, Value | None]) -> None:
    assert not may_leave([TICKET, {**TICKET, **secret}])
    assert shared_text(ID, dialogue(SAID), [{**TICKET, **secret}], HIDING) is None
    assert shared_text(ID, dialogue(SAID), [], HIDING) is None
    assert shared_text(ID, (), [TICKET], HIDING) is None


def test_a_call_tells_no_more_words_than_a_hub_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.domain.shared_text.MOST_IN_ALL", 20)
    text = shared_text(ID, dialogue([("citizen", "路灯坏了三天")] * 5), [{"request_type": "投诉"}], HIDING)
    assert text is not None
    assert [turn.text for turn in text.turns] == ["路灯坏了三天"] * 3


def test_of_an_address_the_roads_stay() -> None:
    assert places_in([TICKET]) == ("翠湖花园",)
    assert places_in([{"address_detail": "员村二横路42号"}]) == ()


def test_the_form_reads_what_it_wrote_and_nothing_else() -> None:
    text = SharedText(ID, (SharedTurn("citizen", 1200, "路灯坏了"), SharedTurn("agent", 4000, "好的")))
    assert text_from_json(json.loads(json.dumps(text_to_json(text)))) == text
    for wrong in (replace(text, record_id="x"), replace(text, turns=(SharedTurn("boss", 0, "好"),)),
                  replace(text, turns=(SharedTurn("agent", -1, "好"),)), replace(text, turns=(SharedTurn("agent", 0, "好\n"),)),
                  replace(text, turns=(SharedTurn("agent", 0, "好" * 2001),))):
        with pytest.raises(ValueError, match="no t"):
            text_from_json(text_to_json(wrong))


def test_no_number_and_no_name_of_the_open_calls_survives(shared: Path) -> None:
    """Worst case: nothing was misheard. Once with the true ticket, once with none, as if nobody had written anything down."""
    left: list[str] = []
    names = 0
    for file in sorted((shared / "calls" / "dev").glob("*.json")):
        call = json.loads(file.read_text("utf-8"))
        gold = call["gold"] if isinstance(call["gold"], list) else [call["gold"]]
        said = dialogue([(turn["speaker"], turn["text"]) for turn in call["turns"]])
        for known in (True, False):
            tickets = [{"requester_address" if name == "home_address" else name: value for name, value in matter.items()
                        if isinstance(value, str) and name != "request_type"} if known else {"urgency": "一般"} for matter in gold]
            text = shared_text(ID, said, tickets, HIDING)
            assert text is not None
            told = "".join(turn.text for turn in text.turns)
            for matter in gold:
                for name in ("contact_phone", "alt_phone", "id_no"):
                    number = re.sub(r"\D", "", str(matter.get(name) or ""))
                    if any(number[at:at + 5] in digits_in(told) for at in range(len(number) - 4)):
                        left.append(f"{file.stem} {name}")
                person = str(matter.get("requester_name") or "")
                names += bool(person)
                if person and person in told and len(person) > 1:
                    left.append(f"{file.stem} name")
    assert names > 20
    assert left == []
