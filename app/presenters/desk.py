"""All presenters of the desk, wired to one bridge; what the composition root builds before the window.

Use (``app.main``)::

    presenters = DeskPresenters(intents=runner.post, call_control=control, submit=submit, search=search,
                                taxonomy=load_taxonomy(), fields=load_fields())
    runner = CallRunner(session, on_state)          # on_state(state, event) calls presenters.deliver(state)
    window = DeskWindow(presenters)
    ...
    presenters.close()                              # before the workers stop; joins "kb-search"

``intents`` takes the operator's events and returns at once; ``submit`` starts submitting and returns at once: success
comes back as a ``TicketSubmitted`` event in the call's inbox, failure as a ``NoticeRaised``. ``search`` is called on the
thread "kb-search" only. A state of another ``call_id`` begins the next call in the same window;
with ``begin`` the window also opens recordings and drafts itself, and waits in between.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject

from app.domain.call import CallEvent, CallState
from app.domain.catalogue import FieldTable, Taxonomy
from app.ports.ports import CallControl
from app.presenters.call_bar import CallBarPresenter
from app.presenters.call_bridge import CallBridge
from app.presenters.call_tools import CallTools
from app.presenters.conversation import ConversationPresenter
from app.presenters.copying import CopyingPresenter
from app.presenters.knowledge import KnowledgePresenter, Search
from app.presenters.levels import LevelsPresenter
from app.presenters.listening import ListeningPresenter
from app.presenters.notices import NoticesPresenter
from app.presenters.start import Begin, StartPresenter
from app.presenters.strip import StripPresenter
from app.presenters.submission import SubmissionPresenter
from app.presenters.summary import SummaryPresenter
from app.presenters.ticket_form import TicketPresenter
from app.presenters.wrap_up import WrapUpPresenter


class DeskPresenters(QObject):
    """The presenters of one window; made, used and closed on the GUI thread."""

    def __init__(self, intents: Callable[[CallEvent], None], call_control: CallControl, submit: Callable[[], None],
                 search: Search, taxonomy: Taxonomy, fields: FieldTable, begin: Begin | None = None,
                 samples: tuple[Path, ...] = ()) -> None:
        super().__init__()
        self.bridge = CallBridge(self)
        self.call_bar = CallBarPresenter(call_control, self)
        self._intents = intents
        self.conversation = ConversationPresenter(self.post, self)
        self.summary = SummaryPresenter(self)
        self.ticket = TicketPresenter(self.post, taxonomy, fields, self)
        self.knowledge = KnowledgePresenter(search, self)
        self.submission = SubmissionPresenter(submit, fields, self)
        self.start = StartPresenter(begin, samples, self)
        self.start.can_listen = self.call_bar.can_begin
        self.wrap_up = WrapUpPresenter(fields, taxonomy, CallTools(), self)
        self.listening = ListeningPresenter(None, None, self.post, self)
        self.copying = CopyingPresenter(fields, taxonomy, self.post, self)
        self.levels = LevelsPresenter(self)
        self.notices = NoticesPresenter(parent=self)
        self.strip = StripPresenter(self)
        for presenter in (self.start, self.call_bar, self.conversation, self.summary, self.ticket, self.knowledge, self.submission,
                          self.wrap_up, self.listening, self.copying, self.levels, self.notices, self.strip):
            self.bridge.state_changed.connect(presenter.show_state)
        self.ticket.evidence_asked.connect(self.conversation.show_evidence)
        self.ticket.evidence_asked.connect(self.listening.show_evidence)
        self.ticket.focus_changed.connect(self.copying.focus)
        self.ticket.matters_changed.connect(self.wrap_up.show_matter)
        self.ticket.matters_changed.connect(self.copying.show_matter)
        # One way to the clipboard: what went there of a call is taken back with the call.
        self.summary.copied.connect(self.copying.copied)
        self.wrap_up.copied.connect(self.copying.copied)
        self.wrap_up.confirmed.connect(self.post)
        self.submission.changed.connect(self.strip.show_submission)
        self.call_bar.handed_over.connect(self.summary.hand_over)

    def use_tools(self, tools: CallTools) -> None:
        """Sound, terms and the rest of what the composition root has; before the first state."""
        self.wrap_up.tools = tools
        self.listening.play, self.listening.hush_all = tools.listen, tools.hush
        self.copying.profile = tools.profile
        self.call_bar.origin = tools.origin

    def post(self, event: CallEvent) -> None:
        """Send an event of the operator's; GUI thread. A submission waits until it is part of the state."""
        self.submission.note(event)
        self._intents(event)

    def deliver(self, state: CallState) -> None:
        """Show a state; any thread, returns at once."""
        self.bridge.deliver(state)

    def close(self) -> None:
        """Show nothing more and end the search thread; safe to call twice."""
        self.bridge.close()
        self.notices.close()
        self.knowledge.close()
