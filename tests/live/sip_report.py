"""What the tests of live SIP calls measured, kept in .var; ``python -m tests.live.sip_report`` writes docs/benchmarks/live-sip.md."""

from __future__ import annotations

import json
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDER = REPOSITORY / ".var" / "live-sip"


def note(name: str, figures: dict[str, object]) -> None:
    """Keep figures under a name; the newest count."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.json").write_text(json.dumps(figures, ensure_ascii=False, indent=1), "utf-8")
    print(name, figures)
