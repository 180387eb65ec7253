"""Invented call records of a middling centre, the same for the same seed: to try the lead's window, for its pictures and its bench.

What is in it to be found: model 1.3, with half of the operators from the second half on, is better than 1.2; from ``falls_days`` before
the end the subject of the matter is more often wrong under vocabulary 2026.11b; one item is mostly wrong about the place; one desk
has poor sound; and on the last day water fails in one street. Nobody and no call behind it is real. Deterministic; any thread.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from app.domain.assist import OpenQuestion
from app.domain.call_record import (
    CallRecord,
    CardRecord,
    ChoiceRecord,
    Effort,
    FieldOutcome,
    FieldRecord,
    QualityRecord,
    SoundRecord,
)
from app.services.lead_sample_voice import voice, voiced


@dataclass(frozen=True, slots=True)
class SampleOrder:
    """How much of it, and what is planted.

    Attributes:
        last_day: the newest day; calls end at ``last_hour`` there.
        days: how many days.
        operators: how many.
        calls_a_day: of each operator.
        seed: of everything.
        last_hour: hour at which the last day breaks off.
        stories: whether the stories of the module's docstring are in it; without them nothing changes but by chance.
        worse_calls: share of calls that a worse model takes, from ``worse_from`` days before the end.
        worse_by: how many times as often that model is wrong.
        worse_from: days.
        worse_name: version under which it goes; "" hides it behind the other model's.
        day_noise: how much days differ for all calls alike (standard deviation of the logarithm of the odds).
        voices: whether the calls have voice indicators; programs before them recorded none.
    """

    last_day: date
    days: int = 70
    operators: int = 20
    calls_a_day: int = 7
    seed: int = 12345
    last_hour: int = 16
    stories: bool = True
    worse_calls: float = 0.0
    worse_by: float = 5.0
    worse_from: int = 0
    worse_name: str = ""
    day_noise: float = 0.03
    voices: bool = True


#: Name, how often it occurs, how surely it is heard, how far above its confidence it is right.
_FIELDS = (
    ("requester_name", 0.62, 0.86, 0.02), ("contact_phone", 0.93, 0.95, 0.01), ("region_district", 0.95, 0.95, 0.0),
    ("region_street", 0.78, 0.88, 0.0), ("address_detail", 0.84, 0.80, -0.03), ("event_time_text", 0.46, 0.87, 0.03),
    ("subject", 0.52, 0.79, -0.04), ("request_type", 0.99, 0.93, 0.01), ("item_code", 0.98, 0.84, -0.01), ("demand", 0.71, 0.82, 0.02),
)
_FILLS_FROM = 0.8
_ITEMS = (
    ("020701", 14), ("050101", 11), ("010101", 9), ("060102", 7), ("020101", 7), ("050501", 8), ("040301", 5), ("060401", 5), ("020401", 5),
    ("010301", 5), ("050302", 4), ("020204", 4), ("010402", 3), ("060502", 6), ("060503", 4), ("010201", 3), ("040202", 3), ("050502", 2),
)
#: What an item is taken for.
_TAKEN_FOR = {"020701": "050501", "050501": "020701", "060102": "060101", "020101": "020102", "060503": "060501", "050101": "040301",
              "060502": "060301", "010101": "010104"}
_HARMED_ITEM, _HARMED_FIELD = "060502", "address_detail"
_PLACES = {
    "天河区": ("车陂街道", "石牌街道", "棠下街道", "员村街道"), "白云区": ("同和街道", "嘉禾街道", "永平街道", "均禾街道"),
    "海珠区": ("赤岗街道", "新港街道", "南石头街道"), "越秀区": ("北京街道", "东山街道", "登峰街道"),
    "番禺区": ("市桥街道", "大石街道", "南村镇"), "荔湾区": ("西村街道", "冲口街道"), "黄埔区": ("大沙街道", "联和街道"),
}
_DISTRICT_WEIGHTS = (24, 22, 14, 12, 14, 8, 6)
_SURGE_ITEM, _SURGE_PLACE = "010403", ("白云区", "同和街道")
_ENTRIES = tuple(f"SP-{topic}-{part}" for topic in ("NOISE", "RESID", "WAGE") for part in ("I", "Q1", "Q2", "Q3"))
_WRONG_ENTRY = "SP-RESID-I"
_HOURS = (0.2, 0.1, 0.1, 0.1, 0.1, 0.2, 0.5, 1.5, 4, 8, 9, 8, 5, 5, 8, 8, 7, 6, 4, 4, 3.5, 3, 2, 1)
_RULES = ("greeting", "phone_read_back", "interruptions", "long_silence", "closing")
_QUESTIONS = (
    "夜间施工许可在哪里可以查到", "旧楼加装电梯一楼住户不同意怎么办", "居住证到期以后多久之内要续签", "网购的家具送货上楼要不要另外收费",
    "充电桩占用车位怎么处理", "外地户口可以在本地补办身份证吗", "小区业委会换届由谁来监督", "共享单车堆在地铁口找哪个部门",
)


def sample_records(order: SampleOrder) -> Iterator[CallRecord]:
    """The records, oldest first by day."""
    random = Random(order.seed)  # noqa: S311  a sample that is the same every time, no secret
    teams = _operators(order, random)
    for back in range(order.days - 1, -1, -1):
        day = order.last_day - timedelta(days=back)
        weight = 0.72 if day.isoweekday() > 5 else 1.0
        mood = math.exp(random.gauss(0, order.day_noise))  # days differ, all calls of a day alike
        for operator in teams:
            for _ in range(_poisson(random, order.calls_a_day * weight)):
                made = _Call(order, random, operator, day, back, mood).record()
                if made is not None:
                    yield made
        if order.stories and back == 0:
            for _ in range(17):
                yield from filter(None, [_Call(order, random, teams[0], day, 0, mood, is_surge=True).record()])


def sample_questions(order: SampleOrder) -> tuple[OpenQuestion, ...]:
    """Questions without an answer, newest first."""
    days = [order.last_day - timedelta(days=index // 3) for index in range(len(_QUESTIONS))]
    return tuple(OpenQuestion(f"{day}T{15 - index % 3:02}:20:00+08:00", f"sample-{index}", text, "2026.11.2")
                 for index, (day, text) in enumerate(zip(days, _QUESTIONS, strict=True)))


def sample_teams(order: SampleOrder) -> dict[str, str]:
    """Work number to team."""
    return {each.number: each.team for each in _operators(order, Random(order.seed))}  # noqa: S311


@dataclass(frozen=True, slots=True)
class _Operator:
    number: str
    desk: str
    team: str
    care: float
    speed: float
    has_new_model: bool
    poor_sound: bool


def _operators(order: SampleOrder, random: Random) -> list[_Operator]:
    return [_Operator(f"{8001 + index}", f"desk{index + 1:04}", "一组" if index % 2 else "二组", random.gauss(0, 0.25),
                      math.exp(random.gauss(0, 0.2)), index % 2 == 0, index == 6) for index in range(order.operators)]


def _poisson(random: Random, mean: float) -> int:
    """Knuth's method: multiply until below exp(-mean)."""
    bound, product = math.exp(-mean), random.random()
    for count in itertools.count():
        if product <= bound:
            return count
        product *= random.random()
    raise AssertionError


