"""The application object in the user's theme, and the little it remembers."""

from __future__ import annotations

import sys
from functools import partial

from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QApplication

from xview import __version__
from xview.qt import theme
from xview.session.places import state_folder


def make_application() -> QApplication:
    """The application object in the user's theme; it follows the system where that is the theme."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("xview")
    app.setApplicationVersion(__version__)
    theme.apply(app, scheme())
    app.styleHints().colorSchemeChanged.connect(partial(_follow_system, app))
    return app


def settings() -> QSettings:
    """Layout of the window and the like, in a file the user may delete."""
    return QSettings(str(state_folder() / "window.ini"), QSettings.Format.IniFormat)


def scheme() -> theme.Scheme:
    """Light, dark or as the system; a name nobody knows counts as the last."""
    kept = str(settings().value("scheme", theme.Scheme.SYSTEM))
    return theme.Scheme(kept) if kept in set(theme.Scheme) else theme.Scheme.SYSTEM


def set_scheme(wanted: theme.Scheme) -> None:
    """Wear and remember light, dark, or what the system wears."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    settings().setValue("scheme", str(wanted))
    theme.apply(app, wanted)


def _follow_system(app: QApplication, _system: Qt.ColorScheme) -> None:
    if scheme() is theme.Scheme.SYSTEM:
        theme.apply(app)
