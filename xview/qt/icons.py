"""Line icons drawn from path data in a 24 x 24 box, tinted by the theme and sharp at any scale."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from xview.qt import theme

_PATHS = {
    "pan": "M12 3v18M3 12h18M9 6l3-3 3 3M9 18l3 3 3-3M6 9l-3 3 3 3M18 9l3 3-3 3",
    "box": "M4 8V4h4M11 4h2M16 4h4v4M20 11v2M20 16v4h-4M13 20h-2M8 20H4v-4M4 13v-2",
    "lasso": "M7 16C2 14 2 7 8 5c7-2.5 14 0 13 5-.8 4-7 6-12 5.5M9 15.5a2 2 0 1 1-3.5 1.5c0-1 1.5-2 2.5-1.5 "
    "1.5 1 .5 4.5-2 5.5",
    "fit": "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5M9 9h6v6H9z",
    "close": "M6 6l12 12M18 6L6 18",
    "check": "M5 13l5 5L20 6",
    "swap": "M4 8h14l-4-4M20 16H6l4 4",
    "search": "M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13M15.5 15.5L21 21",
    "open": "M3 19V5h6l2 3h10v11z",
    "save": "M12 4v11M8 11l4 4 4-4M4 19h16",
    "undo": "M9 5L4 10l5 5M4 10h10a6 6 0 0 1 0 12h-3",
    "redo": "M15 5l5 5-5 5M20 10H10a6 6 0 0 0 0 12h3",
    "help": "M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18M9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .8-1 1.7M12 16.5v.3",
    "picture": "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9v.1",
    "text": "M5 6V4h14v2M12 4v16M9 20h6",
    "play": "M7 4l13 8-13 8z",
    "pause": "M8 5v14M16 5v14",
    "stop": "M6 6h12v12H6z",
    "plus": "M12 5v14M5 12h14",
    "eye": "M2 12c4-7 16-7 20 0-4 7-16 7-20 0M12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6",
    "star": "M12 3l2.7 6 6.3.6-4.8 4.3 1.5 6.4L12 17l-5.7 3.3 1.5-6.4L3 9.6 9.3 9z",
    "history": "M4 12a8 8 0 1 0 3-6.2M3 4v4h4M12 8v5l3 2",
    "previous": "M15 5l-7 7 7 7",
    "next": "M9 5l7 7-7 7",
    "down": "M5 9l7 7 7-7",
    "shuffle": "M3 7h3c5 0 7 10 12 10h3M18 14l3 3-3 3M3 17h3c2 0 3.500-1.500 4.700-3.500M13.300 10.500"
    "C14.500 8.500 16 7 18 7h3M18 4l3 3-3 3",
    "link": "M10 14a4 4 0 0 1 0-5.600l3-3a4 4 0 0 1 5.600 5.600l-1.500 1.500M14 10a4 4 0 0 1 0 5.600l-3 3"
    "a4 4 0 0 1-5.600-5.600l1.500-1.500",
    "grid": "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z",
    "copy": "M9 9h11v11H9zM5 15H4V4h11v1",
    "lock": "M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3",
    "settings": "M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4",
}
_SIZES = (16, 24, 32, 48)


def icon(name: str) -> QIcon:
    """The icon in the current theme: text colour, accent when on, grey when disabled.

    Raises:
        KeyError: No icon of that name.
    """
    return _made(name, theme.current())


@lru_cache(maxsize=128)
def _made(name: str, worn: theme.Theme) -> QIcon:
    made = QIcon()
    for size in _SIZES:
        made.addPixmap(_draw(name, worn.text, size))
        made.addPixmap(_draw(name, worn.accent, size), QIcon.Mode.Normal, QIcon.State.On)
        made.addPixmap(_draw(name, worn.ignored, size), QIcon.Mode.Disabled)
    return made


def _draw(name: str, colour: str, size: int) -> QPixmap:
    source = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="{_PATHS[name]}" fill="none" '
        f'stroke="{colour}" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"/></svg>'
    )
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(source.encode())).render(painter, QRectF(0, 0, size, size))
    painter.end()
    return pixmap
