"""Listening again: the focused field's evidence, or an utterance, as sound. The same key while it plays again begins anew.

GUI thread only; playing itself happens elsewhere and returns at once. Where nothing can be played a notice says why.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Slot

from app.domain.call import CallEvent, CallState, NoticeRaised
from app.domain.dialogue import Utterance
from app.domain.listening import Stretch, evidence_stretch, utterance_stretch
from app.domain.ticket import Evidence


class ListeningPresenter(QObject):
    """See the module.

    Args:
        play: plays a stretch of the call; None where the window has no sound.
        hush: stops that.
        post: takes notices.
    """

    def __init__(self, play: Callable[[Stretch], None] | None, hush: Callable[[], None] | None, post: Callable[[CallEvent], None],
                 parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.play, self.hush_all, self._post = play, hush, post
        self._call_id = ""
        self._dialogue: tuple[Utterance, ...] = ()
        self._evidence: tuple[Evidence, ...] = ()

    @Slot(object)
    def show_state(self, state: CallState) -> None:
        """Take over a new state; another call ends what plays."""
        if self._call_id and state.context.call_id != self._call_id and self.hush_all is not None:
            self.hush_all()
        self._call_id, self._dialogue = state.context.call_id, state.dialogue

    @Slot(object)
    def show_evidence(self, evidence: Sequence[Evidence]) -> None:
        """Evidence of the field that has the focus."""
        self._evidence = tuple(evidence)

    @property
    def has_evidence(self) -> bool:
        """Whether the focused field has something to listen to."""
        return bool(self._evidence)

    @Slot()
    def listen(self) -> None:
        """Play the focused field's evidence."""
        stretch = evidence_stretch(self._evidence, self._dialogue)
        if stretch is None:
            self._post(NoticeRaised("audio.no_evidence"))
        else:
            self._start(stretch)

    @Slot(int)
    def listen_to(self, row: int) -> None:
        """Play an utterance."""
        if 0 <= row < len(self._dialogue):
            self._start(utterance_stretch(self._dialogue[row]))

    @Slot()
    def hush(self) -> None:
        """Silence."""
        if self.hush_all is not None:
            self.hush_all()

    def _start(self, stretch: Stretch) -> None:
        if self.play is None:
            self._post(NoticeRaised("audio.evidence_gone"))
        else:
            self.play(stretch)
