"""The button that changes how the window looks: theme, type size, language. Takes effect at once, without a restart."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from widgets.language import LanguageName
from widgets.theme.palette import ThemeName

PERCENTS = (90, 100, 110, 125, 150, 175, 200)


class ViewButton(QPushButton):
    """Opens the menu; tells what was chosen.

    Args:
        theme: present theme.
        percent: present type size.
        language: present language; None where the window cannot switch.
        locked: groups ("theme", "percent", "language") that the machine's policy decides: shown, not to be chosen.
    """

    theme_chosen = Signal(str)
    percent_chosen = Signal(int)
    language_chosen = Signal(str)

    def __init__(self, theme: ThemeName, percent: int, language: LanguageName | None,
                 locked: frozenset[str] = frozenset(), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._locked = locked
        self._menu = QMenu(self)
        self._menu.setToolTipsVisible(True)
        self._groups: dict[str, QActionGroup] = {}
        self._add_group("theme", [name.value for name in ThemeName], theme.value)
        self._menu.addSeparator()
        self._add_group("percent", [str(step) for step in PERCENTS], str(percent))
        if language is not None:
            self._menu.addSeparator()
            self._add_group("language", [name.value for name in LanguageName], language.value)
        self._menu.triggered.connect(self._on_chosen)
        self.setMenu(self._menu)
        self._retranslate()

    def mark(self, group: str, value: str) -> None:
        """Tick what is in use now."""
        for action in self._groups[group].actions() if group in self._groups else ():
            action.setChecked(action.data() == (group, value))

    def _add_group(self, name: str, values: list[str], present: str) -> None:
        group = QActionGroup(self)
        for value in values:
            action = QAction(self)
            action.setCheckable(True)
            action.setChecked(value == present)
            action.setData((name, value))
            action.setEnabled(name not in self._locked)
            group.addAction(action)
            self._menu.addAction(action)
        self._groups[name] = group

    @Slot(QAction)
    def _on_chosen(self, action: QAction) -> None:
        group, value = action.data()
        if group == "theme":
            self.theme_chosen.emit(value)
        elif group == "percent":
            self.percent_chosen.emit(int(value))
        else:
            self.language_chosen.emit(value)

    def _retranslate(self) -> None:
        self.setText(self.tr("显示"))
        self.setAccessibleName(self.tr("显示：主题、字号、语言"))
        words = {
            ThemeName.LIGHT: self.tr("浅色"), ThemeName.DARK: self.tr("深色"), ThemeName.CONTRAST: self.tr("高对比"),
            # Each language in its own words, so that who cannot read the other finds the way back.
            LanguageName.CHINESE: LanguageName.CHINESE.own_name, LanguageName.ENGLISH: LanguageName.ENGLISH.own_name,
        }
        for group in self._groups.values():
            for action in group.actions():
                kind, value = action.data()
                action.setToolTip("" if action.isEnabled() else self.tr("由本机管理策略规定，不能更改"))
                action.setText(self.tr("字号 {percent}%").format(percent=value) if kind == "percent" else words[value])

    def changeEvent(self, event: QEvent) -> None:
        """Language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)
