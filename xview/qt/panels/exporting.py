"""Asking where to, and saving there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from xview.errors import XViewError


def export(
    parent: QWidget,
    what: str,
    kinds: tuple[tuple[str, str], ...],
    save: Callable[[Path], object],
    failed: Callable[[str], object],
) -> None:
    """Ask for a file and save there; a name without an ending gets that of the kind chosen.

    Args:
        parent: Whose dialog it is.
        what: Such as "evaluation"; names the dialog and the file it offers.
        kinds: Words and ending of each kind of file, such as ("Table as CSV", ".csv").
        save: Writes the file; may raise XViewError.
        failed: Told in a sentence why nothing was written.
    """
    offered = f"{what}{kinds[0][1]}"
    filters = ";;".join(f"{words} (*{ending})" for words, ending in kinds)
    name, chosen = QFileDialog.getSaveFileName(parent, f"Export the {what}", offered, filters)
    if not name:
        return
    path = Path(name)
    if not path.suffix:
        path = path.with_suffix(next((ending for words, ending in kinds if chosen.startswith(words)), ""))
    try:
        save(path)
    except XViewError as error:
        failed(str(error))
