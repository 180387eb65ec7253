"""The item classifier's file: same bank, same file; without one the calls go on with suggestions, and the doctor says so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.domain.dialogue import CallContext, Channel, Utterance
from app.domain.errors import EnvironmentFault
from app.domain.ticket import FieldState
from app.extraction import item_model
from app.extraction.extractor import DialogueExtractor
from app.extraction.items import ItemClassifier, tree
from app.extraction.train_items import fit_model
from app.platform import messages

SAYINGS = {"010402": ["路灯坏了", "路灯不亮", "灯杆倒了"], "090101": ["拖欠工资", "老板欠薪不发", "工资没有发"]}


@pytest.fixture
def unused() -> None:
    """The process's model is chosen anew in the test and after it."""
    item_model.classifier.cache_clear()


def test_the_same_sayings_give_the_same_file(tmp_path: Path) -> None:
    for name in ("a.npz", "b.npz"):
        fit_model(SAYINGS, tmp_path / name, copies=3, min_sayings=1, extra={"terms": np.asarray("")})
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


@pytest.mark.parametrize("damage", ["absent", "empty", "cut", "no zip", "flipped", "wrong shapes"])
def test_a_missing_or_damaged_file_is_told_by_key(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "model.npz"
    fit_model(SAYINGS, file, copies=0, min_sayings=1, extra={"terms": np.asarray("")})
    whole = file.read_bytes()
    middle = len(whole) // 2
    if damage == "absent":
        file.unlink()
    elif damage == "wrong shapes":
        with np.load(file) as data:
            held = {name: data[name] for name in data.files}
        np.savez_compressed(file, **{**held, "bias": held["bias"][:1]})  # type: ignore[arg-type]
    else:
        file.write_bytes({"empty": b"", "cut": whole[:middle], "no zip": b"no model at all",
                          "flipped": whole[:200] + bytes(byte ^ 0x55 for byte in whole[200:260]) + whole[260:]}[damage])
    with pytest.raises(EnvironmentFault) as caught:
        ItemClassifier.load(file)
    assert caught.value.key == ("items.model_missing" if damage == "absent" else "items.model_damaged")
    assert "items." not in messages.describe(caught.value)


@pytest.mark.usefixtures("unused")
def test_without_a_file_a_call_still_gets_its_item_as_a_suggestion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(item_model, "places", lambda: (tmp_path / "none.npz",))
    talk = [Utterance(0, Channel.OPERATOR, 0, 1, "您好请问有什么可以帮您"),
            Utterance(1, Channel.CITIZEN, 1, 2, "老板拖欠我们三个月工资不发，我要投诉他")]
    hits = DialogueExtractor.load(strict=True).extract(talk, CallContext("c", "2026-11-20T09:00:00+08:00", "广州市"))
    held = {hit.name: hit for hit in hits}
    assert held["item_code"].value == "090101"
    assert {held[name].state for name in ("item_code", "lead_unit", "title")} == {FieldState.SUGGESTED}
    assert {item.code for item in tree().items} == set(item_model.classifier().codes)
    (check,) = item_model.item_checks()
    assert (check.ok, check.key, check.remedy) == (False, "items.model_missing", item_model.REMEDY)
    item_model.classifier.cache_clear()


def test_the_second_place_serves_where_the_first_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "first.npz").write_bytes(b"PK damaged")
    fit_model(SAYINGS, tmp_path / "second.npz", copies=0, min_sayings=1, extra={"terms": np.asarray("")})
    found, faults = item_model.first_usable((tmp_path / "first.npz", tmp_path / "second.npz"))
    assert found is not None and set(found.codes) == set(SAYINGS)
    assert [fault.key for fault in faults] == ["items.model_damaged"]


def test_the_doctor_tells_the_trained_model() -> None:
    (check,) = item_model.item_checks()
    assert check.ok, messages.text(check.key, check.params)
    assert str(len(tree().items)) in messages.text(check.key, check.params)
