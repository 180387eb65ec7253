"""Which rule may fill a field by itself: counted over all opened call scripts (`make bench-rules`).

Every value that stands (``filled``) is counted as right or wrong by the rule that gave it, from text (with and without
punctuation) and from words with 5 and 10 % simulated errors. With ``--write`` the counts go to resources/rule_precision.toml, from
which the program takes states and confidences (app/extraction/measured_rules.py), and the table to
docs/benchmarks/extraction-rules.md. *Left out* means: states are decided by the counts of all other sets and measured on
this one, for each set in turn; "belief" is the same set with the rules' own confidences. The unseen set is not used.
"""

from __future__ import annotations

import argparse
import json
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.domain.ticket import Hit, TicketDraft
from app.extraction.extractor import DialogueExtractor
from app.extraction.measured_rules import ENOUGH, STANDS_FROM, MeasuredRules
from app.platform.resource_files import resource
from tests.bench.extraction import ROOT, SETS, UNSEEN, Script, context_of, ticket_of, utterances
from tests.bench.gold import judge
from tests.bench.simulated_errors import SimulatedErrors, spoken

PAGE = ROOT / "docs" / "benchmarks" / "extraction-rules.md"
RATES = (0.05, 0.10)
Table = dict[str, tuple[int, int]]
HEAD = """# Values that stood, by the rule that gave them: "field/rule" = [right, wrong], over all opened call scripts.
# Written by `make bench-rules`; read by app/extraction/measured_rules.py; the table stands in docs/benchmarks/extraction-rules.md.
"""


@dataclass(frozen=True)
class Stood:
    """One value that stands: its set, whether words may be misheard, field, rule and whether it is right."""

    set_name: str
    heard: bool
    key: str
    right: bool


def stood(name: str, scripts: Sequence[Script], extractor: DialogueExtractor) -> Iterator[Stood]:
    """All values of one set that stand by their rules' own belief."""
    changes: list[tuple[bool, Callable[[str], str]]] = [(False, str), (False, spoken), *((True, SimulatedErrors(rate, 0)) for rate in RATES)]
    for (heard, change), rate in zip(changes, (0.0, 0.0, *RATES), strict=True):
        for script in scripts:
            hits = extractor.believed(utterances(script, change, 1 - rate), context_of(script))
            yield from _of_call(name, script, hits, heard=heard)


def _of_call(name: str, script: Script, hits: Iterable[Hit], *, heard: bool) -> Iterator[Stood]:
    draft = TicketDraft().merge(hits)
    for one in judge(script["id"], script["gold"], ticket_of(draft), script["city"]):
        if one.state == "filled":
            rule = draft.get(one.name, one.matter).rule
            yield Stood(name, heard, f"{one.name}/{rule}", one.outcome == "right")


def counted(values: Iterable[Stood]) -> MeasuredRules:
    """The counts as the program reads them."""
    tables: tuple[defaultdict[str, Counter[bool]], ...] = (defaultdict(Counter), defaultdict(Counter))
    for value in values:
        tables[value.heard][value.key][value.right] += 1
    text, sound = ({key: (count[True], count[False]) for key, count in table.items()} for table in tables)
    return MeasuredRules(text, sound)


def stands(value: Stood, rules: MeasuredRules) -> bool:
    """Whether the counts let the rule fill."""
    right, wrong = (rules.sound if value.heard else rules.text).get(value.key, (0, 0))
    return right + wrong < ENOUGH or not wrong or right / (right + wrong) >= STANDS_FROM


def page(values: Sequence[Stood], rules: MeasuredRules) -> str:
    """The page: each rule's counts, then the sets left out in turn."""
    lines = ["# What stands, by rule", "", "Command: `make bench-rules`.", "", *(__doc__ or "").strip().splitlines()[2:], "",
             f"A rule counted {ENOUGH} times or more of whose values fewer than {STANDS_FROM:.0%} were right is shown as *suggested*.", "",
             "| field/rule | text right | wrong | | misheard right | wrong | |", "| --- | ---: | ---: | --- | ---: | ---: | --- |"]
    keys = sorted({*rules.text, *rules.sound})
    for key in keys:
        cells = []
        for heard, table in ((False, rules.text), (True, rules.sound)):
            right, wrong = table.get(key, (0, 0))
            state = "-" if not right + wrong else "stands" if stands(Stood("", heard, key, True), rules) else "*suggested*"
            cells.append(f"{right} | {wrong} | {state}")
        lines.append(f"| {key} | {' | '.join(cells)} |")
    lines += ["", "## Sets left out in turn", "", "| set | words | stand by belief | right | stand by the others' counts | right |",
              "| --- | --- | ---: | ---: | ---: | ---: |"]
    others = {name: counted(w for w in values if w.set_name != name) for name in {v.set_name for v in values}}
    for heard in (False, True):
        for name in [*dict.fromkeys(value.set_name for value in values), "all"]:
            own = [v for v in values if v.heard is heard and name in (v.set_name, "all")]
            kept = [v for v in own if stands(v, others[v.set_name])]
            lines.append(f"| {name} | {'5 and 10 % errors' if heard else 'text'} | {len(own)} | {_share(own)} | {len(kept)} | {_share(kept)} |")
    return "\n".join(lines) + "\n"


def _share(values: Sequence[Stood]) -> str:
    return f"{sum(value.right for value in values) / len(values):.3f}" if values else "-"


def main() -> None:
    """Count, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write the page and resources/rule_precision.toml")
    chosen = parser.parse_args()
    shared = Path(os.environ.get("TINGDAN_SHARED") or ROOT.parent / "shared") / "calls" / "dev"
    extractor, values = DialogueExtractor.load(), []
    for name, folder in SETS.items():
        scripts = [json.loads(path.read_text("utf-8")) for path in sorted((folder or shared).glob("*.json"))]
        if name not in UNSEEN:
            values += list(stood(name, scripts, extractor))
    rules = counted(values)
    told = page(values, rules)
    print(told)
    if chosen.write:
        PAGE.write_text(told, "utf-8")
        tables = [f"[{kind}]\n" + "".join(f'"{key}" = [{right}, {wrong}]\n' for key, (right, wrong) in sorted(table.items()))
                  for kind, table in (("text", rules.text), ("sound", rules.sound))]
        resource("rule_precision.toml").write_text(HEAD + "\n" + "\n".join(tables), "utf-8")


if __name__ == "__main__":
    main()
