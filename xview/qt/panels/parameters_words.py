"""What sweeps are called, what is told of a cell, and the same as CSV."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from xview.metrics.axes import Axis
from xview.metrics.retrieval import MEASURES
from xview.metrics.sweep import Sweep, SweepRequest
from xview.retrieval.registry import RANKERS


def titles(requests: Sequence[SweepRequest]) -> list[str]:
    """A name for each: ranker and settings swept over, and whatever else tells them apart."""
    parts = [_parts(request) for request in requests]
    told = [0, 1, *(place for place in range(2, 6) if len({part[place] for part in parts}) > 1)]
    return [" · ".join(part[place] for place in told if part[place]) for part in parts]


def levels(requests: Sequence[SweepRequest]) -> list[str]:
    """What tells the k-NN levels of several sweeps apart; empty where there is one level."""
    parts = [_parts(request)[2:5] for request in requests]
    told = [place for place in range(3) if len({part[place] for part in parts}) > 1]
    return [" · ".join(part[place] for place in told) for part in parts]


def _parts(request: SweepRequest) -> tuple[str, ...]:
    """Ranker, swept settings, direction, classes, space, other settings that are not the defaults."""
    asked = request.request
    protocol, swept = asked.protocol, {axis.key for axis in request.axes}
    values, defaults = asked.settings.to_mapping(), type(asked.settings)().to_mapping()
    other = [
        f"{symbol(request, key)} {value:g}" if isinstance(value, float) else f"{symbol(request, key)} {value}"
        for key, value in values.items()
        if value != defaults[key] and key not in swept
    ]
    return (
        RANKERS[asked.ranker].title,
        " × ".join(symbol(request, axis.key) for axis in request.axes),
        f"{protocol.query} → {protocol.gallery}",
        protocol.query_classes.value
        if protocol.query_classes == protocol.gallery_classes
        else f"{protocol.query_classes} → {protocol.gallery_classes}",
        asked.spaces.shared,
        ", ".join(other),
    )


def symbol(request: SweepRequest, key: str) -> str:
    """The short label of a setting."""
    return next(p.symbol for p in request.request.settings.parameters() if p.key == key)


def named(request: SweepRequest, key: str) -> str:
    """A setting for an axis: symbol and key."""
    short = symbol(request, key)
    return key if short == key else f"{short}  {key}"


def where(request: SweepRequest, place: Sequence[int]) -> str:
    """Such as "λ 0.2, α 0.94"."""
    return ", ".join(
        f"{symbol(request, axis.key)} {axis.values[i]:g}" for axis, i in zip(request.axes, place, strict=True)
    )


def figure(value: float) -> str:
    """Three decimals without the leading zero, as the tables have it; a dash where there is none."""
    return f"{value:.3f}".replace("0.", ".", 1) if math.isfinite(value) else "–"


def nearest(axis: Axis, value: object) -> int | None:
    """Place of the value nearest to a setting; None where it lies beyond the axis."""
    if not isinstance(value, int | float) or not axis.values[0] <= value <= axis.values[-1]:
        return None
    return min(range(len(axis.values)), key=lambda i: abs(axis.values[i] - value))


def summary(found: Sweep, measure: str, now: Mapping[str, Any]) -> str:
    """Best cell, the present setting's, the k-NN level; and which other settings have changed since."""
    request = found.request
    best = found.best(measure)
    if best is None:
        return "No cell is known yet."
    told = [f"best {figure(float(found.measures[measure][best]))} at {where(request, best)}"]
    place = found.place_of(now)
    if place is not None:
        told.append(f"now {figure(float(found.measures[measure][place]))}")
    told.append(f"k-NN {figure(found.level[measure])}")
    swept = {axis.key for axis in request.axes}
    base = request.request.settings.to_mapping()
    other = [
        f"{symbol(request, key)} {base[key]}" for key in base if key not in swept and base[key] != now[key]
    ]
    if other:
        told.append(f"measured with {', '.join(other)}")
    return "  ·  ".join(told)


def as_csv(sweeps: Sequence[Sweep]) -> str:
    """One line a cell, every digit kept, and one of nearest neighbours for each sweep."""
    keys = list(dict.fromkeys(axis.key for found in sweeps for axis in found.request.axes))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        ["ranker", "shared", "query", "gallery", "query_classes", "gallery_classes", *keys, *MEASURES]
    )
    for found in sweeps:
        asked = found.request.request
        protocol = asked.protocol
        rest = [asked.spaces.shared, protocol.query, protocol.gallery]
        rest += [protocol.query_classes.value, protocol.gallery_classes.value]
        for place in _places(found):
            at = dict(zip((axis.key for axis in found.request.axes), place, strict=True))
            values = {axis.key: axis.values[at[axis.key]] for axis in found.request.axes}
            figures = [_cell(found.measures[name][place]) for name in MEASURES]
            writer.writerow([asked.ranker, *rest, *(values.get(key, "") for key in keys), *figures])
        writer.writerow(["knn", *rest, *[""] * len(keys), *(_cell(found.level[name]) for name in MEASURES)])
    return out.getvalue()


def _places(found: Sweep) -> list[tuple[int, ...]]:

    return list(np.ndindex(found.request.shape))


def _cell(value: Any) -> float | str:
    return float(value) if math.isfinite(value) else ""
