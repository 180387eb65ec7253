"""A replay as one JSON object (docs/replay-format.md) and as text for people."""

from __future__ import annotations

from collections.abc import Mapping

from app.domain.call import CallState
from app.domain.call_summary import summary_of
from app.domain.dialogue import Channel, Utterance
from app.domain.ticket import FieldState, FieldValue
from app.services.replay import ReplayResult, percentile

FORMAT = "tingdan-replay/1"


def as_json(result: ReplayResult, usage: Mapping[str, float], versions: Mapping[str, str]) -> dict[str, object]:
    """The documented object.

    Args:
        result: what the replay gave.
        usage: ``cpu_s`` and ``peak_rss_mb`` of all our processes.
        versions: component to version.
    """
    state = result.state
    return {
        "format": FORMAT,
        "call": {"call_time": state.context.call_time, "city": state.context.city},
        "utterances": [_utterance(utterance) for utterance in state.dialogue],
        "ticket": _ticket(state),
        "summary": summary_of(state).text,
        "knowledge": [_push(state, number) for number in range(len(state.pushes))],
        "timing": _timing(result, usage),
        "versions": dict(versions),
        "fault": None if result.fault is None else result.fault.key,
    }


def _utterance(utterance: Utterance) -> dict[str, object]:
    return {
        "channel": utterance.channel.value,
        "start_ms": utterance.start_ms,
        "end_ms": utterance.end_ms,
        "text": utterance.text,
        "display": utterance.display or utterance.text,
        "confidence": round(utterance.confidence, 3),
    }


def _ticket(state: CallState) -> dict[str, object]:
    matters = state.draft.matters
    ticket: dict[str, object] = {name: _field(value) for name, value in sorted(matters[0].items()) if _shown(value)}
    if len(matters) > 1:
        own = sorted({name for matter in matters[1:] for name in matter})
        ticket["items"] = [
            {name: _field(matter[name]) for name in own if name in matter and _shown(matter[name])} for matter in matters
        ]
    return ticket


def _shown(value: FieldValue) -> bool:
    return value.value is not None and value.state is not FieldState.EMPTY


def _field(value: FieldValue) -> dict[str, object]:
    spans = [[span.utterance, span.start, span.end] for span in value.evidence]
    shown: dict[str, object] = {
        "value": value.value,
        "state": value.state.value,
        "confidence": round(value.confidence, 3),
        "evidence": spans[0] if spans else [],
        "more_evidence": spans[1:],
        "rule": value.rule,
    }
    if value.code:
        shown["code"] = value.code
    if value.alternatives:
        shown["alternatives"] = [
            {"value": other.value, "confidence": round(other.confidence, 3)} for other in value.alternatives
        ]
    if value.reasons:
        shown["reasons"] = list(value.reasons)
    return shown


def _push(state: CallState, number: int) -> dict[str, object]:
    push = state.pushes[number]
    return {
        "at_ms": push.at_ms,
        "after_utterance": push.after_utterance,
        "entries": [
            {"id": ranked.entry.id, "score": round(ranked.score, 3), "title": ranked.entry.title}
            for ranked in push.ranked
        ],
    }


def _timing(result: ReplayResult, usage: Mapping[str, float]) -> dict[str, object]:
    audio_s = result.audio_ms / 1000
    return {
        "audio_s": round(audio_s, 3),
        "wall_s": round(result.wall_s, 3),
        "cpu_s": round(usage.get("cpu_s", 0.0), 3),
        "real_time_factor": round(usage.get("cpu_s", 0.0) / audio_s, 4) if audio_s else None,
        "partial_latency_ms": _percentiles(result.latencies.partial_ms),
        "final_latency_ms": _percentiles(result.latencies.final_ms),
        "peak_rss_mb": round(usage.get("peak_rss_mb", 0.0), 1),
    }


def _percentiles(values: list[float]) -> dict[str, float | None]:
    return {"p50": percentile(values, 0.50), "p95": percentile(values, 0.95)}


def as_text(result: ReplayResult, field_labels: Mapping[str, str], words: Mapping[str, str]) -> str:
    """The result for a person: the conversation, the ticket, the cards.

    Args:
        result: what the replay gave.
        field_labels: field name to label in the reader's language.
        words: headings and state names in the reader's language.
    """
    state = result.state
    lines = [f"== {words['conversation']} =="]
    for utterance in state.dialogue:
        side = words["operator"] if utterance.channel is Channel.OPERATOR else words["citizen"]
        lines.append(f"{_clock(utterance.start_ms)} {side}  {utterance.display or utterance.text}")
    for number, matter in enumerate(state.draft.matters):
        lines += ["", f"== {words['ticket']}{'' if number == 0 else f' -{number + 1:02}'} =="]
        for name, label in field_labels.items():
            held = matter.get(name)
            if held is not None and _shown(held):
                lines.append(f"{label}  {_plain(held)}  [{words[held.state.value]} {held.confidence:.0%}]")
    lines += ["", f"== {words['knowledge']} =="]
    for push in state.pushes:
        lines += [f"{_clock(push.at_ms)} {ranked.entry.title}  ({ranked.score:.0%})\n        {ranked.entry.speakable}".rstrip()
                  for ranked in push.ranked[:3]]
    return "\n".join(lines)


def _plain(held: FieldValue) -> str:
    if isinstance(held.value, bool):
        return "是" if held.value else "否"
    if isinstance(held.value, list):
        return "、".join(held.value)
    return str(held.value).replace("\n", " / ") + (f" ({held.code})" if held.code and held.code != held.value else "")


def _clock(ms: int) -> str:
    return f"{ms // 60000:02}:{ms // 1000 % 60:02}"
