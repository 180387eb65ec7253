"""The words and the talk of a hotline: classes of places, persons and numbers, and a trigram grown from shipped texts.

Everything comes from ``resources/``: templates of turns, how citizens describe the 217 items, the gazetteer of the province,
surnames, the sample knowledge base. Nothing is learnt from recordings or from other people's texts. A class's members
share its probability evenly or by the weight given, so that every community is as likely as every other.
"""

from __future__ import annotations

import csv
import hashlib
import json
import random
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import log
from pathlib import Path

from app.platform.resource_files import resource
from asr.lexicon.general import is_chinese
from asr.lexicon.local_readings import GIVEN, PLACE, SURNAME, variants
from asr.lexicon.segment import Segmenter
from asr.lexicon.syllables import readings
from asr.lexicon.templates import grow, read_lines, read_parts
from asr.lm import train
from asr.lm.ngram import Ngram

FORMAT = 5
_SAMPLES = 24
_SEED = 12345
_HOME_CITIES = ("4401", "4403", "4404")
_SINGLE_FILES = (
    ("taxonomy_gz.csv",),
    ("surnames.txt",),
    ("spelled_components.csv",),
    ("spelling_words.csv",),
    ("gazetteer", "divisions.csv"),
    ("sample_kb", "entries.jsonl"),
)
_MARK = re.compile(r"<([^<>]+)>")
_TWO_PLACES = re.compile(r"<M([3-9]|10)><M\d+>")
_TWICE = 0.1
_LISTED = 4.0
"""Weight of a spelling word that people are known to use, against one that is only frequent."""
_PAUSE = re.compile(r"[，。？！、；：,.?!;:\s（）()“”\"《》]+")

# spelling, readings with natural-log costs. On the telephone 1 is yao; the model half hears other tones and vowels.
DIGIT_READINGS: dict[str, list[tuple[str, float]]] = {
    "零": [("líng", 0.0), ("lín", 2.0)],
    "一": [("yī", 0.0), ("yì", 1.5), ("yí", 1.5)],
    "幺": [("yāo", 0.0), ("yào", 0.5), ("yáo", 1.0), ("yǎo", 1.0),
          ("yǒu", 1.5), ("yóu", 2.0), ("yī", 0.8), ("lǎo", 3.0), ("lóu", 2.5)],
    "二": [("èr", 0.0), ("ér", 1.5), ("ěr", 1.0)],
    "两": [("liǎng", 1.5)],
    "三": [("sān", 0.0), ("shān", 2.0), ("fān", 2.0)],
    "四": [("sì", 0.0), ("sī", 1.5), ("shì", 2.0)],
    "五": [("wǔ", 0.0), ("wú", 1.0), ("wù", 1.5)],
    "六": [("liù", 0.0), ("liú", 1.5)],
    "七": [("qī", 0.0), ("qí", 1.5), ("qǐ", 1.5)],
    "八": [("bā", 0.0), ("bà", 1.0), ("bǎ", 1.0), ("bá", 1.5)],
    "九": [("jiǔ", 0.0), ("jiū", 1.5), ("jiù", 1.5)],
    "洞": [("dòng", 4.0)],
    "拐": [("guǎi", 3.0)],
    "勾": [("gōu", 4.0)],
}
_DIGIT_SHARE = {"一": 0.02, "幺": 0.12, "两": 0.005, "洞": 0.005, "拐": 0.005, "勾": 0.002}
_CARDINALS = "一二两三四五六七八九"
_MOBILE_LENGTH = 11
_MOBILE_SECOND = {"三": 0.28, "五": 0.2, "七": 0.15, "八": 0.25, "九": 0.08, "四": 0.02, "六": 0.02}
# The first digit of a mobile number can only be 1, however it is heard.
_MOBILE_FIRST = [("lǎo", 1.0), ("lóu", 1.0), ("liù", 1.5), ("ń", 1.5), ("ó", 2.0), ("wǔ", 2.5)]
_SWALLOWED = "零一二三四五六七八九"
_SWALLOWED_COST = 2.5
"""Two equal digits in a row often come as one long sound."""

