"""The lead's window put together: source, words, presenter, window, exports. A process of its own beside a desk; no call runs in it.

Threads: GUI, and "records" (every question to the source, ``app.presenters.errands``). pyqtgraph is imported here and nowhere else.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEventLoop, QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication

from app.assembly import open_knowledge
from app.assembly_lead import LeadOrder, LeadParts, hub_parts, own_parts, sample_parts
from app.delivery.lead_hub import HubLeadSource
from app.domain.cases import CaseKind
from app.domain.errors import AppError, EnvironmentFault, OperatorVisibleError
from app.domain.lead_tables import PageView
from app.platform import crash, messages
from app.platform.atomic_file import write_atomically
from app.platform.catalogue_files import load_fields, load_taxonomy
from app.platform.clock import SystemClock
from app.platform.passphrase_prompt import secret_line
from app.platform.settings import load_settings
from app.ports.cases import CaseDesk
from app.ports.ports import Clock
from app.presenters.cases import CasesPresenter
from app.presenters.lead import LeadPresenter, Page, Period
from app.presenters.lead_callbacks import LeadCallbacksPresenter
from app.services.lead_export import csv_text, workbook
from widgets import screenshot as picture
from widgets.application import prepare_application
from widgets.callback_plan import PlanCallsButton
from widgets.case_links import CaseLinks
from widgets.case_page import CasePage
from widgets.language import LanguageName
from widgets.lead_callbacks import LeadCallbacksPage
from widgets.lead_print import as_pdf
from widgets.lead_printer import ask_printer, print_page
from widgets.lead_sign_in import SignInDialog
from widgets.lead_window import EXPORTS, LeadWindow
from widgets.lead_words import LeadWords, lead
from widgets.passphrase_dialog import PassphrasePrompt
from widgets.theme.palette import ThemeName

SIZE = (1366, 820)
_ENDS = ("end_low", "end_high", "end_hits", "end_total")
_PATIENCE_MS = 120_000


class Exporter(QObject):
    """Saves and prints what the window shows; what came of it is told in the window's foot.

    Args:
        window: the window.
        words: names in the file.
    """

    def __init__(self, window: LeadWindow, words: LeadWords) -> None:
        super().__init__(window)
        self._window, self._words = window, words

    @Slot(str, str)
    def export(self, form: str, name: str) -> None:
        """Save, and tell."""
        try:
            self.save(form, Path(name))
        except AppError as error:
            self._window.tell(messages.text(error.key, error.params))
        else:
            self._window.tell(lead("exported", file=name))

    def save(self, form: str, path: Path) -> None:
        """Save.

        Raises:
            EnvironmentFault: the file cannot be written.
            OperatorVisibleError: nothing is counted yet, so that there is nothing to save.
        """
        view = self._view()
        if form == "png":
            picture.save(self._window.whole(), path, is_trimmed=True)
            return
        ends = (lead(_ENDS[0]), lead(_ENDS[1]), lead(_ENDS[2]), lead(_ENDS[3]))
        makers: dict[str, Callable[[], bytes]] = {
            "xlsx": lambda: workbook(view, self._words, lambda table: lead(f"table_{table}"), ends),
            "csv": lambda: csv_text(view, self._words, lambda table: lead(f"table_{table}"), ends),
            "pdf": lambda: as_pdf(view, self._words, self._window.heading(), lead("title")),
        }
        try:
            write_atomically(path, makers[form]())
        except OSError as error:
            reason = errno.errorcode.get(error.errno or 0, type(error).__name__)
            raise EnvironmentFault("lead.export_failed", file=path.name, reason=reason) from error

    @Slot()
    def print_asked(self) -> None:
        """Ask for a printer, print, and tell."""
        try:
            view = self._view()
            printer = ask_printer(self._window, self._window.heading())
            if printer is None:
                return
            print_page(view, self._words, self._window.heading(), lead("title"), printer)
        except AppError as error:
            self._window.tell(messages.text(error.key, error.params))
        else:
            self._window.tell(lead("printed", name=printer.printerName() or printer.outputFileName()))

    def _view(self) -> PageView:
        view = self._window.view()
        if view is None:
            raise OperatorVisibleError("lead.nothing_counted")
        return view


@dataclass(frozen=True, slots=True)
class LeadDesk:
    """An open window."""

    app: QApplication
    window: LeadWindow
    presenter: LeadPresenter
    exporter: Exporter


@contextlib.contextmanager
def opened_lead(order: LeadOrder, clock: Clock) -> Iterator[LeadDesk]:
    """The window, shown and counting; run the application's loop inside.

    Raises:
        AppError: the store does not open, the page is unknown.
    """
    page = _page(order.page)
    held = QApplication.instance()
    app = held if isinstance(held, QApplication) else QApplication(sys.argv[:1])
    settings = load_settings()
    percent = settings.whole("desk.font_percent")
    language = prepare_application(app, LanguageName(messages.language()), percent)
    with contextlib.ExitStack() as cleanup:
        parts = _parts(order, clock, cleanup)
        words = LeadWords(load_fields(), load_taxonomy(), _entry_titles(cleanup))
        period = Period.MONTH if parts.is_sample else Period.WEEK
        presenter = LeadPresenter(parts.source, parts.today, parts.questions, period, parts.ticket, parts.words)
        cleanup.callback(presenter.deleteLater)
        cleanup.callback(presenter.close)
        window = LeadWindow(presenter, words, language, ThemeName(settings.text("desk.theme")), percent, parts.is_sample)
        cleanup.callback(window.deleteLater)
        window.role = parts.role
        if parts.cases is not None:
            _add_cases(window, presenter, words, parts.cases)
        if parts.callbacks is not None:
            _add_callbacks(window, presenter, words, parts)
        exporter = Exporter(window, words)
        window.export_wanted.connect(exporter.export)
        window.print_wanted.connect(exporter.print_asked)
        window.resize(*SIZE)
        window.show()
        presenter.start()
        if page is not None:
            presenter.show_page(page)
        yield LeadDesk(app, window, presenter, exporter)
        window.close()


def _add_cases(window: LeadWindow, presenter: LeadPresenter, words: LeadWords, desk: CaseDesk) -> None:
    """The page of appeals and remedy tasks, and what the window of a call has to do with them."""
    cases = CasesPresenter(desk, presenter.errands, (CaseKind.APPEAL, CaseKind.REMEDY), window)
    page = CasePage(cases, words, window.theme)
    page.call_wanted.connect(presenter.ask_record)
    presenter.attach(Page.CASES, cases.load)
    window.add_page(Page.CASES, page)
    window.findings_shown.connect(CaseLinks(cases, window).meet)


def _add_callbacks(window: LeadWindow, presenter: LeadPresenter, words: LeadWords, parts: LeadParts) -> None:
    """The page of callbacks, and the key that plans them about the calls in sight."""
    assert parts.callbacks is not None
    cases = CasesPresenter(parts.callbacks[0], presenter.errands, (CaseKind.CALLBACK,), window)
    callbacks = LeadCallbacksPresenter(cases, parts.callbacks[1], presenter.errands, parts.today, window)
    page = LeadCallbacksPage(callbacks, words, window.theme)
    page.call_wanted.connect(presenter.ask_record)
    presenter.attach(Page.CALLBACKS, callbacks.load)
    window.add_page(Page.CALLBACKS, page)

    def shown() -> tuple[str, ...]:
        view = presenter.state.view
        rows = view.tables[0].rows if presenter.state.page is Page.CALLS and view is not None and view.tables else ()
        return tuple(row.record_id for row in rows)

    tool = PlanCallsButton(callbacks, shown)
    window.add_tool(Page.CALLS, tool)
    presenter.changed.connect(tool.retell)
    tool.planned.connect(window.tell)


def _parts(order: LeadOrder, clock: Clock, cleanup: contextlib.ExitStack) -> LeadParts:
    if order.sample:
        return sample_parts()
    if order.hub is None:
        return cleanup.enter_context(own_parts(clock, PassphrasePrompt()))
    is_unseen = order.picture is not None or order.export is not None
    if is_unseen and not order.name:
        raise OperatorVisibleError("lead.no_name")
    ask = typed_sign_in(order.name) if order.name else ask_sign_in
    parts = cleanup.enter_context(hub_parts(clock, order.hub, ask, None if is_unseen else PassphrasePrompt()))
    if parts is None:
        raise OperatorVisibleError("lead.not_signed_in")
    return parts


def ask_sign_in(source: HubLeadSource, address: str) -> bool:
    """Ask until the hub takes name and password, or the person gives up.

    Raises:
        EnvironmentFault: the hub cannot be reached.
    """
    fault, name = "", ""
    while True:
        dialog = SignInDialog(address, fault, name)
        is_given = dialog.exec() == SignInDialog.DialogCode.Accepted
        name, password = dialog.name.text().strip(), dialog.password.text()
        dialog.deleteLater()
        if not is_given:
            return False
        try:
            source.sign_in(name, password)
        except OperatorVisibleError as error:
            fault = messages.text(error.key, error.params)
        else:
            return True


def typed_sign_in(name: str) -> Callable[[HubLeadSource, str], bool]:
    """Signs in once under ``name``, with the password typed at the terminal or read from standard input; a wrong one ends the command."""
    def sign_in(source: HubLeadSource, address: str) -> bool:
        source.sign_in(name, secret_line(messages.text("cases.password")))
        return True

    return sign_in


def _page(name: str) -> Page | None:
    if not name:
        return None
    if name not in list(Page):
        raise OperatorVisibleError("lead.unknown_page", name=name, known=", ".join(Page))
    return Page(name)


def _form(path: Path | None) -> str:
    form = path.suffix[1:].lower() if path is not None else ""
    if path is not None and form not in EXPORTS:
        raise OperatorVisibleError("lead.unknown_form", file=path.name, known=", ".join(EXPORTS))
    return form


def _entry_titles(cleanup: contextlib.ExitStack) -> Callable[[str], str]:
    """Titles of this PC's knowledge base; ids where there is none."""
    try:
        knowledge = open_knowledge(None)
    except AppError:
        return lambda entry_id: ""
    cleanup.callback(knowledge.close)

    def title(entry_id: str) -> str:
        entry = knowledge.get(entry_id)
        return entry.title if entry is not None else ""

    return title


def run_lead(order: LeadOrder, hooks: crash.CrashHooks | None = None) -> AppError | None:
    """The window until it is closed; with a file to save, only as long as that takes.

    Raises:
        AppError: as ``opened_lead``; a file to save has no known ending.
    """
    is_unseen = order.picture is not None or order.export is not None
    export_form = _form(order.export)
    if is_unseen and sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    with opened_lead(order, SystemClock()) as desk:
        if not is_unseen:
            desk.app.exec()
            return None
        wait_for_page(desk.presenter)
        if desk.presenter.state.error is not None:
            return desk.presenter.state.error
        for form, path in (("png", order.picture), (export_form, order.export)):
            if path is not None:
                desk.exporter.save(form, path)
        return None


def wait_for_page(presenter: LeadPresenter) -> None:
    """Run the loop until the page is counted."""
    loop = QEventLoop()

    def look() -> None:
        if not presenter.state.is_busy:
            loop.quit()

    presenter.changed.connect(look)
    QTimer.singleShot(_PATIENCE_MS, loop.quit)
    if presenter.state.is_busy:
        loop.exec()
    presenter.changed.disconnect(look)
