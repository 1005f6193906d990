"""`xview sweep`: a ranker measured over the values of one or two of its settings."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from xview.cli.output import check_writable, note, progress, say, show_json, show_table
from xview.cli.request import choose_rankers, open_data, protocol_of, spaces_of
from xview.data.protocol import Classes
from xview.errors import SettingError, nearest_name
from xview.metrics.axes import parse_axis
from xview.metrics.retrieval import COUNTING, MEASURES
from xview.metrics.sweep import FOR_UNDERSTANDING, Sweep, SweepRequest, sweep
from xview.metrics.table import Request
from xview.spaces.library import OpenData

BEST, DEFAULT = "*", "°"


def run(args: argparse.Namespace) -> int:
    """Sweep and show the curve or the grid."""
    if args.measure not in MEASURES:
        near = nearest_name(args.measure, MEASURES)
        raise SettingError(f"no measure {args.measure!r}{near} (known: {', '.join(MEASURES)})")
    (choice,) = choose_rankers([args.ranker], args.set)
    axes = tuple(parse_axis(type(choice.settings), text) for text in args.over)
    if args.json and args.json != "-":
        check_writable(Path(args.json))
    workspace = open_data(args)
    protocol = protocol_of(args, workspace, args.query)
    request = Request(
        protocol=protocol,
        spaces=spaces_of(args, workspace, protocol),
        ranker=choice.name,
        settings=choice.settings,
    )
    with progress("sweeping") as step:
        found = sweep(
            OpenData(dataset=workspace.dataset, spaces=workspace.spaces),
            SweepRequest(request=request, axes=axes),
            lambda done, total: step(done / total),
        )
    if args.json:
        show_json(found.to_json(), args.json)
    if args.json != "-":
        _show(found, args.measure)
    if workspace.dataset.has_split and protocol.query_classes is not Classes.SEEN:
        note(FOR_UNDERSTANDING)
    return 0


def _show(found: Sweep, measure: str) -> None:
    asked = found.request.request
    protocol = asked.protocol
    say(
        f"{asked.ranker} in {asked.spaces.shared}, {protocol.query} -> {protocol.gallery}, "
        f"{protocol.query_classes} classes ask, {protocol.gallery_classes} classes answer, "
        f"{found.queries:,} queries, {found.queries_without_match:,} without match"
    )
    marks = _Marks(found)
    if len(found.request.axes) == 1:
        _show_curve(found, marks)
    else:
        _show_grid(found, measure, marks)
    best = found.best(measure)
    if best is not None:
        say(f"{BEST} best {measure}: {found.measures[measure][best]:.3f} at {marks.where(best)}")
    say(f"{DEFAULT} default: {marks.told}")
    say(f"k-NN in the same space: {measure} {found.level[measure]:.3f}")
    say(COUNTING)


class _Marks:
    """What is said beside a figure: the best of its measure, and the one of the default settings."""

    def __init__(self, found: Sweep) -> None:
        self._found, self._axes = found, found.request.axes
        defaults = type(found.request.request.settings)().to_mapping()
        self._default = found.place_of(defaults)
        self.told = ", ".join(f"{axis.key} {defaults[axis.key]:g}" for axis in self._axes)
        if self._default is None:
            self.told += ", not among these values"

    def where(self, place: Sequence[int]) -> str:
        """Such as "lambda 0.2, alpha 0.9"."""
        return ", ".join(f"{axis.key} {axis.values[i]:g}" for axis, i in zip(self._axes, place, strict=True))

    def figure(self, measure: str, *place: int) -> str:
        """A figure with room for both marks."""
        value = self._found.measures[measure][place]
        best = BEST if place == self._found.best(measure) else " "
        return f"{value:.3f}{best}{DEFAULT if place == self._default else ' '}"


def _show_curve(found: Sweep, marks: _Marks) -> None:
    (axis,) = found.request.axes
    columns = [axis.key, *MEASURES]
    rows = [
        [f"{value:g}", *(marks.figure(name, place) for name in MEASURES)]
        for place, value in enumerate(axis.values)
    ]
    show_table(columns, rows, right=columns)


def _show_grid(found: Sweep, measure: str, marks: _Marks) -> None:
    down, across = found.request.axes
    columns = [f"{measure}: {down.key} \\ {across.key}", *(f"{value:g}  " for value in across.values)]
    rows = [
        [f"{value:g}", *(marks.figure(measure, i, j) for j in range(len(across.values)))]
        for i, value in enumerate(down.values)
    ]
    show_table(columns, rows, right=columns)
