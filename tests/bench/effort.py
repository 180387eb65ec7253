"""`make bench-effort`: the operator's keys, clicks and seconds for a ticket, with Tingdan and by hand -> docs/benchmarks/effort.md.

Every open call is taken at the real desk (window, store, call thread; offscreen) twice. Once as it is: after the call an
operator who knows the right ticket takes, corrects and empties what recognition put there, until the form says what gold says,
and submits. Once as a call that fills nothing in: the same operator writes the same ticket into the same form. Both are done
with real key and mouse events (``tests.bench.hands``), so that what the keys do is the window's word, not ours; costs are the
keystroke-level model's (``tests.bench.keystrokes``). At the end the form is compared with gold: a ticket that is not right is
not counted but reported as an error.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.assembly import ReplayOrder
from app.desk import Desk, opened_desk
from app.desk_calls import DeskCall, recorded_call
from app.domain.call import CallState, Phase
from app.domain.catalogue import FieldKind
from app.domain.ticket import OPERATOR_STATES, FieldState, FieldValue, TicketDraft, Value
from app.platform.catalogue_files import load_fields
from app.presenters.field_values import ITEM_FIELD
from asr.models.find import find_language_model
from tests.bench.gold import FIELDS, FURTHER_MATTER, same, wanted_fields
from tests.bench.hands import CTRL, Hands
from tests.bench.keystrokes import BUTTON_S, HOME_S, KEY_S, POINT_S, THINK_S, Cost, Ledger

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "docs" / "benchmarks" / "effort.md"
WRITTEN = ("title", "content")
DEADLINE_S = 240.0
#: What the form's defaults already say is not typed by anybody.
_DEFAULTS: dict[str, object] = {"urgency": "一般", "is_confidential": False, "is_anonymous": False, "need_callback": False}
#: Without these the ticket cannot be judged; the rest of the form (unit, dates, tags) nobody is asked for.
_JUDGED = frozenset(FIELDS.values())
_PLAIN_MOST_S = 10.0
_EARLY_MS = 20_000
_READ_A_SECOND = 9  # characters; silent reading of Chinese, about 260 words a minute at 2 characters a word

Goal = Mapping[tuple[int, str], Value]


@dataclass(frozen=True)
class Script:
    """A call script: where it lies and what the ticket should say, by matter and field."""

    path: Path
    goal: Goal
    also: tuple[str, ...]
    region: tuple[str, ...]
    city: str
    call_time: str
    matters: int


@dataclass
class Result:
    """One call, both ways."""

    name: str
    matters: int
    ours: Ledger
    hand: Ledger
    acts: dict[str, int] = field(default_factory=dict)
    read: int = 0
    """Filled fields that an operator reads over."""
    content_chars: int = 0
    keys: tuple[str, ...] = ()
    """What was pressed after the call, with Tingdan."""
    early: frozenset[str] = frozenset()
    """Touched fields whose evidence was complete ``_EARLY_MS`` before the end of the talk."""


def main() -> int:
    """Run and write the report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    shared = Path(os.environ.get("TINGDAN_SHARED") or ROOT.parent / "shared")
    parser.add_argument("--calls", type=Path, default=shared / "calls" / "dev")
    parser.add_argument("--only", default="", help="names of calls, with commas")
    parser.add_argument("--sound", action="store_true", help="the recordings too, recognised by the speech process")
    parser.add_argument("--write", action="store_true", help="write the page")
    chosen = parser.parse_args()
    paths = [path for path in sorted(chosen.calls.glob("*.json")) if not chosen.only or path.stem in chosen.only.split(",")]
    with a_home(), opened_desk(realtime=False) as desk:
        until(lambda: desk.presenters.bridge.state is not None, "the desk waits")
        results = {"text": [measure(desk, read(path), None) for path in paths]}
        if chosen.sound:
            by_hand = {result.name: result for result in results["text"]}
            results["sound"] = [measure(desk, read(path), path.with_suffix(".flac"), by_hand[path.stem].hand) for path in paths]
    told = report(results, chosen.calls.name)
    print(told)
    if chosen.write:
        REPORT.write_text(told, "utf-8")
    return 0


@contextmanager
def a_home() -> Iterator[None]:
    """A fresh home for the program, removed at the end."""
    found = find_language_model().folder  # before the home is another
    if found is not None:
        os.environ["TINGDAN_MODELS"] = os.pathsep.join([os.environ.get("TINGDAN_MODELS", ""), str(found.parent)])
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"TINGDAN_HOME": folder, "TINGDAN_PASSPHRASE": "for this bench only"}
        yield


