"""The bar above a page of the lead's window: period, filters, and what can be chosen on the page.

Qt gives a ``StrEnum`` back as a plain ``str``: what a box holds is made one again before it is compared.
"""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QDate, QEvent, QPointF, QSignalBlocker, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QComboBox, QDateEdit, QHBoxLayout, QLabel, QPushButton, QWidget

from app.domain.lead_counts import Dimension
from app.domain.lead_tables import Names
from app.presenters.lead import LeadPresenter, Page, Period
from widgets.flow_layout import FlowLayout
from widgets.lead_words import LeadWords, lead
from widgets.theme.palette import SPACE

FILTERS = (Dimension.OPERATOR, Dimension.TEAM, Dimension.FIELD, Dimension.ITEM, Dimension.DISTRICT, Dimension.MODEL, Dimension.VOCABULARY,
           Dimension.KNOWLEDGE, Dimension.SOUND, Dimension.DESK, Dimension.KIND)
_OPTIONS = ("dimension", "choice", "first", "second")


class ChoiceBox(QComboBox):
    """A combo box whose arrow is drawn here: a style sheet cannot draw one in the palette's colour."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)

    def sizeHint(self) -> QSize:
        """Room for the arrow."""
        return super().sizeHint() + QSize(round(0.7 * self.fontMetrics().height()), 0)

    def minimumSizeHint(self) -> QSize:
        """Nothing is cut."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The box, then the arrow."""
        super().paintEvent(event)
        _draw_arrow(self)


class DayBox(QDateEdit):
    """A day, chosen from a calendar or by the arrow keys; its arrow is drawn here, too."""

    def __init__(self) -> None:
        super().__init__()
        self.setCalendarPopup(True)
        self.setDisplayFormat("yyyy-MM-dd")

    def paintEvent(self, event: QPaintEvent) -> None:
        """The day, then the arrow."""
        super().paintEvent(event)
        _draw_arrow(self)


def _draw_arrow(widget: QWidget) -> None:
    """A small arrow downwards at the right, in the colour of the words."""
    em = widget.fontMetrics().height()
    middle = QPointF(widget.width() - 0.55 * em, widget.height() / 2)
    painter = QPainter(widget)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(widget.palette().color(widget.foregroundRole()), em / 13))
    painter.drawPolyline([middle + QPointF(-em / 6, -em / 12), middle + QPointF(0, em / 12), middle + QPointF(em / 6, -em / 12)])
    painter.end()


