"""Light and dark: one accent, grey furniture, colour kept for the data.

`apply` dresses the application; a widget that paints itself asks `current()` while it paints and redraws on
`QEvent.Type.PaletteChange`, which Qt sends to every widget when the theme turns.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

SPACE = 6
"""Pixels between neighbours; panels keep twice that from their frame."""
RADIUS = 5
"""Corner radius of panels, cards and buttons in pixels."""


class Scheme(StrEnum):
    """What the user asked for."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """Colours as #rrggbb; `good` and `bad` never stand without a tick or a cross beside them."""

    dark: bool
    window: str
    panel: str
    raised: str
    border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    accent_soft: str
    good: str
    bad: str
    ignored: str
    bridge: str
    torn: str
    bridged: str
    stone: str
    outline: str


LIGHT = Theme(
    dark=False,
    window="#f3f4f6",
    panel="#ffffff",
    raised="#f7f8fa",
    border="#d9dce2",
    text="#1b1f27",
    muted="#646b78",
    accent="#1f6feb",
    on_accent="#ffffff",
    accent_soft="#dbe8fd",
    good="#0a7d45",
    bad="#c62f2f",
    ignored="#8b919c",
    bridge="#7b3fc4",
    torn="#c2580a",
    bridged="#a3369b",
    stone="#c8202f",
    outline="#000000",
)
DARK = Theme(
    dark=True,
    window="#15171c",
    panel="#1d2027",
    raised="#262a33",
    border="#343944",
    text="#e6e9ef",
    muted="#9aa1ae",
    accent="#5b9dff",
    on_accent="#0c1220",
    accent_soft="#24395c",
    good="#43d18a",
    bad="#ff7b72",
    ignored="#7d8490",
    bridge="#c19bff",
    torn="#ff9d4d",
    bridged="#ee8ae0",
    stone="#ff7080",
    outline="#ffffff",
)


def current() -> Theme:
    """The theme the application wears, read off its palette."""
    return DARK if QGuiApplication.palette().color(QPalette.ColorRole.Window).lightness() < 128 else LIGHT


def apply(app: QApplication, scheme: Scheme = Scheme.SYSTEM) -> Theme:
    """Dress `app` and return the theme worn.

    Call it again on `app.styleHints().colorSchemeChanged` to keep following the system.
    """
    theme = _resolve(app, scheme)
    app.setStyle(QStyleFactory.create("Fusion"))
    app.setPalette(_palette(theme))
    app.setStyleSheet(stylesheet(theme, app.font().pointSizeF()))
    return theme


def _resolve(app: QApplication, scheme: Scheme) -> Theme:
    hints = app.styleHints()
    if hasattr(hints, "setColorScheme"):  # Qt 6.8: native title bars and dialogs follow too
        wanted = {
            Scheme.SYSTEM: Qt.ColorScheme.Unknown,
            Scheme.LIGHT: Qt.ColorScheme.Light,
            Scheme.DARK: Qt.ColorScheme.Dark,
        }
        hints.setColorScheme(wanted[scheme])
    if scheme is Scheme.SYSTEM:
        return DARK if hints.colorScheme() == Qt.ColorScheme.Dark else LIGHT
    return DARK if scheme is Scheme.DARK else LIGHT


def _palette(theme: Theme) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette(QColor(theme.raised), QColor(theme.window))
    colours = {
        role.Window: theme.window,
        role.WindowText: theme.text,
        role.Base: theme.panel,
        role.AlternateBase: theme.raised,
        role.Text: theme.text,
        role.Button: theme.raised,
        role.ButtonText: theme.text,
        role.BrightText: theme.bad,
        role.ToolTipBase: theme.raised,
        role.ToolTipText: theme.text,
        role.PlaceholderText: theme.muted,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Link: theme.accent,
        role.LinkVisited: theme.accent,
        role.Light: theme.panel,
        role.Midlight: theme.border,
        role.Mid: theme.border,
        role.Dark: theme.muted,
    }
    for name, colour in colours.items():
        palette.setColor(name, QColor(colour))
    if hasattr(role, "Accent"):  # Qt 6.6
        palette.setColor(role.Accent, QColor(theme.accent))
    for name in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, QColor(theme.ignored))
    return palette


