"""Names and their spellings agree: in 佳明嘉奖的嘉 the caller has said which character is meant, so it is written 嘉明.

An utterance often holds a name and, behind it, words that explain its characters. The search chose the name's characters
before it had heard the explanation. Each explained character goes to the character before it that stands as a word of its own
and has the same syllable: the same character, else the same tone, else the nearest; nothing else changes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_SPELLING = re.compile("[\u4e00-\u9fff]*([\u4e00-\u9fff])[\u4e00-\u9fff]*的\\1")
_REACH = 16
"""Characters before a spelling; a name longer ago is another sentence."""
_NO_NAME = frozenset("的是了在我你他她它就那这哪叫姓不没有名字个也都和跟零幺一二三四五六七八九十两")


def agreed(words: Sequence[str], syllables: Sequence[str]) -> str:
    """The words as a text whose names are written as they are spelt.

    Args:
        words: as the search found them; a spelling (嘉奖的嘉) is one word of its lexicon.
        syllables: numbered syllable of each character of all words.
    """
    written = list("".join(words))
    if len(syllables) != len(written):
        return "".join(written)
    candidates: list[int] = []
    end = 0
    for word in words:
        begin, end = end, end + len(word)
        if len(word) == 1:
            if word not in _NO_NAME:
                candidates.append(begin)
        elif _SPELLING.fullmatch(word):
            meant = _plain(syllables[end - 1])
            near = [place for place in candidates if place >= begin - _REACH and meant and _plain(syllables[place]) == meant]
            if near:
                best = max(near, key=lambda place: (written[place] == word[-1], syllables[place] == syllables[end - 1], place))
                written[best] = word[-1]
                candidates.remove(best)
    return "".join(written)


def _plain(syllable: str) -> str:
    return syllable.rstrip("12345")
