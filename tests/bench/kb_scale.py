"""Knowledge bases of any size for the speed figures: made-up entries out of word pieces of the guides' kind, from a seed.

Words are drawn by Zipf's law out of the pieces of the shipped sample and of an administrative vocabulary written here, so that
frequent terms are as frequent as in a real base. Nothing of the shared material goes in.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from functools import cache

import rjieba

from app.domain.knowledge import KnowledgeEntry
from app.platform.resource_files import resource

_ACTS = ("办理", "申请", "变更", "注销", "补办", "查询", "登记", "备案", "审批", "年审", "缴费", "退费", "投诉", "认定", "核验", "延期")


@cache
def pieces() -> tuple[str, ...]:
    """Words of two characters and more, the most frequent first, then words of the segmenter's kind joined from these."""
    counts: dict[str, int] = {}
    for line in resource("sample_kb", "entries.jsonl").read_text("utf-8").splitlines():
        entry = json.loads(line)
        for word in rjieba.cut(" ".join((entry["title"], entry.get("answer", ""), *entry.get("questions", ())))):
            if len(word) > 1 and "一" <= word[0] <= "鿿":
                counts[word] = counts.get(word, 0) + 1
    found = sorted(counts, key=lambda word: -counts[word])
    rng = random.Random(1)
    letters = sorted({letter for word in found for letter in word})
    rare = {"".join(rng.choices(letters, k=rng.choice((2, 2, 3)))) for _ in range(20_000)}
    return (*found, *sorted(rare))


def entries(count: int, seed: int = 5) -> Iterator[KnowledgeEntry]:
    """So many entries with a title of some 12 characters, one variant for every fourth, and a short answer; ten make a family."""
    rng, words = random.Random(seed), pieces()
    weights = [1.0 / (rank + 8.0) for rank in range(len(words))]
    cumulative = [sum(weights[:1])]
    for weight in weights[1:]:
        cumulative.append(cumulative[-1] + weight)
    for n in range(count):
        drawn = rng.choices(words, cum_weights=cumulative, k=10)
        title = f"{drawn[0]}{drawn[1]}{drawn[2]}{rng.choice(_ACTS)}{drawn[3] if n % 2 else ''}"
        variants = (f"{drawn[1]}{drawn[4]}{drawn[2]}",) if n % 4 == 0 else ()
        yield KnowledgeEntry(f"S{n}", title, "".join(drawn[5:8]), "".join(drawn[8:]), questions=variants,
                             parent=f"S{n // 10 * 10}" if n % 10 else "")
