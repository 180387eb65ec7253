"""Measures the content side of the knowledge base: ``make bench-kb-content`` writes docs/benchmarks/kb_content.md.

Entries are made by the bench from invented words, in the proportions of a centre's base (three tiers, question variants, some
faults planted), at 10,000 and 100,000. Processor time, because the machine may be shared. With ``TINGDAN_SHARED`` the service guides are
imported and checked too: counts only.
"""

from __future__ import annotations

import argparse
import os
import random
import resource as usage
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from app.domain.knowledge import KnowledgeEntry, Phone, Tier
from app.domain.knowledge_diff import diff_of
from kb_cache.check import check
from kb_cache.check_entry import Severity
from kb_cache.exporter import export
from kb_cache.importer import ImportOrder, read_import
from kb_cache.kb_folder import read_content, write_folder

REPORT = Path(__file__).resolve().parents[2] / "docs" / "benchmarks" / "kb_content.md"
TODAY = "2026-11-22"
EDITORS = 10_000  # beyond this nobody edits a workbook or a folder of pages by hand
THINGS = ["社保卡", "居住证", "残疾人证", "营业执照", "驾驶证", "房产证", "学籍", "户口簿", "准生证", "老年人优待卡", "公积金", "失业金", "医保", "生育津贴", "低保", "租赁备案", "排污许可", "食品许可", "施工许可", "道路占用", "路灯", "井盖", "噪声", "油烟", "垃圾", "绿化", "停车", "公交", "地铁", "出租车"]
DEEDS = ["申领", "补办", "变更", "注销", "查询", "缴费", "转移", "年审", "投诉", "预约", "复核", "挂失", "激活", "备案", "公示", "退费"]
WHOM = ["个人", "单位", "外地户籍", "港澳居民", "学生", "退休人员", "个体工商户", "未成年人", "代办人", "新生儿", "军人", "残疾人"]
WHERE = [f"示范{n}街" for n in range(400)]


def made(count: int) -> list[KnowledgeEntry]:
    rng = random.Random(count)
    entries: list[KnowledgeEntry] = []
    for n in range(count):
        title = f"{rng.choice(WHOM)}{rng.choice(THINGS)}{rng.choice(DEEDS)}（{rng.choice(WHERE)}）"
        tier = (Tier.POLICY, Tier.INTERPRETATION, Tier.FAQ, Tier.FAQ)[n % 4]
        parent = f"K{n - 1}" if tier is not Tier.POLICY else ""
        entries.append(KnowledgeEntry(
            f"K{n}", title, "" if rng.random() < 0.02 else f"{title}可以办理。带身份证到窗口。", f"{title}：" + "办理条件和时限以公告为准。" * 12, tier,
            parent, (f"{title[:6]}怎么办", f"{title}要什么材料"), ("010101",), "", "示范局", f"示例{n}号", "2026-01-01",
            "2026-06-01" if rng.random() < 0.01 else "", 1, ("示例",), materials=("身份证", "照片"), phones=(Phone("咨询", "12345"),)))
    return entries


def seconds(work: Callable[[], object]) -> tuple[float, object]:
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def rows_at(count: int, folder: Path) -> list[str]:
    entries, rows = made(count), []

    def row(name: str, spent: float, note: str = "") -> None:
        rows.append(f"| {count:,} | {name} | {spent:.1f} | {note} |")
        print(rows[-1], flush=True)

    spent, report = seconds(lambda: check(entries, TODAY, {"010101"}))
    row("check", spent, f"{report.count(Severity.ERROR):,} errors, {report.count(Severity.WARNING):,} warnings, {report.count(Severity.NOTE):,} notes")
    spent, found = seconds(lambda: diff_of(entries, [replace(entry, answer=entry.answer.replace("条件", "要求")) if n % 100 == 0 else entry
                                                     for n, entry in enumerate(entries)]))
    row("diff, 1 % of the answers changed", spent, f"{len(found.changed):,} changed")
    for form in ("jsonl", "csv", "xlsx", "markdown") if count <= EDITORS else ("jsonl", "csv"):
        target = folder / (f"{count}" if form == "markdown" else f"{count}.{form}")
        wrote, _ = seconds(lambda f=form, t=target: export(entries, t, f))
        read, back = seconds(lambda t=target: read_import(ImportOrder(t)))
        assert back.entries == tuple(entries)
        size = sum(path.stat().st_size for path in target.iterdir()) if target.is_dir() else target.stat().st_size
        row(f"{form}: export / import", wrote, f"import {read:.1f} s; {size / 1e6:.1f} MB; comes back equal")
    spent, _ = seconds(lambda: write_folder(folder / f"kb{count}", entries, "bench"))
    row("write folder", spent)
    spent, content = seconds(lambda: read_content(folder / f"kb{count}"))
    row("read folder", spent, f"{len(content.entries):,} entries")
    return rows


def guides() -> list[str]:
    source = Path(os.environ.get("TINGDAN_SHARED", "")) / "data" / "guangdong_service_guides.jsonl"
    if not source.is_file():
        return ["(not measured: no TINGDAN_SHARED)"]
    spent, imported = seconds(lambda: read_import(ImportOrder(source)))
    took, report = seconds(lambda: check(imported.entries, TODAY))
    lines = [f"{len(imported.entries):,} entries taken, {len(imported.refusals)} refused, by `{imported.shape}`, in {spent:.1f} s; checked in {took:.2f} s. "
             "What the check reports:", "", "| finding | count |", "| --- | --- |"]
    return lines + [f"| {code} | {count:,} |" for code, count in sorted(report.by_code().items(), key=lambda each: -each[1])]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    arguments = parser.parse_args()
    rows: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for count in arguments.sizes:
            rows += rows_at(count, Path(folder))
    peak = usage.getrusage(usage.RUSAGE_SELF).ru_maxrss / 1024
    text = ["# Knowledge content: import, export, check", "",
            "Made by `make bench-kb-content`. Seconds are processor time on one core; every export is imported again and compared for equality.", "",
            "| entries | what | seconds | |", "| --- | --- | --- | --- |", *rows, "", f"Peak memory of the whole run: {peak:,.0f} MB.", "",
            "## The service guides, as the test of mess", "", *guides(), ""]
    REPORT.write_text("\n".join(text), "utf-8")


if __name__ == "__main__":
    main()
