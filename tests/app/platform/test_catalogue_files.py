"""The shipped tables load whole, and a damaged table names its file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.catalogue import FieldKind, Need
from app.domain.errors import EnvironmentFault
from app.platform import messages
from app.platform.catalogue_files import load_fields, load_taxonomy
from app.platform.resource_files import resource


def test_every_row_of_the_shipped_tables_is_there() -> None:
    rows = resource("ticket_fields.csv").read_text("utf-8-sig").strip().splitlines()[1:]
    assert len(load_fields().specs) == len(rows)
    leaves = resource("taxonomy_gz.csv").read_text("utf-8-sig").strip().splitlines()[1:]
    assert len(load_taxonomy().items) == len(leaves)


def test_fields_know_kind_choices_and_need() -> None:
    fields = load_fields()
    request_type = fields.get("request_type")
    assert request_type is not None
    assert request_type.kind is FieldKind.CHOICE
    assert request_type.choices == ("咨询", "求助", "投诉", "举报", "建议", "表扬", "其他")
    assert request_type.need is Need.ALWAYS
    urgency = fields.get("urgency")
    assert urgency is not None and urgency.choices == ("一般", "紧急", "特急")
    kinds = {name: spec.kind for name in ("need_callback", "content", "amount", "event_time_start", "tags", "region_city")
             if (spec := fields.get(name))}
    assert kinds == {
        "need_callback": FieldKind.FLAG, "content": FieldKind.LONG_TEXT, "amount": FieldKind.NUMBER,
        "event_time_start": FieldKind.TIME, "tags": FieldKind.LIST, "region_city": FieldKind.TEXT,
    }
    title = fields.get("title")
    assert title is not None and title.max_chars == 60
    assert fields.label("contact_phone") == "联系电话"
    assert fields.group("B")[0].name == "requester_name"


def test_items_have_path_sayings_and_types() -> None:
    tree = load_taxonomy()
    item = tree.get("010403")
    assert item is not None
    assert item.path == ("城市管理", "市政设施", "道路破损与修补")
    assert item.request_types == ("投诉", "求助")
    assert len(item.sayings) == 3
    assert tree.label("010403") == "010403 城市管理 › 市政设施 › 道路破损与修补"
    assert tree.label("999999") == "999999"


@pytest.mark.parametrize(("text", "key"), [
    ("code,一级\n1,2\n", "catalogue.table_column_missing"),
    ("code,一级,二级,三级,典型说法,常见诉求类型,首派(属地/基层),市级主管,提示\n12,a,b,c,,,,,\n", "catalogue.table_row_bad"),
    ("code,一级,二级,三级,典型说法,常见诉求类型,首派(属地/基层),市级主管,提示\n010101,a,b,c,,,,,\n010101,a,b,c,,,,,\n",
     "catalogue.table_row_bad"),
])
def test_a_damaged_table_is_told_by_name(tmp_path: Path, text: str, key: str) -> None:
    path = tmp_path / "tree.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(EnvironmentFault) as caught:
        load_taxonomy(path)
    assert caught.value.key == key
    assert "tree.csv" in messages.describe(caught.value, "zh")


def test_a_table_in_another_encoding_is_told(tmp_path: Path) -> None:
    path = tmp_path / "fields.csv"
    path.write_bytes("组,字段(en)\n诉求人".encode("gb18030"))
    with pytest.raises(EnvironmentFault) as caught:
        load_fields(path)
    assert caught.value.key == "catalogue.table_unreadable"
    with pytest.raises(EnvironmentFault):
        load_fields(tmp_path / "absent.csv")
