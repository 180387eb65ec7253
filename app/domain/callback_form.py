"""Callbacks and results as plain JSON: between desk and hub, and in the desk's store. Strict: what is damaged is a ``ValueError``. Pure."""

from __future__ import annotations

from app.domain.callbacks import CallbackResult
from app.domain.cases import Case, CaseAct, CaseKind, CaseState
from app.domain.json_values import Json, object_of, text_at, truth_of, whole_at

_TEXTS = ("case_id", "subject", "team", "agent", "opened", "due")
_RESULT = ("result_id", "case_id", "day", "satisfaction", "solved", "reason", "item", "district")


def callback_json(case: Case) -> dict[str, Json]:
    """A callback; what was answered before stays where it was."""
    return {**{name: getattr(case, name) for name in _TEXTS}, "state": case.state.value, "estimated": case.estimated,
            "rounds": case.rounds, "tries": case.tries}


def callback_of(held: object) -> Case:
    """The callback that ``callback_json`` or a hub wrote."""
    keys = object_of(held)
    texts = {name: text_at(keys, name) for name in _TEXTS}
    return Case(CaseKind.CALLBACK, texts["case_id"], texts["subject"], "", texts["team"], texts["agent"], CaseState(text_at(keys, "state")),
                texts["opened"], texts["due"], whole_at(keys, "rounds"), whole_at(keys, "tries"), {}, truth_of(keys.get("estimated")))


def result_json(result: CallbackResult) -> dict[str, Json]:
    """A result."""
    return {**{name: getattr(result, name) for name in _RESULT}, "act": result.act.value}


def result_of(held: object) -> CallbackResult:
    """The result that ``result_json`` wrote."""
    keys = object_of(held)
    return CallbackResult(**{name: text_at(keys, name) for name in _RESULT}, act=CaseAct(text_at(keys, "act")))
