"""``tingdan kb …``: import, check, export, show and compare knowledge. Thin: each sub-command calls ``kb_cache``."""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli_kb_publish import add_kb_publish
from app.cli_kb_questions import add_questions
from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.domain.knowledge import KnowledgeEntry
from app.domain.knowledge_diff import EntryChange, KnowledgeDiff, Mark, Stretch, diff_of
from app.platform import messages
from app.platform.atomic_file import write_atomically
from app.platform.catalogue_files import load_taxonomy
from app.platform.clock import SystemClock
from kb_cache.cells import row_of
from kb_cache.check import CheckReport, check
from kb_cache.check_entry import Finding, Severity
from kb_cache.column_mapping import label
from kb_cache.exporter import export
from kb_cache.importer import FORMATS, Imported, ImportOrder, form_of, read_import, rows_of
from kb_cache.kb_folder import alone, held_in, merged, read_content, write_folder
from kb_cache.records import FIELDS, record_of

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction

FINDINGS = 1  # exit code: done, and something was found
TOLD_AT_MOST = 20
MOST_REMOVED = 0.2


def add_kb(commands: _SubParsersAction[ArgumentParser]) -> None:
    """Register the command."""
    told = messages.text
    kb = commands.add_parser("kb", help=told("kb_content.about"), description=told("kb_content.about"))
    actions = kb.add_subparsers(title=told("cli.commands"), metavar="", required=True)
    _add_import(_action(actions, "import", _import))
    checking = _action(actions, "check", _check)
    checking.add_argument("kb", type=Path, help=told("kb_content.arg_kb"))
    checking.add_argument("--fail-on", choices=[each.value for each in Severity], default="error", help=told("kb_content.arg_fail_on"))
    checking.add_argument("--date", default="", metavar="ISO", help=told("kb_content.arg_date"))
    checking.add_argument("--all", action="store_true", help=told("kb_content.arg_all"))
    checking.add_argument("--json", action="store_true", help=told("cli.json"))
    exporting = _action(actions, "export", _export)
    exporting.add_argument("kb", type=Path, help=told("kb_content.arg_kb"))
    exporting.add_argument("out", type=Path, help=told("kb_content.arg_export_out"))
    exporting.add_argument("--format", choices=FORMATS, default="", help=told("kb_content.arg_format"))
    showing = _action(actions, "show", _show)
    showing.add_argument("kb", type=Path, help=told("kb_content.arg_kb"))
    showing.add_argument("id", nargs="?", default="", help=told("kb_content.arg_id"))
    showing.add_argument("--json", action="store_true", help=told("cli.json"))
    comparing = _action(actions, "diff", _diff)
    comparing.add_argument("old", type=Path, help=told("kb_content.arg_old"))
    comparing.add_argument("new", type=Path, help=told("kb_content.arg_new"))
    comparing.add_argument("--json", action="store_true", help=told("cli.json"))
    add_kb_publish(actions)
    add_questions(actions)


def _action(actions: _SubParsersAction[ArgumentParser], name: str, run: Callable[[argparse.Namespace], int]) -> ArgumentParser:
    words = messages.text(f"kb_content.{name}")
    parser = actions.add_parser(name, help=words, description=words)
    parser.set_defaults(run=run)
    return parser


def _add_import(parser: ArgumentParser) -> None:
    told = messages.text
    parser.add_argument("source", type=Path, help=told("kb_content.arg_source"))
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help=told("kb_content.arg_out"))
    parser.add_argument("--mapping", type=Path, metavar="FILE.toml", help=told("kb_content.arg_mapping"))
    parser.add_argument("--format", choices=FORMATS, default="", help=told("kb_content.arg_format"))
    parser.add_argument("--encoding", default="", help=told("kb_content.arg_encoding"))
    parser.add_argument("--sheet", default="", help=told("kb_content.arg_sheet"))
    parser.add_argument("--merge", action="store_true", help=told("kb_content.arg_merge"))
    parser.add_argument("--strict", action="store_true", help=told("kb_content.arg_strict"))
    parser.add_argument("--allow-removal", action="store_true", help=told("kb_content.arg_allow_removal"))
    parser.add_argument("--name", default="", help=told("kb_content.arg_name"))
    parser.add_argument("--kb-version", default="", metavar="VERSION", help=told("kb_content.arg_version"))
    parser.add_argument("--report", type=Path, metavar="FILE.csv|.json", help=told("kb_content.arg_report"))
    parser.add_argument("--json", action="store_true", help=told("cli.json"))


