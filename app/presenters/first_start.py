"""The first start: sound, speech model, knowledge, who signs in. What may take long runs on a thread of its own and can be stopped.

The composition root gives the acts (``FirstStartParts``): this room knows neither sound nor models. GUI thread, but for the acts.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot

from app.domain.errors import AppError
from app.platform import messages
from app.platform.worker_thread import WorkerThread
from app.presenters.settings import Refusal, SettingsPresenter

MICROPHONE, SPEAKER = "audio.microphone", "audio.speaker"
AGENT, PATH, ADDRESS = "desk.agent_id", "knowledge.path", "knowledge.address"
STEPS = ("sound", "model", "knowledge", "sign_in")


#: A message key and its parameters.
Told = tuple[str, dict[str, object]]


class Stopped(Exception):  # noqa: N818 - nothing went wrong
    """The operator stopped a download."""


@dataclass(frozen=True, slots=True)
class FirstStartParts:
    """What this PC can tell and do; each may block and may raise an AppError.

    Attributes:
        speakers: names of the devices that play sound, () for none.
        play: plays a short sound.
        engine: name of the recogniser that works.
        download: fetches the model, telling bytes done and all (None: unknown) to its argument.
        take: imports a model from a folder or archive.
        try_sound: listens to the microphone and the headset of the two ids while a test sound plays, some seconds long; lines of message
            keys and parameters, the operator's first. None where there is no live sound.
    """

    speakers: Callable[[], tuple[str, ...]]
    play: Callable[[], None]
    engine: Callable[[], str]
    download: Callable[[Callable[[int, int | None], None]], None]
    take: Callable[[Path], None]
    try_sound: Callable[[str, str], tuple[Told, ...]] | None = None


@dataclass(frozen=True, slots=True)
class FirstStartView:
    """What the dialog draws. ``words`` hold a message key and its parameters, a step each; ``is_busy``: a model is being fetched."""

    sound: tuple[str, dict[str, object]] = ("first_start.checking", {})
    tried: tuple[Told, ...] = ()
    is_trying: bool = False
    model: tuple[str, dict[str, object]] = ("first_start.checking", {})
    has_sound: bool = False
    has_model: bool = False
    is_busy: bool = False


class FirstStartPresenter(QObject):
    """See the module.

    Args:
        parts: what this PC can tell and do.
        settings: takes knowledge and work number.
    """

    changed = Signal(object)
    _came = Signal(object)

    def __init__(self, parts: FirstStartParts, settings: SettingsPresenter, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._parts, self.settings = parts, settings
        self.view = FirstStartView()
        self._stop = threading.Event()
        self._worker: WorkerThread[Callable[[], None]] | None = None
        self._came.connect(self._on_came, Qt.ConnectionType.QueuedConnection)

    @Slot()
    def check(self) -> None:
        """Look at sound and model anew."""
        self._later(self._look_at_sound)
        self._later(self._look_at_model)

    @Slot()
    def play(self) -> None:
        """A short sound."""
        self._later(self._play)

    @property
    def can_try(self) -> bool:
        """Whether live sound can be tried here."""
        return self._parts.try_sound is not None

    @Slot()
    def try_sound(self) -> None:
        """Listen to both sides for some seconds; the operator is asked to speak."""
        if not self.view.is_trying:
            self._tell(replace(self.view, is_trying=True, tried=(("sound.check_speak", {}),)))
            ids = [str(self.settings.row(key).value) for key in (MICROPHONE, SPEAKER)]
            self._later(lambda: self._try(ids[0], ids[1]))

    @Slot()
    def download(self) -> None:
        """Fetch the model."""
        self._stop.clear()
        self._tell(replace(self.view, is_busy=True, model=("first_start.checking", {})))
        self._later(lambda: self._install(lambda: self._parts.download(self._progress)))

    def take(self, path: Path) -> None:
        """Import the model."""
        self._tell(replace(self.view, is_busy=True, model=("first_start.checking", {})))
        self._later(lambda: self._install(lambda: self._parts.take(path)))

    @Slot()
    def stop(self) -> None:
        """Stop a download; what was fetched is thrown away or kept for the next try, as the installer does."""
        self._stop.set()

    def sign_in(self, agent: str) -> Refusal:
        """Keep the work number."""
        return self.settings.put(AGENT, agent)

    def use_knowledge(self, path: str) -> Refusal:
        """A knowledge base from a stick or folder."""
        return self.settings.put(PATH, path)

    def use_address(self, address: str) -> Refusal:
        """Where updates come from."""
        return self.settings.put(ADDRESS, address)

    @Slot()
    def close(self) -> None:
        """End the thread; safe to call twice."""
        self._stop.set()
        if self._worker is not None:
            worker, self._worker = self._worker, None
            worker.stop()

    def _later(self, job: Callable[[], None]) -> None:
        if self._worker is None:  # most starts never need it
            self._worker = WorkerThread("first-start", lambda each: each())
            self._worker.start()
        self._worker.post(job)

    def _look_at_sound(self) -> None:
        try:
            names = self._parts.speakers()
        except AppError:
            names = ()
        found = ("first_start.sound_found", {"names": "、".join(names)}) if names else ("first_start.sound_none", {})
        self._came.emit({"sound": found, "has_sound": bool(names)})

    def _play(self) -> None:
        try:
            self._parts.play()
        except AppError as error:
            self._came.emit({"sound": (error.key, dict(error.params)), "has_sound": False})
        else:
            self._came.emit({"sound": ("first_start.sound_played", {})})

    def _try(self, microphone: str, speaker: str) -> None:
        assert self._parts.try_sound is not None
        try:
            lines = self._parts.try_sound(microphone, speaker)
        except AppError as error:
            lines = ((error.key, dict(error.params)),)
        self._came.emit({"tried": lines, "is_trying": False})

    def _look_at_model(self) -> None:
        try:
            engine = self._parts.engine()
        except AppError as error:
            self._came.emit({"model": ("first_start.model_missing", {"error": error}), "has_model": False, "is_busy": False})
        else:
            self._came.emit({"model": ("first_start.model_found", {"engine": engine}), "has_model": True, "is_busy": False})

    def _install(self, act: Callable[[], None]) -> None:
        try:
            act()
        except Stopped:
            self._came.emit({"model": ("first_start.model_cancelled", {}), "is_busy": False})
        except AppError as error:
            self._came.emit({"model": ("first_start.model_missing", {"error": error}), "has_model": False, "is_busy": False})
        else:
            self._look_at_model()

    def _progress(self, done: int, total: int | None) -> None:
        if self._stop.is_set():
            raise Stopped
        self._came.emit({"model": ("first_start.model_progress",
                                   {"done": f"{done / 1e6:.1f}", "total": f"{total / 1e6:.1f}" if total else "?"})})

    @Slot(object)
    def _on_came(self, news: dict[str, object]) -> None:
        self._tell(replace(self.view, **news))  # type: ignore[arg-type]

    def _tell(self, view: FirstStartView) -> None:
        if view != self.view:
            self.view = view
            self.changed.emit(view)


def words_of(told: tuple[str, dict[str, object]], language: str) -> str:
    """A step's words; an error among the parameters says its reason."""
    key, params = told
    error = params.get("error")
    if isinstance(error, AppError):
        return messages.text(key, {"reason": messages.describe(error, language)}, language)
    return messages.text(key, params, language)
