"""The check finds what spoils push, names the entry to mend, and stays quiet where all is well."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise

import pytest

from app.domain.knowledge import Choice, KnowledgeEntry, Phone, Place, Section, Sensitivity, Status, Step, Tier
from app.platform import messages
from app.platform.catalogue_files import load_taxonomy
from app.platform.resource_files import resource
from kb_cache.check import CheckReport, check
from kb_cache.check_entry import Severity
from kb_cache.kb_folder import read_content
from kb_cache.likeness import alike
from kb_cache.terms import plain

TODAY = "2026-11-22"
GOOD = KnowledgeEntry(
    "good", "残疾人证遗失怎么补办", "可以补办。带身份证到街道窗口。", "到户籍地街道残联窗口办理，当场受理。", item_codes=("010101",),
    unit="示范局", source="示例1号", phones=(Phone("咨询", "020-12345678"), Phone("", "12345")), places=(Place("街道窗口",
    phone="400-123-4567"),),
    steps=(Step("a", "本市户籍吗？", (Choice("是", "b"), Choice("否"))), Step("b", "带身份证来。")))


def codes(*entries: KnowledgeEntry, today: str = TODAY) -> dict[str, tuple[str, ...]]:
    report = check(entries, today, {"010101"})
    for finding in report.findings:
        for lang in ("zh", "en"):
            words = messages.text(f"kb_check.{finding.code}", finding.params, lang)
            assert words != f"kb_check.{finding.code}" and "{" not in words
    return {finding.code: finding.ids for finding in report.findings}


def test_a_good_entry_and_the_sample_have_nothing() -> None:
    assert codes(GOOD) == {}
    sample = check(read_content(resource("sample_kb")).entries, TODAY, {item.code for item in load_taxonomy().items})
    assert not sample.fails(Severity.NOTE)


@pytest.mark.parametrize(("change", "code"), [
    ({"speakable": ""}, "no_speakable"), ({"speakable": "一。二。三。"}, "speakable_sentences"), ({"speakable": "长" * 91},
    "speakable_long"),
    ({"speakable": "请看https://example.org"}, "speakable_unsayable"), ({"speakable": "1、带身份证"}, "speakable_unsayable"),
    ({"sensitivity": Sensitivity.INTERNAL}, "internal_speakable"), ({"valid_to": "2026-11-21"}, "expired"),
    ({"valid_to": "2026-12-01"}, "expires_soon"), ({"valid_from": "2026-12-01"}, "not_yet"),
    ({"valid_from": "2026-03-01", "valid_to": "2026-02-01", "status": Status.DRAFT}, "dates_reversed"),
    ({"title": "长" * 41}, "title_long"), ({"questions": ("问" * 61,)}, "question_long"), ({"answer": "长" * 1501}, "part_long"),
    ({"sections": (Section("节", "长" * 1501),)}, "part_long"), ({"answer": "", "steps": ()}, "no_answer"),
    ({"item_codes": ()}, "no_item"),
    ({"item_codes": ("999999",)}, "unknown_item"), ({"unit": ""}, "no_origin"), ({"answer": "锟斤拷"}, "mojibake"),
    ({"answer": "时限待补充"}, "placeholder"), ({"answer": "联系13800000000"}, "personal_number"),
    ({"phones": (Phone("", "见官网"),)}, "phone_odd"), ({"steps": (Step("a", "问", (Choice("是", "z"),)),)}, "step_dead"),
    ({"steps": (Step("a", "完"), Step("b", "完"))}, "step_unreached"),
    ({"steps": (Step("a", "问", (Choice("是", "b"),)), Step("b", "问", (Choice("否", "a"),)))}, "step_endless"),
    ({"parent": "none"}, "parent_dead"), ({"parent": "good"}, "parent_circle")])
def test_each_fault_of_an_entry_is_found_alone(change: dict[str, object], code: str) -> None:
    assert codes(replace(GOOD, **change)) == {code: ("good", "good") if code == "parent_circle" else ("good",)}  # type: ignore[arg-type]


def other(key: str, title: str, **change: object) -> KnowledgeEntry:
    return replace(GOOD, id=key, title=title, answer=f"{title}的办理说明，见窗口公告。", **change)  # type: ignore[arg-type]


def test_duplicates_and_overlaps_between_entries() -> None:
    assert codes(GOOD, replace(GOOD, id="b")) == {"same_entry": ("good", "b")}
    assert codes(GOOD, other("b", "残疾人证 遗失怎么补办？")) == {"same_title": ("good", "b")}
    assert codes(GOOD, other("b", "残疾人证遗失怎么补办呢")) == {"overlapping_titles": ("good", "b")}
    long = "办理条件、材料和时限以窗口公告为准，需要本人到场办理，不能代办，请提前预约。"
    twin = replace(GOOD, id="b", title="完全不同的另一件事情", answer=long)
    assert codes(replace(GOOD, answer=long), twin) == {"same_answer": ("good", "b")}
    asked = {"questions": ("证丢了怎么办",)}
    assert codes(replace(GOOD, **asked), other("b", "老年人优待卡申领", **asked)) == {"same_question": ("good", "b")}
    assert codes(replace(GOOD, **asked), other("b", "证丢了，怎么办")) == {"same_question": ("good", "b")}


def test_regions_tiers_drafts_and_expired_ones_are_no_duplicates() -> None:
    assert codes(replace(GOOD, region="甲市"), replace(GOOD, id="b", region="乙市")) == {}
    assert codes(GOOD, replace(GOOD, id="b", status=Status.WITHDRAWN)) == {}
    assert set(codes(GOOD, replace(GOOD, id="b", valid_to="2020-01-01"))) == {"expired"}
    policy = replace(GOOD, id="p", tier=Tier.POLICY)
    digest = replace(GOOD, id="i", tier=Tier.INTERPRETATION, parent="p")
    assert codes(policy, digest, replace(GOOD, parent="i")) == {}


def test_links_between_tiers() -> None:
    policy = other("p", "残疾人证管理规定", tier=Tier.POLICY)
    assert codes(policy, replace(GOOD, parent="p")) == {"parent_tier": ("good", "p")}
    digest = other("i", "残疾人证办理解读", tier=Tier.INTERPRETATION, parent="p")
    assert codes(policy, digest, replace(GOOD, parent="i")) == {}
    assert codes(replace(policy, status=Status.WITHDRAWN), digest) == {"parent_over": ("i", "p")}
    rounds = codes(replace(digest, parent="q"), replace(policy, id="q", parent="i"))
    assert rounds == {"parent_circle": ("q", "i")} or rounds == {"parent_circle": ("i", "q")}


def test_overlap_agrees_with_comparing_all_pairs() -> None:
    titles = [entry.title for entry in read_content(resource("sample_kb")).entries]
    some = [replace(GOOD, id=f"{n}-{k}", title=title[k:] + "办理" * k, answer=f"{n} {k}")
            for n, title in enumerate(titles) for k in range(3)]
    report: CheckReport = check(some, TODAY)
    found = {frozenset(each.ids) for each in report.findings if each.code == "overlapping_titles"}
    sets = {entry.id: frozenset(a + b for a, b in pairwise(text))
            for entry in some if (text := plain(entry.title).replace(" ", ""))}
    whole = {frozenset((a, b)) for a in sets for b in sets if a < b and sets[a] != sets[b] and len(sets[a]) > 1
             and len(sets[a] & sets[b]) >= 0.8 * len(sets[a] | sets[b])}
    ends = {frozenset((sets[min(pair)], sets[max(pair)])) for pair in found}
    assert ends == {frozenset((sets[min(pair)], sets[max(pair)])) for pair in whole} and len(whole) > 20


def test_worst_first_and_counted() -> None:
    report = check([replace(GOOD, speakable="", unit="", item_codes=())], TODAY)
    assert [finding.severity for finding in report.findings] == [Severity.ERROR, Severity.WARNING, Severity.NOTE]
    assert report.fails(Severity.ERROR) and report.count(Severity.NOTE) == 1 and report.by_code()["no_item"] == 1


def test_no_overlap_is_missed_though_not_all_pairs_are_compared() -> None:
    dice = random.Random(5)
    sets = [frozenset(dice.sample("abcdefghijklmnop", dice.randint(1, 12))) for _ in range(400)]
    sets += [each ^ {dice.choice("abcdefghijklmnopq")} for each in sets[:200]]
    found = {frozenset((sets[one], sets[other])) for one, other in alike(sets, 0.8) if sets[one] != sets[other]}
    distinct = {each for each in sets if len(each) > 1}
    assert found == {frozenset((one, other)) for one in distinct for other in distinct
                     if one != other and len(one & other) >= 0.8 * len(one | other)}
    assert len(found) > 100
    assert sum(sets[one] == sets[other] for one, other in alike(sets, 0.8)) == sum(len(each) > 1 for each in sets) - len(distinct)
    assert list(alike([frozenset("ab"), frozenset(), frozenset("a")], 0.8)) == []
