"""What the tests of live SIP calls measured, kept in .var; ``python -m tests.live.sip_report`` writes docs/benchmarks/live-sip.md."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDER = REPOSITORY / ".var" / "live-sip"
Held = dict[str, dict[str, Any]]


def note(name: str, figures: dict[str, object]) -> None:
    """Keep figures under a name; the newest count."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.json").write_text(json.dumps(figures, ensure_ascii=False, indent=1), "utf-8")
    print(name, figures)


def main() -> None:
    """Write the page from what is there."""
    held = {file.stem: json.loads(file.read_text("utf-8")) for file in sorted(FOLDER.glob("*.json"))}
    lines = [*_HEAD, *_call(held), *_latency(held), *_row(held), *_faults(held), *_weather(held)]
    (REPOSITORY / "docs" / "benchmarks" / "live-sip.md").write_text("\n".join(lines) + "\n", "utf-8")


_HEAD = (
    "# Live calls over SIP", "",
    "Written by `make bench-live-sip`. sipp is the telephone server and the citizen, whose voice is a dev call's as A-law",
    "over RTP; baresip is the softphone under the program's control. A figure is one run; times are those of the PC that ran it.", "",
)
_FAULTS = (
    ("killed", "`kill -9` of baresip in a call", "the call ends; 软电话意外退出，正在重启", "told_s", "nothing recognised",
     "{well_s} s, registered"),
    ("server", "server gone", "连不上电话服务器", "told_s", "nothing; a call under way goes on", "{well_s} s after it is back"),
    ("idle", "server gone, the desk idle", "连不上电话服务器", "told_s", "nothing", "{well_s} s after it is back"),
    ("password", "wrong password", "电话服务器拒绝分机", "told_s", "", "tried again every two minutes"),
    ("blocked", "network stops in a call and comes back", "听不到市民 … 恢复了", "told_s", "what was said meanwhile",
     "{back_s} s after it is back"),
    ("blocked", "network stops in a call for good", "听不到市民; then 通话已断开", "told_s", "nothing recognised",
     "ended after {ended_s} s"),
    ("cable", "cable pulled (network namespace, link down)", "the same; after {server_told_s} s 连不上电话服务器", "told_s",
     "nothing recognised", "{well_s} s after it is plugged in"),
)
_ROW = {"fds": "handles of the program", "threads": "its threads", "children": "its child processes", "mb": "its memory, MB",
        "softphone_fds": "handles of the softphone", "softphone_mb": "its memory, MB"}
_WEATHER = {"loss": "30 % of packets lost", "jitter": "delays of 0 to 300 ms, evenly, packets overtaking each other"}


def _call(held: Held) -> list[str]:
    found = held.get("call")
    if found is None:
        return []
    differing = ", ".join(f"`{each}`" for each in found["differing"]) or "none"
    errors = f"| character errors of {found['characters']} (`{found['call']}`) | {found['live']} | {found['replay']} |"
    return ["## The same call live and as its recording", "", "| | live | recording |", "| --- | --- | --- |", errors,
            f"| fields of the ticket | {found['fields']} | {found['fields_replay']} |", "", f"Fields that differ: {differing}.", ""]


def _latency(held: Held) -> list[str]:
    found = held.get("latency")
    if found is None:
        return []
    return ["## Latency that the live path adds", "",
            "From the moment a block's last sample leaves the citizen's telephone to the moment recognition gets the block: network,",
            f"jitter buffer, softphone, file in memory, time line. {found['blocks']} blocks of 100 ms: median {found['p50_ms']:.0f} ms, "
            f"95th percentile {found['p95_ms']:.0f} ms, most {found['most_ms']:.0f} ms (wanted: 150 ms at the 95th).", ""]


def _row(held: Held) -> list[str]:
    found = held.get("row")
    if found is None:
        return []
    rows = [f"| {words} | {found['first'][name]} | {found['last'][name]} |" for name, words in _ROW.items()]
    return [f"## {found['calls']} calls in a row", "", "| | after the second | after the last |", "| --- | --- | --- |", *rows, ""]


def _faults(held: Held) -> list[str]:
    rows = [f"| {fault} | {told.format(**held[name])} | {held[name][after]} s | {lost} | {well.format(**held[name])} |"
            for name, fault, told, after, lost, well in _FAULTS if name in held]
    return ["## Faults, caused for real", "", "| fault | the operator is told | after | lost | well again |",
            "| --- | --- | --- | --- | --- |", *rows, ""]


def _weather(held: Held) -> list[str]:
    rows = [f"| {words} | {held[name]['citizen'][0]} | {held[name]['citizen_replay'][0]} | {held[name]['citizen'][1]} |"
            for name, words in _WEATHER.items() if name in held]
    return ["## A bad network towards the desk", "", "| | the citizen's character errors | as recording | of characters |",
            "| --- | --- | --- | --- |", *rows, "",
            "Loss and delay are made by a relay in the test (`tests/live/sip_relay.py`): the kernel at hand had no `netem`."]


if __name__ == "__main__":
    main()
