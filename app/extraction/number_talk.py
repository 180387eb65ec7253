"""Long numbers as two people pass them to each other: in groups, over several turns, read back, repaired.

A caller says a phone number in groups (幺三八 … 零零六零 …), the operator hums in between, reads it back, and one of
them repairs a part of it (三三九六，啊不对，三三六九; 不是六二，是二六; 对，六九). This module follows that and gives
each number once, with what was confirmed. What kind of number it is (phone, identity, ticket) is decided by the
callers of this module.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from app.extraction.dialogue_view import DialogueView, Reply, Turn
from app.extraction.questions import Topic
from app.extraction.spoken_numbers import DIGITS, digit_runs

Span = tuple[int, int, int]

_REPAIR = re.compile(
    r"不对|部队|不队|不是|说错|讲错|念错|记错|搞错|弄错|错了|错啦|更正|应该是|改成|哦不|啊不|口误|[说搞念报读讲弄]反|[说报念讲]倒|多(?:了|说|念|报)了?一个|重新"
    r"|重来|从头"
)
_RESTART = re.compile(r"重新(?:说|来|报|念|讲)|重来|从头|整个")
_NEGATED = re.compile(r"不是(?:那个|什么|说)?$")
_HEAD = re.compile(r"(?:前面|开头|前三位|头三位|第一段|最前面|首先)(?:的)?(?:是|那)?$")
_NUMBER_TOPICS = frozenset((Topic.PHONE, Topic.ALT_PHONE, Topic.ID_NO, Topic.TICKET_NO, Topic.ORDER_NO))
_MEASURE = re.compile(r"[遍下些份张节堂种条块元点岁月年日天台个次人米楼层栋幢座座户名位分秒路线度斤平倍条件期十百千万亿]")
_OTHER_NUMBER = re.compile(r"电话|手机|座机|身份证|工单|订单|车牌")
_ASKS_ON = re.compile(r"回访|回电|回复|答复|反馈|通知|保密|匿名|其他|别的|贵姓|称呼|诉求|要求|什么|怎么|备用")
_MAX_GAP = 8
_GROUP_STARTS = (3, 7)
MIN_LENGTH = 7


@dataclass(frozen=True, slots=True)
class Piece:
    """A digit run in a turn with what stands before it."""

    digits: str
    start: int
    end: int
    gap: str
    sure: bool
    negated: bool = False
    repair: bool = False


@dataclass
class Spoken:
    """One number as it was passed on.

    Attributes:
        digits: as far as known.
        turn: number of the turn in which it began.
        topics: what the operator had asked for when it began.
        lead: words right before it.
        spans: (turn, start, end) of the citizen's (or of the only speaker's) digits.
        by_operator: it was first said by the operator.
        read_back: the operator's repetition, empty where there is none.
        read_back_spans: where.
        confirmed: the citizen agreed to the read-back.
        repaired: somebody corrected it.
        sure: every digit was read from a digit's own character.
        heard: the citizen's own version, where the read-back replaced it.
    """

    digits: str
    turn: int
    topics: tuple[Topic, ...]
    lead: str = ""
    spans: list[Span] = field(default_factory=list)
    by_operator: bool = False
    read_back: str = ""
    read_back_spans: list[Span] = field(default_factory=list)
    confirmed: bool = False
    repaired: bool = False
    sure: bool = True
    heard: str = ""

    @property
    def value(self) -> str:
        """The number that stands at the end."""
        return self.digits


def pieces(turn: Turn, letters: str = "") -> list[Piece]:
    """Digit runs of a turn that may be parts of a long number, with the words before each."""
    text = turn.text
    found: list[Piece] = []
    last = 0
    for run in digit_runs(text, homophones=True, letters=letters):
        if len(run.digits) < MIN_LENGTH and _is_quantity(text, run.start, run.end):
            continue
        gap = text[last : run.start]
        after = text[run.end : run.end + 1]
        negated = _NEGATED.search(gap) is not None and after != "吗"
        repair = not negated and (_REPAIR.search(gap) is not None or bool(found and found[-1].negated))
        found.append(Piece(run.digits, run.start, run.end, gap, run.sure, negated, repair))
        last = run.end
    return found


def _is_quantity(text: str, start: int, end: int) -> bool:
    before = text[start - 1 : start]
    return before in tuple("十百千万第") or _MEASURE.match(text, end) is not None


def spoken_numbers(view: DialogueView, complete: Callable[[str], bool], letters: str = "") -> list[Spoken]:
    """All long numbers of a call in the order in which they began.

    Args:
        view: the dialogue.
        complete: whether a digit string is a whole number of the kind looked for.
        letters: letters that may stand in it.
    """
    follower = _Follower(view, complete, letters)
    for turn in view.turns:
        follower.take(turn)
    return follower.numbers


class _Follower:
    """Walks over the turns and keeps the number that is being passed on."""

    def __init__(self, view: DialogueView, complete: Callable[[str], bool], letters: str) -> None:
        self.view = view
        self.complete = complete
        self.letters = letters
        self.numbers: list[Spoken] = []
        self.awaiting_reply = False
        self._asked_on = False

    @property
    def current(self) -> Spoken | None:
        return self.numbers[-1] if self.numbers else None

    def take(self, turn: Turn) -> None:
        """One turn."""
        parts = pieces(turn, self.letters)
        if turn.is_operator:
            self._operator(turn, parts)
        else:
            self._citizen(turn, parts)

    def _operator(self, turn: Turn, parts: list[Piece]) -> None:
        for group in _groups(parts):
            digits = "".join(part.digits for part in group)
            current = self.current
            if current is not None and _echoes(digits, current.digits):
                self._read_back(turn, group, digits, current)
            elif self.complete(digits) and not _is_instruction(turn.text, group[0].start):
                spans = [(turn.number, part.start, part.end) for part in group]
                self.numbers.append(
                    Spoken(
                        digits,
                        turn.number,
                        turn.topics,
                        group[0].gap,
                        spans,
                        by_operator=True,
                        read_back=digits,
                        read_back_spans=list(spans),
                    )
                )
                self.awaiting_reply = True
                self._asked_on = False

    def _read_back(self, turn: Turn, group: list[Piece], digits: str, current: Spoken) -> None:
        if len(digits) < MIN_LENGTH and not self.complete(current.digits):
            return
        self.awaiting_reply = True
        self._asked_on = _ASKS_ON.search(turn.text, group[-1].end) is not None
        spans = [(turn.number, part.start, part.end) for part in group]
        if len(digits) >= MIN_LENGTH:
            current.read_back = digits
            current.read_back_spans = spans
            current.confirmed = False
        elif current.digits.endswith(digits):
            current.read_back_spans += spans
            current.confirmed = True

    def _citizen(self, turn: Turn, parts: list[Piece]) -> None:
        current = self.current
        if self.awaiting_reply and current is not None and not current.confirmed:
            self.awaiting_reply = False
            if self._reply(turn, parts, current):
                return
        question = self.view.question_before(turn)
        asked = question.topics if question is not None else ()
        for part in parts:
            self._add(turn, part, asked)

    def _reply(self, turn: Turn, parts: list[Piece], current: Spoken) -> bool:
        """What the citizen says to a read-back. True where the turn's digits are dealt with."""
        short = [part for part in parts if len(part.digits) < MIN_LENGTH and len(part.gap) <= _MAX_GAP]
        whole = [part for part in parts if len(part.digits) >= MIN_LENGTH]
        if not parts and self._asked_on:
            # 零二零…零零五三，好，要回访吗 - 不用: the reply is to the last question; nobody objects to the number.
            if self.complete(current.read_back) and not self.complete(current.digits):
                current.heard, current.digits = current.digits, current.read_back
            return True
        if not parts:
            self._plain_reply(turn, current)
            return True
        if whole and (turn.reply is Reply.DENIAL or self._is_revision(whole[0].digits, current)):
            current.digits, current.repaired = whole[0].digits, True
            current.spans = [(turn.number, whole[0].start, whole[0].end)]
            return True
        if not short or whole:
            return False
        if not self.complete(current.read_back or current.digits):
            return False
        self._partial(turn, short, current)
        return True

    def _plain_reply(self, turn: Turn, current: Spoken) -> None:
        if turn.reply is Reply.DENIAL and not turn.text.startswith("没"):
            current.read_back = ""
            return
        if turn.reply is not Reply.DENIAL:
            current.confirmed = bool(current.read_back)
            self._settle(current)

    def _settle(self, current: Spoken) -> None:
        """The citizen agreed: the read-back stands where the citizen's own digits are not a whole number or differ."""
        if current.read_back and current.read_back != current.digits and self.complete(current.read_back):
            current.heard, current.digits = current.digits, current.read_back

    def _partial(self, turn: Turn, parts: list[Piece], current: Spoken) -> None:
        base = current.read_back if self.complete(current.read_back) else current.digits
        wrong = next((part.digits for part in parts if part.negated), "")
        right = [part for part in parts if not part.negated]
        value = base
        for part in right:
            value = self._revised(value, part, wrong)
        if value != base or wrong:
            current.repaired = True
        current.heard = current.digits if current.digits != value else current.heard
        current.digits = value
        current.confirmed = True
        current.spans += [(turn.number, part.start, part.end) for part in right]

    def _revised(self, value: str, part: Piece, wrong: str) -> str:
        digits = part.digits
        if value.endswith(digits):
            return value
        if wrong and wrong in value:
            place = value.rfind(wrong)
            exact = value[:place] + digits[: len(wrong)] + value[place + len(wrong) :]
            if len(digits) == len(wrong) or exact.endswith(digits[len(wrong) :]):
                return exact
        if _HEAD.search(part.gap):
            return digits + value[len(digits) :]
        return _aligned(value, digits)

    def _is_revision(self, digits: str, current: Spoken) -> bool:
        """A whole number said again instead of another one: most of its digits agree."""
        return len(digits) == len(current.digits) and _differences(digits, current.digits) <= 4

    def _add(self, turn: Turn, part: Piece, asked: tuple[Topic, ...]) -> None:
        current = self.current
        if current is not None and not current.by_operator and self._continues(turn, part, current):
            self._extend(turn, part, current)
            return
        if part.negated:
            return
        wanted = _NUMBER_TOPICS.intersection(asked)
        if len(part.digits) >= MIN_LENGTH or (len(part.digits) >= 2 and wanted):
            for digits in self._split(part.digits):
                self.numbers.append(
                    Spoken(digits, turn.number, asked, part.gap, [(turn.number, part.start, part.end)], sure=part.sure)
                )

    def _split(self, digits: str) -> list[str]:
        """A run that is the same kind of number twice (no pause was heard between them)."""
        half = len(digits) // 2
        if len(digits) >= 2 * MIN_LENGTH and not self.complete(digits):
            first, second = digits[:half], digits[half:]
            if self.complete(first) and self.complete(second):
                return [first] if first == second else [first, second]
        return [digits]

    def _continues(self, turn: Turn, part: Piece, current: Spoken) -> bool:
        same_turn = current.spans[-1][0] == turn.number
        if part.negated or part.repair:
            return same_turn
        if _OTHER_NUMBER.search(part.gap):
            return False
        if self.complete(current.digits):
            return same_turn and current.digits.endswith(part.digits)
        if same_turn:
            return len(part.gap) <= _MAX_GAP
        question = self.view.question_before(turn)
        between = question.number if question is not None else -1
        return between <= current.spans[-1][0] or _only_digits_or_noise(self.view.turns[between], current.digits)

    def _extend(self, turn: Turn, part: Piece, current: Spoken) -> None:
        if part.negated or (self.complete(current.digits) and not part.repair):
            return
        if part.repair:
            current.digits = self._after_repair(current.digits, part)
            current.repaired = True
        else:
            current.digits += part.digits
        current.sure = current.sure and part.sure
        current.spans.append((turn.number, part.start, part.end))

    def _after_repair(self, said: str, part: Piece) -> str:
        """What stands after a slip of the tongue: the new digits replace the end of what was said."""
        digits = part.digits
        if _RESTART.search(part.gap) or self.complete(digits):
            return digits
        usual = max(0, len(said) - len(digits))
        if self.complete(said[:usual] + digits):
            return said[:usual] + digits
        for kept in range(len(said), -1, -1):
            if kept != usual and self.complete(said[:kept] + digits):
                return said[:kept] + digits
        return said[:usual] + digits


