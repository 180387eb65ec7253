"""Two versions of the knowledge: which entries, fields and words changed."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from app.domain.knowledge import Choice, KnowledgeEntry, Phone, Place, Section, Status, Step
from app.domain.knowledge_diff import Mark, Stretch, change_of, diff_of, words_changed

OLD = KnowledgeEntry("k", "居住证办理", "五个工作日办好。", "第一行\n时限5个工作日\n第三行", materials=("身份证",),
                     phones=(Phone("咨询", "12345"),), steps=(Step("a", "问", (Choice("是", "b"), Choice("否"))), Step("b", "完")))


def test_entries_added_removed_and_changed() -> None:
    found = diff_of([OLD, KnowledgeEntry("gone", "旧")], [KnowledgeEntry("new", "新"), replace(OLD, title="居住证申办")])
    assert [entry.id for entry in found.added] == ["new"] and [entry.id for entry in found.removed] == ["gone"]
    assert [change.after.id for change in found.changed] == ["k"]
    assert diff_of([OLD], [OLD]).changed == ()


def test_the_words_of_a_field() -> None:
    new = replace(OLD, answer="第一行\n时限10个工作日\n第三行", materials=("身份证", "照片"), version=2)
    change = change_of(OLD, new)
    assert [field.field for field in change.fields] == ["answer", "version", "materials"] and change.matters
    assert change.fields[0].stretches == (
        Stretch(Mark.SAME, "第一行\n时限"), Stretch(Mark.GONE, "5"), Stretch(Mark.NEW, "10"), Stretch(Mark.SAME, "个工作日\n第三行"))
    assert change.fields[2].after == "身份证\n照片"


def test_counts_and_dates_of_change_alone_do_not_matter_to_an_operator() -> None:
    assert not change_of(OLD, replace(OLD, heat=7, version=2, updated="2026-01-01")).matters
    assert change_of(OLD, replace(OLD, status=Status.WITHDRAWN)).matters


def test_structured_fields_read_as_a_person_reads_them() -> None:
    new = replace(OLD, phones=(Phone("咨询", "12333"),), places=(Place("大厅", "示范路1号"),), sections=(Section("条件", "年满"),),
                  steps=(Step("a", "问", (Choice("是"), Choice("否"))),))
    told = {field.field: (field.before, field.after) for field in change_of(OLD, new).fields}
    assert told["phones"] == ("咨询 12345", "咨询 12333")
    assert told["places"] == ("", "大厅 示范路1号")
    assert told["sections"] == ("", "条件\n年满")
    assert told["steps"] == ("[a] 问\n- 是 → b\n- 否\n[b] 完", "[a] 问\n- 是\n- 否")


def test_a_long_text_written_anew_is_compared_at_once() -> None:
    assert [stretch.mark for stretch in words_changed("旧" * 20_000, "新" * 20_000)] == [Mark.GONE, Mark.NEW]


@given(before=st.text(st.sampled_from("ab1 \n，字"), max_size=40), after=st.text(st.sampled_from("ab1 \n，字"), max_size=40))
def test_stretches_give_both_texts_back(before: str, after: str) -> None:
    found = words_changed(before, after)
    assert "".join(each.text for each in found if each.mark is not Mark.NEW) == before
    assert "".join(each.text for each in found if each.mark is not Mark.GONE) == after
    assert all(each.text for each in found)
