"""What a process has used: computing time and the highest memory it ever held."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU seconds (all threads, user and system) and peak resident memory in MB (0 where the system does not tell)."""

    cpu_s: float = 0.0
    peak_rss_mb: float = 0.0

    def plus(self, later: Usage) -> Usage:
        """Two processes one after the other."""
        return Usage(self.cpu_s + later.cpu_s, max(self.peak_rss_mb, later.peak_rss_mb))


def own_usage() -> dict[str, float]:
    """This process, as JSON-able values of a ``Usage``."""
    return {"cpu_s": round(time.process_time(), 3), "peak_rss_mb": round(_peak_rss_mb(), 1)}


def usage_from_json(values: Mapping[str, float]) -> Usage:
    """The inverse of ``own_usage``."""
    return Usage(float(values["cpu_s"]), float(values["peak_rss_mb"]))


def _peak_rss_mb() -> float:
    """VmHWM on Linux: ``ru_maxrss`` would count the parent's memory from before exec."""
    if sys.platform == "linux":
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0.0