def read(path: Path) -> Script:
    """A script's goal under our field names; a further matter has only what is its own."""
    held = json.loads(path.read_text("utf-8"))
    gold = held["gold"]
    goal: dict[tuple[int, str], Value] = {}
    items: Sequence[Mapping[str, Any]] = gold.get("items", ())
    for name, value in wanted_fields(gold).items():
        if name in _DEFAULTS and _DEFAULTS[name] == value:
            continue
        goal[0, name] = value if isinstance(value, bool) else str(value)
    for number in range(1, len(items)):
        goal |= {(number, name): str(value) for name, value in wanted_fields(items[number]).items() if name in FURTHER_MATTER}
    region = tuple(str(each) for each in (held["city"], gold.get("district", ""), gold.get("street", "")) if each)
    return Script(path, goal, tuple(gold.get("item_code_also", ())), region, held["city"], held.get("call_time", ""), max(1, len(items)))


def measure(desk: Desk, script: Script, sound: Path | None, by_hand: Ledger | None = None) -> Result:
    """One call both ways; the words of title and content that the first way ends with are what the second must write."""
    operator = Operator(desk, script)
    operator.take_call(sound, prefills=True)
    ours = operator.fill({})
    written = operator.written()
    result = Result(script.path.stem, script.matters, ours, by_hand or Ledger(), operator.acts, operator.read,
                    len(str(written.get((0, "content"), ""))), operator.keys, frozenset(operator.early))
    operator.put_away()
    if by_hand is None:
        operator = Operator(desk, script)
        operator.take_call(None, prefills=False)
        result.hand = operator.fill(written)
        operator.put_away()
    hand, mine = result.hand.total(), result.ours.total()
    print(f"{result.name} {'sound' if sound else 'text'}: {mine.presses} of {hand.presses} presses, {mine.seconds:.1f} of {hand.seconds:.0f} s",
          file=sys.stderr, flush=True)
    return result


