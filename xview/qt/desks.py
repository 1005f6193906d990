"""Where everything stands: bars on top, maps in the middle, results at the right, figures below."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QVBoxLayout, QWidget

from xview.qt.laboratory import Laboratory
from xview.qt.notice import Notice
from xview.qt.theme import SPACE
from xview.qt.welcome import Welcome

if TYPE_CHECKING:
    from xview.qt.window import MainWindow

RIGHT, LEFT = 380, 190  # pixels at first start
BOTTOM = 0.24  # of the height
ROOMY = 0.42  # at least, when it is first looked at


def arrange(window: MainWindow, laboratory: Laboratory) -> None:
    """Fill the window."""
    middle = QWidget()
    column = QVBoxLayout(middle)
    column.setContentsMargins(SPACE, SPACE, SPACE, 0)
    column.setSpacing(SPACE)
    column.addWidget(laboratory.bars)
    window.notice = Notice()
    column.addWidget(window.notice)
    column.addWidget(laboratory.training.finished.notice)
    if window.wants_welcome():
        welcome = Welcome()
        welcome.dismissed.connect(window.forgo_welcome)
        column.addWidget(welcome)
    for notice in (window.notice, laboratory.training.finished.notice):
        laboratory.store.opened.connect(notice.hide)
    column.addWidget(laboratory.maps, 1)
    column.addWidget(laboratory.walking.player)
    window.setCentralWidget(middle)
    spaces = window.add_dock("spaces", "Spaces", laboratory.spaces, "left")
    results = window.add_dock("results", "Query and results", laboratory.results, "right")
    evaluation = window.add_dock("evaluation", "Evaluation", laboratory.evaluation, "bottom")
    distortion = window.add_dock("distortion", "Distortion", laboratory.distortion, "bottom")
    fusion = window.add_dock("fusion", "Fusion", laboratory.fusion, "bottom")
    compare = window.add_dock("compare", "Compare", laboratory.compare, "bottom")
    paths = window.add_dock("paths", "Paths", laboratory.paths, "bottom")
    parameters = window.add_dock("parameters", "Parameters", laboratory.parameters, "bottom")
    training = window.add_dock("training", "Training", laboratory.training, "bottom")
    history = window.add_dock("history", "History", laboratory.history, "bottom")
    log = window.add_dock("log", "Log", laboratory.log, "bottom")
    window.tabifyDockWidget(evaluation, distortion)
    window.tabifyDockWidget(distortion, fusion)
    window.tabifyDockWidget(fusion, compare)
    window.tabifyDockWidget(compare, paths)
    window.tabifyDockWidget(paths, parameters)
    window.tabifyDockWidget(parameters, training)
    window.tabifyDockWidget(training, history)
    window.tabifyDockWidget(history, log)
    evaluation.raise_()
    window.resizeDocks([spaces, results], [LEFT, RIGHT], Qt.Orientation.Horizontal)
    window.resizeDocks([evaluation], [round(BOTTOM * window.height())], Qt.Orientation.Vertical)
    for dock in (distortion, fusion, compare, paths, parameters, training):
        dock.visibilityChanged.connect(partial(_make_room, window, dock))
    window.statusBar().addPermanentWidget(laboratory.progress)


def _make_room(window: MainWindow, dock: QDockWidget, seen: bool) -> None:
    """Forms, long tables and plots need more height than the figures of an evaluation."""
    if not seen or dock.isFloating():
        return
    wanted = round(ROOMY * window.height())
    if dock.height() < wanted:
        window.resizeDocks([dock], [wanted], Qt.Orientation.Vertical)
