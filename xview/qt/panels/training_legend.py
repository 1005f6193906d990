"""Which colour and which dash is what, beside the curves of runs."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt

DASHES = {
    Qt.PenStyle.SolidLine: "──",
    Qt.PenStyle.DashLine: "╌╌",
    Qt.PenStyle.DotLine: "┈┈",
    Qt.PenStyle.DashDotLine: "╌┈",
}


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
    kept = (f"{sign}&nbsp;{html.escape(name).replace(' ', '&nbsp;')}" for name, sign in signs.items())
    return " &nbsp; ".join(kept)


def colour_sign(colour: str) -> str:
    """A bar of a colour."""
    return f'<span style="color:{colour}">━━</span>'
