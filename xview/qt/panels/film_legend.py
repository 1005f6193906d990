"""Which frames of a film strip belong to which modality."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from xview.qt import theme
from xview.qt.panels.film_frames import PathItem, paint_edge_sample
from xview.qt.theme import Theme

_SAMPLE = QSize(16, 12)
_GAP = 6  # between a sample and its name
_BETWEEN = 16
_CENTRE = int(Qt.AlignmentFlag.AlignVCenter)


class FilmLegend(QWidget):
    """Samples of frames with the names of their modalities."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self._names: dict[bool, str] = {}
        self.setToolTip(
            "Solid frames: the gallery's modality. Dashed ones: stepping stones of other modalities."
        )

    def show_items(self, items: Iterable[PathItem]) -> None:
        """Tell which modalities these are of."""
        self._names = sorts_of(items)
        self.setAccessibleName(", ".join(self._names.values()))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Room for all names."""
        metrics = self.fontMetrics()
        return QSize(legend_width(self._names, metrics) + _BETWEEN, metrics.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the samples and names."""
        paint_legend(QPainter(self), self.rect().adjusted(8, 0, 0, 0), self._names, theme.current())


def sorts_of(items: Iterable[PathItem]) -> dict[bool, str]:
    """Names of the modalities of gallery items (False) and of stepping stones (True), where there are any."""
    found: dict[bool, dict[str, None]] = {False: {}, True: {}}
    for item in items:
        if not item.outside:
            found[item.stone][item.key] = None
    signs = {False: "", True: " (stones)"}
    return {stone: ", ".join(keys) + signs[stone] for stone, keys in found.items() if keys}


def legend_width(names: dict[bool, str], metrics: QFontMetrics) -> int:
    """Pixels that samples and names take."""
    each = (_SAMPLE.width() + _GAP + metrics.horizontalAdvance(name) + 2 for name in names.values())
    return sum(each) + _BETWEEN * max(len(names) - 1, 0)


def paint_legend(painter: QPainter, box: QRect, names: dict[bool, str], worn: Theme) -> None:
    """Paint samples and names from the left of a box, in the painter's font."""
    x, metrics = box.x(), QFontMetrics(painter.font())
    for stone, name in names.items():
        sample = QRect(x, box.center().y() - _SAMPLE.height() // 2, _SAMPLE.width(), _SAMPLE.height())
        paint_edge_sample(painter, sample, worn, stone=stone)
        painter.setPen(QColor(worn.muted))
        width = metrics.horizontalAdvance(name) + 2
        x += _SAMPLE.width() + _GAP
        painter.drawText(QRect(x, box.y(), width, box.height()), _CENTRE, name)
        x += width + _BETWEEN
