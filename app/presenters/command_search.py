"""Finds commands and settings by what is typed: Chinese characters, English words, pinyin in full or by initials. Pure; any thread."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property

_NOT_FOUND = 99
_SEPARATORS = re.compile(r"[\s，,：:（）()]+")


class CommandIndex:
    """Names, ready to be searched. Sounds are made at the first search that needs them: the tables of readings take a quarter of a second.

    Args:
        names: ids to what they are called, in any languages.
    """

    def __init__(self, names: Mapping[str, tuple[str, ...]]) -> None:
        self._names = {known: tuple(spoken) for known, spoken in names.items()}
        self._written = {known: tuple(_clean(name) for name in spoken) for known, spoken in names.items()}

    def rank(self, typed: str) -> dict[str, int]:
        """Ids that hold what was typed, with how well: 0 is best. Everything with 0 where nothing was typed."""
        wanted = _clean(typed)
        all_forms = self._sounded if wanted and wanted.isascii() else self._written
        ranks = {known: min(_distance(wanted, form) for form in forms) for known, forms in all_forms.items()}
        return {known: rank for known, rank in ranks.items() if rank < _NOT_FOUND}

    @cached_property
    def _sounded(self) -> dict[str, tuple[str, ...]]:
        """As written, then by initials and in full: what ASCII letters may mean."""
        from pypinyin import lazy_pinyin  # noqa: PLC0415 - see the class

        all_forms: dict[str, tuple[str, ...]] = {}
        for known, spoken in self._names.items():
            forms: list[str] = []
            for name in spoken:
                clean = _clean(name)
                forms.append(clean)
                if clean.isascii():
                    forms.append("".join(word[0] for word in _SEPARATORS.split(name.lower()) if word))
                else:
                    sounds = lazy_pinyin(clean)
                    forms += ["".join(sound[0] for sound in sounds), "".join(sounds)]
            all_forms[known] = tuple(forms)
        return all_forms


def _clean(text: str) -> str:
    return _SEPARATORS.sub("", text).lower()


def _distance(wanted: str, form: str) -> int:
    """0 begins so, 1 to 9 holds it further on, 20 holds its letters in order, 99 not at all."""
    at = form.find(wanted)
    if at >= 0:
        return min(at, 9)
    rest = iter(form)
    return 20 if len(wanted) > 1 and all(letter in rest for letter in wanted) and len(form) < 4 * len(wanted) else _NOT_FOUND
