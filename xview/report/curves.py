"""Curves and clouds as SVG that takes its colours from the page, light or dark."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from xview.arrays import AnyArray

_DASHES = ((), (7, 3), (2, 2), (8, 2, 2, 2))  # points; curves differ without colour, too

# Stand-ins for the page's colours, which only the page knows.
_INK, _GRID, _SERIES = "#010101", "#020202", "#03{:02x}03"
_STYLE: dict[Any, object] = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9,
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "axes.edgecolor": _GRID,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": _GRID,
    "grid.linewidth": 0.6,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "savefig.transparent": True,
}


@dataclass(frozen=True, eq=False, slots=True)
class Series:
    """One curve: x and y, (p,) each; `number` picks its colour and dashes, its place among all where None."""

    x: AnyArray
    y: AnyArray
    number: int | None = None


def dashes(number: int) -> str:
    """Stroke pattern of a series as SVG writes it, empty for a solid line."""
    return " ".join(map(str, _DASHES[number % len(_DASHES)]))


def draw(series: Sequence[Series], *, title: str, x_title: str, y_title: str, salt: str) -> str:
    """Curves as an <svg> element, coloured by `--series-0`, `--series-1` ...

    Args:
        series: In the order of their colours and dashes.
        title: What is shown, for those who cannot see it; any text.
        x_title, y_title: Axes.
        salt: Keeps the element's ids apart from those of other plots on the page.
    """
    with _axes(title, x_title, y_title, salt) as (axes, out):
        for place, one in enumerate(series):
            number = place if one.number is None else one.number
            axes.plot(
                one.x,
                one.y,
                color=_SERIES.format(number),
                linewidth=1.8,
                dashes=_DASHES[number % len(_DASHES)],
            )
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=series[0].x[-1] > 1))
    return out[0]


def cloud(x: AnyArray, y: AnyArray, *, title: str, x_title: str, y_title: str, salt: str) -> str:
    """Points as an <svg> element; arguments as of `draw`."""
    with _axes(title, x_title, y_title, salt) as (axes, out):
        axes.plot(x, y, "o", color=_SERIES.format(2), markersize=3.2, markeredgewidth=0, alpha=0.45)
        axes.margins(y=0.03)
    return out[0]


@contextmanager
def _axes(title: str, x_title: str, y_title: str, salt: str) -> Iterator[tuple[Any, list[str]]]:
    """Axes to draw on, and a list that holds the <svg> element once the block has ended."""
    out: list[str] = []
    with rc_context({**_STYLE, "svg.hashsalt": salt}):
        figure = Figure(figsize=(5.4, 3.3))
        axes = figure.add_axes((0.1, 0.135, 0.885, 0.835))
        axes.set(xlabel=x_title, ylabel=y_title)
        axes.grid(axis="y")
        axes.margins(x=0.01)
        yield axes, out
        drawn = io.StringIO()
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    out.append(_inline(drawn.getvalue(), title))


def _inline(document: str, title: str) -> str:
    """The <svg> element of a stand-alone SVG document, fit to stand in a page among others."""
    element = document[document.index("<svg") :]
    element = re.sub(r"<metadata>.*?</metadata>", "", element, flags=re.DOTALL)
    element = re.sub(
        r"<style.*?</style>", "", element, flags=re.DOTALL
    )  # its rules would reach the whole page
    element = re.sub(r'(<svg[^>]*?) width="[^"]*" height="[^"]*"', r"\1", element, count=1)
    used = set(re.findall(r"#(\w+)[\")]", element))
    element = re.sub(r' id="([^"]+)"', lambda found: found[0] if found[1] in used else "", element)
    element = re.sub(r" font-family: [^;\"]*;", "", element)
    element = element.replace(_INK, "var(--muted)").replace(_GRID, "var(--line)")
    element = re.sub(r"#03([0-9a-f]{2})03", lambda found: f"var(--series-{int(found[1], 16)})", element)
    return element.replace("<svg ", f'<svg role="img" aria-label="{_attribute(title)}" ', 1)


def _attribute(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