class Operator:
    """Somebody who knows what the ticket must say, at the desk, with one call.

    Args:
        desk: an open desk without a call.
        script: the call.
    """

    def __init__(self, desk: Desk, script: Script) -> None:
        self._desk, self._script = desk, script
        self._fields = load_fields()
        self.acts: dict[str, int] = {}
        self.read = 0
        self.keys: tuple[str, ...] = ()
        self.early: set[str] = set()
        self._wrong: list[tuple[str, str]] = []
        """What was wrong and what is right, for the written texts."""

    @property
    def state(self) -> CallState:
        """What the window shows."""
        state = self._desk.presenters.bridge.state
        assert state is not None
        return state

    def take_call(self, sound: Path | None, prefills: bool) -> None:
        """Ring, answer, listen to the end."""
        window, calls = self._desk.window, self._desk.calls
        if not prefills:
            calls.open_training(self._script.path, DeskCall)
        elif sound is None:
            calls.open_recording(self._script.path)
        else:
            order = ReplayOrder(recording=sound, city=self._script.city, call_time=self._script.call_time)
            calls._begin(lambda: recorded_call(order, calls._parts, calls._recogniser, "-sound"))
        until(lambda: self.state.phase is Phase.RINGING, "it rings")
        window.activateWindow()
        assert QTest.qWaitForWindowActive(window)
        window.conversation.list.setFocus()
        QTest.keyClick(window, Qt.Key.Key_F2)
        until(lambda: self.state.phase is Phase.WRAP_UP, "the call is over")
        until(window.work.panel.isVisible, "the wrap-up is there")
        # A pause that a person would not notice: what came last is drawn.
        until(lambda: self._is_drawn(self.state.draft), "the form shows the draft")

    def fill(self, written: Goal) -> Ledger:
        """Make the form say what gold says (and, by hand, what ``written`` says), then submit."""
        hands = self._hands = Hands(self._desk.window, self._desk.presenters.ticket, self._settle)
        goal = {**self._script.goal, **written}
        for matter in range(max(self._script.matters, len(self.state.draft.matters))):
            for name in self._desk.window.ticket.editors:
                self._settle_field(hands, matter, name, goal.get((matter, name)))
            if not written:
                self._mend_texts(hands, matter)
        self._submit(hands)
        self._check(goal)
        self.keys = tuple(hands.log)
        return hands.ledger

    def _settle_field(self, hands: Hands, matter: int, name: str, wanted: Value | None) -> None:
        held = self.state.draft.get(name, matter)
        is_own_text = name in WRITTEN and wanted is None
        if name not in _JUDGED and name not in WRITTEN:
            return
        if matter and name not in (*FURTHER_MATTER, *WRITTEN):
            return
        is_right = held.value is not None and (is_own_text or (wanted is not None and self._is_same(name, wanted, held.value)))
        if held.value is None and wanted is None:
            return
        self._time(name, held)
        if is_right:
            if held.state is FieldState.SUGGESTED and not (is_own_text and self._has_wrong_words(str(held.value))):
                self._take(hands, matter, name)
            elif held.state is FieldState.FILLED:
                self.read += 1
            return
        if wanted is None:
            if held.state is FieldState.FILLED and _DEFAULTS.get(name) != held.value:
                self._note(name, held.value, "")
                self._act("emptied")
                hands.begin(name)
                hands.go_to(name, matter)
                hands.press(Qt.Key.Key_Delete, CTRL)
                self._arrive(matter, name, None)
            return  # a suggestion that nobody takes is not part of the ticket
        self._note(name, held.value, wanted)
        self._act("corrected" if held.value is not None else "written")
        self._write(hands, matter, name, wanted)

    def _time(self, name: str, held: FieldValue) -> None:
        said_ms = max((self.state.dialogue[piece.utterance].end_ms for piece in held.evidence), default=self.state.position_ms)
        if name not in WRITTEN and self.state.position_ms - said_ms >= _EARLY_MS:
            self.early.add(name)

    def _take(self, hands: Hands, matter: int, name: str) -> None:
        self._act("taken")
        hands.begin(name)
        if hands.here() != name or self._desk.presenters.ticket.matter != matter:
            hands.go_to(name, matter)
        hands.press(Qt.Key.Key_Return)
        until(lambda: self.state.draft.get(name, matter).state in OPERATOR_STATES, f"{name} is taken")
        self._settle()

    def _write(self, hands: Hands, matter: int, name: str, wanted: Value) -> None:
        if matter >= len(self.state.draft.matters):
            return  # the form cannot begin a further matter by hand: neither way writes it, the page says how many
        hands.begin(name)
        hands.go_to(name, matter)
        spec = self._fields.get(name)
        assert spec is not None
        if name == ITEM_FIELD:
            hands.choose_item(str(wanted))
        elif spec.kind is FieldKind.FLAG:
            hands.type_letters("1" if wanted else "2")
        elif spec.kind is FieldKind.CHOICE:
            hands.type_letters(str(spec.choices.index(str(wanted)) + 1))
        elif spec.kind is FieldKind.TIME:
            hands.type_letters(str(wanted)[:10] if str(wanted)[11:16] in ("", "00:00") else f"{str(wanted)[:10]} {str(wanted)[11:16]}")
        else:
            hands.write(str(wanted))
        assert self._desk.window.ticket.editors[name].text(), f"{name} took no text"

    def _has_wrong_words(self, text: str) -> bool:
        return any(wrong in text for wrong, _ in self._wrong)

    def _mend_texts(self, hands: Hands, matter: int) -> None:
        """Where title and content repeat what was wrong, mark it with the mouse and type over it."""
        for name in WRITTEN:
            editor = self._desk.window.ticket.editors[name]
            if self.state.draft.get(name, matter).value is None or self._desk.presenters.ticket.matter != matter:
                continue
            mended = False
            for wrong, right in self._wrong:
                if wrong in editor.text():
                    hands.begin(name)
                    self._act("mended in a text")
                    hands.drag_over(editor, wrong)
                    mended = True
                    if right:
                        hands.write(right)
                    else:
                        hands.press(Qt.Key.Key_Delete)
            if mended:
                editor.commit()  # what leaving the field does
                self._settle()
        self._wrong.clear()

    def _note(self, name: str, held: Value | None, right: Value) -> None:
        """Remember words that title and content may repeat."""
        if isinstance(held, str) and len(held) >= 2 and name not in (ITEM_FIELD, "request_type", "urgency", "event_time_precision"):
            self._wrong.append((held, str(right)))

    def _submit(self, hands: Hands) -> None:
        hands.begin("")
        window = self._desk.window
        if window.work.panel.go.hasFocus():
            hands.press(Qt.Key.Key_Return)
        else:
            hands.press(Qt.Key.Key_Return, CTRL)
        view = self._desk.presenters.submission
        until(lambda: view.view.is_warned or view.view.is_sending or self.state.phase is Phase.SUBMITTED, "submitting began")
        if view.view.is_warned:
            hands.press(Qt.Key.Key_Return, CTRL)  # gold itself lacks a needed field: an anonymous caller, a wrong number
            self._act("submitted with a gap")
        until(lambda: self.state.phase is Phase.SUBMITTED, "the ticket is stored")

    def written(self) -> dict[tuple[int, str], Value]:
        """Title and content as they stand."""
        draft = self.state.draft
        return {(matter, name): value for matter in range(min(len(draft.matters), 1)) for name in WRITTEN
                if (value := draft.get(name, matter).value) is not None}

    def put_away(self) -> None:
        """Next call."""
        self._desk.calls.next_call()
        until(lambda: self.state.phase is Phase.IDLE, "idle again")

    def _check(self, goal: Goal) -> None:
        draft = self.state.draft
        for (matter, name), wanted in goal.items():
            if matter >= len(draft.matters):
                self._act("matter that could not be begun")
                continue
            held = draft.get(name, matter)
            stands = held.value if held.state is not FieldState.SUGGESTED else None
            assert stands is not None, (self._script.path.stem, matter, name, "missing")
            assert name in WRITTEN or self._is_same(name, wanted, stands), (self._script.path.stem, matter, name, wanted, stands)
        for name in _JUDGED:
            held = draft.get(name)
            assert (0, name) in goal or held.value is None or held.state is FieldState.SUGGESTED or _DEFAULTS.get(name) == held.value, \
                (self._script.path.stem, name, "spurious")

    def _is_same(self, name: str, wanted: Value, found: Value) -> bool:
        return same(name, wanted, found, self._script.region) or (name == ITEM_FIELD and found in self._script.also)

    def _act(self, kind: str) -> None:
        self.acts[kind] = self.acts.get(kind, 0) + 1

    def _arrive(self, matter: int, name: str, value: Value | None) -> None:
        until(lambda: self.state.draft.get(name, matter).value == value and self.state.draft.get(name, matter).state in OPERATOR_STATES,
              f"{name} came back")
        self._settle()

    def _settle(self) -> None:
        """Until every edit that was sent is drawn."""
        submission = self._desk.presenters.submission
        until(lambda: not submission._on_the_way and self._is_drawn(self.state.draft), "the form shows what was sent")

    def _is_drawn(self, draft: TicketDraft) -> bool:
        matter = self._desk.presenters.ticket.matter
        return all(editor.view.state is draft.get(name, matter).state for name, editor in self._desk.window.ticket.editors.items())


