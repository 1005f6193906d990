"""`MapCanvas`: the painted surface of a map, with its mouse and keys."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from xview.arrays import AnyArray, Ints
from xview.qt import theme
from xview.qt.maps.camera import Camera
from xview.qt.maps.crowd import Crowd
from xview.qt.maps.gestures import Drag, aims, click_mode, cursor, intention
from xview.qt.maps.hover import PICK_RADIUS, Hover
from xview.qt.maps.keys import press
from xview.qt.maps.marks import mark_size
from xview.qt.maps.overlay import paint_ring
from xview.qt.maps.picture import Picture, Shot, paint_focus
from xview.qt.maps.scene import DrawThumbnail, Overlay, Points, Tool
from xview.qt.maps.sight import Sight

_WHEEL = 1.0015  # per eighth of a degree: a notch of 120 zooms by 1.2


class MapCanvas(QWidget):
    """Shows points and overlay through a camera; says what was clicked, hovered and gathered.

    Drag pans, the wheel zooms at the pointer, Shift+drag draws a box, Ctrl+Shift+drag a lasso, Alt subtracts.
    Arrows pan, + and - zoom, 0 shows the map, Ctrl+arrows move the hover from item to item, Return clicks it.
    Ctrl+click aims at an item.
    """

    clicked = Signal(int)
    aimed = Signal(int)
    hovered = Signal(int)
    selection_made = Signal(object, object)
    cleared = Signal()
    tool_changed = Signal(object)
    view_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 100)
        self.tool = Tool.PAN
        self.crowd = Crowd(Points.plain(np.empty((0, 2))))
        self.overlay = Overlay()
        self.draw_thumbnail: DrawThumbnail | None = None
        self.axes: tuple[str, str] | None = None
        self.hover = Hover(self, self.pick, self.place_of)
        self.hover.changed.connect(self.hovered)
        self.hover.changed.connect(self.update)
        self._sight = Sight(self._shown)
        self._picture = Picture()
        self._ringed = -1
        self._drag: Drag | None = None
        self._focus_shown = False

    # what is shown

    def set_points(self, points: Points, *, keep_view: bool) -> None:
        """Show other points; `keep_view` where only their look changed, not their places."""
        moved = points.positions is not self.points.positions
        if moved or points.shown is not self.points.shown:
            self._sight.forget_home()
        self.crowd = Crowd(points, None if moved else self.crowd.grid)
        if moved:
            self._ringed = -1
            self.hover.hide_card()
            self.hover.set(-1)
        if moved and not keep_view:
            self.home()
        else:
            self._looked()

    def set_overlay(self, overlay: Overlay) -> None:
        """Draw another overlay."""
        self.overlay = overlay
        self.refresh()

    def show_ring(self, index: int) -> None:
        """Ring a point that is hovered elsewhere; -1 for none."""
        if index != self._ringed:
            self._ringed = index
            self.update()

    def set_tool(self, tool: Tool) -> None:
        """Choose what a plain drag does."""
        if tool is not self.tool:
            self.tool = tool
            self._show_cursor()
            self.tool_changed.emit(tool)

    # where the camera looks

    @property
    def points(self) -> Points:
        """What is shown."""
        return self.crowd.points

    @property
    def camera(self) -> Camera:
        """Where the map is looked at from."""
        return self._sight.camera

    def home(self) -> None:
        """Look at the shown points, in a box that outliers cannot squeeze."""
        self._sight.home(self.width(), self.height())
        self._moved()

    def show_all(self) -> None:
        """Look at every shown point, outliers too."""
        self._sight.everything(self.width(), self.height())
        self._moved()

    def look_at(self, camera: Camera) -> None:
        """Show another part of the map, no smaller and no larger than makes sense."""
        self._sight.move_within_reason(camera)
        self._moved()

    @property
    def on_screen(self) -> Ints:
        """Rows of the shown points the camera sees, ascending."""
        return self.crowd.rows(self.camera.box)

    def pick(self, pixel: QPointF) -> int:
        """The shown point nearest to a pixel within the pick radius, or -1."""
        x, y = self.camera.to_map(pixel.x(), pixel.y())
        return self.crowd.grid.nearest(x, y, PICK_RADIUS / self.camera.scale, self.points.shown)

    def place_of(self, index: int) -> QPointF:
        """Pixel of a point."""
        ((x, y),) = self.camera.to_screen(self.points.positions[[index]]).tolist()
        return QPointF(x, y)

    def _shown(self) -> AnyArray:
        points = self.points
        return points.positions if len(self.crowd) == len(points) else points.positions[points.shown]

    def _moved(self) -> None:
        self.hover.hide_card()
        self._looked()

    def _looked(self) -> None:
        self.view_changed.emit()
        self.refresh()

    # painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the map, and over it the ring, the rubber band and the focus."""
        worn = theme.current()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture.pixmap(self.shot(), self.devicePixelRatioF()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index in {self._ringed, self.hover.index} - {-1}:
            paint_ring(painter, self.place_of(index), worn)
        if self._drag is not None:
            self._drag.paint(painter, worn)
        if self._focus_shown:
            paint_focus(painter, QRectF(self.rect()), worn)
        painter.end()

    def shot(self) -> Shot:
        """What the map looks like now."""
        return Shot(
            crowd=self.crowd,
            overlay=self.overlay,
            camera=self.camera,
            size=mark_size(len(self.crowd), self.width() * self.height() * self._sight.zoom**2),
            draw_thumbnail=self.draw_thumbnail,
            axes=self.axes,
        )

    def refresh(self) -> None:
        """Paint the whole map anew: what it shows has changed."""
        self._picture.expire()
        self.update()

    # mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click, a pan, a box or a lasso."""
        if event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            event.ignore()
            return
        tool, mode = intention(self.tool, event.modifiers())
        if event.button() is Qt.MouseButton.MiddleButton:
            tool = Tool.PAN
        self._drag = Drag(tool, mode, event.position(), self.camera)
        self._show_cursor()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Hover, or follow the drag."""
        drag = self._drag
        if drag is None:
            self.hover.move(event.position())
            return
        drag.move(event.position())
        if drag.moved and drag.tool is Tool.PAN:
            way = drag.end - drag.start
            self._sight.move(drag.camera.panned(way.x(), way.y()))
            self._moved()
        elif drag.moved:
            self.hover.hide_card()
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a click, a pan, a box or a lasso."""
        drag, self._drag = self._drag, None
        self._show_cursor()
        if drag is None:
            return
        if drag.moved and drag.tool is not Tool.PAN:
            rows = drag.rows(self.crowd.grid)
            self.selection_made.emit(rows[self.points.shown[rows]], drag.mode)
            self.update()
        elif not drag.moved and event.button() is Qt.MouseButton.LeftButton:
            self.click(self.pick(event.position()), event.modifiers())

    def click(self, index: int, held: Qt.KeyboardModifier) -> None:
        """Click a point by mouse or key; nothing where there is none."""
        mode = click_mode(held)
        if index >= 0 and mode is not None:
            self.selection_made.emit(np.array([index]), mode)
        elif index >= 0:
            (self.aimed if aims(held) else self.clicked).emit(index)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Clear when nothing is there."""
        if self.pick(event.position()) < 0:
            self.cleared.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the pointer."""
        at = event.position()
        self.look_at(self.camera.zoomed(_WHEEL ** event.angleDelta().y(), at.x(), at.y()))
        event.accept()

    def leaveEvent(self, _event: QEvent) -> None:
        """Stop hovering."""
        self.hover.leave()

    def hideEvent(self, _event: QHideEvent) -> None:
        """Take the card along."""
        self.hover.hide_card()

    # keys and the rest

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pan, zoom, fit, walk from item to item, choose a tool."""
        if not press(self, Qt.Key(event.key()), event.modifiers()):
            super().keyPressEvent(event)

    def escape(self) -> None:
        """Drop the box or lasso being drawn, else clear the selection."""
        if self._drag is None:
            self.cleared.emit()
        self._drag = None
        self.update()

    def event(self, event: QEvent) -> bool:
        """Pinch to zoom where the system reports it; repaint when theme or focus turns."""
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                at = event.position()
                self.look_at(self.camera.zoomed(1 + event.value(), at.x(), at.y()))
            return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus where it came by key; a click shows itself."""
        self._focus_shown = event.reason() != Qt.FocusReason.MouseFocusReason
        self.update()

    def focusOutEvent(self, _event: QFocusEvent) -> None:
        """Hide the focus."""
        self._focus_shown = False
        self.update()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Fit again where the whole map was shown, else keep middle and scale."""
        self._sight.resize(self.width(), self.height())
        self._moved()

    def _show_cursor(self) -> None:
        self.setCursor(cursor(self.tool if self._drag is None else self._drag.tool, self._drag is not None))
