"""A spoken wish as a written clause: without fillers and the first person, said as a clerk would (把线拆掉 -> 拆除线).

Only wording changes here, never content: what was not said does not appear. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_LEAD = re.compile(
    r"^(?:对+(?!面|方|于|电|监|外|他|她|车)|是的?|嗯+|哦|啊|哎|唉|那(?!个|边|里|条|家|些|天|辆|栋)|就是说|就是|然后"
    r"|所以|因为|但是|不过|这样|反正|其实|主要"
    r"|另外|还有|第[一二三](?:个|件)?(?:是|就是)?|好的|好|行|可以|没有?错|你好|您好|喂|我就一个要求|我(?:的"
    r"|们的)?(?:要求|诉求|建议|希望)(?:就)?是"
    r"|我?(?:就)?(?:是)?(?:想|要)?先?(?:请问|咨询|问问|问|了解|打听|投诉|举报|反映|提)(?:一下|下|(?:您|你)(?!们))?(?:个|一个"
    r"|两个)?(?:建议|问题|事情|事)?"
    r"|请问(?:一下)?|希望(?:能|你们|可以)?|要求(?:是)?|(?:想|麻烦|能不能|可不可以)?请(?:你们|您们|你|您|政府"
    r"|相关部门)(?:能|帮忙|帮我)?"
    r"|(?:你们|您们|你|您)(?:就|能不能|可以)?(?:帮忙|帮我)?|帮我|麻烦(?:你们|您|你)?|建议(?:是)?|能不能|可不可以|应该"
    r"|最好|让(?:他们|她们|他|她)(?!的)"
    r"|叫(?:他们|她们|他|她)(?!的)|我们的?|我的|我觉得|我想|我|必须(?:要)?|一定要|要(?!求|么)的?|给我(?!退|赔)|要么)+"
)
_ASKING_LEAD = re.compile(
    r"^(?:那|嗯|哦|呃|然后|还有|另外|第[一二三](?:个|件)?(?:是|就是)?|就是(?:说)?|你好|您好|喂|我?(?:就)?(?:是)?(?:想|要)?先?"
    r"(?:请问|请教|咨询|问问|问|了解|打听|知道)(?:一下|下|(?:您|你)(?!们))?|我(?:们)?(?:听说|想|的)?|想|这个|那个)+"
)
_INNER = re.compile(
    r"就是说|怎么说呢|反正|你知道吧|我跟你(?:讲|说)|那个(?=[^人车店厂])|(?:我们|你们|您们|我|你)(?:的|家的)?(?!国|市|省"
    r"|区)|啊|呀|嘛|啦|咯|喔|哎|唉"
)
_TAIL = re.compile(r"(?:对吧|对吗|是吧|好吧|可以吧|行吧|吧|啊|呀|呢|了|的|嘛|哦|就行了?|就好了?|就可以|就这么简单"
    r"|就这样|可以了|谢谢|麻烦|拜托"
                   r"|要快|再说)+$")
_BACK = re.compile(r"(?:退|还)(?:还|回)?(?:给)?我(?:们)?")
_IDLE = re.compile(
    r"^(?:处理(?:一下|掉)?|一下|好|是|要|对|快点?|尽快|马上|谢谢|麻烦|拜托|没错|就这样|就这两个|没有|不用|可以|的|行"
    r"|需要|有|个|一个|再者|就是|然后|还有|另外|主要|说法|答复|交代|回复|管管|看看|来|吧|了)*$"
)
_BARE = re.compile(
    r"^(?:尽快|快点?|赶紧|马上|派|几个|个|点|人|过来|来|去|帮忙|帮|把它|它|他们?|一下|处理|解决|修好|修|看看?|查询|查|找|管"
    r"|弄好|弄|搞好|搞|检查|清理|抢修|维修|整治|整改|把|协调|调查|核实|好|关掉|没证|就|吧|了|下)*$"
)
_DOER = re.compile(r"^(?:请|让|叫|要求)?(?:他们?|她们?|企业|公司|单位|物业|商家|老板|商户|部门|城管|环卫"
                   r"|街道|社区|派出所|平台|工厂|房东|开发商|学校|医院|[一-鿿]{2,4}部门)(?:的人)?"
                   r"(?:上门|到场|到现场|每天|天天|尽快|立即|赶紧|都|也|要|得|来|去)*")
_PUT: tuple[tuple[str, str], ...] = (
    ("退(?:还)?给", "退还"), ("退(?:还|回来|了|掉)?", "退还"), ("还(?:给|回来)?", "归还"), ("拆(?:掉|了|走|除)",
        "拆除"), ("补(?:上|好)", "补上"), ("修(?:一下|好|了)?", "维修"),
    ("清(?:走|掉|理掉|理干净|理一下|理)", "清理"), ("找(?:出来|回来|到)", "找到"), ("关(?:掉|了|停)", "关停"),
        ("停(?:掉|了)", "停止"), ("(?:挪|移|搬|拖)(?:走|开)", "移走"),
    ("疏通(?:一下|好)?", "疏通"), ("换(?:掉|了)", "更换"), ("发(?:给|下来|了)", "发放"), ("要回来", "追回"),
        ("装(?:上|好)", "安装"), ("撤(?:掉|销)", "撤销"), ("(?:砍|锯)(?:掉|了)", "砍除"), ("修通", "修通"), ("修好", "修好"),
    ("打开", "打开"), ("追回来?", "追回"), ("(?:敲|铲|摘)(?:下来|掉)", "清除"),
    ("填(?:平|上|好)", "填平"), ("接(?:好|上)", "接好"), ("救(?:出来|下来|出)", "救出"), ("抽(?:掉|干|走|了)", "抽排"),
    ("封(?:一下|起来|上|了|闭)", "封闭"), ("断(?:掉|了|开)", "切断"), ("恢复(?:原状|好)?", "恢复"), ("盖(?:上"
    "|好)", "盖好"), ("堵(?:上|住|好)", "封堵"),
    ("(?:赶|撵)(?:走|开)", "清走"), ("扶(?:起来|正)", "扶正"), ("收(?:走|回去)", "收走"), ("补(?:发|交|缴)", "补发"), ("取消", "取消"),
    ("调(?:低|小|整|回来)(?:一点)?", "调整"), ("改(?:回来|过来|正)", "改正"), ("查(?:清楚|封|处)", "查处"), ("画(?:上|好)", "施划"),
)
_PUT_RE = tuple(
    (re.compile(rf"^(?P<who>.{{0,8}}?)(?:来)?(?:把|将)(?P<what>[^开掉走了完]{{1,16}}?)(?:都|全部|全|给|赶紧"
                rf"|尽快)?{verb}$"), clerk)
    for verb, clerk in _PUT
)
_OBJECT_FIRST = tuple(
    (re.compile(rf"^(?P<what>(?!来|去|派|请|先|把|将|尽快|立即|马上|帮|让|叫|给|再|要|不|别|能|可以|按"
    rf"|限期)[^的必派以]{{0,3}}[^的必派以，]{{1,7}}?)"
                rf"(?:都|全部|全|也|给|要|得|必须|应该|尽快|立即|限期|赶紧)*{verb}$"), clerk)
    for verb, clerk in _PUT if verb not in ("取消", "停(?:掉|了)", "恢复(?:原状|好)?")
)
_BLAMED = re.compile(r"^(?P<who>.{2,8}?)也?要(?P<what>处罚|罚款|整改)(?:一下)?$")
_CLERK: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"快点|赶紧|赶快|快些|早点|早日"), "尽快"), (re.compile(r"马上"
    r"|立刻"), "立即"), (re.compile(r"停下来"), "停止"), (re.compile(r"(?:弄|搞)(?:丢|不见)了?"), "遗失"),
    (re.compile(r"驾照"), "驾驶证"), (re.compile(r"(?:解释|说明|讲)(?:一下|清楚)?(?:是)?(?:为什么|为啥|原因|怎么回事)"), "说明原因"),
    (re.compile(r"(?<=[十百千万零一二两三四五六七八九0-9])块钱?"), "元"), (re.compile(r"^退(?=[一二两三四五六七八九十0-9])"), "退还"),
    (re.compile(r"退休金"), "养老金"), (re.compile(r"老婆|媳妇"), "妻子"), (re.compile(r"书面的?说法"), "书面答复"),
    (re.compile(r"(?<!赔)赔(?![偿钱款付一二三四五六七八九十])"), "赔偿"),
    (re.compile(r"(?<![查不没])(?:去|来)?看看|看一看"), "检查"), (re.compile(r"重罚"), "严厉处罚"),
    (re.compile(r"(?<=突击)(?:去)?查一下"), "检查"), (re.compile(r"查一下|查一查"), "查询"),
    (re.compile(r"(怎么|如何|哪里|哪儿)查$"), r"\1查询"),
    (re.compile(r"^装(?=.)"), "安装"), (re.compile(r"^(?:一个|个)(?=书面)"), ""), (re.compile(r"^(?:派人)来(?=[^把])"), "派人"),
)
_EITHER = re.compile(r"^(?:要么|或者|不然就?|要不就?)")
_OWED = re.compile(r"^(?:把)?(?:这|那)?(?P<what>.{1,14}?)(?:要|得|必须|应该)(?:退|还)(?:还|回|给)*$")


def clean(text: str, *, question: bool = False) -> str:
    """A clause without fillers, first person and trailing particles; a question keeps its 能不能 and 要."""
    if question:
        return _TAIL.sub("", _INNER.sub("", _ASKING_LEAD.sub("", text))).replace("退休金", "养老金")
    text = _BACK.sub("退给", text) if _BACK.search(text) else text
    text = _LEAD.sub("", text)
    text = _INNER.sub("", text)
    return _TAIL.sub("", _LEAD.sub("", text))


def restated(text: str) -> str:
    """A cleaned clause in a clerk's order of words (把线拆掉 -> 拆除线)."""
    for spoken, written in _CLERK:
        text = spoken.sub(written, text)
    blamed = _BLAMED.match(text)
    if blamed:
        return blamed["what"] + blamed["who"]
    owed = _OWED.match(text)
    if owed:
        return f"退还{owed['what']}"
    for pattern, clerk in _PUT_RE:
        match = pattern.match(text)
        if match:
            return match["who"] + clerk + match["what"]
    for pattern, clerk in _OBJECT_FIRST:
        match = pattern.match(text)
        if match and not _DOER.fullmatch(match["what"]) and not match["what"].endswith("就"):
            return clerk + match["what"]
    return text


def wish_of(spoken: Sequence[str]) -> str:
    """Spoken clauses of wanting as one text; of alternatives (要么…，要么…) one or the other."""
    out = ""
    for clause in spoken:
        written = restated(clean(clause))
        if written and written not in out:
            joint = "或者" if _EITHER.match(clause) else "，"
            out = f"{out}{joint}{written}" if out else written
    return out


def is_idle(text: str) -> bool:
    """Nothing is wanted in a cleaned clause (处理一下, 就这样)."""
    return _IDLE.match(text) is not None


def is_bare(text: str) -> bool:
    """Something is wanted but its object is not named (派人修一下)."""
    return all(_BARE.match(_DOER.sub("", clause)) is not None for clause in text.split("，"))
