"""Latin letters as recognition writes their names: 比出口 is B出口, 飞栋 is C栋.

The names of letters are no Mandarin syllables; recognition writes characters that sound like them. They are read as
letters only where a letter is expected: inside a plate, before 栋, 座 and 出口.
"""

from __future__ import annotations

import re

_LETTER_SOUNDS = {
    "A": "诶|欸|唉|哎",
    "B": "必|比|毕|币|逼|笔|壁",
    "C": "西|塞|谢|希|夕|飞|非|赛|色",
    "D": "地|弟|第|低|滴|迪|的",
    "E": "衣|意|医|易",
    "F": "艾弗|爱福|艾福|爱弗",
    "G": "鸡|记|寄|季|计|纪|机",
    "H": "艾尺|爱吃|诶吃|艾吃|诶取|爱取",
    "J": "杰|接|街|借|阶|节|姐",
    "K": "开|克|凯|楷|科|可",
    "L": "艾勒|爱了|艾了|爱乐",
    "M": "艾姆|爱母|艾木|爱慕|爱姆|艾母",
    "N": "恩|摁",
    "P": "皮|屁|批|匹",
    "Q": "秋|求|球|邱",
    "R": "阿|啊",
    "S": "艾斯|爱死|爱思|艾丝|爱斯",
    "T": "踢|提|题|梯|替",
    "U": "优|由|又",
    "V": "微|威|维|为",
    "W": "达不溜|大不溜|搭不溜|打不溜|大布留|达布溜",
    "X": "艾克斯|爱克斯|叉|艾克思|爱克思",
    "Y": "外|歪",
    "Z": "贼|再|子|在",
}
LETTER_OF = {spoken: letter for letter, words in _LETTER_SOUNDS.items() for spoken in words.split("|")}
SPOKEN_LETTER = "|".join(sorted(LETTER_OF, key=len, reverse=True))
# Characters that stand before 栋 or 出口 as themselves (西出口).
_WORDS = frozenset("西的为可又由再在子接街阿啊医意衣提")
_SINGLE = "".join(spoken for spoken in LETTER_OF if len(spoken) == 1 and spoken not in _WORDS)
_EXPECTED = re.compile(rf"[{_SINGLE}](?=栋|座(?!机|位)|出口|出入口)")


def with_letters(text: str) -> str:
    """The text with letters in their expected places; every character keeps its place."""
    return _EXPECTED.sub(lambda match: LETTER_OF[match.group()], text)
