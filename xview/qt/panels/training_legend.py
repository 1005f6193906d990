"""Which colour and which dash is what, beside the curves of runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt

from xview.qt.panels.plots.signs import DASHES, colour_sign
from xview.qt.panels.plots.signs import legend as signs_above


@dataclass(frozen=True, slots=True)
class Entry:
    """One curve: whose, which, and how it is drawn."""

    run: str
    name: str
    colour: str
    dash: Qt.PenStyle


def legend(entries: Sequence[Entry]) -> str:
    """As rich text: curves by colour where they are one run's, else runs by colour and curves by dash."""
    signs: dict[str, str] = {}
    several = len({entry.run for entry in entries}) > 1
    for entry in entries:
        signs.setdefault(entry.run if several else entry.name, colour_sign(entry.colour))
    if several:
        for entry in entries:
            signs.setdefault(entry.name, DASHES[entry.dash])
    return signs_above(signs)