def _import(arguments: argparse.Namespace) -> int:
    imported = read_import(ImportOrder(arguments.source, arguments.format, arguments.mapping, arguments.encoding, arguments.sheet))
    if arguments.report:
        _write_report(arguments.report, imported)
    if not arguments.json:
        _tell_refusals(imported)
    if arguments.strict and imported.refusals:
        raise OperatorVisibleError("kb_content.strict", refused=len(imported.refusals))
    with alone(arguments.out):
        told = _put_in(arguments, imported)
    if arguments.json:
        print(json.dumps({**told, "encoding": imported.encoding, "shape": imported.shape, "ignored": imported.unknown,
                          "refusals": list(rows_of(imported))}, ensure_ascii=False))
    else:
        print(messages.text("kb_content.imported", told))
    return FINDINGS if imported.refusals else 0


def _put_in(arguments: argparse.Namespace, imported: Imported) -> dict[str, object]:
    """Write what was imported into its folder; gives what is told of it."""
    out: Path = arguments.out
    old = held_in(out)
    both = merged(old, imported.entries)
    entries = both.entries if arguments.merge else _in_order(imported.entries, both.entries)
    removed = 0 if arguments.merge else both.kept
    if old and removed > MOST_REMOVED * len(old) and not arguments.allow_removal:
        raise OperatorVisibleError("kb_content.would_remove", removed=removed, of=len(old))
    version = write_folder(out, entries, arguments.name or arguments.source.stem, arguments.kb_version)
    return {"entries": len(entries), "version": version, "added": both.added, "changed": both.changed, "same": both.same,
            "removed": removed, "refused": len(imported.refusals), "path": str(out)}


def _in_order(new: Sequence[KnowledgeEntry], both: Sequence[KnowledgeEntry]) -> tuple[KnowledgeEntry, ...]:
    """The new entries in their order, with the versions that the comparison counted up."""
    by_id = {entry.id: entry for entry in both}
    return tuple(by_id[entry.id] for entry in new)


def _why(row: dict[str, object]) -> str:
    place = str(row["file"]) or messages.text("kb_content.at_line", row)
    column = messages.text("kb_content.at_column", row) if row["column"] else ""
    reason = messages.text(f"kb_import.{row['reason']}")
    return f"{place}{column}: {reason}"


def _tell_refusals(imported: Imported) -> None:
    rows = list(rows_of(imported))
    for row in rows[:TOLD_AT_MOST]:
        print(_why(row), file=sys.stderr)
    if len(rows) > TOLD_AT_MOST:
        print(messages.text("kb_content.more", {"count": len(rows) - TOLD_AT_MOST}), file=sys.stderr)
    if imported.unknown:
        print(messages.text("kb_content.ignored", {"columns": "、".join(imported.unknown[:30])}), file=sys.stderr)


def _write_report(path: Path, imported: Imported) -> None:
    rows = [{**row, "zh": messages.text(f"kb_import.{row['reason']}", lang="zh"),
             "en": messages.text(f"kb_import.{row['reason']}", lang="en")} for row in rows_of(imported)]
    if path.suffix.lower() == ".json":
        data = json.dumps(rows, ensure_ascii=False, indent=1).encode()
    else:
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, ["file", "line", "column", "reason", "zh", "en"])
        writer.writeheader()
        writer.writerows(rows)
        data = text.getvalue().encode("utf-8-sig")
    try:
        write_atomically(path, data)
    except OSError as error:
        raise EnvironmentFault("kb_content.unwritable", path=path.name, reason=error.strerror or "") from error


def _check(arguments: argparse.Namespace) -> int:
    content = read_content(arguments.kb)
    items = frozenset(item.code for item in load_taxonomy().items)
    report = check(content.entries, _day(arguments.date), items)
    if arguments.json:
        print(json.dumps(_as_json(report, content.version, len(content.refusals)), ensure_ascii=False))
    else:
        _tell_findings(report, len(report.findings) if arguments.all else TOLD_AT_MOST)
    return FINDINGS if report.fails(Severity(arguments.fail_on)) else 0


