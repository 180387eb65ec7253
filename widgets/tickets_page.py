"""My tickets: search, filters, list and details on one page of the desk. The call bar above stays where it is."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSplitter,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from app.platform import messages
from app.presenters.records import RecordPresenters
from app.presenters.ticket_lines import Standing
from app.presenters.ticket_list import Filter, ListView
from app.presenters.unsent import UnsentView
from widgets.shortcuts import bind_key
from widgets.theme.icons import icon
from widgets.theme.palette import SPACE, Theme
from widgets.ticket_details import TicketDetails
from widgets.ticket_list_view import TicketListView

_FILTERS = tuple(Filter)


class TicketsPage(QFrame):
    """See the module.

    Args:
        records: presenters that feed it and take the acts.
        theme: colours.
    """

    closed = Signal()

    def __init__(self, records: RecordPresenters, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self._records, self._theme = records, theme
        self._language = "zh"
        self._counts = {Filter.UNSENT: 0, Filter.REFUSED: 0, Filter.DUE: 0}
        self._heading, self._count = QLabel(), QLabel()
        self._heading.setProperty("role", "heading")
        self._count.setProperty("role", "hint")
        self.search = QLineEdit()
        self.search.setObjectName("search")
        self.search.setClearButtonEnabled(True)
        self._glass = QAction(self)
        self.search.addAction(self._glass, QLineEdit.ActionPosition.LeadingPosition)
        self.filters = QTabBar()
        self.filters.setDrawBase(False)
        self.filters.setExpanding(False)
        for _ in _FILTERS:
            self.filters.addTab("")
        self.close_button = QPushButton()
        self.list = TicketListView(records.tickets.model, theme)
        self.details = TicketDetails(records.detail, theme)
        self._lay_out()
        self._connect()
        self.hide()
        self._retranslate()

    @property
    def language(self) -> str:
        """Language of message texts."""
        return self._language

    @language.setter
    def language(self, name: str) -> None:
        self._language = self.details.language = name

    def show_ticket(self, ticket_no: str) -> None:
        """Show one ticket by its number."""
        self.filters.setCurrentIndex(0)
        self.search.setText(ticket_no)
        self._records.tickets.find(ticket_no)

    @Slot()
    def focus_search(self) -> None:
        """Put the cursor into the search box."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _connect(self) -> None:
        tickets = self._records.tickets
        self.search.textEdited.connect(tickets.type_query)
        self.search.textChanged.connect(self._on_text)
        self.search.returnPressed.connect(self._on_return)
        self.filters.currentChanged.connect(self._on_filter)
        self.close_button.clicked.connect(self.closed)
        bind_key(self.close_button, "tickets.close")
        tickets.changed.connect(self._on_view)
        tickets.reloaded.connect(self._on_reloaded)
        tickets.due_changed.connect(self._on_due)
        tickets.model.dataChanged.connect(self._on_lines)
        selection = self.list.selectionModel()
        selection.currentChanged.connect(self._on_current)
        self.list.opened.connect(self._on_opened)
        self._records.detail.acted.connect(self._on_acted)
        self._records.unsent.changed.connect(self._on_unsent)
        self._records.unsent.outbox_changed.connect(self._on_outbox)
        self._theme.changed.connect(self._on_theme)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(SPACE.m)
        head.addWidget(self._heading)
        head.addWidget(self.search, 1)
        head.addWidget(self.close_button)
        row = QHBoxLayout()
        row.addWidget(self.filters, 1)
        row.addWidget(self._count)
        left = QWidget()
        rows = QVBoxLayout(left)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(SPACE.s)
        rows.addLayout(row)
        rows.addWidget(self.list, 1)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(SPACE.s)
        split.addWidget(left)
        split.addWidget(self.details)
        split.setStretchFactor(0, 60)
        split.setStretchFactor(1, 40)
        split.setSizes([800, 530])
        body = QVBoxLayout(self)
        body.setContentsMargins(SPACE.m, SPACE.m, SPACE.m, SPACE.m)
        body.setSpacing(SPACE.s)
        body.addLayout(head)
        body.addWidget(split, 1)

    @Slot(str)
    def _on_text(self, text: str) -> None:
        if not text:  # the clear button tells no edit
            self._records.tickets.type_query("")

    @Slot()
    def _on_return(self) -> None:
        self._records.tickets.reload()
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(int)
    def _on_filter(self, place: int) -> None:
        self._records.tickets.use_filter(_FILTERS[place].value)

    @Slot(object)
    def _on_view(self, view: ListView) -> None:
        if view.error_key:
            words = messages.text(view.error_key, lang=self._language)
        elif view.is_reading:
            words = self.tr("正在查找…")
        elif view.count == 0:
            words = self.tr("太多了，请多写几个字") if view.is_cut else self.tr("没有工单")
        else:
            words = self.tr("{count} 条以上").format(count=view.count) if view.has_more else self.tr("{count} 条").format(count=view.count)
        self._count.setText(words)

    @Slot(str)
    def _on_reloaded(self, key: str) -> None:
        place = self._records.tickets.model.place(key) if key else 0
        self.list.stand_on(max(0, place))
        if self._records.tickets.model.rowCount() == 0:
            self._records.detail.select(None)

    @Slot(QModelIndex, QModelIndex)
    def _on_current(self, _now: QModelIndex, _before: QModelIndex) -> None:
        self._records.detail.select(self.list.current())
        self.list.tell_current()

    @Slot()
    def _on_lines(self) -> None:
        self._records.detail.select(self.list.current())

    @Slot()
    def _on_opened(self) -> None:
        line = self.list.current()
        if line is not None and line.standing is Standing.DRAFT:
            self._records.detail.go_on()
        else:
            self._records.detail.show_whole()
            self.details.fields.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(str)
    def _on_acted(self, key: str) -> None:
        self._records.tickets.reload(key)

    @Slot()
    def _on_outbox(self) -> None:
        """Something was sent: what is in sight may stand otherwise now."""
        line = self.list.current()
        if self.isVisible() and not self._records.detail.view.mends:
            self._records.tickets.refresh(line.key if line is not None else "")

    @Slot(object)
    def _on_unsent(self, view: UnsentView) -> None:
        self._counts[Filter.UNSENT], self._counts[Filter.REFUSED] = view.waiting + view.refused, view.refused
        self._name_filters()

    @Slot(int)
    def _on_due(self, count: int) -> None:
        self._counts[Filter.DUE] = count
        self._name_filters()

    def _name_filters(self) -> None:
        names = {
            Filter.ALL: self.tr("全部"), Filter.DRAFTS: self.tr("草稿"), Filter.UNSENT: self.tr("未送达"),
            Filter.REFUSED: self.tr("被拒收"), Filter.DUE: self.tr("预警和超时"),
        }
        for place, each in enumerate(_FILTERS):
            count = self._counts.get(each, 0)
            self.filters.setTabText(place, f"{names[each]} {count}" if count else names[each])

    @Slot()
    def _on_theme(self) -> None:
        self._glass.setIcon(icon("search", self._theme.palette.muted))

    def _retranslate(self) -> None:
        self._heading.setText(self.tr("我的工单"))
        self.search.setPlaceholderText(self.tr("工单号、电话、姓名、地点、事项（Ctrl+F）"))
        self.search.setAccessibleName(self.tr("查找工单"))
        self._glass.setText(self.tr("查找工单"))
        self.filters.setAccessibleName(self.tr("筛选工单"))
        self.list.setAccessibleName(self.tr("工单列表"))
        self.close_button.setText(self.tr("返回 Esc"))
        self.close_button.setAccessibleName(self.tr("返回"))
        self._name_filters()
        self._on_view(self._records.tickets.view)
        self._on_theme()
        self.list.viewport().update()

    def showEvent(self, event: QShowEvent) -> None:
        """The list is read when somebody looks."""
        self._records.tickets.reload(self._records.tickets.wanted)
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)
        super().showEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+F goes to the search box."""
        if event.key() == Qt.Key.Key_F and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self.focus_search()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)
