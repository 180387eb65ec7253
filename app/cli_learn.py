"""``tingdan learn HISTORY``: learn units, request types and items from a centre's settled tickets, on this PC."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from app.assembly import LEARNED
from app.domain.errors import EnvironmentFault, OperatorVisibleError
from app.extraction.history_file import HistoryFile, checked_kind, read_history, tickets_of
from app.extraction.learning import DEFAULT_PRECISION, LearnedTarget, learn
from app.platform import messages, paths
from kb_cache.importer_xlsx import read_xlsx

if TYPE_CHECKING:
    from argparse import _SubParsersAction

_KINDS = (".csv", ".jsonl", ".ndjson", ".xlsx")
_LARGEST_WORKBOOK = 256 << 20
_COVERAGES = (0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


def add_learn(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    told = messages.text
    parser = commands.add_parser("learn", help=told("learn.about"), description=told("learn.about"))
    parser.add_argument("history", type=Path, help=told("learn.history"))
    for option, kind in (("--text", "text"), ("--unit", "unit"), ("--type", "request_type"), ("--item", "item_code"), ("--date", "date")):
        parser.add_argument(option, dest=kind, metavar="COLUMN", default="", help=told(f"learn.column_{kind}"))
    parser.add_argument("--precision", type=float, default=DEFAULT_PRECISION, help=told("learn.precision"))
    parser.set_defaults(run=_learn)


def _learn(arguments: argparse.Namespace) -> int:
    if not 0.5 <= arguments.precision < 1:
        raise OperatorVisibleError("learn.bad_precision")
    named = {kind: tuple(filter(None, getattr(arguments, kind).split(","))) for kind in
             ("text", "unit", "request_type", "item_code", "date")}
    history = _read(arguments.history, {kind: names for kind, names in named.items() if names})
    print(messages.text("learn.columns", {"columns": "、".join(name for names in history.columns.values() for name in names)}))
    print(messages.text("learn.read", {"tickets": len(history.tickets), "unusable": history.unusable}))
    if history.foreign:
        print(messages.text("learn.foreign", {"count": history.foreign}))
    if history.older:
        print(messages.text("learn.older", {"count": history.older, "taken": len(history.tickets)}))
    try:
        reports = learn(history.tickets, paths.data_dir() / LEARNED, arguments.precision)
    except OSError as error:
        raise EnvironmentFault("learn.unwritable", reason=type(error).__name__) from error
    if not reports:
        raise OperatorVisibleError("learn.nothing_learned")
    for report in reports:
        print(_told(report))
    return 0


def _read(path: Path, named: Mapping[str, tuple[str, ...]]) -> HistoryFile:
    """The history of any kind of file; a workbook goes through the reader of knowledge workbooks, which expects hostile ones."""
    if checked_kind(path, _KINDS) != ".xlsx":
        return read_history(path, named)
    try:
        if path.stat().st_size > _LARGEST_WORKBOOK:
            raise OperatorVisibleError("learn.workbook_large", path=path.name)
        data = path.read_bytes()
    except OSError as error:
        raise EnvironmentFault("learn.file_unreadable", path=path.name, reason=type(error).__name__) from error
    head, rows, refused = read_xlsx(data, path.name)
    return tickets_of(head, (row.values for row in rows), named, path.name, len(refused))


def _told(report: LearnedTarget) -> str:
    name = messages.text(f"learn.target_{report.target}")
    lines = ["", messages.text("learn.target", {"name": name, "tickets": report.tickets, "labels": report.labels,
                                                "left_out": report.left_out}),
             messages.text("learn.held_back", {"count": report.held_back, "top1": f"{report.top1:.1%}", "top3": f"{report.top3:.1%}"})]
    for coverage in _COVERAGES:
        point = min(report.curve, key=lambda p, c=coverage: abs(p.coverage - c))  # type: ignore[misc]
        lines.append(f"  {point.coverage:4.0%}  {point.precision:6.1%}  (>= {point.threshold:.3f})")
    key = "learn.threshold" if report.threshold <= 1 else "learn.never"
    lines.append(messages.text(key, {"wanted": f"{report.wanted:.1%}", "threshold": f"{report.threshold:.3f}",
                                     "coverage": f"{report.coverage:.0%}"}))
    return "\n".join(lines)
