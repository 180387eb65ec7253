"""Verdicts of a rehearsal: sure only where the pairs prove it."""

from __future__ import annotations

from dataclasses import replace

from app.domain.lead_compare import Verdict
from app.domain.rehearsal import CallSeen, CardSeen, FieldChange, FieldSeen, Pass, Standing, rehearsed

RIGHT, WRONG, MISSING = Standing.RIGHT, Standing.WRONG, Standing.MISSING


def calls(count: int, standing: Standing, cards: tuple[CardSeen, ...] = (), helped: frozenset[str] = frozenset()) -> list[CallSeen]:
    return [CallSeen(str(number), (FieldSeen("item_code", 0, standing, "0a1b"), FieldSeen("region_district", 0, RIGHT, "ffff")),
                     {0: 1 if standing is RIGHT else 2}, cards, helped) for number in range(count)]


def verdict(before: list[CallSeen], after: list[CallSeen]) -> Verdict:
    return rehearsed(Pass({}, tuple(before)), Pass({}, tuple(after))).verdict


def test_a_handful_of_calls_proves_nothing_and_many_prove_it_both_ways() -> None:
    assert verdict(calls(4, RIGHT), calls(4, WRONG)) is Verdict.UNSURE
    assert verdict(calls(40, RIGHT), calls(40, WRONG)) is Verdict.WORSE
    assert verdict(calls(40, WRONG), calls(40, RIGHT)) is Verdict.BETTER


def test_as_many_gained_as_lost_is_no_verdict() -> None:
    before = [*calls(10, RIGHT), *[replace(call, call=f"b{call.call}") for call in calls(10, WRONG)]]
    after = [*calls(10, WRONG), *[replace(call, call=f"b{call.call}") for call in calls(10, RIGHT)]]
    assert verdict(before, after) is Verdict.UNSURE


def test_more_right_fields_do_not_make_up_for_wrong_ones() -> None:
    before = [replace(call, fields=(*call.fields, FieldSeen("contact_phone", 0, MISSING))) for call in calls(40, RIGHT)]
    after = [replace(call, fields=(replace(call.fields[0], standing=WRONG, mark="1"), call.fields[1],
                                   FieldSeen("contact_phone", 0, RIGHT, "2"))) for call in before]
    assert verdict(before, after) is Verdict.WORSE


def test_cards_that_helped_are_missed_and_others_leave_the_verdict_open() -> None:
    card = (CardSeen("K1", 1, 4000),)
    assert verdict(calls(30, RIGHT, card, frozenset({"K1"})), calls(30, RIGHT, (), frozenset({"K1"}))) is Verdict.WORSE
    assert verdict(calls(30, RIGHT, card), calls(30, RIGHT)) is Verdict.UNSURE
    assert verdict(calls(30, RIGHT, card), calls(30, RIGHT, (CardSeen("K1", 1, 4500),))) is Verdict.SAME


def test_loss_and_gain() -> None:
    for before, after, loss, gain in ((RIGHT, MISSING, True, False), (MISSING, WRONG, True, False), (WRONG, RIGHT, False, True),
                                      (WRONG, MISSING, False, True), (WRONG, WRONG, False, False), (None, WRONG, True, False),
                                      (MISSING, Standing.OFFERED, False, False)):
        change = FieldChange("x", 0, before, after)
        assert (change.is_loss, change.is_gain) == (loss, gain), (before, after)


def test_calls_of_one_pass_only_are_left_out_and_faults_are_counted() -> None:
    outcome = rehearsed(Pass({}, tuple(calls(3, RIGHT))), Pass({}, (*calls(2, RIGHT)[:1], CallSeen("1", fault="asr.lost"))))
    assert (outcome.calls, outcome.left_out, outcome.faults, outcome.verdict) == (1, 1, 1, Verdict.WORSE)
    assert rehearsed(Pass({}, ()), Pass({}, tuple(calls(3, RIGHT)))).verdict is Verdict.UNSURE
