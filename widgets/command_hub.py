"""All commands of one window: found by their shortcuts, given their keys, triggered from menu and palette.

A shortcut that ``widgets.shortcuts`` made carries its command's id; nothing has to be registered twice. A command is alive while the
widget that does it is there and enabled: the same rule that Qt has for its key.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Slot
from PySide6.QtGui import QAction, QShortcut
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from app.domain.commands import BY_ID, COMMANDS, GROUPS
from app.presenters.commands import CommandsPresenter
from widgets.language import told
from widgets.shortcuts import CHANGED_KEYS, COMMAND, key_text, present_keys, set_keys


class CommandHub(QObject):
    """See the module.

    Args:
        window: the window whose commands they are.
        presenter: keys and recent commands.
    """

    def __init__(self, window: QWidget, presenter: CommandsPresenter) -> None:
        super().__init__(window)
        self._window = window
        self.presenter = presenter
        presenter.keys_changed.connect(self._on_keys)
        if presenter.keymap.changed:
            self._on_keys()

    def alive(self) -> frozenset[str]:
        """Ids of the commands that can be run now."""
        return frozenset(str(shortcut.property(COMMAND)) for shortcut in self._shortcuts() if _is_alive(shortcut))

    def trigger(self, command_id: str) -> bool:
        """Run a command as its key would; False where it is not alive."""
        for shortcut in self._shortcuts():
            if shortcut.property(COMMAND) == command_id and _is_alive(shortcut):
                self.presenter.ran(command_id)
                shortcut.activated.emit()
                return True
        return False

    def _shortcuts(self) -> list[QShortcut]:
        return [shortcut for shortcut in self._window.findChildren(QShortcut) if shortcut.property(COMMAND)]

    @Slot()
    def _on_keys(self) -> None:
        """Give every shortcut its keys, also those made later; whatever shows a key writes it anew."""
        keymap = self.presenter.keymap
        self._window.setProperty(CHANGED_KEYS, {command.id: keymap.keys(command.id) for command in COMMANDS})
        for shortcut in self._shortcuts():
            holder = shortcut.parent()
            if (known := str(shortcut.property(COMMAND))) in BY_ID and isinstance(holder, QWidget):
                set_keys(shortcut, present_keys(holder, known))
        for each in self._window.findChildren(QWidget):
            QCoreApplication.postEvent(each, QEvent(QEvent.Type.LanguageChange))


def _is_alive(shortcut: QShortcut) -> bool:
    owner = shortcut.parent()
    return shortcut.isEnabled() and isinstance(owner, QWidget) and owner.isEnabled() and owner.isVisible()


class MenuButton(QPushButton):
    """The menu of all commands, group by group; filled when it opens."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hub: CommandHub | None = None
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill)
        self._menu.triggered.connect(self._on_chosen)
        self.setMenu(self._menu)
        self._retranslate()

    def use(self, hub: CommandHub) -> None:
        """The commands to offer; the button stands in the window before the hub can look through it."""
        self._hub = hub

    @Slot()
    def _fill(self) -> None:
        self._menu.clear()
        if self._hub is None:
            return
        alive, keymap = self._hub.alive(), self._hub.presenter.keymap
        for group in GROUPS:
            section = self._menu.addMenu(told(f"commands.group_{group}"))
            for command in COMMANDS:
                if command.group == group and not command.is_fixed:
                    keys = keymap.keys(command.id)
                    # The tab sets the key apart without binding it a second time.
                    action = section.addAction(f"{told(command.words_key)}\t{key_text(keys[0]) if keys else ''}")
                    action.setData(command.id)
                    action.setEnabled(command.id in alive)

    @Slot(QAction)
    def _on_chosen(self, action: QAction) -> None:
        if self._hub is not None:
            self._hub.trigger(action.data())

    def _retranslate(self) -> None:
        self.setText(told("keys.menu"))
        self.setAccessibleName(told("keys.menu_name"))

    def changeEvent(self, event: QEvent) -> None:
        """Language changed."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)
