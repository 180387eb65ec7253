"""`make demo`: one sample call taken all the way, in the window where there is a screen, else as text and as a picture.

Runs the installed command as a person would and shows what it runs. Nothing is submitted or kept: the ticket store
stays as it was.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TINGDAN = Path(".venv/bin/tingdan")
CALL = Path("resources/sample_calls/night-construction.flac")
PICTURE = Path(".var/demo.png")


def main() -> int:
    """The demo; 0 where the call was shown."""
    script = json.loads((ROOT / CALL).with_suffix(".json").read_text("utf-8"))
    replay = [str(TINGDAN), "replay", str(CALL), "--city", script["city"], "--call-time", script["call_time"]]
    if has_screen():
        code = show([*replay, "--window"])
        if code == 0:
            return 0
        print(f"the window ended with code {code}; going on without a screen")
    code = show([*replay, "--speed", "max"])
    if code:
        print(f"the replay ended with code {code}; `.venv/bin/tingdan doctor` says what is missing")
        return code
    (ROOT / PICTURE).parent.mkdir(exist_ok=True)
    drawn = show([*replay, "--window", "--speed", "max", "--screenshot", str(PICTURE)], {"QT_QPA_PLATFORM": "offscreen"})
    if drawn == 0:
        print(f"\nThe operator's window after this call: {PICTURE}")
    else:
        print("\nThe window could not be drawn here; the result above is complete. Missing: see `.venv/bin/tingdan doctor`")
    return 0


def has_screen() -> bool:
    """Whether a window could be seen: a display is named and nobody asked Qt for another platform."""
    named = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return bool(named) and not os.environ.get("QT_QPA_PLATFORM") and "CI" not in os.environ


def show(command: Sequence[str], extra: Mapping[str, str] | None = None) -> int:
    """Print a command as it would be typed, run it, give its exit code."""
    print("\n$ " + " ".join([f"{key}={value}" for key, value in (extra or {}).items()] + list(command)), flush=True)
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **(extra or {})}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
