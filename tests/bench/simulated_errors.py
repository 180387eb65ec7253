"""Simulated recognition errors for texts: what our tables call "5 %, 10 %, 20 %".

The profile is the one measured on a real recogniser (characters of hotline calls): same sound 51 %, near sound (same final)
21 %, another character 17 %, lost 8 %, added 3 %. Punctuation goes, as in recognised text. Deterministic by seed.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict

from app.extraction.sound import Sound, merged
from app.platform.resource_files import resource


def spoken(text: str) -> str:
    """Without punctuation."""
    return re.sub(r"[^\w]", "", text)


class SimulatedErrors:
    """Replaces, drops and adds characters.

    Args:
        rate: share of characters that err, 0 to 1.
        seed: of the draw.
    """

    def __init__(self, rate: float, seed: int) -> None:
        self._rate = rate
        self._random = random.Random(seed)
        self._sound = Sound.load(resource("readings.csv"))
        self._by_key: dict[str, list[str]] = defaultdict(list)
        written = {c for path in resource("").glob("*.csv") for c in path.read_text("utf-8")}
        self._common = sorted(c for c in written if "一" <= c <= "鿿" and _is_common(c))
        for character in self._common:
            self._by_key[self._sound.keys(character)[0]].append(character)

    def __call__(self, text: str) -> str:
        """One noisy copy."""
        return "".join(self._heard(c) if self._random.random() < self._rate else c for c in spoken(text))

    def _heard(self, character: str) -> str:
        draw = self._random.random()
        if draw < 0.51:
            return self._one_of(self._by_key.get(self._sound.keys(character)[0], [character]), character)
        if draw < 0.72:
            final = merged(self._sound.readings(character)[0]).split(":")[-1]
            near = [key for key in self._by_key if key.endswith(":" + final)]
            return self._one_of(self._by_key[self._random.choice(near)], character) if near else character
        if draw < 0.89:
            return self._random.choice(self._common)
        return "" if draw < 0.97 else character + self._random.choice(self._common)

    def _one_of(self, characters: list[str], character: str) -> str:
        others = [one for one in characters if one != character]
        return self._random.choice(others) if others else character


def _is_common(character: str) -> bool:
    try:
        return 0xB0 <= character.encode("gb2312")[0] <= 0xD7
    except UnicodeEncodeError:
        return False
