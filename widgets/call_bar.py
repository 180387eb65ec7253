"""The call bar: who calls from where, the phase, the timer by the call's sound, and the telephone's keys."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.domain.call import Phase
from app.presenters.call_bar import CallBarPresenter, CallBarView
from app.presenters.levels import LevelsView
from app.presenters.repeats import RepeatView
from widgets.announcing import announce
from widgets.elided_text import ElidedText
from widgets.icon_label import IconLabel
from widgets.level_meter import LevelMeter
from widgets.listening_badge import ListeningBadge
from widgets.phone_keys import ConsultRow, PhoneKeyRow
from widgets.shortcuts import bind_key, keyed
from widgets.theme.icons import icon
from widgets.theme.palette import SIZES, SPACE, Theme

EMERGENCY_NUMBERS = ("110", "119", "120", "122")


class CallBar(QFrame):
    """Call information and controls.

    Args:
        presenter: feeds it and takes the acts.
        theme: colours.
    """

    def __init__(self, presenter: CallBarPresenter, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self._presenter = presenter
        self._theme = theme
        self._number, self.place, self._timer = QLabel(), ElidedText(1, scale=SIZES.small / SIZES.base), QLabel()
        self._number.setProperty("role", "number")
        self._timer.setProperty("role", "timer")
        self.place.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, False)  # for its tip
        self._same_number = 0
        self._phase = QLabel()
        self._phase.setObjectName("phase")
        self.citizen, self.operator = LevelMeter("citizen", theme), LevelMeter("operator", theme)
        self.phone, self.consult = PhoneKeyRow(presenter), ConsultRow(presenter)
        self.listening = ListeningBadge(presenter)
        self.answer, self.hold, self.hang_up = QPushButton(), QPushButton(), QPushButton()
        self.answer.setProperty("role", "go")
        self.hang_up.setProperty("role", "stop")
        for button, key in ((self.answer, "call.answer"), (self.hold, "call.hold"), (self.hang_up, "call.hang_up")):
            bind_key(button, key)
        self.answer.clicked.connect(self._on_answer)
        self.hold.clicked.connect(self._on_hold)
        self.hang_up.clicked.connect(self._on_hang_up)
        self._lay_out()
        presenter.changed.connect(self.show_view)
        theme.changed.connect(self._on_theme)
        self._retranslate()

    def _lay_out(self) -> None:
        first = QHBoxLayout()
        first.setSpacing(SPACE.m)
        first.addWidget(self._number)
        first.addStretch(1)
        first.addWidget(self._timer)
        second = QHBoxLayout()
        second.addWidget(self.place, 1)
        second.addWidget(self.listening)
        second.addWidget(self._phase)
        keys = QHBoxLayout()
        keys.setSpacing(SPACE.xs)
        for button in (self.answer, self.hold, self.hang_up):
            button.setSizePolicy(QSizePolicy.Policy.MinimumExpanding, QSizePolicy.Policy.Fixed)
            keys.addWidget(button)
        body = QVBoxLayout(self)
        body.setContentsMargins(SPACE.l, SPACE.m, SPACE.l, SPACE.m)
        body.setSpacing(SPACE.xs)
        body.addLayout(first)
        body.addLayout(second)
        body.addStretch(1)
        middle = QHBoxLayout()
        middle.setSpacing(SPACE.s)
        middle.addWidget(self.citizen, 1)
        middle.addWidget(self.operator, 1)
        middle.addWidget(self.phone)
        body.addLayout(middle)
        body.addWidget(self.consult)
        body.addLayout(keys)

    @Slot(object)
    def show_levels(self, view: LevelsView) -> None:
        """How loud both sides are."""
        self.citizen.show_level(view.citizen)
        self.operator.show_level(view.operator)

    @Slot(object)
    def show_repeats(self, view: RepeatView) -> None:
        """How many earlier tickets this number has."""
        if view.same_number != self._same_number:
            self._same_number = view.same_number
            self.show_view(self._presenter.view)

    @Slot(object)
    def show_view(self, view: CallBarView) -> None:
        """Draw a new view."""
        is_idle = view.phase is Phase.IDLE
        self._number.setText(self.tr("等待来电") if is_idle else view.caller_number or self.tr("号码未显示"))
        self.place.set_text(self._place_words(view))
        self.place.setToolTip(self.place.text())
        seconds = view.position_ms // 1000
        self._timer.setText("" if is_idle else f"{seconds // 60:02d}:{seconds % 60:02d}")
        self._timer.setAccessibleName(self.tr("通话时长 {time}").format(time=self._timer.text()))
        if self._phase.property("phase") != view.phase.value:
            announce(self, self._phase_word(view))
            self._phase.setProperty("phase", view.phase.value)
            self._phase.style().unpolish(self._phase)
            self._phase.style().polish(self._phase)
        self._phase.setText(self._phase_word(view))
        for button, is_possible in ((self.answer, view.can_answer), (self.hold, view.can_pause or view.can_resume),
                                    (self.hang_up, view.can_hang_up)):
            button.setEnabled(is_possible)
        self._draw_answer(view)
        self._draw_hold(view)

    def _draw_answer(self, view: CallBarView) -> None:
        """Green only where a call rings: on an idle desk the key begins to hear a telephone that tells this PC nothing."""
        role = "" if view.begins else "go"
        if self.answer.property("role") != role:
            self.answer.setProperty("role", role)
            self.answer.style().unpolish(self.answer)
            self.answer.style().polish(self.answer)
        self.answer.setText(keyed(self.answer, self.tr("开始听 F2") if view.begins else self.tr("接听 F2")))
        self.answer.setAccessibleName(self.tr("开始听通话") if view.begins else self.tr("接听"))
        self.answer.setToolTip(self.tr("电话接起后按：用本机的声音开始听") if view.begins else "")
        palette = self._theme.palette
        self.answer.setIcon(icon("answer", palette.text if view.begins else palette.on_go, palette.faint))

    def _place_words(self, view: CallBarView) -> str:
        """Where the number is from, as far as it tells, and which city's hotline it called."""
        if view.phase is Phase.IDLE or not view.city:
            return view.city
        origin = self.tr("{origin}号码").format(origin=view.origin) if view.origin else ""
        if view.is_outgoing:
            return " · ".join(filter(None, (origin, self.tr("{city}去电").format(city=view.city))))
        if self._same_number:
            old = self.tr("旧单 {count}").format(count=self._same_number)
            return " · ".join((origin or self.tr("{city}来电").format(city=view.city), old))
        if view.origin == view.city:
            return " · ".join((origin, self.tr("本地来电")))
        return " · ".join(filter(None, (origin, self.tr("{city}来电").format(city=view.city))))

    def _draw_hold(self, view: CallBarView) -> None:
        is_held = view.phase is Phase.PAUSED
        self.hold.setText(keyed(self.hold, self.tr("恢复 F4") if is_held else self.tr("保持 F4")))
        self.hold.setAccessibleName(self.tr("恢复") if is_held else self.tr("保持"))
        palette = self._theme.palette
        self.hold.setIcon(icon("resume" if is_held else "pause", palette.text, palette.faint))

    def _phase_word(self, view: CallBarView) -> str:
        return self.tr("呼出中") if view.is_outgoing and view.phase is Phase.RINGING else self._phase_words()[view.phase]

    def _phase_words(self) -> dict[Phase, str]:
        return {
            Phase.IDLE: self.tr("空闲"), Phase.RINGING: self.tr("振铃"), Phase.TALKING: self.tr("通话中"), Phase.PAUSED: self.tr("保持中"),
            Phase.WRAP_UP: self.tr("话后整理"), Phase.SUBMITTED: self.tr("已提交"),
        }

    @Slot()
    def _on_answer(self) -> None:
        self._presenter.answer()

    @Slot()
    def _on_hold(self) -> None:
        self._presenter.hold_or_resume()

    @Slot()
    def _on_hang_up(self) -> None:
        self._presenter.hang_up()

    @Slot()
    def _on_theme(self) -> None:
        palette = self._theme.palette
        self.place.set_colour(palette.muted)
        self._draw_answer(self._presenter.view)
        self.hang_up.setIcon(icon("hang_up", palette.on_danger, palette.faint))
        self._draw_hold(self._presenter.view)

    def _retranslate(self) -> None:
        self.hang_up.setText(keyed(self.hang_up, self.tr("挂断 F8")))
        self.hang_up.setAccessibleName(self.tr("挂断"))
        self.citizen.retranslate(self.tr("市民音量"))
        self.operator.retranslate(self.tr("坐席音量"))
        self._on_theme()
        self.show_view(self._presenter.view)

    def changeEvent(self, event: QEvent) -> None:
        """Language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)


class EmergencyBar(QFrame):
    """Danger to life: red, one key to each emergency number. Hidden, and its keys dead, unless the ticket says 特急.

    Args:
        presenter: feeds it and takes the acts.
        theme: colours.
    """

    def __init__(self, presenter: CallBarPresenter, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("emergency")
        self._presenter = presenter
        self._theme = theme
        self._icon = IconLabel()
        self._text = QLabel()
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE.l, SPACE.xs, SPACE.s, SPACE.xs)
        row.setSpacing(SPACE.s)
        row.addWidget(self._icon)
        row.addWidget(self._text)
        row.addStretch(1)
        self.buttons: dict[str, QPushButton] = {}
        for number in EMERGENCY_NUMBERS:
            button = QPushButton()
            button.setProperty("number", number)
            bind_key(button, f"call.to_{number}")
            button.clicked.connect(self._on_number)
            self.buttons[number] = button
            row.addWidget(button)
        presenter.changed.connect(self._on_view)
        theme.changed.connect(self._on_theme)
        self.hide()
        self._retranslate()

    @Slot(object)
    def _on_view(self, view: CallBarView) -> None:
        self.setVisible(view.is_urgent)

    @Slot()
    def _on_number(self) -> None:
        sender = self.sender()
        if isinstance(sender, QPushButton):
            self._presenter.hand_over(str(sender.property("number")))

    @Slot()
    def _on_theme(self) -> None:
        self._icon.show_icon("alert", self._theme.palette.on_danger)

    def _retranslate(self) -> None:
        self._text.setText(self.tr("特急：可能危及人身安全，一键转接"))
        names = {
            "110": self.tr("110 公安"), "119": self.tr("119 消防"), "120": self.tr("120 急救"), "122": self.tr("122 交通事故"),
        }
        for place, (number, button) in enumerate(self.buttons.items(), 1):
            button.setText(keyed(button, f"{names[number]}  Ctrl+F{place}"))
            button.setAccessibleName(self.tr("转接 {name}").format(name=names[number]))
        self._on_theme()

    def changeEvent(self, event: QEvent) -> None:
        """Language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)
