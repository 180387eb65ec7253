"""The quality check on the open calls: no false breach where the operator did well, every planted one found.

    python -m tests.bench.quality [--sound] [--write]

The open calls are well led, so whatever is found in them is false. Breaches are planted by changing turns (``PLANTS``): a plant counts
as found where its own rule speaks, as clean where no other rule speaks with it. ``--sound`` does the same with what the recogniser
hears in the recordings: there nothing can be planted by changing words, but for those that are taken away.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.domain.dialogue import CallContext, Channel, Utterance
from app.domain.quality import QualityRule, check, due
from app.domain.spoken_digits import as_digits
from app.domain.ticket import TicketDraft
from app.extraction.extractor import DialogueExtractor
from app.platform.quality_files import load_quality_rules
from tests.bench.recognised import recognised

TARGET = Path(__file__).resolve().parents[2] / "docs" / "benchmarks" / "quality.md"
Dialogue = tuple[Utterance, ...]
_ASKS_NAME = re.compile("贵姓|怎么称呼|如何称呼|姓名|您的名字")
_FAREWELL = re.compile("(?:感谢|祝)[^，。]*|再见|拜拜")
_DIGITS = re.compile("[0-9零幺一二两三四五六七八九拐洞]+[，,]?")
_OWN_NAME = re.compile("我姓|我叫|免贵|名字|匿名|登记")


@dataclass(frozen=True, slots=True)
class Call:
    """A call script with its times."""

    name: str
    context: CallContext
    dialogue: Dialogue


def scripts(folder: Path) -> list[Call]:
    """All call scripts of a folder with the times of their recordings."""
    found = []
    for path in sorted(folder.glob("*.json")):
        held = json.loads(path.read_text("utf-8"))
        with path.with_suffix(".tsv").open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream, delimiter="\t"))
        dialogue = tuple(Utterance(at, Channel(row["speaker"]), round(1000 * float(row["start_s"])), round(1000 * float(row["end_s"])),
                                   row["text"]) for at, row in enumerate(rows))
        found.append(Call(path.stem, CallContext(path.stem, held["call_time"], held["city"]), dialogue))
    return found


def numbered(dialogue: Sequence[Utterance]) -> Dialogue:
    """In order, with indexes as the session gives them."""
    return tuple(replace(each, index=at) for at, each in enumerate(dialogue))


def _operator(dialogue: Dialogue) -> list[Utterance]:
    return [each for each in dialogue if each.channel is Channel.OPERATOR]


def _retold(dialogue: Dialogue, index: int, text: str) -> Dialogue:
    return tuple(replace(each, text=text, tokens=()) if each.index == index else each for each in dialogue)


def no_greeting(dialogue: Dialogue) -> Dialogue | None:
    """The first words without the work number."""
    for each in _operator(dialogue)[:2]:
        dialogue = _retold(dialogue, each.index, "喂你说")
    return dialogue


def no_name(dialogue: Dialogue) -> Dialogue | None:
    """Nobody asks for the name, and nobody gives it."""
    asked = any(_ASKS_NAME.search(each.text) for each in _operator(dialogue))
    if not asked or any("匿名" in each.text for each in dialogue):  # who stays anonymous need not be asked
        return None
    return numbered([each for each in dialogue if not (_ASKS_NAME if each.channel is Channel.OPERATOR else _OWN_NAME).search(each.text)])


def no_read_back(dialogue: Dialogue) -> Dialogue | None:
    """Numbers that the operator says are taken away."""
    if not any(len(as_digits(each.text)) >= 7 for each in dialogue if each.channel is Channel.CITIZEN):
        return None
    for each in _operator(dialogue):
        if len(as_digits(each.text)) >= 3 and each.index > 1:
            dialogue = _retold(dialogue, each.index, _DIGITS.sub("", each.text))
    return dialogue


def no_secrecy(dialogue: Dialogue) -> Dialogue | None:
    """Nobody speaks of secrecy."""
    return tuple(replace(each, text=re.sub("保密|匿名", "", each.text), tokens=()) for each in dialogue)


def no_closing(dialogue: Dialogue) -> Dialogue | None:
    """The operator ends without a word of thanks."""
    for each in _operator(dialogue)[-3:]:
        dialogue = _retold(dialogue, each.index, _FAREWELL.sub("", each.text))
    return dialogue


def rude(dialogue: Dialogue) -> Dialogue | None:
    """A word that must not fall, in the middle."""
    said = _operator(dialogue)
    middle = said[len(said) // 2]
    return _retold(dialogue, middle.index, middle.text + ("这个不归我们管" if len(said) % 2 else "你急什么说了多少遍了"))


def interrupting(dialogue: Dialogue) -> Dialogue | None:
    """The operator begins two answers while the citizen speaks."""
    cut, moved = 0, list(dialogue)
    for at, (before, each) in enumerate(zip(dialogue, dialogue[1:], strict=False), 1):
        is_long = before.channel is Channel.CITIZEN and before.end_ms - before.start_ms >= 2500
        if is_long and each.channel is Channel.OPERATOR and cut < 2:
            start_ms = before.end_ms - 1200
            moved[at] = replace(each, start_ms=start_ms, end_ms=start_ms + each.end_ms - each.start_ms)
            cut += 1
    return tuple(moved) if cut == 2 else None


def silent(dialogue: Dialogue) -> Dialogue | None:
    """Half a minute of nothing after the third turn of the operator, unannounced."""
    at = _operator(dialogue)[2].index
    if re.search("稍等|查|核实", "".join(each.text for each in dialogue[max(0, at - 4):at + 1])):
        return None
    return tuple(each if each.index <= at else replace(each, start_ms=each.start_ms + 30_000, end_ms=each.end_ms + 30_000) for each in dialogue)


def rushing(dialogue: Dialogue) -> Dialogue | None:
    """The operator speaks at twice the speed."""
    return tuple(each if each.channel is Channel.CITIZEN else replace(each, end_ms=(each.start_ms + each.end_ms) // 2) for each in dialogue)


PLANTS: dict[str, Callable[[Dialogue], Dialogue | None]] = {
    "greeting": no_greeting, "name_asked": no_name, "phone_read_back": no_read_back, "secrecy_told": no_secrecy, "closing": no_closing,
    "forbidden_words": rude, "interruptions": interrupting, "long_silence": silent, "speaking_rate": rushing,
}
#: What a plant may bring along: fewer words of the operator change the mean rate, and a number that nobody reads back is on no ticket.
_ALONG = {"greeting": {"speaking_rate"}, "phone_read_back": {"speaking_rate"}, "closing": {"speaking_rate"}}


@dataclass(slots=True)
class Counts:
    """What was found of one rule."""

    calls: int = 0
    false: int = 0
    planted: int = 0
    found: int = 0
    strays: int = 0
    reminded: int = 0


def measure(calls: Sequence[Call], rules: Sequence[QualityRule], extractor: DialogueExtractor) -> tuple[dict[str, Counts], list[str]]:
    """False breaches, planted ones, early reminders; and a line for each miss."""
    counts = {rule.id: Counts() for rule in rules}
    told: list[str] = []
    for call in calls:
        draft = TicketDraft().merge(extractor.extract(call.dialogue, call.context))
        for finding in check(rules, call.dialogue, draft).findings:
            counts[finding.rule].false += 1
            told.append(f"false {call.name} {finding.rule}")
        for rule_id in _reminders(call, rules, extractor):
            counts[rule_id].reminded += 1
            told.append(f"reminded {call.name} {rule_id}")
        for rule in rules:
            counts[rule.id].calls += 1
            if rule.only_types and draft.get("request_type").value not in rule.only_types:
                continue
            if draft.get("request_type").value in rule.not_types or (rule.id == "phone_read_back" and not draft.get("contact_phone").value):
                continue
            planted = PLANTS[rule.id](call.dialogue)
            if planted is None:
                continue
            ruined = TicketDraft().merge(extractor.extract(planted, call.context))
            if rule.id in ("secrecy_told", "phone_read_back", "name_asked"):  # the ticket stays what the call is about
                ruined = draft
            names = Counter(finding.rule for finding in check(rules, planted, ruined).findings)
            counts[rule.id].planted += 1
            counts[rule.id].found += rule.id in names
            counts[rule.id].strays += len(names.keys() - {rule.id} - _ALONG.get(rule.id, set()))
            if rule.id not in names:
                told.append(f"missed {call.name} {rule.id}")
            told += [f"stray {call.name} {rule.id}: {name}" for name in names.keys() - {rule.id} - _ALONG.get(rule.id, set())]
    return counts, told


def _reminders(call: Call, rules: Sequence[QualityRule], extractor: DialogueExtractor) -> set[str]:
    """What would be told at the desk although it comes later: the operator of these calls forgets nothing."""
    found: set[str] = set()
    for length in range(2, len(call.dialogue)):
        so_far = call.dialogue[:length]
        if so_far[-1].channel is Channel.OPERATOR:
            found |= set(due(rules, so_far, TicketDraft().merge(extractor.extract(so_far, call.context))))
    return found


def table(counts: dict[str, Counts]) -> str:
    """As Markdown."""
    lines = ["| rule | calls | false breaches | planted | found | other rules that spoke with it | reminders in calls that need none |",
             "| --- | --- | --- | --- | --- | --- | --- |"]
    lines += [f"| `{name}` | {each.calls} | {each.false} | {each.planted} | {each.found} | {each.strays} | {each.reminded} |"
              for name, each in counts.items()]
    return "\n".join(lines)


def heard(folder: Path, calls: Sequence[Call]) -> list[Call]:
    """The same calls as the recogniser hears them."""
    said = dict(recognised([folder / f"{call.name}.flac" for call in calls]))
    return [replace(call, dialogue=numbered(said[call.name])) for call in calls if call.name in said]


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sound", action="store_true")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    folder = Path(os.environ["TINGDAN_SHARED"]) / "calls" / "dev"
    held, extractor = load_quality_rules(), DialogueExtractor.load()
    calls = scripts(folder)
    parts = [("From the scripts with the times of the recordings", calls)]
    if arguments.sound:
        parts.append(("From what the recogniser hears", heard(folder, calls)))
    text = [HEAD.format(version=held.version, calls=len(calls))]
    for title, some in parts:
        counts, told = measure(some, held.rules, extractor)
        sys.stderr.write("\n".join(told) + "\n")
        text += [f"## {title}", table(counts)]
    whole = "\n\n".join(text) + "\n"
    sys.stdout.write(whole)
    if arguments.write:
        TARGET.write_text(whole, "utf-8")


HEAD = """# Quality check

`make bench-quality`: rules `resources/quality_rules.toml` version {version} on the {calls} open calls. Their operators do well, so every breach found in them as they are is false. Breaches are planted
by changing turns (work number, question for the name, read-back, words of secrecy or farewell taken away; rude words put in; answers begun over the citizen; half a minute of silence; double speed) where the call has
what can be taken away. Reminders count where the desk would have spoken although the operator did it in time. A rule that does not apply (secrecy where nothing is reported) plants nothing."""


if __name__ == "__main__":
    main()