# How the model hears the letters when Chinese speakers say them, beside its own letter tokens.
_LETTER_READINGS = {
    "A": ("ēi", "èi"), "B": ("bì", "bī", "bí"), "C": ("xī", "sēi", "sī", "fēi", "xì"), "D": ("dì", "dī"), "E": ("yì", "yī"),
    "F": ("ài fú", "āi fú", "ái fú"), "G": ("jì", "jī"), "H": ("ài chǐ", "āi qǐ", "èi chì"), "J": ("zhèi", "jiè", "zhēi"),
    "K": ("kèi", "kāi", "kēi", "kè"), "L": ("ài lè", "āi lóu", "ài lóu", "èr"), "M": ("ài mù", "āi mú", "ài mu", "ài"),
    "N": ("ēn", "én", "èn"), "O": ("ōu", "òu"), "P": ("pì", "pī"), "Q": ("qiū", "kiū", "kòu"), "R": ("ā ěr", "ài", "àr"),
    "S": ("ài sī", "āi sī", "ài sì"), "T": ("tì", "tī"), "U": ("yōu", "yòu"), "V": ("wēi", "wéi", "wèi"),
    "W": ("dá bù liù", "dà bù liù"), "X": ("ài kè sī", "āi kè sī", "ài kè sì"), "Y": ("wāi", "wài"), "Z": ("zèi", "zéi", "zì"),
}  # fmt: skip
_LETTER_COST = 0.7


@dataclass(frozen=True)
class Member:
    """A word of a class: spelling, readings with costs, natural log of its share in the class."""

    text: str
    readings: tuple[tuple[tuple[str, ...], float], ...]
    share: float


@dataclass(frozen=True)
class HotlineLanguage:
    """What ``assemble`` needs.

    Attributes:
        members: by class name.
        words: spelling of each of the domain model's words; a class stands as ``<name>``.
        model: the trigram over them.
    """

    members: dict[str, list[Member]]
    words: list[str]
    model: Ngram


def build(segmenter: Segmenter) -> HotlineLanguage:
    """Classes and trigram from the shipped resources, about two seconds; the same resources give the same result."""
    members = classes(segmenter)
    number = {"<unk>": 0, "<s>": 1, "</s>": 2}
    sentences = [
        [number.setdefault(word, len(number)) for word in sentence] for sentence in _segmented(segmenter, members)
    ]
    return HotlineLanguage(members, list(number), train.train(sentences, len(number)))


def digest() -> str:
    """Of all that ``build`` reads, and of its own version."""
    total = hashlib.sha256(str(FORMAT).encode())
    files = [p for p in resource("hotline_language").iterdir() if p.is_file()]
    files += [*resource("items").glob("*.toml"), *resource("gazetteer", "communities").glob("*.csv")]
    files += [resource(*parts) for parts in _SINGLE_FILES]
    for file in sorted(files):
        if file.exists():
            total.update(file.name.encode())
            total.update(file.read_bytes())
    return total.hexdigest()


def _segmented(segmenter: Segmenter, members: dict[str, list[Member]]) -> Iterator[list[str]]:
    for text in texts():
        clauses = [clause for clause in _PAUSE.split(text) if clause]
        whole = [word for clause in clauses for word in _words(clause, segmenter, members)]
        yield whole
        if len(clauses) > 1:  # a pause may also cut the turn into utterances
            for clause in clauses:
                yield _words(clause, segmenter, members)


def _words(clause: str, segmenter: Segmenter, members: dict[str, list[Member]]) -> list[str]:
    found: list[str] = []
    for i, piece in enumerate(_MARK.split(clause)):
        if i % 2:
            found.append(f"<{piece}>")
        elif piece:
            found += segmenter.words(piece)
    return found


def texts() -> Iterator[str]:
    """All sentences, with class marks."""
    folder = resource("hotline_language")
    chance = random.Random(_SEED)  # noqa: S311 (sampling templates, nothing secret)
    parts = read_parts(folder)
    sayings, matters = list(_sayings()), list(_matters())
    parts = {**parts, "诉求": sayings, "事项": matters}
    for name in ("operator.txt", "citizen.txt"):
        for text in grow(read_lines(folder / name), parts, _SAMPLES, chance, hesitant=name.startswith("citizen")):
            yield _TWO_PLACES.sub(lambda match: match[0] if chance.random() > _TWICE else f"<W{match[1]}>", text)
    for text in (*sayings, *matters, *_knowledge()):
        yield text
        yield text


def _sayings() -> Iterator[str]:
    for row in _table(resource("taxonomy_gz.csv")):
        yield from (saying for saying in row["典型说法"].split("；") if saying)
    for file in sorted(resource("items").glob("*.toml")):
        for item in tomllib.loads(file.read_text("utf-8")).values():
            yield from (line.strip() for line in str(item.get("say", "")).splitlines() if line.strip())


