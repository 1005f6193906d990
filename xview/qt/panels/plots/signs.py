"""Which colour and which dash is what, as rich text above a plot."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping

from PySide6.QtCore import Qt

DASHES = {
    Qt.PenStyle.SolidLine: "──",
    Qt.PenStyle.DashLine: "╌╌",
    Qt.PenStyle.DotLine: "┈┈",
    Qt.PenStyle.DashDotLine: "╌┈",
}
PENS = tuple(DASHES)
_LISTED = 16
"""Names above a plot; more would leave no room for it."""


def colour_sign(colour: str, dash: Qt.PenStyle | None = None) -> str:
    """A bar of a colour, or a dashed line of it."""
    sign = "━━" if dash in (None, Qt.PenStyle.SolidLine) else DASHES[dash]
    return f'<span style="color:{colour}">{sign}</span>'


def legend(signs: Mapping[str, str]) -> str:
    """Rich text of names, each after its sign; of many the first ones and how many more there are."""
    entries = [f"{sign}&nbsp;{kept(name)}" for name, sign in signs.items()]
    more = len(entries) - _LISTED
    return " &nbsp; ".join([*entries[:_LISTED], *[kept(f"and {more} more")] * (more > 0)])


def as_lines(lines: Iterable[tuple[str, object]]) -> str:
    """Names and values under one another, for a tooltip; escaped."""
    return "<br>".join(f"{html.escape(name)} <b>{html.escape(str(value))}</b>" for name, value in lines)


def number(value: float) -> str:
    """A figure for people: whole numbers whole, others with four digits."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:.4g}"


def kept(words: str) -> str:
    """Words as they are, on one line of rich text."""
    return html.escape(words).replace(" ", "&nbsp;")
