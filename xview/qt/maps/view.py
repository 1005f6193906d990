"""`MapView`: one map with its title, tools, counts and what to say while there is nothing to see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from xview.arrays import AnyArray
from xview.qt.icons import icon
from xview.qt.maps.canvas import MapCanvas
from xview.qt.maps.crowd import DENSE
from xview.qt.maps.export import save_png, save_svg
from xview.qt.maps.scene import Describe, DrawThumbnail, Overlay, Points, Tool
from xview.qt.maps.status import ElidedLabel, StatusCard
from xview.qt.maps.tools import tool_button

_EMPTY = "No map yet."
_DENSITY = (
    f"More than {DENSE:,} points are in view: colour is their mean and opacity their number.\n"
    "Zoom in to see each of them, with the shape of its modality"
)


class MapView(QFrame):
    """A map of a space. Told what to show by `set_*` and `show_*`; says what the user did by signals.

    Signals:
        clicked(int): Row of the point clicked.
        aimed(int): Row of the point clicked with Ctrl (Cmd) held.
        hovered(int): Row of the point under the pointer, -1 for none.
        selection_made(object, object): Rows (k,) int64 and the `SelectionMode`.
        cleared(): Double click on nothing, or Esc.
        tool_changed(object): The `Tool` chosen here.
        cancel_asked(): The button beside the progress bar.
    """

    clicked = Signal(int)
    aimed = Signal(int)
    hovered = Signal(int)
    selection_made = Signal(object, object)
    cleared = Signal()
    tool_changed = Signal(object)
    cancel_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.canvas = MapCanvas(self)
        self.title = QLabel(self)
        self.title.setProperty("role", "title")
        self.subtitle = ElidedLabel(self)
        self.count = QLabel(self.canvas)
        self.outside = QToolButton(self.canvas)
        self.outside.setToolTip("Show every point of this map")
        for plate in (self.count, self.outside):
            plate.setProperty("role", "plate")
        self.status = StatusCard(self.canvas)
        self.fit = tool_button(self, "fit", "Show the whole map (0)")
        self._lay_out()
        self._connect()
        self.set_title("Map")
        self._show_counts()
        self.set_status(_EMPTY)

    # what is shown

    def set_title(self, title: str, subtitle: str = "") -> None:
        """Name of the space, and a few muted words about it."""
        self.title.setText(title)
        self.subtitle.set_text(subtitle)
        self.canvas.setAccessibleName(f"Map of {title}")

    def set_points(
        self, positions: AnyArray, marks: AnyArray | None = None, *, keep_view: bool = False
    ) -> None:
        """Show other points, all of them in one colour, none selected, without overlay and status.

        Args:
            positions: (n, 2) finite numbers.
            marks: (n,) modality of each point, drawn as its shape; None is one modality.
            keep_view: Stay where the camera looks instead of showing the whole map.
        Raises:
            ValueError: Shapes disagree or positions are not finite.
        """
        self.canvas.overlay = Overlay()
        self._show(Points.plain(positions, marks), keep_view=keep_view)
        self.set_status("" if len(self.canvas.points) else _EMPTY)

    def set_colours(self, indices: AnyArray, palette: Sequence[str]) -> None:
        """Colour each point by (n,) indices into `palette` of #rrggbb."""
        self._show(replace(self.canvas.points, colours=np.asarray(indices), palette=tuple(palette)))

    def set_visible(self, mask: AnyArray) -> None:
        """Show only the points where (n,) `mask` is true."""
        if np.array_equal(mask, self.canvas.points.shown):
            return
        self._show(replace(self.canvas.points, shown=np.asarray(mask, bool)))

    def set_selection(self, rows: AnyArray) -> None:
        """Show these rows as selected; none selected fades none."""
        selected = np.zeros(len(self.canvas.points), bool)
        selected[np.asarray(rows, np.int64)] = True
        if np.array_equal(selected, self.canvas.points.selected):
            return
        self._show(replace(self.canvas.points, selected=selected))

    def set_overlay(self, overlay: Overlay) -> None:
        """Draw stars, ringed hits, bridges, lines and halos above the points."""
        self.canvas.set_overlay(overlay)

    def show_hover(self, index: int) -> None:
        """Ring the point that is hovered in another view; -1 for none."""
        self.canvas.show_ring(index)

    def set_describe(self, describe: Describe | None) -> None:
        """Where the hover card gets its words and picture from."""
        self.canvas.hover.describe = describe

    def set_thumbnails(self, draw: DrawThumbnail | None) -> None:
        """Where pictures come from when one zooms in; None keeps points."""
        self.canvas.draw_thumbnail = draw
        self.canvas.refresh()

    def set_axes(self, names: tuple[str, str] | None) -> None:
        """Show axes of these names, for maps whose directions mean something; None hides them."""
        self.canvas.axes = names
        self.canvas.refresh()

    def pictures_arrived(self) -> None:
        """Pictures asked for earlier are there: paint them, and on the card too."""
        self.canvas.refresh()
        self.canvas.hover.refresh_card()

    def set_status(self, text: str, progress: float | None = None, *, cancellable: bool = False) -> None:
        """Say what goes on, or what to do while there is no map; empty text says nothing.

        Args:
            text: One or two short sentences.
            progress: Share done in [0, 1], or None for no bar.
            cancellable: Show a button that emits `cancel_asked`.
        """
        self.status.show_status(text, progress, cancellable=cancellable)
        self._place_plates()

    def set_tool(self, tool: Tool) -> None:
        """Choose what a plain drag does."""
        self.canvas.set_tool(tool)

    def home(self) -> None:
        """Look at the shown points but for far outliers, which the count tells."""
        self.canvas.home()

    def show_all(self) -> None:
        """Look at every shown point."""
        self.canvas.show_all()

    def save_png(self, path: Path, scale: float = 2.0) -> None:
        """Write the map as shown, `scale` times as fine as the screen."""
        save_png(self.canvas, path, scale)

    def save_svg(self, path: Path) -> None:
        """Write the map as shown, in outlines."""
        save_svg(self.canvas, path)

    # inside

    def _show(self, points: Points, *, keep_view: bool = True) -> None:
        n = len(points)
        for name, array in (("colours", points.colours), ("mask", points.shown)):
            if array.shape != (n,):
                raise ValueError(f"{name} must be ({n},), got {array.shape}")
        self.canvas.set_points(points, keep_view=keep_view)

    def _lay_out(self) -> None:
        header = QHBoxLayout()
        header.setContentsMargins(10, 5, 5, 3)
        header.setSpacing(2)
        header.addWidget(self.title)
        header.addSpacing(6)
        header.addWidget(self.subtitle, 1)
        header.addWidget(self.fit)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addLayout(header)
        column.addWidget(self.canvas, 1)

    def _connect(self) -> None:
        canvas = self.canvas
        canvas.clicked.connect(self.clicked)
        canvas.aimed.connect(self.aimed)
        canvas.hovered.connect(self.hovered)
        canvas.selection_made.connect(self.selection_made)
        canvas.cleared.connect(self.cleared)
        canvas.tool_changed.connect(self.tool_changed)
        canvas.view_changed.connect(self._show_counts)
        self.status.cancel_asked.connect(self.cancel_asked)
        self.outside.clicked.connect(self.show_all)
        self.fit.clicked.connect(self.home)

    def _show_counts(self) -> None:
        crowd, box = self.canvas.crowd, self.canvas.camera.box
        total, shown = len(crowd.points), len(crowd)
        selected = len(crowd.plain) if crowd.fading else 0
        dense = any(crowd.dense(box))
        words = f"{shown:,} of {total:,}"
        told = [f"{selected:,} selected"] * (selected > 0) + [words] + ["density"] * dense
        self.count.setText(" · ".join(told))
        self.count.setToolTip(_DENSITY if dense else "")
        self.count.setVisible(total > 0)
        self.canvas.setAccessibleDescription(f"{words} points shown, {selected:,} selected")
        beyond = shown - sum(crowd.seen(box))
        self.outside.setText(f"{beyond:,} outside")
        self.outside.setVisible(beyond > 0)
        self._place_plates()

    def _place_plates(self) -> None:
        self.count.adjustSize()
        self.outside.adjustSize()
        self.status.adjustSize()
        width, height = self.canvas.width(), self.canvas.height()
        self.count.move(6, height - self.count.height() - 5)
        self.outside.move(width - self.outside.width() - 6, height - self.outside.height() - 5)
        empty = not len(self.canvas.points)
        y = (height - self.status.height()) // 2 if empty else 8
        self.status.move((width - self.status.width()) // 2, y)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the plates in their corners."""
        super().resizeEvent(event)
        self._place_plates()

    def changeEvent(self, event: QEvent) -> None:
        """Redraw icons and points when the theme turns."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.fit.setIcon(icon("fit"))
            self.canvas.refresh()
