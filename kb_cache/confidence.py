"""From raw scores to a share: how likely a result answers the question.

A logistic curve over how much of the query an entry holds, how much of the entry the query holds, the score's size for
the index's size, its share of the best score, and the best one's lead (which counts only where much is held). Fitted on
the project's own check questions (clean and with 10 and 20 % simulated errors) and on talk that asks nothing an index
holds: ``python -m tests.bench.kb`` prints how well the shares hold.
"""

from __future__ import annotations

import math

import numpy as np

from kb_cache.ranking import Array, FloatArray, Scored

OFFSET = -12.3
OF_QUERY, OF_HEAD, SIZE, SHARE = -0.4, 0.8, 1.3, 8.7
LEAD, LEAD_OF_QUERY, LEAD_OF_HEAD = -2.0, 9.5, 12.8


def confidences(scores: FloatArray, scored: Scored, top: Array) -> list[float]:
    """One value from 0 to 1 for each of the first ``scores`` (best first; ``top`` are their places among the scored), never rising."""
    if not len(top):
        return []
    found = scores[: len(top)].astype(np.float64)
    of_query = np.minimum(1.5, found / scored.possible) if scored.possible > 0 else np.ones(len(found))
    of_head = np.minimum(1.5, found / np.maximum(scored.self_score[top], 1e-6))
    size = np.log(found / math.log(scored.all_heads + 1.0) + 0.1)
    lead = np.zeros(len(found))
    lead[0] = (found[0] - (float(scores[1]) if len(scores) > 1 else 0.0)) / found[0]
    logit = OFFSET + OF_QUERY * of_query + OF_HEAD * of_head + SIZE * size + SHARE * found / found[0]
    logit += lead * (LEAD + LEAD_OF_QUERY * of_query + LEAD_OF_HEAD * of_head)
    share = 1.0 / (1.0 + np.exp(-logit))
    falling: list[float] = np.minimum.accumulate(share).tolist()
    return falling
