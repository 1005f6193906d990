"""What all plots are: axes in the theme, a legend above, an answer to the mouse. Imports pyqtgraph."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPalette,
    QTextDocumentFragment,
)
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QLabel, QStackedLayout, QToolTip, QVBoxLayout, QWidget

from xview.arrays import AnyArray, Doubles
from xview.qt import theme
from xview.qt.panels.plots.axes import NameAxis, dress, prepare
from xview.qt.panels.plots.cursor import ENTER, STEPS, Ring

_STILL = 4  # pixels a click may move

Hit: TypeAlias = tuple[int, ...]
"""What the mouse is over, in numbers of the kind of plot."""


class Plot(QWidget):
    """Base of the plots: draws nothing itself. `show` of each kind draws; `setVisible` shows the widget.

    A kind of plot says what the mouse is over (`_hit`), where that is (`_place_of`), what to tell of it
    (`_tell`), what a click means (`_click`), where arrow keys lead (`_next`), and how to draw anew (`_draw`),
    as when the theme turns.
    """

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setMinimumSize(QSize(160, 100))
        self._x, self._y = "", ""
        self._pressed: QPoint | None = None
        self._legend = QLabel(wordWrap=True, textFormat=Qt.TextFormat.RichText)
        self._legend.setProperty("role", "muted")
        self._legend.setContentsMargins(4, 2, 4, 0)
        self._legend.hide()
        axes = {"left": NameAxis("left"), "bottom": NameAxis("bottom")}
        self._view = pg.PlotWidget(axisItems=axes, enableMenu=False)
        self._view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._view.setFrameShape(self._view.Shape.NoFrame)
        self._plot: pg.PlotItem = self._view.getPlotItem()
        prepare(self._plot)
        self._words = QLabel(self, wordWrap=True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setProperty("role", "muted")
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        picture = QWidget(self)
        picture.setBackgroundRole(QPalette.ColorRole.Base)
        picture.setAutoFillBackground(True)
        column = QVBoxLayout(picture)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._legend)
        column.addWidget(self._view, 1)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._words)
        self._pages.addWidget(picture)
        self._ring = Ring(self.canvas)
        self._key_at: Hit | None = None
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.canvas.setMouseTracking(True)
        self.canvas.installEventFilter(self)

    @property
    def canvas(self) -> QWidget:
        """What the mouse clicks; places on the plot are pixels of it."""
        canvas: QWidget = self._view.viewport()
        return canvas

    @property
    def _dark(self) -> bool:
        return theme.current().dark

    @property
    def drawn(self) -> int:
        """Number of things on screen: curves, bars, points or cells."""
        raise NotImplementedError

    def empty(self, words: str) -> None:
        """Show a sentence instead of a plot."""
        self._words.setText(words)
        self._pages.setCurrentIndex(0)

    def save(self, path: str | Path) -> bool:
        """Save legend and plot as SVG or PNG, by the name's end; False if it cannot be written."""
        path = str(path)
        if not path.lower().endswith(".svg"):
            return bool(self.grab().save(path))
        generator = QSvgGenerator()
        generator.setFileName(path)
        generator.setSize(self.size())
        generator.setResolution(self.logicalDpiX())  # pyqtgraph records axes in the screen's
        generator.setViewBox(QRectF(self.rect()))
        painter = QPainter()
        if not painter.begin(generator):
            return False
        painter.fillRect(self.rect(), QColor(theme.current().panel))
        if self._legend.isVisibleTo(self):
            at = self._legend.mapTo(self, QPoint())
            self._legend.render(painter, at, renderFlags=QWidget.RenderFlag.DrawChildren)
        top = QPointF(self._view.mapTo(self, QPoint()))
        self._view.render(painter, QRectF(top, self._view.size()), self._view.rect())
        return painter.end()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._refresh()

    # for the kinds of plot

    def _titles(self, x: str, y: str) -> None:
        self._x, self._y = x, y

    def _refresh(self) -> None:
        """Draw all anew."""
        self._forget_keys()
        self._plot.clear()
        self._view.setBackground(theme.current().panel)
        dress(self._plot, self._x, self._y)
        self._draw()
        self._pages.setCurrentIndex(1)

    def _show_legend(self, words: str) -> None:
        self._legend.setText(words)
        self._legend.setVisible(bool(words))

    def _draw(self) -> None:
        raise NotImplementedError

    def _hit(self, place: QPoint) -> Hit | None:
        raise NotImplementedError

    def _tell(self, hit: Hit) -> str:
        raise NotImplementedError

    def _click(self, hit: Hit) -> None:
        raise NotImplementedError

    def _next(self, hit: Hit | None, right: int, down: int) -> Hit | None:
        """What an arrow key leads to; from None, to the first."""
        raise NotImplementedError

    def _place_of(self, hit: Hit) -> QPoint:
        raise NotImplementedError

    def _limits(self, x: tuple[float, float], y: tuple[float, float], *, margin: float = 0.03) -> None:
        """Let the axes reach over these, and a share of them more."""
        for limits, apply in ((x, self._plot.setXRange), (y, self._plot.setYRange)):
            low, high = limits if limits[1] > limits[0] else (limits[0] - 0.5, limits[0] + 0.5)
            apply(low, high, padding=margin)

    def _pixels(self, x: AnyArray, y: AnyArray) -> Doubles:
        """(n, 2) pixels of the canvas where points of the axes are."""
        (left, right), (low, high) = self._plot.vb.viewRange()
        one, other = (
            self._view.mapFromScene(self._plot.vb.mapViewToScene(QPointF(*corner)))
            for corner in ((left, low), (right, high))
        )
        across = one.x() + (np.asarray(x, float) - left) * ((other.x() - one.x()) / (right - left))
        down = one.y() + (np.asarray(y, float) - low) * ((other.y() - one.y()) / (high - low))
        return np.stack([across, down], axis=1)

    def _pixel(self, x: float, y: float) -> QPoint:
        across, down = self._pixels(np.array([x]), np.array([y]))[0]
        return QPoint(round(across), round(down))

    def _data(self, place: QPoint) -> QPointF:
        """Point of the axes at a pixel of the canvas."""
        return QPointF(self._plot.vb.mapSceneToView(self._view.mapToScene(place)))

    def _inside(self, place: QPoint) -> bool:
        """Whether a pixel lies between the axes."""
        return bool(self._plot.vb.sceneBoundingRect().contains(self._view.mapToScene(place)))

    # the keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys walk and tell, Enter chooses."""
        step = STEPS.get(Qt.Key(event.key()))
        if step is not None and self._pages.currentIndex() == 1:
            self._key_at = self._next(self._key_at, *step)
            self._show_key()
        elif event.key() in ENTER and self._key_at is not None:
            self._click(self._key_at)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keyboard is."""
        super().focusInEvent(event)
        if self._pages.currentIndex() == 1:
            self._key_at = self._key_at or self._next(None, 0, 0)
            self._show_key()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The keyboard is elsewhere."""
        super().focusOutEvent(event)
        self._ring.hide()
        QToolTip.hideText()

    def _show_key(self) -> None:
        if self._key_at is None:
            return
        place, told = self._place_of(self._key_at), self._tell(self._key_at)
        self._ring.show_at(place)
        document = QTextDocumentFragment.fromHtml(told)
        self.setAccessibleDescription(document.toPlainText())
        QToolTip.showText(self.canvas.mapToGlobal(place + QPoint(8, 8)), told, self.canvas)

    def _forget_keys(self) -> None:
        """Other things are drawn."""
        self._key_at = None
        self._ring.hide()

    # the mouse

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hovering tells, clicking chooses; nothing pans."""
        if watched is not self.canvas:
            return super().eventFilter(watched, event)
        kind = event.type()
        if isinstance(event, QMouseEvent):
            place = event.position().toPoint()
            if kind == QEvent.Type.MouseMove:
                self._moved(place, event)
            elif kind == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
                self._press(place, event)
            elif kind == QEvent.Type.MouseButtonRelease and event.button() == Qt.MouseButton.LeftButton:
                self._release(place, event)
            return True
        if kind == QEvent.Type.Leave:
            QToolTip.hideText()
        if kind == QEvent.Type.Wheel:
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def _moved(self, place: QPoint, event: QMouseEvent) -> None:
        hit = self._hit(place) if self._inside(place) else None
        told = "" if hit is None else self._tell(hit)
        self.canvas.setCursor(
            Qt.CursorShape.ArrowCursor if hit is None else Qt.CursorShape.PointingHandCursor
        )
        QToolTip.showText(event.globalPosition().toPoint(), told, self.canvas)

    def _press(self, place: QPoint, _event: QMouseEvent) -> None:
        self._pressed = place

    def _release(self, place: QPoint, _event: QMouseEvent) -> None:
        pressed, self._pressed = self._pressed, None
        if pressed is None or (place - pressed).manhattanLength() > _STILL or not self._inside(place):
            return
        hit = self._hit(place)
        if hit is not None:
            self._click(hit)
