"""Fits ``resources/knowledge/ranking.toml``: ``python -m tests.bench.kb_fit [--write]``, some ten minutes.

Coordinate search on the first half of the government texts and of the guides' questions (halves by a hash, ``kb_texts``): each weight
is tried a step up and a step down, an index is built, and the change stays where the mean reciprocal rank over clean text and 20 %
errors rises on both sets together. Prints recall@5 of start and end on the halves that were held back. After ``--write`` raise FORMAT in
``kb_cache/index_format.py``: weights are built into indexes.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from app.domain.knowledge import KnowledgeQuery
from app.platform.resource_files import resource
from kb_cache import index_build, ranking
from kb_cache.opening import open_kb
from kb_cache.weights import Weights, weights
from tests.bench.kb import REPOSITORY, SETS, entries_of, questions
from tests.bench.kb_texts import TextSet, government, guides, indexed, noisy

STEP = 1.3
NOISE = (0.0, 0.2)
DEPTH = 10


def main() -> None:
    """Fit, print, write where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--rounds", type=int, default=1)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        shared = REPOSITORY.parent / "shared"
        opened = open_kb(shared / "data" / "guangdong_service_guides.jsonl", Path(folder))
        sets = [government(shared, 600), guides(entries_of(opened), [one for part, _ in SETS for one in questions(part)])]
        opened.close()
        start = found = weights()
        best = quality(found, sets, 0, Path(folder))
        for _ in range(chosen.rounds):
            for changed in neighbours(found):
                reached = quality(changed(found), sets, 0, Path(folder))
                if reached > best + 1e-4:
                    best, found = reached, changed(found)
                    print(f"{best:.4f} {found}", flush=True)
        for name, each in (("start", start), ("end", found)):
            print(name, "held back:", [f"{recall:.3f}" for recall in recalls(each, sets, 1, Path(folder))])
    if chosen.write:
        write(found)


def neighbours(base: Weights):  # type: ignore[no-untyped-def]
    """Changes of one weight each."""
    for field in ("head", "body"):
        for view in getattr(base, field):
            for step in (STEP, 1 / STEP):
                yield lambda now, field=field, view=view, step=step: replace(
                    now, **{field: {**getattr(now, field), view: getattr(now, field)[view] * step}})
    for step in (STEP, 1 / STEP):
        yield lambda now, step=step: replace(now, long_body=now.long_body * step)
    for step in (0.1, -0.1):
        yield lambda now, step=step: replace(now, whole=min(1.0, max(0.0, now.whole + step)))


def ranks(table: Weights, one: TextSet, half: int, noise: float, folder: Path) -> list[int]:
    """Place of the first right answer for each question of a half, ``DEPTH`` where it is not among the first."""
    index_build.weights = ranking.fitted = lambda path=None: table  # type: ignore[assignment]
    knowledge = indexed(one.entries, folder, "fit")
    found = []
    for text, asked in noisy([each for each in one.asked if each.half == half], noise, (1,)):
        ids = [ranked.entry.id for ranked in knowledge.search(KnowledgeQuery(text, limit=DEPTH))]
        found.append(next((place for place, key in enumerate(ids) if key in asked.right), DEPTH))
    knowledge.close()
    return found


def quality(table: Weights, sets: Sequence[TextSet], half: int, folder: Path) -> float:
    """Mean reciprocal rank over sets and shares of errors."""
    means = []
    for one in sets:
        for noise in NOISE:
            places = ranks(table, one, half, noise, folder)
            means.append(sum(1 / (1 + place) for place in places if place < DEPTH) / len(places))
    return sum(means) / len(means)


def recalls(table: Weights, sets: Sequence[TextSet], half: int, folder: Path) -> list[float]:
    """Recall@5 by set and share of errors."""
    return [sum(place < 5 for place in places) / len(places)
            for one in sets for noise in NOISE for places in [ranks(table, one, half, noise, folder)]]


def write(table: Weights) -> None:
    """Put the figures into the shipped file, comments and order as they are."""
    path = resource("knowledge", "ranking.toml")
    text = path.read_text("utf-8")
    head, rest = text.split("[head]")
    parts = [head, *rest.split("[body]")]
    for at, values in enumerate(({"whole": table.whole, "long_body": table.long_body},
                                 *({view.name.lower(): value for view, value in field.items()} for field in (table.head, table.body)))):
        for name, value in values.items():
            parts[at] = re.sub(rf"^{name} = .*$", f"{name} = {value:.3g}", parts[at], flags=re.M)
    path.write_text(f"{parts[0]}[head]{parts[1]}[body]{parts[2]}", "utf-8")


if __name__ == "__main__":
    main()
