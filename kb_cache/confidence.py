"""From raw scores to a share: how likely a result answers the question."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kb_cache.ranking import Layout, Scored


def confidences(scored: Scored, order: Sequence[int], layout: Layout) -> list[float]:
    """One value from 0 to 1 for each entry of ``order`` (best first)."""
    if not order:
        return []
    found = scored.score[list(order)]
    heads = scored.best_head[list(order)]
    of_head = found / np.maximum(layout.self_score[heads], 1e-6)
    of_query = found / max(scored.possible, 1e-6)
    share = np.clip((of_head + of_query) / 2, 0.0, 1.0)
    return [round(float(value), 3) for value in np.minimum.accumulate(share)]
