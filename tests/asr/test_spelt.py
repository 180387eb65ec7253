"""Names are written as they are spelt."""

from __future__ import annotations

import pytest

from asr.zipformer.spelt import agreed


@pytest.mark.parametrize(
    ("words", "syllables", "written"),
    [
        (["荣", "佳", "明", "嘉奖的嘉", "明天的明"], "rong2 jia1 ming2 jia1 jiang3 de5 jia1 ming2 tian1 de5 ming2",
         "荣嘉明嘉奖的嘉明天的明"),
        (["我", "叫", "谭", "峻", "杰", "英俊的俊"], "wo3 jiao4 tan2 jun4 jie2 ying1 jun4 de5 jun4", "我叫谭俊杰英俊的俊"),
        (["志", "蘅", "永恒的恒"], "zhi4 heng2 yong3 heng2 de5 heng2", "志恒永恒的恒"),
        (["是", "诗歌的诗"], "shi4 shi1 ge1 de5 shi1", "是诗歌的诗"),
        (["明明", "光明的明"], "ming2 ming2 guang1 ming2 de5 ming2", "明明光明的明"),
        (["明", "光明的路"], "ming2 guang1 ming2 de5 lu4", "明光明的路"),
        (["伟", "薇", "伟大的伟", "微笑的微"], "wei3 wei1 wei3 da4 de5 wei3 wei1 xiao4 de5 wei1", "伟微伟大的伟微笑的微"),
        (["明", "光明的明"], "ming2", "明光明的明"),
    ],
)
def test_names_are_written_as_they_are_spelt(words: list[str], syllables: str, written: str) -> None:
    assert agreed(words, syllables.split()) == written
