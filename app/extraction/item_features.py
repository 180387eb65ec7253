"""Text to weighted features for the item classifier: characters, character pairs, and their sounds.

A recogniser's commonest error is another character of the same or a similar sound, so every text is seen twice: as
characters and as syllables without tone in which pairs that southern speakers and telephones mix are one (zh=z, ch=c,
sh=s, n=l, f=h, -ng=-n). Features are strings over one alphabet: a syllable is a private-use character, so that ``"路灯"``
and the pair of its syllables never collide. Pure functions; used alike for training and for calls.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

SYLLABLE_BASE = 0xE000
_NOT_WORD = re.compile(r"[^0-9A-Za-z一-鿿]+")
_LATIN = re.compile(r"[0-9]+")
_FORMULA = re.compile(
    r"免贵|您好|你好|喂+|早上好|下午好|晚上好|请问一?下?|麻烦你?您?们?|是这样的|就是说|那个|这个|然后呢?|[呃嗯啊哦哎唉诶]+|"
    r"我跟你讲|我跟你说|跟你说|我慢慢跟你说|不好意思|谢谢你?您?们?|"
    r"我?想?要?(?:投诉|举报|反映|咨询|了解|问问?|提)一?下?(?:个|一个|一件|两个|两件)?(?:事情?|问题|情况|建议|意见)?(?:都是)?|"
    r"热线|一二三四五|幺二三四五|一二三三三|幺二三三三|工号"
)

KIND_WEIGHTS = {"u": 1.0, "b": 1.0, "f": 0.5, "z": 0.9}

_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("f", "h"), ("r", "l"))


def fuzzy_syllable(pinyin: str) -> str:
    """A toneless syllable with easily mixed sounds made one: "zhang" and "zan" give "zan"."""
    for written, heard in _INITIALS:
        if pinyin.startswith(written) and len(pinyin) > len(written):
            pinyin = heard + pinyin[len(written):]
            break
    return pinyin[:-1] if pinyin.endswith("ng") else pinyin


def plain(text: str) -> str:
    """The words that can tell an item: greetings, fillers, announcing verbs, punctuation and digits removed.

    Removed stretches become one space, so that no pair of characters spans a gap.
    """
    text = _NOT_WORD.sub(" ", text)
    text = _FORMULA.sub(" ", text)
    return _LATIN.sub(" ", text).upper()


def features(text: str, syllables: Mapping[str, str]) -> dict[str, float]:
    """Raw counts of the features of one text.

    Args:
        text: spoken or written words; formulas are taken out here.
        syllables: character to its private-use syllable character.
    """
    counts: dict[str, float] = {}
    for piece in plain(text).split():
        sounds = [syllables.get(char, char) for char in piece]
        for feature in _grams(piece, sounds):
            counts[feature] = counts.get(feature, 0.0) + 1.0
    return counts


def kind_weight(feature: str) -> float:
    """Weight of the view to which a feature belongs."""
    sound = ord(feature[0]) >= SYLLABLE_BASE and ord(feature[-1]) >= SYLLABLE_BASE
    if len(feature) == 1:
        return KIND_WEIGHTS["f" if sound else "u"]
    return KIND_WEIGHTS["z" if sound else "b"]


def _grams(piece: str, sounds: list[str]) -> Iterable[str]:
    yield from piece
    yield from sounds
    for index in range(len(piece) - 1):
        yield piece[index : index + 2]
        yield sounds[index] + sounds[index + 1]
