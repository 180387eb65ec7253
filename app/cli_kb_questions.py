"""``tingdan kb questions``: questions of citizens that no card answered, grouped, as drafts for the knowledge base's editors.

Groups are made of questions that share most of their character pairs with the group's first one. A draft is an entry in our
JSON Lines format with a title and the ways in which it was asked, no answer, with the status of a draft (it is never
pushed) and tagged 待编写; the editor's import takes it. Texts carry
no runs of digits; they are citizens' words and are written only where the operator asks for it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.assembly import opened_store
from app.domain.assist import OpenQuestion
from app.domain.knowledge import Status
from app.platform import messages
from app.platform.atomic_file import write_atomically
from app.platform.clock import SystemClock
from app.store.assist import SqliteAssist

if TYPE_CHECKING:
    from argparse import _SubParsersAction

_ALIKE = 0.45
_MOST_VARIANTS = 20
_LONGEST = 120


def add_questions(actions: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the action under ``tingdan kb``."""
    about = messages.text("cli.kb_questions_about")
    parser = actions.add_parser("questions", help=about, description=about)
    parser.add_argument("--out", type=Path, help=messages.text("cli.kb_questions_out"))
    parser.set_defaults(run=_run)


def grouped(questions: Sequence[OpenQuestion]) -> list[list[str]]:
    """Texts that ask alike, the largest group first; each text once."""
    groups: list[tuple[set[str], list[str]]] = []
    for text in dict.fromkeys(asked.text[:_LONGEST] for asked in questions):
        pairs = {text[at:at + 2] for at in range(len(text) - 1)}
        for first, members in groups:
            if len(pairs & first) >= _ALIKE * max(1, min(len(pairs), len(first))):
                members.append(text)
                break
        else:
            groups.append((pairs, [text]))
    return sorted((members for _, members in groups), key=len, reverse=True)


def drafts(groups: Sequence[Sequence[str]]) -> list[dict[str, object]]:
    """One entry without an answer for each group."""
    return [{"id": "DRAFT-" + hashlib.sha256(members[0].encode()).hexdigest()[:10], "title": min(members, key=len),
             "questions": list(members[:_MOST_VARIANTS]), "tags": ["待编写"], "status": Status.DRAFT.value} for members in groups]


def _run(given: argparse.Namespace) -> int:
    clock = SystemClock()
    with opened_store(clock, rehearsal=True, on_health=lambda fault: None) as (store, _):
        groups = grouped(SqliteAssist(store, clock).questions())
    print(messages.text("cli.kb_questions_count", {"questions": sum(map(len, groups)), "groups": len(groups)}))
    if given.out is not None:
        lines = "".join(json.dumps(draft, ensure_ascii=False) + "\n" for draft in drafts(groups))
        write_atomically(given.out, lines.encode())
    return 0