def _as_json(report: CheckReport, version: str, refused: int) -> dict[str, object]:
    findings = [{"code": each.code, "severity": each.severity.value, "ids": each.ids, "params": each.params,
                 "zh": _words(each, "zh"), "en": _words(each, "en")} for each in report.findings]
    return {"version": version, "entries": report.entries, "refused": refused, "by_code": report.by_code(), "findings": findings,
            **{each.value: report.count(each) for each in Severity}}


def _words(finding: Finding, lang: str | None = None) -> str:
    return messages.text(f"kb_check.{finding.code}", finding.params, lang)


def _tell_findings(report: CheckReport, most: int) -> None:
    told: dict[str, int] = {}
    for finding in report.findings:
        told[finding.code] = told.get(finding.code, 0) + 1
        if told[finding.code] <= most:
            severity = messages.text(f"kb_content.severity_{finding.severity.value}")
            print(f"{severity}  {'、'.join(finding.ids)}  {_words(finding)}")
    for code, count in told.items():
        if count > most:
            print(messages.text("kb_content.more_of", {"count": count - most, "code": code}))
    print(messages.text("kb_content.checked", {"entries": report.entries, **{each.value: report.count(each) for each in Severity}}))


def _day(given: str) -> str:
    if not given:
        return SystemClock().now().date().isoformat()
    try:
        return date.fromisoformat(given).isoformat()
    except ValueError as error:
        raise OperatorVisibleError("cli.bad_time", given=given) from error


def _export(arguments: argparse.Namespace) -> int:
    content = read_content(arguments.kb)
    out: Path = arguments.out
    form = arguments.format or (form_of(out, must_exist=False) if out.suffix else "markdown")
    export(content.entries, out, form)
    print(messages.text("kb_content.exported", {"entries": len(content.entries), "path": str(out)}))
    return 0


def _show(arguments: argparse.Namespace) -> int:
    content = read_content(arguments.kb)
    if arguments.id:
        entry = next((entry for entry in content.entries if entry.id == arguments.id), None)
        if entry is None:
            raise OperatorVisibleError("kb_content.no_entry", id=arguments.id)
        print(json.dumps(record_of(entry), ensure_ascii=False, indent=1) if arguments.json else _as_page(entry))
        return 0
    tiers: dict[str, int] = {}
    for entry in content.entries:
        tiers[entry.tier.value] = tiers.get(entry.tier.value, 0) + 1
    told = {"version": content.version, "entries": len(content.entries), "refused": len(content.refusals), "shape": content.shape,
            "tiers": tiers}
    if arguments.json:
        print(json.dumps(told, ensure_ascii=False))
    else:
        print(messages.text("kb_content.shown", {**told, "tiers": "、".join(f"{tier} {count}" for tier, count in tiers.items())}))
    return 0


def _as_page(entry: KnowledgeEntry) -> str:
    cells = row_of(entry)
    return "\n".join(f"{label(name)}（{name}）\n    " + cells[name].replace("\n", "\n    ") for name in FIELDS if name in cells)


def _diff(arguments: argparse.Namespace) -> int:
    found = diff_of(read_content(arguments.old).entries, read_content(arguments.new).entries)
    if arguments.json:
        print(json.dumps(_diff_as_json(found), ensure_ascii=False))
    else:
        _tell_diff(found)
    return 0


def _diff_as_json(found: KnowledgeDiff) -> dict[str, object]:
    changed = [{"id": each.after.id, "matters": each.matters, "fields": [asdict(field) for field in each.fields]}
               for each in found.changed]
    return {"added": [entry.id for entry in found.added], "removed": [entry.id for entry in found.removed], "changed": changed}


def _tell_diff(found: KnowledgeDiff) -> None:
    for sign, entries in (("+", found.added), ("-", found.removed)):
        for entry in entries:
            print(f"{sign} {entry.id}  {entry.title}")
    for change in found.changed:
        print(_changed(change))
    print(messages.text("kb_content.compared", {"added": len(found.added), "removed": len(found.removed),
                                                "changed": len(found.changed)}))


def _changed(change: EntryChange) -> str:
    lines = [f"* {change.after.id}  {change.after.title}"]
    for field in change.fields:
        lines.append(f"    {label(field.field)}: " + "".join(map(_marked, field.stretches)).replace("\n", "\n      "))
    return "\n".join(lines)


def _marked(stretch: Stretch) -> str:
    marks = {Mark.SAME: "{}", Mark.GONE: "[-{}-]", Mark.NEW: "{{+{}+}}"}
    return marks[stretch.mark].format(stretch.text)
