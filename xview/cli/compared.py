"""A comparison in words, tables and JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from xview.arrays import Ints
from xview.cli.output import say, show_table
from xview.data.protocol import Task
from xview.metrics.compare import BROKEN, FIXED, READINGS, SAME, ClassChange, Comparison, MeanChange
from xview.metrics.table import Request
from xview.retrieval.registry import RANKERS

WORDS = {FIXED: "fixed", BROKEN: "broken", SAME: "same"}
NEIGHBOURS = 10
_WITHOUT = "without match"


@dataclass(frozen=True, eq=False, slots=True)
class Compared:
    """What came of one pair of requests of one task."""

    a: Request
    b: Request
    task: Task
    class_names: tuple[str, ...]
    comparison: Comparison
    mean: MeanChange
    classes: list[ClassChange]
    kept: float | None = None  # mean share of neighbours kept, where the shared spaces differ

    def class_of(self, label: int) -> str:
        """A class by number; empty for -1."""
        return self.class_names[label] if label >= 0 else ""


def describe(one: Compared) -> dict[str, Any]:
    """Plain JSON, but for NaN: both sides, the counts, the mean change, every class and every query."""
    protocol, found = one.a.protocol, one.comparison
    return {
        "query": protocol.query,
        "gallery": protocol.gallery,
        "query_classes": protocol.query_classes.value,
        "gallery_classes": protocol.gallery_classes.value,
        "across_groups": protocol.across_groups,
        "a": _side(one.a, found.ap_a),
        "b": _side(one.b, found.ap_b),
        "counts": {r.value: {WORDS[v]: n for v, n in found.counts(r).items()} for r in READINGS},
        "without_match": int(np.count_nonzero(~found.counted)),
        "mean_change": asdict(one.mean),
        "neighbours_kept": None if one.kept is None else {"k": NEIGHBOURS, "mean": one.kept},
        "classes": [asdict(c) | {"label": one.class_of(c.label), "change": c.change} for c in one.classes],
        "queries": list(_queries(one, np.arange(len(found.ap_a)))),
    }


def _side(request: Request, ap: Any) -> dict[str, Any]:
    return {
        "ranker": request.ranker,
        "spaces": asdict(request.spaces),
        "parameters": request.settings.to_mapping(),
        "mAP": float(np.nanmean(ap)) if np.isfinite(ap).any() else None,
    }


def _called(request: Request) -> str:
    """Such as `k-NN in 'shared (cca)' (lambda=0.3)`: the settings that are not the defaults."""
    kind = RANKERS[request.ranker]
    defaults = kind.settings().to_mapping()
    values = {k: v for k, v in request.settings.to_mapping().items() if v != defaults[k]}
    told = f" ({', '.join(f'{k}={v}' for k, v in values.items())})" if values else ""
    return f"{kind.title} in {request.spaces.shared!r}{told}"


def show(one: Compared, top: int) -> None:
    """Print counts, mean change, the `top` queries fixed and broken most, and the classes."""
    protocol, found, mean = one.a.protocol, one.comparison, one.mean
    say(
        f"{protocol.query} -> {protocol.gallery}, {protocol.query_classes} classes ask, "
        f"{protocol.gallery_classes} classes answer"
    )
    say(f"A: {_called(one.a)}")
    say(f"B: {_called(one.b)}")
    if mean.n:
        before, after = np.nanmean(found.ap_a), np.nanmean(found.ap_b)
        say(
            f"mAP {before:.3f} -> {after:.3f}, mean change {mean.mean:+.3f} "
            f"[{mean.low:+.3f}, {mean.high:+.3f}], p = {mean.p:.4f}, {mean.n:,} queries"
        )
    if one.kept is not None:
        say(f"{one.kept:.1%} of {NEIGHBOURS} neighbours kept between the shared spaces")
    columns = ["by", *WORDS.values(), _WITHOUT]
    without = f"{np.count_nonzero(~found.counted):,}"
    lines = [[r, *(f"{n:,}" for n in found.counts(r).values()), without] for r in READINGS]
    show_table(columns, lines, right=columns[1:])
    for verdict in (FIXED, BROKEN):
        _show_queries(one, f"most {WORDS[verdict]}", found.ranked(verdict)[:top])
    _show_classes(one, top)
    say("")


def _show_queries(one: Compared, title: str, numbers: Ints) -> None:
    if len(numbers):
        columns = ["query", "title", "class", "AP A", "AP B", "change", "first hit"]
        lines = [
            [
                query["id"],
                query["title"],
                query["class"],
                f"{query['ap_a']:.3f}",
                f"{query['ap_b']:.3f}",
                f"{query['change']:+.3f}",
                f"{query['first_a']} -> {query['first_b']}",
            ]
            for query in _queries(one, numbers)
        ]
        show_table(columns, lines, title=title, right=columns[3:])


def _show_classes(one: Compared, top: int) -> None:
    """The classes that lost most and those that gained most, or all where they are few."""
    classes = one.classes
    shown = classes if len(classes) <= 2 * top else [*classes[:top], *classes[-top:]]
    columns = ["class", "queries", "mAP A", "mAP B", "change", "fixed", "broken"]
    lines = [
        [one.class_of(c.label), c.queries, f"{c.a:.3f}", f"{c.b:.3f}", f"{c.change:+.3f}", c.fixed, c.broken]
        for c in shown
    ]
    title = "by class" if shown is classes else f"the {2 * top} classes of {len(classes)} that changed most"
    show_table(columns, lines, title=title, right=columns[1:])


def _queries(one: Compared, numbers: Ints) -> Iterator[dict[str, Any]]:
    """Queries by number, as JSON tells them."""
    found, queries = one.comparison, one.task.queries
    verdicts = found.verdicts()
    for number in numbers.tolist():
        row = one.task.query_rows[number]
        yield {
            "id": str(queries.ids[row]),
            "title": str(queries.titles[row]),
            "class": one.class_of(int(one.task.query_labels[number])),
            "ap_a": found.ap_a[number],
            "ap_b": found.ap_b[number],
            "change": found.change[number],
            "first_a": int(found.first_a[number]),
            "first_b": int(found.first_b[number]),
            "verdict": WORDS[int(verdicts[number])] if found.counted[number] else _WITHOUT,
        }
