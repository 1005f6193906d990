"""Commands as data: menus, keys, the command palette and the shortcut sheet are made from one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from xview.qt.icons import icon


@dataclass(frozen=True, slots=True)
class Command:
    """One thing the user can do.

    Attributes:
        name: Stable identifier.
        menu: Menu it stands in.
        text: What it is called.
        run: What it does.
        keys: Shortcuts, the first one shown; such as "Ctrl+O".
        tip: One sentence more, or empty.
        symbol: Icon's name, or empty.
        chosen: Whether what it stands for is in force, for a mark beside it in the menu.
    """

    name: str
    menu: str
    text: str
    run: Callable[[], object]
    keys: tuple[str, ...] = ()
    tip: str = ""
    symbol: str = ""
    chosen: Callable[[], bool] | None = None


def make_actions(commands: tuple[Command, ...], owner: QWidget) -> dict[str, QAction]:
    """One QAction a command, by name, working while `owner`'s window is active.

    Raises:
        ValueError: Two commands share a key.
    """
    taken: dict[str, str] = {}
    actions = {}
    for command in commands:
        for key in command.keys:
            if key in taken:
                raise ValueError(f"{command.name} and {taken[key]} share {key}")
            taken[key] = command.name
        action = QAction(command.text, owner)
        action.setShortcuts([QKeySequence(key) for key in command.keys])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setToolTip(command.tip or command.text)
        action.setStatusTip(command.tip)
        if command.symbol:
            action.setIcon(icon(command.symbol))
        action.triggered.connect(lambda _checked=False, run=command.run: run())
        owner.addAction(action)
        actions[command.name] = action
    return actions
