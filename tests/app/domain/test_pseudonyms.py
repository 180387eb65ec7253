"""Other people in a call: alike wherever they occur, of the same form, and nobody of before."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from app.domain.masking import Known
from app.domain.pseudonyms import Language, Pseudonyms, known_in
from app.extraction.spoken_numbers import cardinal as heard
from asr.spoken_form import cardinal as said

OTHERS = Pseudonyms(b"k" * 32, Language("王李张陈", {"陈": ["耳东"]}, heard, said))
SAID = "零幺二三四五六七八九"


def spoken(digits: str) -> str:
    return "".join(SAID[int(digit)] for digit in digits)


@given(st.from_regex(r"\A1[3-9][0-9]{9}\Z"))
def test_a_phone_in_pieces_becomes_pieces_of_the_phone_on_the_ticket(phone: str) -> None:
    known = known_in([{"contact_phone": phone}])
    other = OTHERS.ticket({"contact_phone": phone}, known)["contact_phone"]
    assert re.fullmatch(r"1[3-9]\d{9}", str(other))
    assert OTHERS.text(f"我的电话是{spoken(phone)}", known) == f"我的电话是{spoken(str(other))}"
    assert OTHERS.text(phone, known) == other
    if phone.find(phone[3:7]) == 3 and phone != other:
        assert OTHERS.text(spoken(phone[3:7]), known) == spoken(str(other)[3:7])


def test_a_name_goes_with_its_titles_and_spellings() -> None:
    known = known_in([{"requester_name": "陈试文"}])
    other = str(OTHERS.ticket({"requester_name": "陈试文"}, known)["requester_name"])
    assert len(other) == 3 and not set(other) & set("陈试文")
    told = OTHERS.text("我叫陈试文，耳东陈，考试的试，陈先生是我", known)
    assert told.startswith(f"我叫{other}，") and f"{other[0]}先生" in told
    assert not any(each in told for each in ("陈", "试", "文", "耳东"))
    assert OTHERS.name("陈先生").endswith("先生") and OTHERS.name("陈先生")[0] == other[0]


def test_house_numbers_go_alike_said_and_written_and_roads_stay() -> None:
    known = Known()
    written, told = OTHERS.text("试验路128号3栋502房", known), OTHERS.text("试验路一百二十八号三栋五零二房", known)
    numbers = re.findall(r"\d+", written)
    assert numbers != ["128", "3", "502"] and written.startswith("试验路")
    room = "".join("零一二三四五六七八九"[int(each)] for each in numbers[2])
    assert told.replace("幺", "一") == f"试验路{said(int(numbers[0]))}号{said(int(numbers[1]))}栋{room}房"


def test_an_identity_number_keeps_its_region_and_its_check() -> None:
    for number in ("440106199001011234", "44010619900101123X"):
        other = OTHERS.number(number)
        weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
        assert other[:6] == "440106" and other != number
        assert other[-1] == "10X98765432"[sum(int(digit) * weight for digit, weight in zip(other, weights, strict=False)) % 11]
        assert (other[-1] == "X") == (number[-1] == "X")


def test_what_the_ticket_does_not_know_is_hidden_and_what_is_nobodys_stays() -> None:
    assert "李试探" not in OTHERS.text("我叫李试探", Known())
    assert "13912345678" not in OTHERS.text("打13912345678找他", Known())
    for stays in ("您好，广州一二三四五", "欠我三千五百块", "二零二六年的事", "天河区员村街道"):
        assert OTHERS.text(stays, Known()) == stays


def test_two_exports_have_nothing_in_common_and_work_numbers_do_not_leave() -> None:
    other = Pseudonyms(b"x" * 32, Language("王李张陈", {}, heard, said))
    assert other.number("13912345678") != OTHERS.number("13912345678")
    assert set(OTHERS.ticket({"agent_id": "8675309", "caller_number": "1", "title": "路灯不亮"}, Known())) == {"title"}
