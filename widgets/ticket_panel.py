"""The ticket form: what is still to ask, matters as tabs, fields in sections; one column of keys through all of it.

Enter takes and goes on to the next field that wants attention (suggested, or needed and empty), F7 goes there without taking,
Tab goes through all. GUI thread only.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from app.domain.ticket import FieldState
from app.presenters.field_values import ITEM_FIELD
from app.presenters.form_layout import DERIVED, Section
from app.presenters.ticket_form import VIEW_ROLE, FieldView, TicketPresenter
from widgets.elided_text import ElidedText
from widgets.field_editor import FieldEditor
from widgets.field_labels import field_label, full_label
from widgets.flow_layout import FlowLayout
from widgets.item_picker import ItemPicker
from widgets.shortcuts import bind_key, key_text, present_keys, with_keys
from widgets.theme.palette import SPACE, Theme

_COLUMNS = 2


class TicketPanel(QFrame):
    """The form.

    Args:
        presenter: feeds it and takes the operator's acts.
        theme: colours.
    """

    settled = Signal()
    """Enter was pressed, and no field of any matter wants attention any more."""

    def __init__(self, presenter: TicketPresenter, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self._presenter = presenter
        self._theme = theme
        self.editors: dict[str, FieldEditor] = {}
        self._grids: dict[Section, QGridLayout] = {}
        self._columns = _COLUMNS
        self._sections: dict[Section, QLabel] = {}
        self._heading = QLabel()
        self._heading.setProperty("role", "heading")
        self._hint = QLabel()
        self._hint.setProperty("role", "hint")
        self._ask_label = QLabel()
        self._ask_label.setProperty("role", "section")
        self.tabs = QTabBar()
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        self.tabs.hide()
        self.add, self.drop = QPushButton(), QPushButton()
        acts = {"ticket.add_matter": (self.add, presenter.add_matter), "ticket.drop_matter": (self.drop, presenter.drop_matter)}
        for command, (chip, act) in acts.items():
            chip.setProperty("role", "chip")
            chip.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            bind_key(chip, command)
            chip.clicked.connect(act)
        self.drop.hide()
        self.fold = QPushButton()
        self.fold.setProperty("role", "fold")
        self.fold.clicked.connect(self._on_fold)
        self._more = QWidget()
        self._more.hide()
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.why = ElidedText(1)
        self._build_fields()
        self._build_frame()
        presenter.model.dataChanged.connect(self._on_data)
        presenter.matters_changed.connect(self._on_matters)
        presenter.matter_opened.connect(self._on_opened)
        presenter.asks_changed.connect(self._on_asks)
        self.tabs.currentChanged.connect(presenter.show_matter)
        theme.changed.connect(self._on_theme)
        self._on_theme()
        self._retranslate()

    @Slot()
    def _on_theme(self) -> None:
        self.why.set_colour(self._theme.palette.muted)

    def commit(self) -> bool:
        """Send what is being typed; False where some field holds no value of its kind: it is named and gets the focus."""
        for editor in self.editors.values():
            if not editor.commit():
                editor.take_focus()
                self._presenter.tell_no_value(field_label(editor.view.spec))
                return False
        return True

    def add_above(self, widget: QWidget) -> None:
        """Put something between the heading and what is still to ask."""
        self._body.insertWidget(1, widget)

    def go_to(self, name: str) -> None:
        """Put the cursor into a field, unfolding what hides it."""
        editor = self.editors.get(name)
        if editor is None:
            return
        if self._more.isAncestorOf(editor) and self._more.isHidden():
            self._on_fold()
        editor.take_focus()

    @Slot()
    def go_to_next_open(self) -> bool:
        """The next field that wants attention, from the focused one on and round, then in other matters; False where there is none."""
        names = list(self.editors)
        here = next((i for i, name in enumerate(names) if self.editors[name].input.hasFocus()), -1)
        for name in names[here + 1:] + names[:max(here, 0)]:
            view = self.editors[name].view
            if name in DERIVED:
                continue
            if view.state is FieldState.SUGGESTED or (view.needed and view.state is FieldState.EMPTY):
                self.go_to(name)
                return True
        elsewhere = self._presenter.open_elsewhere()
        if elsewhere is None:
            return False
        self._presenter.show_matter(elsewhere[0])
        self.go_to(elsewhere[1])
        return True

    @Slot()
    def choose_item(self) -> None:
        """Open the item tree for the matter on the screen."""
        editor = self.editors.get(ITEM_FIELD)
        if editor is None or editor.view.locked:
            return
        picker = ItemPicker(self._presenter, self.window())
        picker.chosen.connect(self._on_item)
        picker.finished.connect(picker.deleteLater)
        picker.open()

    @Slot(str)
    def _on_item(self, code: str) -> None:
        editor = self.editors[ITEM_FIELD]
        editor.drop_typed()
        self._presenter.choose_item(code)
        editor.take_focus()

    @Slot()
    def show_next_matter(self) -> None:
        """Turn to the next matter, round."""
        if self.tabs.count() > 1:
            self.tabs.setCurrentIndex((self.tabs.currentIndex() + 1) % self.tabs.count())

    def _build_fields(self) -> None:
        self._form = QWidget()
        self._form.setObjectName("form")
        column = QVBoxLayout(self._form)
        column.setContentsMargins(0, 0, SPACE.s, SPACE.s)
        column.setSpacing(SPACE.xs)
        for view in self._presenter.model.views:
            if view.section not in self._grids:
                self._grids[view.section] = self._add_section(column, view.section)
            editor = FieldEditor(view, self._presenter, self._theme)
            editor.next_requested.connect(self._on_next)
            editor.focused.connect(self._on_focused)
            editor.items_requested.connect(self.choose_item)
            self._presenter.call_changed.connect(editor.drop_typed)
            self.editors[view.spec.name] = editor
        self._place_editors(_COLUMNS)
        column.addStretch(0)
        self._scroll.setWidget(self._form)

    def _place_editors(self, columns: int) -> None:
        self._columns = columns
        cells = dict.fromkeys(self._grids, 0)
        for editor in self.editors.values():
            view = editor.view
            grid, cell = self._grids[view.section], cells[view.section]
            if view.wide and cell % columns:
                cell += 1
            grid.addWidget(editor, cell // columns, cell % columns, 1, columns if view.wide else 1)
            cells[view.section] = cell + (columns if view.wide else 1)
        for grid in self._grids.values():
            grid.setColumnStretch(1, columns - 1)

    def _fit_columns(self) -> None:
        """Two columns where a phone number fits beside its label in each, else one."""
        labels = next(iter(self.editors.values())).label.width()
        metrics = self.fontMetrics()
        needed = labels + metrics.horizontalAdvance("13800000000") + 4 * metrics.height()
        columns = _COLUMNS if (self.width() - 5 * SPACE.m) // _COLUMNS >= needed else 1
        if columns != self._columns:
            for editor in self.editors.values():  # by widget: what takeAt gives is never deleted (widgets/flow_layout.py)
                self._grids[editor.view.section].removeWidget(editor)
            self._place_editors(columns)

    def _add_section(self, column: QVBoxLayout, section: Section) -> QGridLayout:
        if section is Section.MORE:
            column.addWidget(self.fold)
            column.addWidget(self._more)
            grid = QGridLayout(self._more)
        else:
            label = QLabel()
            label.setProperty("role", "section")
            self._sections[section] = label
            column.addWidget(label)
            grid = QGridLayout()
            # Spare height goes to the long texts.
            column.addLayout(grid, 1 if section is Section.TEXT else 0)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACE.m)
        grid.setVerticalSpacing(SPACE.xs)
        grid.setColumnStretch(0, 1)
        return grid

    def _build_frame(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self._heading)
        head.addWidget(self.add)
        head.addWidget(self.drop)
        head.addStretch(1)
        head.addWidget(self._hint)
        head.setContentsMargins(0, 0, SPACE.s, 0)
        self._asks = QWidget()
        self._ask_flow = FlowLayout(SPACE.xs, self._asks)
        self._ask_flow.addWidget(self._ask_label)
        self._ask_label.setMinimumHeight(self.fontMetrics().height() + SPACE.xs)
        body = self._body = QVBoxLayout(self)
        body.setContentsMargins(SPACE.l, SPACE.m, SPACE.s, SPACE.s)
        body.setSpacing(SPACE.s)
        body.addLayout(head)
        body.addWidget(self._asks)
        body.addWidget(self.tabs)
        body.addWidget(self._scroll, 1)
        body.addWidget(self.why)

    @Slot(QModelIndex, QModelIndex)
    def _on_data(self, first: QModelIndex, last: QModelIndex) -> None:
        for row in range(first.row(), last.row() + 1):
            view = self._presenter.model.index(row).data(VIEW_ROLE)
            self.editors[view.spec.name].show_view(view)
            if view.section is Section.MORE:
                self._draw_fold()
            if self.editors[view.spec.name].input.hasFocus():
                self._draw_why(view)

    @Slot(int, int)
    def _on_matters(self, count: int, shown: int) -> None:
        self.tabs.blockSignals(True)
        while self.tabs.count() > count:
            self.tabs.removeTab(self.tabs.count() - 1)
        while self.tabs.count() < count:
            self.tabs.addTab(self.tr("诉求 {number}").format(number=self.tabs.count() + 1))
        self.tabs.setCurrentIndex(shown)
        self.tabs.blockSignals(False)
        self.tabs.setVisible(count > 1)
        self.drop.setVisible(shown > 0)

    @Slot()
    def _on_opened(self) -> None:
        """A matter added by hand begins with its item."""
        self.go_to(ITEM_FIELD)

    @Slot(object)
    def _on_asks(self, asks: tuple[tuple[str, str], ...]) -> None:
        self._ask_flow.drop(1)
        for name, label in asks:
            chip = QPushButton(field_label(self.editors[name].view.spec) if name in self.editors else full_label(label))
            chip.setProperty("role", "chip")
            chip.setProperty("field", name)
            chip.setAccessibleName(self.tr("还需询问：{field}").format(field=chip.text()))
            chip.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            chip.clicked.connect(self._on_ask_chosen)
            self._ask_flow.addWidget(chip)
        self._ask_label.setText(self.tr("还需询问") if asks else self.tr("要问的都有了"))
        self._asks.updateGeometry()

    @Slot()
    def _on_ask_chosen(self) -> None:
        sender = self.sender()
        if isinstance(sender, QPushButton):
            self.go_to(str(sender.property("field")))

    @Slot()
    def _on_next(self) -> None:
        if not self.go_to_next_open():
            self.settled.emit()

    @Slot(object)
    def _on_focused(self, editor: FieldEditor) -> None:
        self._scroll.ensureWidgetVisible(editor, 0, 40)
        self._draw_why(editor.view)

    def _draw_why(self, view: FieldView) -> None:
        """Below the form, of the focused field: how sure recognition is, why, and the keys that help."""
        parts: list[str] = []
        if view.state in (FieldState.SUGGESTED, FieldState.FILLED):
            parts.append(self.tr("把握 {percent}%").format(percent=round(view.confidence * 100)))
        if view.reasons:
            parts.append(self.tr("依据：{reasons}").format(reasons="；".join(view.reasons)))
        if view.evidence:
            parts.append(with_keys(self, self.tr("听原音 Alt+P"), "ticket.listen"))
        offered = sum(option.confidence is not None for option in view.options)
        if offered:
            parts.append(self.tr("另有 {count} 个备选 Alt+↓").format(count=offered))
        self.why.set_text("　".join(parts))
        self.why.setToolTip(self.why.text())

    @Slot()
    def _on_fold(self) -> None:
        self._more.setVisible(self._more.isHidden())
        self._draw_fold()

    def _draw_fold(self) -> None:
        held = sum(bool(view.text) for view in self._presenter.model.views if view.section is Section.MORE)
        arrow = "▸" if self._more.isHidden() else "▾"
        words = self.tr("更多字段（{count} 项有值）").format(count=held) if held else self.tr("更多字段")
        self.fold.setText(f"{arrow} {words}")
        self.fold.setAccessibleName(words)

    def align_labels(self) -> None:
        """Give all labels the width of the widest; after a change of language or type size."""
        for editor in self.editors.values():
            editor.label.setMinimumWidth(0)
            editor.label.setMaximumWidth(16777215)
        widest = max(editor.label.sizeHint().width() for editor in self.editors.values())
        for editor in self.editors.values():
            editor.label.setFixedWidth(widest)
        self._fit_columns()

    def _retranslate(self) -> None:
        self._heading.setText(self.tr("工单"))
        self._hint.setText(with_keys(self, self.tr("回车采纳　Ctrl+Del 清空　Alt+↓ 备选　F7 下一处"), "ticket.next_open"))
        names = {
            Section.MATTER: self.tr("诉求"), Section.PLACE: self.tr("事发地点"), Section.REQUESTER: self.tr("诉求人"),
            Section.TEXT: self.tr("要求与内容"),
        }
        for section, label in self._sections.items():
            label.setText(names.get(section, ""))
        for number in range(self.tabs.count()):
            self.tabs.setTabText(number, self.tr("诉求 {number}").format(number=number + 1))
        self.tabs.setAccessibleName(self.tr("诉求"))
        for chip, words, told, command in ((self.add, self.tr("＋ 诉求"), self.tr("新增一件事项"), "ticket.add_matter"),
                                           (self.drop, self.tr("－ 删除"), self.tr("删除这件事项"), "ticket.drop_matter")):
            chip.setText(words)
            chip.setAccessibleName(told)
            chip.setToolTip(f"{told} {''.join(key_text(key) for key in present_keys(self, command)[:1])}".strip())
        self._on_asks(self._presenter.asks)
        self._draw_fold()
        for editor in self.editors.values():
            editor.retranslate()
        self.align_labels()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many columns as there is room for."""
        super().resizeEvent(event)
        self._fit_columns()

    def changeEvent(self, event: QEvent) -> None:
        """Language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)