class FilterBar(QWidget):
    """See the module.

    Args:
        presenter: what is chosen goes there.
        words: names of values.
    """

    def __init__(self, presenter: LeadPresenter, words: LeadWords, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter, self._words = presenter, words
        self._layout = FlowLayout(SPACE.s, self)
        self._period = ChoiceBox()
        for period in Period:
            self._period.addItem("", period)
        self._period.activated.connect(self._on_period)
        self._since, self._until = DayBox(), DayBox()
        for edit in (self._since, self._until):
            edit.dateChanged.connect(self._on_days)
        self._dimension, self._value = ChoiceBox(), ChoiceBox()
        self._dimension.activated.connect(self._on_dimension)
        self._value.activated.connect(self._on_value)
        self._value.hide()
        self._labels = {name: QLabel() for name in ("period", *_OPTIONS)}
        self._options = {name: ChoiceBox() for name in _OPTIONS}
        for name, box in self._options.items():
            box.activated.connect(self._on_option)
            box.setObjectName(name)
        self._chips: list[QPushButton] = []
        self._groups: dict[str, QWidget] = {}
        for name in _OPTIONS:
            self._groups[name] = self._group(self._labels[name], self._options[name])
            self._layout.addWidget(self._groups[name])
        self._layout.addWidget(self._group(self._labels["period"], self._period))
        self._days = self._group(self._since, self._until)
        self._layout.addWidget(self._days)
        self._layout.addWidget(self._dimension)
        self._layout.addWidget(self._value)
        presenter.changed.connect(self.show_state)
        presenter.values_told.connect(self._show_values)
        self._retell()

    def _group(self, *parts: QWidget) -> QWidget:
        made = QWidget(self)
        layout = QHBoxLayout(made)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE.xs)
        for part in parts:
            layout.addWidget(part)
        return made

    def show_state(self) -> None:
        """Follow the presenter."""
        state = self._presenter.state
        self._period.setCurrentIndex(self._period.findData(state.period))
        self._days.setVisible(state.period is Period.OWN)
        for edit, day in ((self._since, state.asked.since), (self._until, state.asked.until)):
            if day:
                blocker = QSignalBlocker(edit)
                edit.setDate(QDate.fromString(day, "yyyy-MM-dd"))
                blocker.unblock()
        self._show_options()
        self._show_chips()

    def _show_options(self) -> None:
        state = self._presenter.state
        choices = state.view.choices if state.view is not None else {}
        chosen = dict(zip(("first", "second"), choices.get("chosen", ()), strict=False))
        chosen |= {"dimension": state.options.dimension.value, "choice": state.options.choice}
        for name, box in self._options.items():
            values = choices.get(name, ())
            if not state.is_busy or state.view is None:
                self._groups[name].setVisible(bool(values))
            if values and [box.itemData(place) for place in range(box.count())] != list(values):
                box.clear()
                for value in values:
                    box.addItem(self._option_name(name, value), value)
            if values:
                box.setCurrentIndex(box.findData(chosen.get(name, "")))
        self._name_choice()
        for group in self._groups.values():
            group.updateGeometry()  # other words, another width

    def _name_choice(self) -> None:
        """What is chosen from: a catalogue, or on the page of voices an indicator."""
        told = lead("option_indicator" if self._presenter.state.page is Page.VOICE else "option_choice")
        self._labels["choice"].setText(told)
        self._options["choice"].setAccessibleName(told)

    def _option_name(self, option: str, value: str) -> str:
        names = {"dimension": Names.DIMENSION, "choice": Names.CHOICE}
        return self._words.name(names.get(option, Names.NONE), value)

    def _show_chips(self) -> None:
        only = self._presenter.state.asked.only if self._presenter.state.page is not Page.FLOOR else ()
        for chip in self._chips:
            self._layout.removeWidget(chip)
            chip.deleteLater()
        self._chips = []
        for dimension, value in only:
            name = f"{self._words.dimension(dimension)} {self._words.dimension_value(dimension, value)}"
            chip = QPushButton(f"{name}  ×")
            chip.setProperty("role", "chip")
            chip.setProperty("dimension", dimension.value)
            chip.setAccessibleName(lead("filter_remove", name=name))
            chip.clicked.connect(self._on_chip)
            self._layout.addWidget(chip)
            self._chips.append(chip)

    def _on_period(self, place: int) -> None:
        period = Period(self._period.itemData(place))
        if period is Period.OWN:
            self._days.show()
            self._on_days()
        else:
            self._presenter.choose_period(period)

    def _on_days(self) -> None:
        since, until = (_day(edit) for edit in (self._since, self._until))
        self._presenter.choose_days(since, until)

    def _on_dimension(self, place: int) -> None:
        held = self._dimension.itemData(place)
        dimension = Dimension(held) if held else None
        self._value.clear()
        self._value.setVisible(dimension is not None)
        self._value.addItem(lead("busy"), None)
        if dimension is Dimension.FIELD:
            self._presenter.ask_fields()
        elif dimension is not None:
            self._presenter.ask_values(dimension)

    def _show_values(self, dimension: Dimension, values: tuple[str, ...]) -> None:
        if self._dimension.currentData() != dimension.value:
            return
        self._value.clear()
        self._value.addItem(lead("filter_value"), None)
        for value in values:
            self._value.addItem(self._words.dimension_value(dimension, value), value)

    def _on_value(self, place: int) -> None:
        value = self._value.itemData(place)
        if value is not None:
            self._presenter.add_filter(Dimension(self._dimension.currentData()), value)
            self._dimension.setCurrentIndex(0)
            self._value.hide()

    def _on_option(self, place: int) -> None:
        box = self.sender()
        if isinstance(box, QComboBox):
            self._presenter.choose(box.objectName(), str(box.itemData(place)))

    def _on_chip(self) -> None:
        chip = self.sender()
        if isinstance(chip, QPushButton):
            self._presenter.remove_filter(Dimension(str(chip.property("dimension"))))

    def _retell(self) -> None:
        for name, label in self._labels.items():
            label.setText(lead("period" if name == "period" else f"option_{name}"))
        for place, period in enumerate(Period):
            self._period.setItemText(place, lead(f"period_{period.value}"))
        self._period.setAccessibleName(lead("period"))
        for name, box in self._options.items():
            box.setAccessibleName(lead(f"option_{name}"))
            for place in range(box.count()):
                box.setItemText(place, self._option_name(name, str(box.itemData(place))))
        self._name_choice()
        self._since.setAccessibleName(lead("period_from"))
        self._until.setAccessibleName(lead("period_until"))
        self._dimension.clear()
        self._dimension.addItem(lead("filter_any"), None)
        for dimension in FILTERS:
            self._dimension.addItem(self._words.dimension(dimension), dimension)
        self._dimension.setAccessibleName(lead("filter_add"))
        self._value.setAccessibleName(lead("filter_value"))
        self._show_chips()

    def changeEvent(self, event: QEvent) -> None:
        """Another language."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retell()
        super().changeEvent(event)


def _day(edit: QDateEdit) -> date:
    held = edit.date()
    return date(held.year(), held.month(), held.day())
