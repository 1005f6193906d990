"""The tables of `tests.bench.distortion`, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from xview.arrays import Doubles

KS = (5, 10, 20, 50)

Figures = dict[str, float]
Found = dict[str, list[Figures]]
"""By line of the tables, "space | reference", the figures of each split."""

_PLAIN = 1, 2  # scale and decimals of a figure ...
_PERCENT = 100, 1  # ... and of a share
_RHO = 1, 3

Columns = Mapping[str, tuple[str, tuple[int, int]]]
"""By title, the name of a figure, or of two with an arrow or a stroke between, and how to write it."""

MAIN: Columns = {
    "largest piece, %": ("largest before → largest", _PERCENT),
    "classes that lose / gain, %": ("classes torn / classes mended", _PERCENT),
    "torn edges, %": ("torn", _PERCENT),
    "neighbours kept, %": ("overlap", _PERCENT),
    "loss of unseen / seen beside them, points": ("tearing unseen / tearing seen", _PERCENT),
    "rho": ("mean rho", _RHO),
}
DETAILS: Mapping[str, Columns] = {
    "Fragmentation of unseen classes by themselves, single-modal → shared, k = 10": {
        "largest piece, %": ("largest before → largest", _PERCENT),
        "pieces of two or more": ("pieces before → pieces", _PLAIN),
        "components": ("components before → components", _PLAIN),
        "alone, %": ("alone before → alone", _PERCENT),
        "modalities torn, %": ("case torn", _PERCENT),
    },
    "The largest piece at other k, %": {
        f"k = {k}": (f"largest before {k} → largest {k}", _PERCENT) for k in KS
    },
    "Unseen beside seen classes in one graph of all items, k = 10": {
        "largest piece, unseen, %": ("largest unseen before → largest unseen", _PERCENT),
        "largest piece, seen, %": ("largest seen before → largest seen", _PERCENT),
        "unseen lose more, % of modalities": ("unseen more torn", _PERCENT),
        "torn edges, unseen / seen, %": ("torn unseen / torn seen", _PERCENT),
        "neighbours kept, unseen / seen, %": ("overlap unseen / overlap seen", _PERCENT),
    },
    "Neighbourhoods of unseen classes, k = 10": {
        "torn edges, %": ("torn", _PERCENT),
        "false bridges, %": ("bridged", _PERCENT),
        "trustworthiness": ("trustworthiness", _RHO),
        "continuity": ("continuity", _RHO),
        "overlap": ("overlap", _RHO),
    },
    "Hubs and gap, unseen classes, k = 10": {
        "skewness within": ("skew before → skew", _PLAIN),
        "skewness across": ("skew across", _PLAIN),
        "never found across, %": ("antihubs", _PERCENT),
        "gap": ("gap", _PLAIN),
        "separation": ("separation", _PLAIN),
    },
}


def page(lines: Found) -> Iterator[str]:
    """All tables, the main one first."""
    yield "**Unseen classes, k = 10: single-modal → shared**\n"
    yield from table(lines, MAIN)
    yield "\n<details><summary>Distortion in detail</summary>\n"
    for title, columns in DETAILS.items():
        yield f"\n**{title}**\n"
        yield from table(lines, columns)
    yield "\n**Average precision against local distortion, unseen classes, Spearman**\n"
    yield from correlations(lines)
    yield "\n</details>"


def table(lines: Found, columns: Columns) -> Iterator[str]:
    """A line for each space and reference that has the figures."""
    yield f"| space | against | {' | '.join(columns)} |"
    yield "|---|---" + "|---:" * len(columns) + "|"
    for line, splits in lines.items():
        cells = []
        for names, style in columns.values():
            mark = " / " if " / " in names else " → "
            each = [np.array([split.get(name, np.nan) for split in splits]) for name in names.split(mark)]
            cells.append("" if np.isnan(each).any() else mark.join(written(values, style) for values in each))
        if any(cells):
            yield f"| {line} | {' | '.join(cells)} |"


def correlations(lines: Found) -> Iterator[str]:
    """A line for each direction: rho, its interval and rho within classes, means over the splits."""
    yield "| space | against | direction | rho | 95 % | within classes | intervals below / above 0 |"
    yield "|---|---|---|---:|---:|---:|---:|"
    for line, splits in lines.items():
        for name in [name for name in splits[0] if name.startswith("rho: ")]:
            direction = name.removeprefix("rho: ")
            low, high = (np.array([s[f"{end}: {direction}"] for s in splits]) for end in ("low", "high"))
            rho, within = (
                written(np.array([s[f"{n}: {direction}"] for s in splits]), _RHO) for n in ("rho", "within")
            )
            clear = f"{(high < 0).sum()} / {(low > 0).sum()} of {len(splits)}"
            interval = f"{low.mean():+.3f} to {high.mean():+.3f}"
            yield f"| {line} | {direction} | {rho} | {interval} | {within} | {clear} |"


def written(values: Doubles, style: tuple[int, int]) -> str:
    """Mean and, where it varies, sample standard deviation."""
    scale, decimals = style
    spread = float(np.std(values, ddof=1)) * scale if len(values) > 1 else 0.0
    more = f" ± {spread:.{decimals}f}" if spread > 0 else ""
    return f"{np.mean(values) * scale:.{decimals}f}{more}"


def merged(figures: Sequence[Figures]) -> Figures:
    """Means of every figure over those that have it."""
    names = dict.fromkeys(name for each in figures for name in each)
    return {name: float(np.mean([each[name] for each in figures if name in each])) for name in names}