def _groups(parts: list[Piece]) -> Iterator[list[Piece]]:
    """Runs of the operator's turn that belong together (short words between them)."""
    group: list[Piece] = []
    for part in parts:
        if group and len(part.gap) > 4:
            yield group
            group = []
        group.append(part)
    if group:
        yield group


def _echoes(digits: str, said: str) -> bool:
    """The operator's digits repeat (a part of) what the citizen said, with few differences."""
    if len(digits) < 2:
        return False
    if digits in said:
        return True
    if len(digits) >= MIN_LENGTH:
        return abs(len(digits) - len(said)) <= 3 and edits(digits, said) <= max(3, len(said) // 3)
    return len(digits) >= 3 and any(
        _differences(digits, said[i : i + len(digits)]) <= 1 for i in range(max(1, len(said) - len(digits) + 1))
    )


def _is_instruction(text: str, start: int) -> bool:
    """Numbers that the operator gives out (请拨打…)."""
    return re.search(r"拨打|打的是|工号|热线|可以打|请打|咨询电话", text[max(0, start - 12) : start]) is not None


def _only_digits_or_noise(turn: Turn, digits: str) -> bool:
    """Listening noise or an echo of a group."""
    if turn.is_backchannel:
        return True
    echo = "".join(part.digits for part in pieces(turn))
    rest = "".join(c for c in turn.text if c not in DIGITS)
    return bool(echo) and len(rest) <= 4 and digits.endswith(echo)


def _aligned(value: str, digits: str) -> str:
    """``digits`` put where they differ least from ``value``; the end wins a tie."""
    if len(digits) >= len(value):
        return digits
    places = range(len(value) - len(digits), -1, -1)
    groups = (len(value) - len(digits), *_GROUP_STARTS)
    best = min(
        places,
        key=lambda place: (_differences(value[place : place + len(digits)], digits), place not in groups, -place),
    )
    return value[:best] + digits + value[best + len(digits) :]


def _differences(left: str, right: str) -> int:
    return sum(a != b for a, b in zip(left, right, strict=False)) + abs(len(left) - len(right))


def edits(left: str, right: str) -> int:
    """Levenshtein distance of two digit strings."""
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        diagonal, row[0] = row[0], i
        for j, b in enumerate(right, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (a != b))
    return row[-1]
