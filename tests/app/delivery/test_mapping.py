"""The mapping file: every slip is told with its line or key, in both languages; templates say what the server wants to hear."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.delivery.mapping import FolderMapping, HttpMapping, read_mapping
from app.delivery.template import Unrenderable
from app.domain.errors import OperatorVisibleError
from app.platform import messages
from app.platform.clock import SystemClock
from app.platform.resource_files import resource
from app.services.delivery_sample import sample_consignment
from tests.app.delivery import scenes

URL = "https://t.example/o"


def told(folder: Path, text: str) -> OperatorVisibleError:
    path = folder / "m.json"
    path.write_text(text, "utf-8")
    with pytest.raises(OperatorVisibleError) as caught:
        read_mapping(path, scenes.fields())
    for lang in ("zh", "en"):
        line = messages.describe(caught.value, lang)
        assert line != caught.value.key
        assert "{" not in line.replace('{"$each"', "").replace("{signature}", "").replace("{…}", "")
        assert "m.json" in line
    return caught.value


@pytest.mark.parametrize(("changes", "key", "place"), [
    ({"format": 2}, "format", "format"),
    ({"kind": "ftp"}, "choice", "kind"),
    ({"name": None}, "key_missing", "name"),
    ({"anwser": {}}, "key_unknown", "anwser"),
    ({"request__urll": "x"}, "key_unknown", "request.urll"),
    ({"request__url": "tickets.example"}, "url", "request.url"),
    ({"request__url": "https://{{ticket_no}}.example/"}, "url", "request.url"),
    ({"request__url": "http://tickets.example/o"}, "plain_http", "request.url"),
    ({"request__url": "https://user:pass@tickets.example/o"}, "secret_inside", "request.url"),
    ({"request__method": "DELETE"}, "choice", "request.method"),
    ({"request__headers": {"Authorization": "Bearer abc"}}, "secret_inside", "request.headers.Authorization"),
    ({"request__headers": {"Content-Length": "1"}}, "header", "request.headers.Content-Length"),
    ({"request__headers": {"X-A": "a\r\nB: c"}}, "header", "request.headers.X-A"),
    ({"request__headers": {"X-Name": "{{requester_name}}"}}, "name_unknown", "request.headers.X-Name"),  # no personal data there
    ({"request__payload": {"a": [{"b": "{{phon}}"}]}}, "name_unknown", "request.payload.a[0].b"),
    ({"request__payload": {"a": "{{title | shout}}"}}, "filter", "request.payload.a"),
    ({"request__payload": {"a": "{{title | max:many}}"}}, "filter", "request.payload.a"),
    ({"request__payload": {"a": "{{title | map:types}}"}}, "enumeration_unknown", "request.payload.a"),
    ({"request__payload": {"a": "{{title"}}, "braces", "request.payload.a"),
    ({"request__payload": {"a": {"$each": "kids", "item": 1}}}, "name_unknown", "request.payload.a"),
    ({"request__payload": {"a": {"$each": "children"}}}, "each", "request.payload.a"),
    ({"request__payload": ["x"], "request__encoding": "form"}, "kind", "request.payload"),
    ({"answer": {}}, "no_proof", "answer.accept"),
    ({"answer__accept": {"path": "code"}}, "rule", "answer.accept.path"),
    ({"answer__accept": {"status": ["200"]}}, "kind", "answer.accept.status"),
    ({"auth": {"type": "digest"}}, "choice", "auth.type"),
    ({"auth": {"type": "basic", "user": "u", "password": "p"}}, "key_missing", "auth.secret"),
    ({"auth": {"type": "bearer", "secret": "s", "token": "abc"}}, "key_unknown", "auth.token"),
    ({"auth": {"type": "hmac", "secret": "s", "signed": "{body}{salt}", "headers": {"X": "{signature}"}}}, "signed", "auth.signed"),
    ({"auth": {"type": "hmac", "secret": "s", "signed": "{body.x}", "headers": {"X": "{signature}"}}}, "signed", "auth.signed"),
    ({"auth": {"type": "hmac", "secret": "s", "headers": {"X": "{nonce}"}}}, "no_signature", "auth.headers"),
    ({"tls": {"ca_file": "nowhere.pem"}}, "file_missing", "tls.ca_file"),
    ({"timeouts": {"read_s": 0}}, "kind", "timeouts.read_s"),
    ({"proxy": "http://u:p@proxy"}, "secret_inside", "proxy"),
    ({"values": {"types": {"咨询": ["1"]}}}, "kind", "values.types.咨询"),
    ({"kind": "folder"}, "key_missing", "columns"),
])
def test_every_slip_names_its_key(tmp_path: Path, changes: dict[str, object], key: str, place: str) -> None:
    error = told(tmp_path, json.dumps(scenes.mapping(URL, **changes), ensure_ascii=False))
    assert (error.key, error.params["place"]) == (f"delivery.mapping_{key}", place)


def test_broken_json_names_its_line(tmp_path: Path) -> None:
    error = told(tmp_path, '{\n "format": 1,\n "kind": "http"\n "name": "x"}')
    assert (error.key, error.params["line"], error.params["column"]) == ("delivery.mapping_syntax", 4, 2)
    assert told(tmp_path, "[]").key == "delivery.mapping_kind"
    assert told(tmp_path, "[" * 100_000).key == "delivery.mapping_syntax"
    assert told(tmp_path, '{"a": 1, "a": 2}').params["place"] == "a"
    (tmp_path / "m.json").write_bytes('{\n"name": "工单"}'.encode("gb18030"))
    with pytest.raises(OperatorVisibleError, match="mapping_not_utf8") as caught:
        read_mapping(tmp_path / "m.json", scenes.fields())
    assert caught.value.params["line"] == 2
    with pytest.raises(OperatorVisibleError, match="mapping_missing"):
        read_mapping(tmp_path / "none.json", scenes.fields())


def test_plain_http_may_be_asked_for(tmp_path: Path) -> None:
    path = scenes.written(tmp_path, scenes.mapping("http://tickets.intranet/o", allow_plain_http=True))
    assert isinstance(read_mapping(path, scenes.fields()), HttpMapping)


@pytest.mark.parametrize(("template", "wanted"), [
    ("{{is_anonymous}}", False), ("匿名：{{is_anonymous}}", "匿名：否"), ("{{is_anonymous | yesno:Y,N}}", "N"),
    ("{{tags}}", ["群体", "重复"]), ("{{tags | join:;}}", "群体;重复"), ("{{tags | map:tags}}", [1, 9]), ("{{tags|text}}", "群体、重复"),
    ("{{request_type | map:types}}", "03"), ("{{landmark}}", None), ("[{{landmark}}]", "[]"), ("{{landmark | default:无}}", "无"),
    ("{{event_time_start | date:%Y年%m月%d日 %H:%M}}", "2026年11月21日 09:30"), ("{{event_time_start|date:ms}}", "1795224600000"),
    ("{{title | max:4}}", "反映路灯"), ("{{landmark | date:%Y}}", None), ("no braces } {", "no braces } {"), (7, 7), (None, None),
    ({"$each": "utterances", "item": "{{speaker}}:{{said}}"}, ["坐席:您好。", "市民:路灯。"]),
    ({"$each": "children", "item": {"no": "{{ticket_no}}", "of": "{{parent_no}}", "t": "{{title}}", "city": "{{city}}"}},
     [{"no": "T1-01", "of": "T1", "t": "第二件", "city": "广州市"}]),
    ("{{transcript}}", "坐席：您好。\n市民：路灯。"),
])
def test_templates(tmp_path: Path, template: object, wanted: object) -> None:
    held = scenes.mapping(URL, request__payload={"x": template}, values={"types": {"投诉": "03"}, "tags": {"群体": 1, "*": 9}})
    courier = scenes.courier(tmp_path, held)
    assert courier.rendered(scenes.consignment()) == {"x": wanted}
    courier.close()


def test_a_child_never_borrows_from_the_first_ticket(tmp_path: Path) -> None:
    held = scenes.mapping(URL, request__payload={"$each": "children", "item": "{{request_type}}"})
    courier = scenes.courier(tmp_path, held)
    assert courier.rendered(scenes.consignment()) == [None]
    courier.close()


def test_empty_parts_can_be_left_out(tmp_path: Path) -> None:
    held = scenes.mapping(URL, request__payload={"a": "{{landmark}}", "b": {"c": "{{landmark}}"}, "d": "{{is_anonymous}}"}, omit_empty=True)
    courier = scenes.courier(tmp_path, held)
    assert courier.rendered(scenes.consignment()) == {"d": False}
    courier.close()


def test_a_value_that_is_no_time_is_told(tmp_path: Path) -> None:
    courier = scenes.courier(tmp_path, scenes.mapping(URL, request__payload={"a": "{{title | date:%Y}}"}))
    with pytest.raises(Unrenderable, match="value_no_date"):
        courier.rendered(scenes.consignment())
    courier.close()


@pytest.mark.parametrize("name", ["rest", "folder"])
def test_the_worked_examples_hold_and_render_a_sample(name: str) -> None:
    path = resource("delivery") / f"example-{name}.json"
    mapping = read_mapping(Path(str(path)), scenes.fields())
    assert isinstance(mapping, HttpMapping if name == "rest" else FolderMapping)
    from app.delivery.opening import open_courier

    courier = open_courier(Path(str(path)), scenes.fields(), lambda _: "x", SystemClock())
    assert "测试" in json.dumps(courier.rendered(sample_consignment(scenes.fields(), SystemClock())), ensure_ascii=False)
    courier.close()