def until(holds: Callable[[], bool], what: str) -> None:
    """Let window and threads go on."""
    deadline_s, pause = time.monotonic() + DEADLINE_S, threading.Event()
    while not holds():
        assert time.monotonic() < deadline_s, f"not within {DEADLINE_S:.0f} s: {what}"
        QTest.qWait(2)
        pause.wait(0.002)


# ---------------------------------------------------------------------- the page


def everything_s(result: Result) -> float:
    """Seconds from hang-up to submit, everything done after hang-up."""
    return result.ours.total().seconds


def with_reading_s(result: Result) -> float:
    """The same with a look at each filled field."""
    return result.ours.total().seconds + THINK_S * result.read


def rest_s(result: Result) -> float:
    """Only what cannot be done while people talk: title, content, submitting, and what was told at the very end."""
    return result.ours.total(*result.early).seconds


def report(results: Mapping[str, Sequence[Result]], set_name: str) -> str:
    """The page."""
    lines = ["# The operator's effort", "",
             f"Command: `make bench-effort`. Set: `{set_name}`, {len(results['text'])} calls; every call at the real desk, offscreen, twice: with what "
             "recognition fills in, and filling in nothing. The same operator, who knows the right ticket, takes, corrects and empties, or writes "
             "everything into the same form, with real key and mouse events; at the end the form says what gold says, both times.", "",
             "## Assumptions", "",
             f"- Keystroke-level model (Card, Moran and Newell 1980): a key {KEY_S} s, pointing {POINT_S} s, a mouse button down or up {BUTTON_S} s, hand to the "
             f"mouse or back {HOME_S} s, a decision {THINK_S} s: one before every field that is touched, one before submitting, one for the list of items.",
             "- Chinese by pinyin: the letters of each syllable and one key a phrase; what is wanted is always offered first (kind to typing by hand). Digits, "
             "letters, signs: a key. Chords count all their keys.",
             "- Ways between fields are the window's (Tab, Shift+Tab, F6, F7, Ctrl+PgDown, mouse); each time the quickest one. Choices are a digit. Items are found "
             "by the fewest initials that bring them up, arrow down and Enter: the form's own help is there both ways.",
             "- Whether a value is right is decided as everywhere (`tests/bench/gold.py`). What gold does not have nobody types by hand: unit, dates, tags.",
             "- Title and content: by hand the operator writes the very text that stands in the other ticket; with Tingdan, words in it that repeat a wrong "
             "value are marked with the mouse and typed over. Counted with and without these two fields.",
             "- All work is put after hanging up, though much of it is done while people talk. Listening, asking and reading the ticket back cost the same both "
             "ways and are not counted; what a look at each filled field would add stands in a line of its own.", ""]
    for way, measured in results.items():
        lines += _table(way, measured)
    return "\n".join(lines) + "\n"


