"""Whether the call is transcribed stands in the call bar, and pressing it pauses that."""

from __future__ import annotations

import pytest

from app.domain.call import CallState, Phase
from app.domain.dialogue import CallContext
from app.presenters.call_bar import CallBarPresenter
from widgets.language import Language
from widgets.listening_badge import ListeningBadge

pytestmark = pytest.mark.qt
CONTEXT = CallContext("c", "2026-11-22T09:00:00+08:00", "广州市")


class Telephone:
    """Takes the acts."""

    can_begin = True

    def __init__(self) -> None:
        self.acts: list[object] = []

    def answer(self) -> None:
        self.acts.append("answer")

    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def hang_up(self) -> None: ...
    def hand_over(self, number: str) -> None: ...

    def pause_recognition(self, is_paused: bool) -> None:
        self.acts.append(is_paused)


def test_the_badge_says_what_is_heard_and_its_key_pauses(application: Language) -> None:
    telephone = Telephone()
    presenter = CallBarPresenter(telephone)
    badge = ListeningBadge(presenter)
    badge.show()
    presenter.show_state(CallState(CONTEXT, Phase.TALKING))
    assert "转写中" in badge.text()
    badge.click()
    presenter.show_state(CallState(CONTEXT, Phase.TALKING, is_recognition_paused=True))
    assert "暂停" in badge.text()
    badge.click()
    assert telephone.acts == [True, False]
    presenter.show_state(CallState(CONTEXT, Phase.PAUSED))
    assert "保持" in badge.text()
    presenter.show_state(CallState(CONTEXT, Phase.WRAP_UP))
    assert not badge.isEnabled()
    badge.close()
    badge.deleteLater()


def test_where_sound_devices_are_heard_answering_begins_a_call(application: Language) -> None:
    telephone = Telephone()
    presenter = CallBarPresenter(telephone)
    presenter.show_state(CallState(CONTEXT, Phase.IDLE))
    assert presenter.view.can_answer
    presenter.answer()
    assert telephone.acts == ["answer"]
