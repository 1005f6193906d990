"""What commands ask the user for: folders to open, files to save."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from xview.errors import XViewError
from xview.qt.laboratory import Laboratory
from xview.qt.maps.export import save_maps
from xview.session.files import SUFFIX, save_session

if TYPE_CHECKING:
    from xview.qt.window import MainWindow


def open_folder(window: MainWindow) -> None:
    """Ask for a folder and open it."""
    name = QFileDialog.getExistingDirectory(window, "Open a data set: a folder")
    if name:
        window.inspect(Path(name))


def open_file(window: MainWindow) -> None:
    """Ask for a file and open it."""
    name, _ = QFileDialog.getOpenFileName(window, "Open a data set or a saved session")
    if name:
        window.inspect(Path(name))


def ask_file(laboratory: Laboratory) -> None:
    """Ask for a picture and search with it."""
    name, _ = QFileDialog.getOpenFileName(laboratory.bars, "Ask with a picture")
    if name:
        laboratory.bars.ask_picture(Path(name))


def save(window: MainWindow, laboratory: Laboratory) -> None:
    """Ask where, and save the session."""
    name, _ = QFileDialog.getSaveFileName(
        window, "Save the session", f"session{SUFFIX}", f"Sessions (*{SUFFIX})"
    )
    if not name:
        return
    path = Path(name).with_suffix(SUFFIX)
    try:
        save_session(path, laboratory.session_now())
    except XViewError as error:
        laboratory.told.emit("error", str(error))
    else:
        laboratory.told.emit("info", f"session saved to {path}")


def report(window: MainWindow, laboratory: Laboratory) -> None:
    """Ask where, and write the report."""
    name = QFileDialog.getExistingDirectory(window, "Write the report into a folder")
    if name:
        laboratory.report(Path(name))


def export_maps(laboratory: Laboratory) -> None:
    """Ask where, and save the maps as a picture."""
    name = QFileDialog.getExistingDirectory(laboratory.bars, "Save the maps as PNG and SVG into a folder")
    if not name:
        return
    canvases = {space: view.canvas for space, view in laboratory.maps.views.items()}
    try:
        written = save_maps(canvases, Path(name))
    except XViewError as error:
        laboratory.told.emit("error", str(error))
    else:
        laboratory.told.emit("info", f"saved {len(written)} pictures of maps in {name}")
