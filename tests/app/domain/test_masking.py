"""Masking: whatever way a number, a name or an address is said, it does not come through; what says nothing stays readable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.masking import (
    Kind,
    Known,
    Level,
    Purpose,
    Role,
    known_of,
    mask_field,
    mask_level,
    mask_text,
    mask_value,
)
from app.domain.spoken_digits import as_digits

SAID = {"0": "零洞", "1": "幺一", "2": "二两", "3": "三", "4": "四", "5": "五", "6": "六", "7": "七拐", "8": "八", "9": "九勾"}


@given(st.text("0123456789", min_size=7, max_size=18), st.data())
def test_no_spoken_or_written_number_comes_through(digits: str, data: st.DataObject) -> None:
    said = "".join(data.draw(st.sampled_from([each, *SAID[each]])) + data.draw(st.sampled_from(["", "", " ", "，", "-", "、", "啊"]))
                   for each in digits)
    left = as_digits(mask_text(f"我的电话是{said}麻烦您登记"))
    assert len(left) == 0


def test_known_values_go_wherever_they_stand() -> None:
    known = Known(("欧阳试验",), ("试验路八十八号三栋",), ("020-81234567",))
    hidden = mask_text("欧阳试验说试验路八十八号，三栋的02081234567打不通", known)
    assert "阳试验" not in hidden
    assert "八十八" not in hidden
    assert "1234" not in hidden


@pytest.mark.parametrize(("said", "gone"), [
    ("我叫陈试验我家楼下很吵", "陈试验"), ("联系人：林测，电话打不通", "林测"), ("姓黄试样先生来电", "黄试样"),
    ("发到a.b@example.com", "example"),
    ("车牌粤A12345停在门口", "12345"), ("住在三十六号院九号楼二零一室", "三十六"), ("号码是两个八六六三三", "六六"),
])
def test_free_text_loses_persons(said: str, gone: str) -> None:
    assert gone not in mask_text(said)


@pytest.mark.parametrize("said", ["二零二六年十一月咨询社保", "请拨打12345或者120", "我是想问一下公交", "花了三百块钱", "万一停水怎么办"])
def test_what_says_nothing_of_a_person_stays(said: str) -> None:
    assert mask_text(said) == said


def test_values_keep_what_helps_to_tell_them_apart() -> None:
    part = Level.PART
    assert mask_value(Kind.PHONE, "13912345678", part) == "139＊＊＊＊5678"
    assert mask_value(Kind.PHONE, "020-81234567", part) == "020-＊＊＊＊＊＊67"
    assert mask_value(Kind.PHONE, "12345", part) == "＊＊＊＊＊"
    assert mask_value(Kind.IDENTITY, "440106198503021234", part) == "440＊＊＊＊＊＊＊＊＊＊＊＊＊34"
    assert mask_value(Kind.NAME, "欧阳试验", part) == "欧＊＊＊"
    assert mask_value(Kind.NAME, "陈先生", part) == "陈先生"
    assert mask_value(Kind.ADDRESS, "天河区试验街道试验路88号3栋", part) == "天河区试验街道试验路＊＊＊"
    assert mask_value(Kind.PLATE, "粤A12345", part) == "粤A＊＊＊45"
    assert mask_value(Kind.PHONE, "不是号码13912345678", Level.WHOLE) == "＊＊＊"


def test_a_role_sees_what_its_work_needs() -> None:
    for kind in Kind:
        assert mask_level(Role.OPERATOR, Purpose.HANDLING, kind) is Level.OPEN
        for purpose in Purpose:
            assert mask_level(Role.IT, purpose, kind) is Level.WHOLE
        for role in Role:
            assert mask_level(role, Purpose.EXPORT, kind) is not Level.OPEN
    assert mask_field("requester_name", "陈试验", Role.LEAD, Purpose.LIST) == "陈试验"
    assert mask_field("contact_phone", "13912345678", Role.LEAD, Purpose.LIST) == "139＊＊＊＊5678"


def test_a_field_nobody_knows_is_masked_as_text() -> None:
    assert mask_field("centre_note", "我叫陈试验", Role.OPERATOR, Purpose.EXPORT) == "我叫＊＊＊"
    parts = mask_field("addr_parts", {"road": "试验路", "road_no": "88号"}, Role.IT, Purpose.EXPORT)
    assert parts == {"road": "＊＊＊", "road_no": "＊＊＊"}
    assert mask_field("request_type", "投诉", Role.IT, Purpose.EXPORT) == "投诉"
    assert mask_field("is_anonymous", False, Role.IT, Purpose.EXPORT) is False


def test_known_of_takes_persons_only() -> None:
    known = known_of({"requester_name": "陈试验", "contact_phone": "13912345678", "request_type": "投诉", "title": "x", "id_no": None})
    assert known == Known(("陈试验",), (), ("13912345678",))