def _within(value: float, low: float, high: float) -> float:
    return min(high, max(low, value))


@dataclass(slots=True)
class _Call:
    order: SampleOrder
    random: Random
    operator: _Operator
    day: date
    back: int
    mood: float
    is_surge: bool = False
    versions: dict[str, str] = field(default_factory=dict)
    worse: float = 1.0

    def record(self) -> CallRecord | None:
        """One call; None after the last hour of the last day."""
        random = self.random
        identity = f"{random.getrandbits(128):032x}"
        hour = random.randrange(9, self.order.last_hour) if self.is_surge else random.choices(range(24), _HOURS)[0]
        item = _SURGE_ITEM if self.is_surge else random.choices(_ITEMS, [weight for _, weight in _ITEMS])[0][0]
        district, street = self._place()
        self._choose_versions()
        heard = _within(random.betavariate(14, 3) - (0.22 if self.operator.poor_sound else 0.0), 0.2, 0.99)
        fields = tuple(self._fields(item, heard))
        time = f"{hour:02}:{random.randrange(60):02}:{random.randrange(60):02}"
        typed = sum(each.outcome in (FieldOutcome.TYPED, FieldOutcome.EDITED) for each in fields)
        cards, unanswered = self._cards()
        effort = Effort(12 + typed * random.randrange(6, 16), 2 + _poisson(random, 3),
                        int((9_000 + 5_500 * typed) * self.operator.speed * random.lognormvariate(0, 0.3)))
        quality = tuple(QualityRecord(rule, True, 4.0, 1000) for rule in _RULES if random.random() < 0.05 * math.exp(self.operator.care))
        if self.back == 0 and hour >= self.order.last_hour:
            return None
        return CallRecord(
            record_id=identity, at=f"{self.day}T{time}+08:00", desk=self.operator.desk,
            agent=self.operator.number, duration_ms=int(random.lognormvariate(5.1, 0.45) * 1000), city="广州市", district=district,
            street=street, versions=self.versions, fields=fields, choices=self._choices(item, fields), cards=cards, unanswered=unanswered,
            sound=self._heard(heard, identity), voice=voice(identity) if self.order.voices else None,
            degradations=("no_sound.citizen",) if self.operator.poor_sound and random.random() < 0.1 else (),
            effort=effort, quality=quality, quality_score=100.0 - 4.0 * len(quality),
        )

    def _place(self) -> tuple[str, str]:
        if self.is_surge:
            return _SURGE_PLACE
        district = self.random.choices(list(_PLACES), _DISTRICT_WEIGHTS)[0]
        return district, self.random.choice(_PLACES[district])

    def _choose_versions(self) -> None:
        order, is_late = self.order, self.back < self.order.days // 2
        model = "1.3" if order.stories and is_late and self.operator.has_new_model else "1.2"
        if order.worse_calls and self.back < order.worse_from and self.random.random() < order.worse_calls:
            self.worse, model = order.worse_by, order.worse_name or model
        vocabulary = "2026.11b" if order.stories and self.back < 6 else "2026.10"
        self.versions = {"program": "0.1.0", "model": model, "vocabulary": vocabulary, "knowledge": f"2026.11.{1 + (self.back < 20)}",
                         "rules": "7"}

    def _fields(self, item: str, heard: float) -> Iterator[FieldRecord]:
        random = self.random
        for name, often, sure, extra in _FIELDS:
            if random.random() > often:
                continue
            confidence = _within(random.betavariate(20 * sure, 20 * (1 - sure)) + 0.25 * (heard - 0.8), 0.02, 0.995)
            if confidence < 0.62:
                yield FieldRecord(name, FieldOutcome.TYPED)
                continue
            yield self._outcome(name, item, confidence, 1 - min(0.995, confidence + extra + 0.35 * (1 - confidence)))

    def _outcome(self, name: str, item: str, confidence: float, base: float) -> FieldRecord:
        odds = base / (1 - base) * self.mood * math.exp(0.35 * self.operator.care) * self.worse * self._story(name, item)
        is_wrong, is_filled = self.random.random() < odds / (1 + odds), confidence >= _FILLS_FROM
        state = "filled" if is_filled else "suggested"
        if not is_wrong:
            confirmed = not is_filled or self.random.random() < 0.2
            return FieldRecord(name, FieldOutcome.TAKEN, state, round(confidence, 3), 0.0, f"sample.{name}", 0, confirmed)
        gone = FieldOutcome.CLEARED if is_filled else FieldOutcome.LEFT
        outcome = FieldOutcome.EDITED if self.random.random() < 0.7 else gone
        distance = round(self.random.betavariate(2, 4), 3) if outcome is FieldOutcome.EDITED else 0.0
        return FieldRecord(name, outcome, state, round(confidence, 3), distance, f"sample.{name}")

    def _story(self, name: str, item: str) -> float:
        times = 1.0
        if not self.order.stories:
            return times
        if self.versions["model"] == "1.3":
            times *= 0.62
        if name == "subject" and self.versions["vocabulary"] == "2026.11b":
            times *= 3.2
        if (item, name) == (_HARMED_ITEM, _HARMED_FIELD):
            times *= 14.0
        return times

    def _choices(self, item: str, fields: tuple[FieldRecord, ...]) -> tuple[ChoiceRecord, ...]:
        told = next((each for each in fields if each.name == "item_code"), None)
        if told is None or not told.proposed:
            return (ChoiceRecord("item_code", item),)
        others = [code for code in (_TAKEN_FOR.get(item, "010104"), "050501", "060401", "020101") if code != item][:3]
        rank = 1 if told.outcome is FieldOutcome.TAKEN else self.random.choices((2, 3, 0), (6, 2, 2))[0]
        offered = [*others]
        if rank:
            offered.insert(rank - 1, item)
        return (ChoiceRecord("item_code", item, tuple(offered[:5]), rank, told.confidence),)

    def _cards(self) -> tuple[tuple[CardRecord, ...], int]:
        random = self.random
        made: list[CardRecord] = []
        for entry in random.sample(_ENTRIES, random.choices((0, 1, 2), (35, 45, 20))[0]):
            liked = 0.15 + 0.05 * (_ENTRIES.index(entry) % 9)
            acts = ["shown"]
            if random.random() < liked + 0.15:
                acts.append("opened")
                acts += ["used"] if random.random() < liked + 0.2 else []
                acts += ["spoken"] if random.random() < liked else []
            elif random.random() < 0.3:
                acts.append("dismissed")
            acts += ["wrong"] if entry == _WRONG_ENTRY and random.random() < 0.12 else []
            origin = "push" if random.random() < 0.8 else "search"
            made.append(CardRecord(entry, 3, origin, tuple(acts), 1, int(random.gammavariate(4, 95)) if origin == "push" else -1, 20_000))
        return tuple(made), int(random.random() < 0.07)

    def _heard(self, heard: float, identity: str) -> tuple[SoundRecord, ...]:
        sound = self._sound(heard)
        return voiced(sound, self.operator.number, identity) if self.order.voices else sound

    def _sound(self, heard: float) -> tuple[SoundRecord, ...]:
        noise = -44.0 if self.operator.poor_sound else self.random.gauss(-58, 4)
        citizen = SoundRecord("citizen", round(heard, 3), 60_000, 18, -27.0, round(noise, 1), 0.0, int(self.random.gauss(780, 120)))
        return citizen, SoundRecord("agent", 0.93, 50_000, 17, -24.0, -61.0, 0.0, 640)