def _table(way: str, measured: Sequence[Result]) -> list[str]:
    heard = {"text": "From the script (words heard perfectly)", "sound": "From sound (our recognition)"}[way]
    lines = [f"## {heard}", "",
             "| call | matters | taken / corrected / written / emptied / mended | presses by hand | presses with Tingdan | share | without title and content | "
             "s by hand | s with Tingdan |", "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
    for each in measured:
        hand, ours = each.hand.total(), each.ours.total()
        acts = " / ".join(str(each.acts.get(kind, 0)) for kind in ("taken", "corrected", "written", "emptied", "mended in a text"))
        lines.append(f"| {each.name} | {each.matters} | {acts} | {hand.presses} | {ours.presses} | {ours.presses / hand.presses:.0%} | "
                     f"{_bare(each.ours).presses / _bare(each.hand).presses:.0%} | {hand.seconds:.0f} | {ours.seconds:.1f} |")
    hand = sum((each.hand.total() for each in measured), Cost())
    ours = sum((each.ours.total() for each in measured), Cost())
    bare_hand = sum((_bare(each.hand) for each in measured), Cost())
    bare_ours = sum((_bare(each.ours) for each in measured), Cost())
    shares = [each.ours.total().presses / each.hand.total().presses for each in measured]
    plain = [each for each in measured if is_plain(each)]
    lines += ["", "| together | by hand | with Tingdan | share | aim |", "| --- | --- | --- | --- | --- |",
              f"| keys and clicks | {hand.presses} | {ours.presses} | **{ours.presses / hand.presses:.1%}** | <= 30 % |",
              f"| of these clicks and selections | {hand.clicks + hand.drags} | {ours.clicks + ours.drags} | | |",
              f"| without title and content | {bare_hand.presses} | {bare_ours.presses} | {bare_ours.presses / bare_hand.presses:.1%} | |",
              f"| seconds | {hand.seconds:.0f} | {ours.seconds:.0f} | {ours.seconds / hand.seconds:.1%} | |",
              f"| a call, median | {statistics.median(e.hand.total().presses for e in measured):.0f} | "
              f"{statistics.median(e.ours.total().presses for e in measured):.0f} | {statistics.median(shares):.0%} | |", "",
              f"Calls at or below 30 %: {sum(share <= 0.3 for share in shares)} of {len(shares)}. Not begun, because the form has no way to begin a further "
              f"matter by hand: {sum(bool(e.acts.get('matter that could not be begun')) for e in measured)} with Tingdan.", "",
              "| hang-up to submit | calls | median s | worst s | within 10 s |", "| --- | --- | --- | --- | --- |"]
    for group, chosen in (("plain calls (one matter, nothing to write or correct)", plain), ("all calls", measured)):
        for label, count in ((f"{group}, everything after hang-up", everything_s), (f"{group}, each filled field looked at, too", with_reading_s),
                             (f"{group}, what was told {_EARLY_MS // 1000} s before the end dealt with while people talk", rest_s)):
            times = [count(each) for each in chosen]
            if times:
                lines.append(f"| {label} | {len(times)} | {statistics.median(times):.1f} | {max(times):.1f} | {sum(t <= _PLAIN_MOST_S for t in times)} |")
    if plain:
        chars = statistics.median(each.content_chars for each in plain)
        lines += ["", f"Reading the content of a plain call once, silently, at {_READ_A_SECOND} characters a second: {chars / _READ_A_SECOND:.0f} s more at the "
                  f"median ({chars:.0f} characters); it can be read, and read out (Alt+R), while the citizen is still on the line."]
    return [*lines, ""]


def _bare(ledger: Ledger) -> Cost:
    return ledger.total(*WRITTEN)


def is_plain(result: Result) -> bool:
    """One matter, and nothing but taking."""
    return result.matters == 1 and not any(result.acts.get(kind) for kind in ("corrected", "written", "emptied", "mended in a text"))


if __name__ == "__main__":
    sys.exit(main())
