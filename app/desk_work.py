"""What the desk's panels use beside the call itself, put together from settings and rooms: evidence as sound, levels, terms, copying."""

from __future__ import annotations

import contextlib
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from PySide6.QtWidgets import QWidget

from app.audio.sound_output import SpeakerOutput
from app.desk_calls import CallParts
from app.domain.call import CallEvent, NoticeRaised
from app.domain.catalogue import FieldTable
from app.domain.dialogue import Channel
from app.domain.errors import AppError, EnvironmentFault
from app.domain.form_profile import FormProfile, order_profile, profile_of
from app.platform.area_codes import origin
from app.platform.catalogue_files import load_fields
from app.platform.deadline_files import ChineseWorkCalendar, load_rules
from app.platform.settings import Settings
from app.ports.ports import Clock
from app.presenters.call_tools import CallTools
from app.presenters.desk import DeskPresenters
from app.presenters.effort import EffortPresenter
from app.services.call_recorder import CallRecorder
from app.services.call_sound import CallSound, EvidencePlayer
from widgets.effort_counter import EffortCounter


class Levels:
    """Passes levels on to the window once there is one; called on the thread that drives the sound."""

    def __init__(self) -> None:
        self.deliver: Callable[[Channel, float], None] = lambda channel, share: None

    def __call__(self, channel: Channel, share: float) -> None:
        """A block's level."""
        self.deliver(channel, share)


def sounding(parts: CallParts, settings: Settings, levels: Levels) -> CallParts:
    """The parts of calls whose sound is kept as the policy says, and whose levels are told."""
    is_kept = settings.text("privacy.evidence_sound") == "until_submit"
    return replace(parts, sound=lambda: CallSound(is_kept, levels))


@contextlib.contextmanager
def call_tools(sound: Callable[[], CallSound | None], post: Callable[[CallEvent], None], presenters: DeskPresenters, settings: Settings,
               clock: Clock, levels: Levels) -> Iterator[CallTools]:
    """Tools for the window's panels; a setting that cannot be used is told, and its default holds.

    Args:
        sound: of the call at hand, None where there is none.
        post: takes notices.
        presenters: get the tools.
        settings: city, order of copying.
        clock: today.
        levels: told to the window from now on.
    """
    levels.deliver = presenters.levels.deliver
    output = SpeakerOutput()
    player = EvidencePlayer(sound, output, post)
    profile = FormProfile()
    try:
        profile = copy_profile(settings, load_fields())
    except AppError as error:
        post(NoticeRaised(error.key, error.params))
    tools = CallTools(player.play, player.stop, load_rules(settings.text("desk.city")), ChineseWorkCalendar(),
                      lambda: clock.now().date(), origin, profile)
    presenters.use_tools(tools)
    try:
        yield tools
    finally:
        output.close()


def count_effort(window: QWidget, presenters: DeskPresenters, recorder: CallRecorder) -> None:
    """Count keys and clicks of each call for its record."""
    counter, effort = EffortCounter(window), EffortPresenter(presenters)
    counter.key_pressed.connect(effort.note_key)
    counter.clicked.connect(effort.note_click)
    presenters.bridge.state_changed.connect(effort.show_state)
    recorder.use_effort(effort.of)


def copy_profile(settings: Settings, fields: FieldTable) -> FormProfile:
    """How tickets are copied here.

    Raises:
        OperatorVisibleError: the order or the profile names something unknown.
        EnvironmentFault: the profile's file cannot be read.
    """
    path = settings.text("desk.copy_profile")
    if not path:
        return order_profile(settings.text("desk.copy_order").replace(",", " ").split(), fields.__contains__)
    try:
        data = tomllib.loads(Path(path).expanduser().read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise EnvironmentFault("copying.profile_unreadable", path=Path(path).name) from error
    steps = data.get("step", [])
    return profile_of(str(data.get("name", "")), steps if isinstance(steps, list) else [data], fields.__contains__)