def stylesheet(theme: Theme, points: float) -> str:
    """Style rules over Fusion; widgets ask for them by the dynamic property `role`.

    Roles: `panel`, `card` and `notice` (frames), `title`, `section`, `muted` and `plate` (labels), `segment`
    (checkable buttons that stand side by side), `tool` and `entry` (small flat buttons), `primary` (the one
    to press).

    Args:
        theme: Colours.
        points: Size of the application's font in points.
    """
    small = f"{points * 0.9:.1f}pt"
    return f"""
QToolTip {{ background: {theme.raised}; color: {theme.text}; border: 1px solid {theme.border};
    padding: 4px; }}
QFrame[role="panel"] {{ background: {theme.panel}; border: 1px solid {theme.border};
    border-radius: {RADIUS}px; }}
QFrame[role="card"] {{ background: {theme.raised}; border: 1px solid {theme.border};
    border-radius: {RADIUS}px; }}
QFrame[role="notice"] {{ background: {theme.panel}; border: 1px solid {theme.bad};
    border-left: 4px solid {theme.bad}; border-radius: {RADIUS}px; }}
QLabel[role="title"] {{ font-weight: 600; }}
QLabel[role="section"] {{ color: {theme.muted}; font-size: {small}; font-weight: 600; }}
QLabel[role="muted"] {{ color: {theme.muted}; font-size: {small}; }}
QLabel[role="plate"], QToolButton[role="plate"] {{
    color: {theme.muted}; background: {theme.panel}; border: none; border-radius: 3px; padding: 1px 4px;
    font-size: {small}; }}
QToolButton[role="plate"] {{ color: {theme.accent}; }}
QToolButton[role="plate"]:hover {{ background: {theme.accent_soft}; }}
QToolButton[role="tool"] {{ border: 1px solid transparent; border-radius: 4px; padding: 2px; }}
QToolButton[role="tool"]:hover {{ background: {theme.raised}; border-color: {theme.border}; }}
QToolButton[role="tool"]:checked {{ background: {theme.accent_soft}; border-color: {theme.accent}; }}
QToolButton:focus[role="tool"], QToolButton:focus[role="plate"], QPushButton:focus[role="segment"] {{
    border: 1px solid {theme.accent}; }}
QToolButton[role="entry"] {{ border: 1px solid transparent; border-radius: 3px; padding: 1px 3px;
    font-size: {small}; color: {theme.ignored}; background: transparent; }}
QToolButton[role="entry"]:checked {{ color: {theme.text}; }}
QToolButton[role="entry"]:hover {{ background: {theme.raised}; }}
QToolButton:focus[role="entry"] {{ border-color: {theme.accent}; }}
QPushButton[role="segment"] {{ background: {theme.panel}; border: 1px solid {theme.border};
    padding: 4px 10px; }}
QPushButton[role="segment"]:hover {{ background: {theme.raised}; }}
QPushButton[role="segment"]:checked, QPushButton[role="primary"] {{
    background: {theme.accent}; color: {theme.on_accent}; border: 1px solid {theme.accent}; }}
QPushButton[role="primary"] {{ border-radius: 4px; padding: 4px 12px; }}
QPushButton[role="primary"]:disabled {{ background: {theme.border}; color: {theme.ignored};
    border-color: {theme.border}; }}
QPushButton[role="segment"]:disabled {{ color: {theme.ignored}; }}
QTabBar::tab {{ padding: 5px 10px; color: {theme.muted}; border: none;
    border-bottom: 2px solid transparent; }}
QTabBar::tab:selected {{ color: {theme.text}; border-bottom-color: {theme.accent}; }}
QTabBar::tab:hover {{ color: {theme.text}; }}
QTabBar::tab:focus {{ color: {theme.accent}; }}
QTabWidget::pane {{ border: none; }}
QAbstractItemView, QTextEdit, QPlainTextEdit {{ background: {theme.panel}; border: 1px solid {theme.border};
    border-radius: {RADIUS}px; gridline-color: {theme.border};
    selection-background-color: {theme.accent_soft}; selection-color: {theme.text}; }}
QLineEdit {{ background: {theme.panel}; border: 1px solid {theme.border}; border-radius: 4px;
    padding: 3px 6px; }}
QLineEdit:focus {{ border-color: {theme.accent}; }}
QHeaderView {{ background: {theme.panel}; border: none; }}
QTableCornerButton::section {{ background: {theme.panel}; border: none; }}
QHeaderView::section {{ background: {theme.panel}; color: {theme.muted}; border: none; padding: 4px 6px;
    border-bottom: 1px solid {theme.border}; }}
QDockWidget::title {{ padding: 5px 6px; }}
QSlider::groove:horizontal {{ background: {theme.border}; height: 4px; border-radius: 2px; }}
QSlider::sub-page:horizontal {{ background: {theme.accent}; border-radius: 2px; }}
QSlider::sub-page:horizontal:disabled {{ background: {theme.ignored}; }}
QSlider::handle:horizontal {{ background: {theme.accent}; width: 12px; margin: -5px 0; border-radius: 6px;
    border: 1px solid {theme.panel}; }}
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus {{ border: 2px solid {theme.text}; }}
QSlider::handle:horizontal:disabled {{ background: {theme.ignored}; }}
QProgressBar {{ background: {theme.border}; color: transparent; border: none; border-radius: 3px;
    max-height: 6px; }}
QProgressBar::chunk {{ background: {theme.accent}; border-radius: 3px; }}
QScrollBar:vertical {{ background: transparent; width: 9px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 9px; margin: 0; }}
QScrollBar::handle {{ background: {theme.border}; border-radius: 3px; margin: 1px; }}
QScrollBar::handle:vertical {{ min-height: 28px; }}
QScrollBar::handle:horizontal {{ min-width: 28px; }}
QScrollBar::handle:hover {{ background: {theme.ignored}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QSplitter::handle {{ background: transparent; }}
QSplitter::handle:hover {{ background: {theme.accent_soft}; }}
"""