def _matters() -> Iterator[str]:
    for row in _table(resource("taxonomy_gz.csv")):
        yield from re.split(r"[与和、/()（）]", row["三级"])
    for entry in _entries():
        yield str(entry.get("title", ""))


def _knowledge() -> Iterator[str]:
    for entry in _entries():
        yield from (str(question) for question in entry.get("questions", ()))  # type: ignore[attr-defined]
        yield from (s for s in str(entry.get("speakable", "")).split("。") if s)


def _entries() -> list[dict[str, object]]:
    file = resource("sample_kb", "entries.jsonl")
    if not file.exists():
        return []
    return [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]


def _table(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def classes(segmenter: Segmenter) -> dict[str, list[Member]]:
    """Members of every word class."""
    folder = resource("hotline_language")
    found = _numbers()
    for name, words in tomllib.loads((folder / "classes.toml").read_text("utf-8")).items():
        found[name] = _even(str(words).split()) if name != "热线" else _hotlines(str(words).split())
    found.update(_places())
    surnames, compound = _surnames()
    found["姓"] = [replace(m, readings=_local(m.text, SURNAME)) for m in _ranked(surnames)]
    found["姓"] += [Member(n, _usual(n), log(2e-4)) for n in compound]
    listed = (folder / "given.txt").read_text("utf-8").split("\n", 1)[1]
    given = list(dict.fromkeys(listed.replace("\n", "")))
    found["名"] = [replace(m, readings=_local(m.text, GIVEN)) for m in _ranked(given, slope=0.3)]
    known = _known_spellings()
    found["拼"] = _weighted(_spellings(given, segmenter, known))
    found["姓拼"] = [
        replace(m, readings=variants(m.text, readings(m.text), [""] * (len(m.text) - 1) + [SURNAME]))
        for m in _weighted(_spellings(surnames, segmenter, known))
    ]
    found["拆"] = _even(_components())
    return found


def _numbers() -> dict[str, list[Member]]:
    """Digits said one by one (D), by place in a mobile number (M1 to M11; W3 to W10: two equal ones heard as one), digits
    in amounts (C), letters (L)."""
    digits = [
        Member(d, tuple(((s,), cost) for s, cost in spoken), log(_DIGIT_SHARE.get(d, 0.09)))
        for d, spoken in DIGIT_READINGS.items()
    ]
    by_name = {member.text: member for member in digits}
    heard = {spoken[0]: cost for spoken, cost in by_name["幺"].readings} | dict(_MOBILE_FIRST)
    first = [
        Member("幺", tuple(((syllable,), cost) for syllable, cost in heard.items()), log(0.85)),
        replace(by_name["一"], share=log(0.15)),
    ]
    second = [replace(by_name[d], share=log(share)) for d, share in _MOBILE_SECOND.items()]
    doubled = [
        Member(d * 2, tuple(((s,), cost + _SWALLOWED_COST) for s, cost in DIGIT_READINGS[d][:1]), log(0.01))
        for d in _SWALLOWED
    ]
    cardinals = [Member(d, tuple(((s,), 0.0) for s, _ in DIGIT_READINGS[d][:1]), log(0.1)) for d in _CARDINALS]
    cardinals[0] = Member("一", ((("yī",), 0.0), (("yì",), 0.3), (("yí",), 0.3)), log(0.1))
    letters = [
        Member(
            letter, (((letter,), 0.0), *((tuple(spoken.split()), _LETTER_COST) for spoken in readings_)), log(1 / 26)
        )
        for letter, readings_ in {**{chr(c): () for c in range(65, 91)}, **_LETTER_READINGS}.items()
    ]
    mobile = {f"M{place}": digits for place in range(3, _MOBILE_LENGTH + 1)}
    twice = {f"W{place}": doubled for place in range(3, _MOBILE_LENGTH)}
    return {"D": digits, "C": cardinals, "L": letters, "M1": first, "M2": second, **mobile, **twice}


def _hotlines(numbers: list[str]) -> list[Member]:
    """Numbers as one word each; 1 and yao are told apart by sound only."""
    spoken = {d: DIGIT_READINGS[d][0][0] for d in DIGIT_READINGS}
    shares = [0.3, 0.3, 0.1, 0.1] + [0.03] * len(numbers)
    return [
        Member(number, ((tuple(spoken[d] for d in number), 0.0),), log(share))
        for number, share in zip(numbers, shares, strict=False)
    ]


def _usual(word: str) -> tuple[tuple[tuple[str, ...], float], ...]:
    return ((tuple(readings(word)), 0.0),)


def _local(word: str, kind: str) -> tuple[tuple[tuple[str, ...], float], ...]:
    return variants(word, readings(word), [kind] * len(word))


def _even(words: Iterable[str]) -> list[Member]:
    unique = [word for word in dict.fromkeys(words) if is_chinese(word)]
    return [Member(word, _usual(word), -log(len(unique))) for word in unique]


def _ranked(words: list[str], slope: float = 0.9) -> list[Member]:
    """Shares fall with the rank."""
    weights = [(rank + 3) ** -slope for rank in range(len(words))]
    total = sum(weights)
    return [Member(word, _usual(word), log(weight / total)) for word, weight in zip(words, weights, strict=True)]


def _places() -> dict[str, list[Member]]:
    districts: dict[str, float] = {}
    streets: dict[str, float] = {}
    communities: dict[str, float] = {}
    roots: dict[str, float] = {}
    with resource("gazetteer", "divisions.csv").open(encoding="utf-8") as stream:
        rows = [row for row in csv.reader(stream) if len(row) >= 2]
    for city in _HOME_CITIES:
        with resource("gazetteer", "communities", f"{city}.csv").open(encoding="utf-8") as stream:
            rows += [row for row in csv.reader(stream) if len(row) >= 2]
    for code, name in ((row[0], row[1]) for row in rows):
        weight = 1.0 if code[:4] in _HOME_CITIES else 0.05
        if len(code) == 6:
            _add(districts, name, weight)
            _add(districts, re.sub(r"[区市县]$", "", name), weight * 0.3)
        elif len(code) == 9:
            _add(streets, name, weight)
            _add(streets, re.sub(r"道$", "", name) if name.endswith("街道") else name, weight * 0.2)
            _add(roots, re.sub(r"(街道|镇|乡)$", "", name), weight)
        elif len(code) == 12:
            short = re.sub(r"(居民委员会|村民委员会|居委会|村委会|村村民委员会)$", "", name)
            root = re.sub(r"(社区|村)$", "", short)
            _add(communities, short, weight)
            _add(communities, root + ("社区" if "居民" in name or "居委" in name else "村"), weight)
            _add(roots, root, weight * 0.5)
    found = {"区": districts, "街道": streets, "社区": communities, "根": roots}
    return {name: _weighted(weights, PLACE) for name, weights in found.items()}


def _add(weights: dict[str, float], name: str, weight: float) -> None:
    if len(name) > 1 and is_chinese(name):
        weights[name] = max(weights.get(name, 0.0), weight)


def _weighted(weights: dict[str, float], kind: str = "") -> list[Member]:
    total = sum(weights.values())
    return [Member(name, _local(name, kind), log(weight / total)) for name, weight in weights.items()]


def _surnames() -> tuple[list[str], list[str]]:
    lines = [line for line in resource("surnames.txt").read_text("utf-8").splitlines() if not line.startswith("#")]
    single = list(dict.fromkeys(lines[0].replace(" ", "")))
    compound = [word for line in lines[1:] for word in line.split()]
    return single, compound


def _spellings(characters: list[str], segmenter: Segmenter, known: dict[str, list[str]]) -> dict[str, float]:
    """"思想的思" and its weight: each character with the frequent words that people explain it by, the listed ones above all."""
    by_character = {character: list(words) for character, words in known.items()}
    wanted = set(characters)
    for word in segmenter.frequent(60_000):
        if 2 <= len(word) <= 4 and is_chinese(word):
            for character in set(word) & wanted:
                found = by_character.setdefault(character, [])
                if len(found) < (24 if len(word) == 2 else 28):
                    found.append(word)
    return {
        f"{word}的{character}": _LISTED if word in known.get(character, ()) else 1.0
        for character in dict.fromkeys(characters)
        for word in by_character.get(character, ())
    }


def _known_spellings() -> dict[str, list[str]]:
    """Words of ``resources/spelling_words.csv`` by the character that they explain."""
    found: dict[str, list[str]] = {}
    with resource("spelling_words.csv").open(encoding="utf-8") as stream:
        for row in csv.reader(stream):
            if len(row) == 2 and is_chinese(row[0]) and row[1] in row[0]:
                found.setdefault(row[1], []).append(row[0])
    return found


def _components() -> list[str]:
    """"弓长张", and "弓长" alone."""
    phrases = []
    with resource("spelled_components.csv").open(encoding="utf-8") as stream:
        for row in csv.reader(stream):
            if len(row) == 2 and is_chinese(row[0]):
                phrases += [row[0] + character for character in row[1]]
    return phrases
