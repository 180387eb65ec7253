"""What an operator's turn asks for: a closed set of topics, found by their stock phrases.

The question decides what the answer means (贵姓 -> name, 具体在哪里 -> place), so every field rule starts from here.
Phrases are matched on text without punctuation and must survive recognition errors in the words around them: each is
short.
"""

from __future__ import annotations

import re
from enum import StrEnum


class Topic(StrEnum):
    """A thing an operator asks for."""

    NAME = "name"
    PHONE = "phone"
    ALT_PHONE = "alt_phone"
    ID_NO = "id_no"
    USCC = "uscc"
    PLATE = "plate"
    TICKET_NO = "ticket_no"
    ORDER_NO = "order_no"
    AMOUNT = "amount"
    COUNT = "count"
    PLACE = "place"
    REGION = "region"
    COMMUNITY = "community"
    HOME = "home"
    TIME = "time"
    SUBJECT = "subject"
    DEMAND = "demand"
    CALLBACK = "callback"
    CONFIDENTIAL = "confidential"
    ANONYMOUS = "anonymous"
    DANGER = "danger"
    MORE = "more"


_ASK = r"(?:哪|什么|啥|几|多少|吗|呢|怎么|请问|请您|是$|方便|提供|留|说一下|报一下)"

_PATTERNS: tuple[tuple[Topic, str], ...] = (
    (
        Topic.NAME,
        r"贵姓|怎么称呼|如何称呼|称呼您|称呼一下|(?:留|记|报)(?:一?个|一?下)?(?:您的)?(?:称呼|姓名|名字)|姓名|(?:您|你)(?:本人)?(?:的)?(?:全名|名字|大名)|(?:您"
        r"|你)(?:本人)?叫什么"
        r"|全名|姓什么|哪几个字|哪两个字|是哪个.?字|名字怎么写|怎么写|大名|您是哪位|您的称呼|^(?:好的?|嗯|那|行|可以)*(?:您的?)?名字?(?:呢|是|叫什么|怎么写|$)",
    ),
    (Topic.ALT_PHONE, r"备用|(?:另外|还有|其他|其它|第二个|另一个|再留)[^对]{0,6}(?:手机|电话|号码|联系方式)"),
    (
        Topic.PHONE,
        r"(?:联系|手机|电话|座机)(?:方式|号码|电话|号)?(?:是|呢|多少|吗|方便|提供|您|能|$)|(?:留|提供"
        r"|报|说)[^对]{0,8}"
        r"(?:电话|手机|联系方式|号码)|(?:您|你)的?(?:联系|手机|电话|号码)|联系电话|联系方式|打(?:哪个"
        r"|什么|这个)(?:电话|号码)"
        r"|电话(?:号码)?还是|怎么联系您|(?:哪个|什么)号码|电话号码|手机号|电话(?:留|说|报|讲)|来电号码",
    ),
    (Topic.ID_NO, r"身份证(?:件)?(?:的)?(?:号码|号|多少|报|是多少)|证件号|通行证号|护照号"),
    (Topic.USCC, r"信用代码|统一代码"),
    (Topic.PLATE, r"车牌|车号|车辆号"),
    (
        Topic.TICKET_NO,
        r"(?:提供|报|说|记得|查)(?:一?下|您的?|之前的?|原来的?|上次的?|那个|有没有|的|过)*(?:编号|单号|流水号|查询码)"
        r"|有(?:没有)?(?:之前的?|原来的?|上次的?|那个)*(?:单号|流水号|查询码)|工单(?:的)?(?:编号|号)|受理(?:编)?号|(?:上次|之前|以前|原来)的?[^电话]{0,4}(?:编号|单号"
        r"|流水号)|登记编号|查询(?:编号|码)",
    ),
    (Topic.ORDER_NO, r"订单(?:编)?号|运单号|快递(?:单)?号|案件(?:编)?号|物流单号|立案号"),
    (
        Topic.AMOUNT,
        r"多少(?:钱|元|块|费)|(?:价|费|款|佣金|学费|金)(?:是)?多少|金额|(?:付|花|交|欠|扣|收|充|损失|赔|转|骗|退|罚|亏|借|垫|买|存|分|少|差)(?:了|了您|您)?多少|费用(?:是"
        r"|一共|总共)?(?:多少|呢)"
        r"|(?:一共|总共|合计|押金|定金|工资|租金|学费|车费)(?:是)?多少|价格|什么价",
    ),
    (Topic.COUNT, r"(?:几个|多少|几名|几位)(?:人|员工|工友|业主|名|位|户|住户)|多少人|人数"),
    (
        Topic.HOME,
        r"(?:您|你)(?:自己|本人|家|现在|目前|平时|们)*(?:父亲|母亲|爸爸?|妈妈?|老人家?|家人|现在|目前)*(?:是)?(?:居?住)(?:在)?(?:的)?(?:这?附近(?:的)?)?(?:哪|什么|几|地"
        r"|小区)|(?:您|你)(?:们)?(?:的)?(?:公司|单位)(?:的)?(?:地址|在哪|在什么)|家庭(?:住址|地址)|住址|居住地址"
        r"|(?:您|你)家(?:的)?(?:在哪|地址|是哪|是几|住哪|几栋|哪一栋)",
    ),
    (Topic.COMMUNITY, r"社区|居委|村委|哪个村"),
    (
        Topic.REGION,
        r"哪个(?:行政)?(?:区|街道|街|镇)|哪(?:一)?(?:区|镇)|(?:区|街道|镇)(?:和|跟|还有)(?:街道|社区"
        r"|镇)|什么(?:区|街道|镇)|街道吗|街道对吗"
        r"|街道是吗|镇吗|镇对吗|属于哪|归哪",
    ),
    (
        Topic.PLACE,
        r"什么(?:地方|位置|地址|路)|哪(?:里|儿|个位置|个地方|条|一段|段|栋|一栋|个小区|个工地|个路"
        r"|个站|个口|个方位|个地铁站|层|一层)"
        r"|(?:位置|地址|地点|方位)|在哪|多少号(?!码)|几(?:号|栋|楼|层|单元|巷)(?!.{0,2}(?:开始|发生|涨|发现))|门牌"
        r"|明显的?(?:建筑|标志)|参照物|哪个方向"
        r"|哪条路|从哪",
    ),
    (
        Topic.TIME,
        r"什么时候|几点|几时|什么时间|哪(?:一)?天|多久|何时|(?:发生|具体|时间)(?:的)?时间|时间(?:是|呢|段)"
        r"|多长时间|几号(?:开始|发生|涨|发现|的)"
        r"|几月|哪个月|哪(?:一)?年|哪几天|几天(?:了|啦)|时间和地点|时间地点|的时间",
    ),
    (
        Topic.SUBJECT,
        r"(?<!您)(?<!你)(?<!您的)叫什么|(?:公司|单位|企业|店|厂|物业|商家|学校|机构)(?:的)?(?:全称"
        r"|名称|名字|叫)|哪(?:一)?家|什么公司"
        r"|哪个(?:厂|公司|单位|店|机构|学校|楼盘|工地|平台|物业|商家|市场)|全称",
    ),
    (Topic.DEMAND, r"诉求|要求|希望|怎么处理|如何处理|想要(?:什么|怎么|我们)|建议(?:是|呢|具体)"),
    (
        Topic.CALLBACK,
        r"回访|回电|回(?:您)?一?个?(?:电话|话|音)|(?:给您|向您|跟您|和您)(?:来电|去电|致电|联系|答复|回复|反馈"
        r"|打(?:个)?电话)|(?:答复|回复|反馈)(?:给)?您"
        r"|告知您|通知您|告诉您|(?:需要|要不要|是否)(?:答复|回复|反馈|打(?:个)?电话)"
        r"|(?:需要|需不需要|要不要|是否|用不用|要)[^吗么呢]{0,10}?(?:联系(?!电话|方式|人|号|地址)|通知|告知|告诉|回复|反馈|答复|回话|来电|(?:打|来|回)个?电话)"
        r"|给您(?:来|打|去)个?电话|打您.{0,4}电话.{0,2}可以|(?:要不要|需要|用不用)回(?:复)?您|(?:短信|电话|微信)(?:通知|告知|回复|告诉)|联系您(?:可以|行|方便|好)吗",
    ),
    (Topic.CONFIDENTIAL, r"保密|公开|(?:信息|身份|姓名|名字|电话)[^吗]{0,6}(?:隐藏|隐去|透露|遮|转给|提供给|披露)"),
    (Topic.ANONYMOUS, r"匿名|实名|留姓名|留名"),
    (
        Topic.DANGER,
        r"受伤|有没有事|冒烟|起火|着火|不舒服|危险|伤到|伤亡|被困|围挡|明火|漏气|气味|昏迷|流血"
        r"|情况怎么样",
    ),
    (Topic.MORE, r"还有(?:其他|别的|什么|其它)|别的(?:事|问题)|其他(?:问题|需要|事)|第二(?:个|件)"),
)
_COMPILED = tuple((topic, re.compile(pattern)) for topic, pattern in _PATTERNS)


def topics(text: str) -> tuple[Topic, ...]:
    """Topics an operator's turn touches, in the order of their last mention; ``text`` has no punctuation."""
    found: list[tuple[int, Topic]] = []
    for topic, pattern in _COMPILED:
        starts = [match.start() for match in pattern.finditer(text)]
        if starts:
            found.append((starts[-1], topic))
    return tuple(topic for _, topic in sorted(found, key=lambda pair: (pair[0], pair[1])))
