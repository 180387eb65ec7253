"""Words of talk about places that are no part of a name: where a name cannot reach back over, and kinds without a name.

The grammar of addresses (``address_grammar``) reads names backwards from their ending word; these lists tell it where to stop and
what is left when nothing was named. Data only.
"""

from __future__ import annotations

# One character before a name that cannot be its own.
BOUNDARY = frozenset(
    "着在是算到从的去叫往住这那个条嗯哦啊就我你他她您们对过有说吧呢了跟与写挂呀嘛啦给找让把被来进出走转由离靠挨哪所"
)
# Before 边: 这边, 旁边 are no names.
SIDES = frozenset("这那旁右左前后对外里上下")
# Words before a name.
SOFT = (
    "位于", "靠近", "挨着", "临近", "紧挨", "地址", "就在", "具体", "旁边", "对面", "附近", "隔壁", "门口", "前面", "后面", "里面", "还有",
    "然后", "应该", "可能", "好像", "大概", "以前", "现在", "明白", "好的", "不好", "意思", "核对", "一下", "反映", "清楚", "社区", "街道",
    "不对", "说错", "错了", "记得", "记下", "请问", "知道", "不是", "位置", "地点", "建议", "投诉", "举报", "咨询", "转上", "开上", "走上",
    "的车", "上车", "下车", "右手", "左手", "出来", "过去",
)
# A kind of road, area or house that nobody named.
GENERIC = frozenset((
    "镇街", "马路", "大马路", "公路", "道路", "小路", "大路", "一条路", "整条路", "半路", "铁路", "主路", "辅路", "土路",
    "水泥路", "十字路", "丁字路", "一路", "两路", "老路", "新路", "路", "街", "大街", "巷", "小巷", "后巷", "村", "本村",
    "全村", "小区", "老小区", "花园", "市场", "菜市场", "超市", "广场", "地铁站", "公交站", "学校", "小学", "中学", "幼儿园",
    "医院", "公园", "酒店", "停车场", "加油站", "商场", "大厦", "宿舍", "农村", "步行街", "隔壁村", "派出所", "大学", "大楼",
    "公寓", "工业区", "城中村", "大桥", "人行隧道", "隧道", "服务中心", "写字楼", "火车站", "汽车站", "客运站", "内街", "横街",
    "远路", "这条路", "人行路", "整条街", "一条街", "条街", "条路", "驾校", "外村", "邻村", "别村", "体育馆", "图书馆", "校门",
))
