"""The window's frame: docks, menus, status line. Shows before it knows anything, loads after that."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QDockWidget, QLabel, QMainWindow, QWidget

from xview.qt.application import make_application, settings
from xview.qt.desk import Desk
from xview.qt.faults import Faults
from xview.qt.opener import Opener
from xview.qt.sideways import Sideways
from xview.session.places import last_session

if TYPE_CHECKING:
    from xview.qt.laboratory import Laboratory
    from xview.qt.leaving import LeavingQuestion
    from xview.qt.notice import Notice
    from xview.qt.opening import Opened
    from xview.qt.panels.command_palette import CommandPalette
    from xview.qt.panels.open_dialog import OpenChoice, OpenInfo

_WARM_UP_MS = 1500
_DOCK_AREAS = {
    "left": Qt.DockWidgetArea.LeftDockWidgetArea,
    "right": Qt.DockWidgetArea.RightDockWidgetArea,
    "bottom": Qt.DockWidgetArea.BottomDockWidgetArea,
}


def run(source: str | None, *, fresh: bool) -> int:
    """Show the window and serve it until it is closed; returns the exit status."""
    app = make_application()
    window = MainWindow()
    sys.excepthook = window.faults.show
    window.restore_layout()
    window.show()
    QTimer.singleShot(0, lambda: window.start(source, fresh=fresh))
    return app.exec()


class MainWindow(QMainWindow):
    """Holds a `Laboratory` once data is open; before that, a line that says what is going on.

    Args:
        keep_session: Whether to write the session and the layout when closed.
        warm_up: Whether to start workers for what a person may want next.
    """

    settled = Signal()  # the newest request is answered on screen

    def __init__(self, *, keep_session: bool = True, warm_up: bool = True) -> None:
        super().__init__()
        self._keep_session, self._warm_up = keep_session, warm_up
        self.setWindowTitle("xview")
        self.setAcceptDrops(True)
        self.setDockNestingEnabled(True)
        self.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        self.resize(1440, 900)
        self.faults = Faults(self)
        self.notice: Notice | None = None
        self.laboratory: Laboratory | None = None
        self.actions_by_name: dict[str, QAction] = {}
        self._docks: dict[str, QDockWidget] = {}
        self._layout: QByteArray | None = None
        self._unopened: list[str] = []  # why nothing could be opened so far
        self._fell_back = False  # to the bundled data
        self._answered = False  # what runs that train shall do without the window
        self.opener = Opener(self)
        self.opener.opened.connect(self.show_opened)
        self.opener.failed.connect(self._show_unopened)
        self.opener.found.connect(self._show_found)
        self.opener.refused.connect(self._refuse)
        self.opener.broke.connect(self.faults.show_error)
        self.opener.busy.connect(self._show_opening)
        self._palette: CommandPalette | None = None
        self.leaving: LeavingQuestion | None = None  # asked while runs train
        self._greeting = QLabel("Opening …", alignment=Qt.AlignmentFlag.AlignCenter)
        self._greeting.setProperty("role", "muted")
        self._greeting.setTextFormat(Qt.TextFormat.PlainText)
        self._greeting.setWordWrap(True)
        self.setCentralWidget(self._greeting)

    # opening

    def start(self, source: str | None = None, *, fresh: bool = False) -> None:
        """Load in the background: `source`, or what was open last, or the first bundled data."""
        if source is None:
            self.opener.open_first(fresh=fresh)
        else:
            self.opener.open(source)

    def show_opened(self, opened: Opened) -> None:
        """Show data that is open, in place of what was shown before."""
        from xview.qt.open_flow import known_data

        if self.laboratory is None:
            self._build(opened)
        else:
            self.laboratory.open(opened)
        assert self.laboratory is not None
        self.laboratory.bars.show_datasets(known_data())
        self.setWindowTitle(f"{opened.workspace.dataset.name} – xview")
        for reason in (*self._unopened, *opened.problems):
            self.laboratory.told.emit("error", reason)
        self._unopened = []

    def _show_unopened(self, reason: str) -> None:
        self._refuse(reason)
        if self.laboratory is None and not self._fell_back:
            self._fell_back = True
            self._greeting.setText(f"{reason}\n\nOpening the bundled data instead …")
            self.opener.open_first(fresh=True)

    def _refuse(self, reason: str) -> None:
        """Say why something was not opened; what is open stays."""
        if self.laboratory is not None:
            self.laboratory.told.emit("error", reason)
        else:
            self._unopened.append(reason)
            reasons = "\n\n".join(self._unopened)
            self._greeting.setText(f"{reasons}\n\nDrop a folder of data here to open it.")

    def _show_opening(self, busy: bool) -> None:
        if busy:
            self.statusBar().showMessage("Opening …")
        elif self.statusBar().currentMessage() == "Opening …":
            self.statusBar().clearMessage()

    def _build(self, opened: Opened) -> None:
        from xview.qt.commands import commands_of, fill_menus
        from xview.qt.desks import arrange
        from xview.qt.laboratory import Laboratory

        laboratory = Laboratory(opened, self.devicePixelRatioF(), self)
        self.laboratory = laboratory
        laboratory.settled.connect(self.settled)
        laboratory.told.connect(self._tell)
        laboratory.broke.connect(self.faults.show_error)
        laboratory.bars.open_asked.connect(lambda: self.actions_by_name["open"].trigger())
        laboratory.bars.dataset_asked.connect(self.opener.open)
        arrange(self, laboratory)
        self.actions_by_name = fill_menus(self, commands_of(self, laboratory))
        if self._layout is not None:
            self.restoreState(self._layout)
        laboratory.start()
        if self._warm_up:
            QTimer.singleShot(_WARM_UP_MS // 3, self.opener.load_rest)
            QTimer.singleShot(_WARM_UP_MS, laboratory.warm_up)

    def add_dock(self, name: str, title: str, widget: QWidget, area: str) -> QDockWidget:
        """Put a widget into a dock the user can move, close and bring back from the View menu."""
        dock = QDockWidget(title, self)
        dock.setObjectName(name)
        dock.setWidget(Sideways(widget) if area == "bottom" else widget)
        if isinstance(widget, Desk):
            widget.stand_in(dock)
        self.addDockWidget(_DOCK_AREAS[area], dock)
        self._docks[name] = dock
        return dock

    @property
    def docks(self) -> dict[str, QDockWidget]:
        """By name."""
        return dict(self._docks)

    # messages

    def _tell(self, level: str, words: str) -> None:
        if level == "error" and self.notice is not None:
            self.notice.show_words(words)
        else:
            self.statusBar().showMessage(words, 15_000)

    # drops

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """A picture asks; anything else is data to open."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.take_file(paths[0])

    def take_file(self, path: Path) -> None:
        """Query by a picture file, open anything else."""
        from xview.qt.pictures import looks_like_picture

        if self.laboratory is not None and path.is_file() and looks_like_picture(path):
            self.laboratory.bars.ask_picture(path)
        else:
            self.inspect(path)

    def inspect(self, path: Path) -> None:
        """Say what is in a file or folder, then open it if the user agrees; a session opens at once."""
        from xview.session.files import SUFFIX

        if path.suffix == SUFFIX:
            self.opener.open(str(path))
        else:
            self.opener.look_into(path)

    def _show_found(self, info: OpenInfo) -> None:
        from xview.qt.panels.open_dialog import OpenDialog

        dialog = OpenDialog(info, self)
        dialog.decided.connect(self._open_as_decided)
        dialog.open()

    def _open_as_decided(self, choice: OpenChoice) -> None:
        from xview.qt.open_flow import split_of

        self.opener.open(choice.source, split_of(choice), (choice.query, choice.gallery))

    def show_palette(self) -> None:
        """Every command by a few letters."""
        from xview.qt.panels.command_palette import CommandPalette

        if self._palette is None:
            self._palette = CommandPalette(self)
        self._palette.open(list(self.actions_by_name.values()))

    def show_shortcuts(self) -> None:
        """The keys of every command."""
        from xview.qt.maps.gestures import GESTURES
        from xview.qt.panels.command_palette import ShortcutSheet

        ShortcutSheet(list(self.actions_by_name.values()), self, GESTURES).open()

    # layout and leaving

    def wants_welcome(self) -> bool:
        """Whether the user has not yet closed the strip of things to try."""
        return settings().value("welcome", "yes") == "yes"

    def forgo_welcome(self) -> None:
        """Never show the strip again."""
        settings().setValue("welcome", "no")

    def restore_layout(self) -> None:
        """Geometry now, docks once they exist."""
        geometry, layout = settings().value("geometry"), settings().value("layout")
        if isinstance(geometry, QByteArray):
            self.restoreGeometry(geometry)
        if isinstance(layout, QByteArray):
            self._layout = layout

    def _keep(self) -> None:
        from xview.errors import XViewError
        from xview.session.files import save_session

        assert self.laboratory is not None
        try:
            save_session(last_session(), self.laboratory.session_now())
        except XViewError as error:
            print(f"xview: {error}", file=sys.stderr)
        settings().setValue("geometry", self.saveGeometry())
        settings().setValue("layout", self.saveState())

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep the session and the layout, stop threads and workers; ask first where runs train."""
        if self.laboratory is not None:
            if self.laboratory.runs.mine and not self._answered:
                event.ignore()
                self._ask_about_runs(self.laboratory)
                return
            if self._keep_session:
                self._keep()
            self.laboratory.close()
        self.opener.close()
        super().closeEvent(event)

    def _ask_about_runs(self, laboratory: Laboratory) -> None:
        from xview.qt.leaving import LeavingQuestion

        self.leaving = LeavingQuestion(laboratory.runs, self)
        self.leaving.settled.connect(self._leave)
        self.leaving.open()

    def _leave(self) -> None:
        self._answered = True
        self.close()
