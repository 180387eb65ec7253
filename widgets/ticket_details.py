"""The right half of "my tickets": one ticket's fields, what the centre answered, and the keys to do something about it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.domain.delivery import OutboxState
from app.platform import messages
from app.presenters.ticket_detail import FIELD_ROLE, DetailView, FieldRow, TicketDetailPresenter
from app.presenters.ticket_lines import Standing, TicketLine, minute
from widgets.field_labels import short_label
from widgets.icon_label import IconLabel
from widgets.shortcuts import bind_key, keyed, with_keys
from widgets.theme.palette import SPACE, Theme
from widgets.ticket_words import ICONS, follow_up_words, light_words, standing_tone, standing_words, status_words

Index = QModelIndex | QPersistentModelIndex


class FieldDelegate(QStyledItemDelegate):
    """Labels in the window's language; a value that was mended and not sent yet is bold and marked."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """Text and weight of a cell."""
        super().initStyleOption(option, index)
        row: FieldRow = index.data(FIELD_ROLE)
        if index.column() == 0:
            option.text = short_label(row.label) + (f" ({row.matter + 1})" if row.matter else "")
        elif row.is_mended:
            option.font.setBold(True)
            option.text = "✎ " + row.text


class FieldTableView(QTableView):
    """Label and value; Enter edits a value that may be mended."""

    def __init__(self, presenter: TicketDetailPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(presenter.fields)
        self.setItemDelegate(FieldDelegate(self))
        self.setObjectName("ticketFields")
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(True)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setEditTriggers(QTableView.EditTrigger.DoubleClicked | QTableView.EditTrigger.AnyKeyPressed)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter edits the value of the current row."""
        index = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and index.isValid():
            value = index.siblingAtColumn(1)
            # The key that ends an edit comes here too.
            if self.state() is not QTableView.State.EditingState and value.flags() & Qt.ItemFlag.ItemIsEditable:
                self.setCurrentIndex(value)
                self.edit(value)
            return
        super().keyPressEvent(event)


class TicketDetails(QFrame):
    """See the module.

    Args:
        presenter: feeds it and takes the acts.
        theme: colours.
    """

    def __init__(self, presenter: TicketDetailPresenter, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter, self._theme = presenter, theme
        self.language = "zh"
        self._dialog: QFileDialog | None = None
        self._icon, self._heading, self._facts = IconLabel(), QLabel(), QLabel()
        self._heading.setProperty("role", "heading")
        self._facts.setProperty("role", "hint")
        self.refusal = QLabel()
        self.refusal.setObjectName("refusal")
        self.notice = QLabel()
        self.notice.setProperty("role", "hint")
        for label in (self._facts, self.refusal, self.notice):
            label.setWordWrap(True)
        for label in (self._heading, self._facts, self.refusal, self.notice):
            label.setTextFormat(Qt.TextFormat.PlainText)  # the server's words are other people's text
        self.fields = FieldTableView(presenter)
        self.show_whole, self.resend, self.try_now = QPushButton(), QPushButton(), QPushButton()
        self.attach, self.go_on, self.call_back = QPushButton(), QPushButton(), QPushButton()
        self.resend.setProperty("role", "primary")
        self.go_on.setProperty("role", "primary")
        for button, key in ((self.show_whole, "tickets.show_whole"), (self.resend, "tickets.resend"), (self.try_now, "tickets.send_now"),
                            (self.attach, "tickets.attach"), (self.call_back, "tickets.call_back")):
            bind_key(button, key)
        self.show_whole.clicked.connect(presenter.show_whole)
        self.resend.clicked.connect(presenter.resend)
        self.try_now.clicked.connect(presenter.deliver_now)
        self.attach.clicked.connect(self.choose_file)
        self.go_on.clicked.connect(presenter.go_on)
        self.call_back.clicked.connect(presenter.call_back)
        self._lay_out()
        presenter.changed.connect(self.show_view)
        theme.changed.connect(self._draw)
        self._retranslate()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(SPACE.s)
        head.addWidget(self._icon)
        head.addWidget(self._heading, 1)
        keys = QGridLayout()
        keys.setSpacing(SPACE.s)
        for place, button in enumerate((self.show_whole, self.attach, self.try_now, self.resend)):
            keys.addWidget(button, place // 2, place % 2)
        keys.addWidget(self.call_back, 2, 0, 1, 2)
        keys.addWidget(self.go_on, 3, 0, 1, 2)
        body = QVBoxLayout(self)
        body.setContentsMargins(SPACE.m, 0, 0, 0)
        body.setSpacing(SPACE.s)
        body.addLayout(head)
        for widget in (self._facts, self.refusal):
            body.addWidget(widget)
        body.addWidget(self.fields, 1)
        body.addWidget(self.notice)
        body.addLayout(keys)

    @Slot(object)
    def show_view(self, _view: DetailView) -> None:
        """Draw a new view."""
        self._draw()

    @Slot()
    def choose_file(self) -> None:
        """Ask for the file to add."""
        if self._dialog is None and self._presenter.view.can_attach:
            self._dialog = QFileDialog(self, self.tr("添加附件"))
            self._dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
            self._dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            self._dialog.fileSelected.connect(self._on_file)
            self._dialog.finished.connect(self._on_dialog_finished)
            self._dialog.open()

    @Slot(str)
    def _on_file(self, path: str) -> None:
        self._presenter.attach(Path(path))

    @Slot(int)
    def _on_dialog_finished(self, _result: int) -> None:
        self._dialog = None

    @Slot()
    def _draw(self) -> None:
        view, line = self._presenter.view, self._presenter.view.line
        self._draw_head(line)
        self._facts.setText(self._fact_words(line))
        refusal = self._refusal_words(line)
        self.refusal.setText(refusal)
        self.refusal.setVisible(bool(refusal))
        words = messages.text(view.notice_key, view.notice_params, self.language) if view.notice_key else self._hint(view)
        self.notice.setText(words)
        self.notice.setVisible(bool(words))
        is_draft = line is not None and line.standing is Standing.DRAFT
        self.show_whole.setEnabled(view.can_show)
        self.attach.setEnabled(view.can_attach)
        self.try_now.setEnabled(view.can_try and view.can_resend)
        self.resend.setEnabled(view.can_resend)
        self.go_on.setVisible(is_draft)
        self.call_back.setVisible(bool(view.number))
        plain = keyed(self.resend, self.tr("重发 Ctrl+Shift+R"))
        self.resend.setText(self.tr("重发（改正 {count} 处）").format(count=view.mends) if view.mends else plain)
        self.resend.setAccessibleName(self.tr("重发"))

    def _draw_head(self, line: TicketLine | None) -> None:
        if line is None:
            self._icon.clear()
            self._heading.setText(self.tr("选一张工单，这里显示详情"))
            return
        tone = standing_tone(line.standing, self._theme.palette)
        self._icon.show_icon(ICONS[line.standing], tone.ink)
        self._heading.setText("　".join(filter(None, (standing_words(line.standing), line.number))))

    def _fact_words(self, line: TicketLine | None) -> str:
        if line is None:
            return ""
        is_draft = line.standing is Standing.DRAFT
        facts = [self.tr("来电 {time}").format(time=line.at) if is_draft else self.tr("提交 {time}").format(time=line.at)]
        if line.status:
            facts.append(status_words(line.status))
        if line.receipt:
            facts.append(self.tr("受理编号 {receipt}").format(receipt=line.receipt))
        if line.due is not None:
            day = line.due.day.isoformat() + (self.tr("（预计）") if line.due.estimated else "")
            facts.append(self.tr("办理期限 {day}").format(day=day) + (f" {light_words(line.light)}" if line.light else ""))
        if line.attachments:
            sent = sum(each.state is OutboxState.DELIVERED for each in line.attachments)
            facts.append(self.tr("附件 {sent}/{count} 已送达").format(sent=sent, count=len(line.attachments)))
        facts.append(follow_up_words(line))
        return "　".join(filter(None, facts))

    def _refusal_words(self, line: TicketLine | None) -> str:
        message = line.message if line is not None else None
        if message is None or (message.state is not OutboxState.REFUSED and not message.reason):
            return ""
        if message.state is OutboxState.DELIVERED:
            return ""
        parts = [messages.text(message.reason, lang=self.language) if message.reason else ""]
        if message.words:
            parts.append(self.tr("对方说：{words}").format(words=message.words))
        if message.state is OutboxState.WAITING and message.next_at:
            parts.append(self.tr("已试 {count} 次，下次 {time}").format(count=message.attempts, time=minute(message.next_at)))
        return "\n".join(filter(None, parts))

    def _hint(self, view: DetailView) -> str:
        if view.can_mend:
            return self.tr("在要改正的值上按回车修改，改完重发；原来提交的内容留档。")
        if view.line is not None and view.line.standing is Standing.REFUSED and view.can_show:
            return with_keys(self, self.tr("要改正：先显示完整内容（Ctrl+I），再修改、重发。"), "tickets.show_whole")
        return ""

    def _retranslate(self) -> None:
        self.show_whole.setText(keyed(self.show_whole, self.tr("显示完整内容 Ctrl+I")))
        self.show_whole.setAccessibleName(self.tr("显示完整内容"))
        self.show_whole.setToolTip(self.tr("显示未隐去的内容；谁看过会记入审计"))
        self.attach.setText(keyed(self.attach, self.tr("添加附件 Ctrl+Shift+A")))
        self.attach.setAccessibleName(self.tr("添加附件"))
        self.try_now.setText(keyed(self.try_now, self.tr("立即发送 Ctrl+Shift+S")))
        self.try_now.setAccessibleName(self.tr("立即发送"))
        self.call_back.setText(keyed(self.call_back, self.tr("回拨 Ctrl+Shift+H")))
        self.call_back.setAccessibleName(self.tr("回拨"))
        self.go_on.setText(self.tr("继续处理这份草稿"))
        self.fields.setAccessibleName(self.tr("工单内容"))
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        """Language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)
