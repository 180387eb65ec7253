"""Makes a store of invented tickets for measuring: names, phones, roads and matters drawn at random, nothing of anybody's.

Names of people follow the shares of surnames roughly, roads and estates are made of a few hundred syllables, so that words repeat
as they do in one city: 1,000,000 tickets over five years, 11 districts, 1,200 roads, some 200 items.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from app.domain import json_form
from app.domain.dialogue import CallContext
from app.domain.ticket import FieldState, FieldValue
from app.domain.ticket_search import TicketRow
from app.platform.catalogue_files import load_taxonomy
from app.platform.clock import BEIJING, SystemClock
from app.platform.resource_files import resource
from app.store import listing, rows
from app.store.connection import open_writer
from tests.app.store import scenes

BEGIN = datetime(2021, 11, 1, 8, 0, tzinfo=BEIJING)
YEARS_S = 5 * 365 * 86400
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂辉玲红玉鹏华飞鑫波斌宇浩凯健俊帆雪倩婷佳欣怡晨阳志建国文"
PLACE = "东西南北中新光华建设民生和平长安人兴隆宝龙凤金银花园景泰康乐福海江河湖山林森木石桥塔寺庙村岗坑洞沙水月星云天"
KINDS = ("投诉", "咨询", "求助", "举报", "建议")
STATES = ("待派遣", "处理中", "已结案", "已结案", "已结案", "待回访", "已回访")
THINGS = ("夜间施工噪声扰民", "路灯不亮", "井盖破损", "占道经营", "停水多日", "垃圾未清运", "电梯故障", "社保缴费咨询", "积水严重", "违章停车")
BATCH = 20_000


def drawn(count: int, seed: int = 8) -> Iterator[tuple[datetime, dict[str, str]]]:
    """Times of submission and field values, oldest first."""
    draw = random.Random(seed)
    surnames = "".join(line for line in resource("surnames.txt").read_text("utf-8").splitlines() if not line.startswith("#"))[:100]
    districts = [f"{a}{b}区" for a, b in zip(PLACE[:11], PLACE[11:22])]
    roads = [draw.choice(PLACE) + draw.choice(PLACE) + draw.choice(("", draw.choice(PLACE))) + draw.choice(("路", "街", "大道", "花园"))
             for _ in range(1200)]
    items = [item.code for item in load_taxonomy().items]
    for number in range(count):
        at = BEGIN + timedelta(seconds=number * YEARS_S / count + draw.random())
        road, thing = roads[int(1200 * draw.random() ** 2)], draw.choice(THINGS)
        name = surnames[int(len(surnames) * draw.random() ** 2)] + draw.choice(GIVEN) + draw.choice(("", draw.choice(GIVEN)))
        phone = "1" + draw.choice("3456789") + f"{draw.randrange(10**9):09d}"
        district = draw.choice(districts)
        yield at, {
            "requester_name": name, "contact_phone": phone, "region_district": district, "request_type": draw.choice(KINDS),
            "address_detail": f"{road}{draw.randrange(1, 400)}号{draw.randrange(1, 30)}栋", "item_code": draw.choice(items),
            "title": f"{district}{road}{thing}", "status": draw.choice(STATES), "urgency": "一般"}


def make(path: Path, count: int) -> None:
    """Write them: call, ticket, one field, list and index as ``submit`` makes them; the other fields would only make the file larger."""
    db = open_writer(path, scenes.KEY, SystemClock())
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA cache_size = -400000")
    db.execute("INSERT INTO listed_words (listed_words, rank) VALUES ('hashsize', 67108864)")
    context = json_form.dumps(json_form.context_to_json(CallContext("c", BEGIN.isoformat(), "广州市")))
    db.execute("BEGIN")
    for number, (at, values) in enumerate(drawn(count)):
        call_id, ticket_no, stamp = f"c{number}", f"{at:%y%m%d%H%M%S}{number % 10**6:06d}", at.isoformat()
        db.execute("INSERT INTO calls VALUES (?, ?, ?, '')", [call_id, context, stamp])
        rows.put_ticket(db, ticket_no, None, call_id, 0, stamp)
        rows.put_fields(db, ticket_no, {"title": FieldValue(values["title"], FieldState.FILLED, 0.98)})
        listing.put(db, TicketRow(
            ticket_no, "", call_id, stamp, values["status"], values["request_type"], values["item_code"], values["title"],
            values["requester_name"], "", (values["contact_phone"],), values["region_district"], values["address_detail"],
            urgency=values["urgency"]))
        if number % BATCH == BATCH - 1:
            db.execute("DELETE FROM unlisted")
            db.execute("COMMIT")
            db.execute("BEGIN")
    db.execute("DELETE FROM unlisted")
    db.execute("INSERT INTO listed_words (listed_words, rank) VALUES ('hashsize', 1048576)")
    db.execute("COMMIT")
    db.close()
