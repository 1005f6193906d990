"""`xview evaluate`: rankers measured over all queries, by direction."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from xview.cli.output import check_writable, progress, say, show_json, show_table
from xview.cli.request import choose_rankers, fitting_rankers, open_data, protocol_of, spaces_of
from xview.data.protocol import Protocol
from xview.errors import SettingError
from xview.metrics.retrieval import COUNTING, MEASURES
from xview.metrics.table import Request, Row, fill, fill_over_splits
from xview.retrieval.registry import RANKERS
from xview.session.state import RankerChoice
from xview.session.workspace import Workspace
from xview.spaces.library import OpenData


def run(args: argparse.Namespace) -> int:
    """Fill the table and show it."""
    rankers = choose_rankers(args.ranker or list(RANKERS), args.set)
    if args.splits and args.unseen:
        raise SettingError("--splits draws the classes to hold out; leave --unseen away")
    if args.json and args.json != "-":
        check_writable(Path(args.json))
    workspace = open_data(args)
    protocol = protocol_of(args, workspace, args.query)
    if not args.ranker:
        rankers = fitting_rankers(rankers, workspace, protocol, spaces_of(args, workspace, protocol))
    requests = _requests(args, workspace, protocol, rankers)
    with progress("evaluating") as step:

        def told(done: int, total: int) -> None:
            step(done / total)

        if args.splits:
            rows = fill_over_splits(args.data, requests, args.splits, told)
        else:
            rows = fill(OpenData(dataset=workspace.dataset, spaces=workspace.spaces), requests, told)
    if args.json:
        show_json([row.to_json() for row in rows], args.json)
    if args.json != "-":
        _show(rows)
    return 0


def _requests(
    args: argparse.Namespace, workspace: Workspace, protocol: Protocol, rankers: Sequence[RankerChoice]
) -> list[Request]:
    """Every ranker in the direction asked for, then in the other where that is asked for, too."""
    spaces = spaces_of(args, workspace, protocol)
    directions = [(protocol, spaces)]
    if args.both:
        directions.append((protocol.swapped(), spaces.swapped()))
    return [
        Request(protocol=direction, spaces=named, ranker=choice.name, settings=choice.settings)
        for direction, named in directions
        for choice in rankers
    ]


def _show(rows: Sequence[Row]) -> None:
    for (query, gallery), group in groupby(rows, key=_direction):
        lines = list(group)
        first = lines[0]
        protocol = first.request.protocol
        say(
            f"{query} -> {gallery}, {protocol.query_classes} classes ask, "
            f"{protocol.gallery_classes} classes answer{_told_splits(first)}"
        )
        columns = ["ranker", *MEASURES, "queries", "without match"]
        show_table(columns, [_line(row) for row in lines], right=columns[1:])
        say("")
    for request in {row.request.ranker: row.request for row in rows}.values():
        values = {key: value for key, value in request.settings.to_mapping().items() if value != ""}
        if values:
            say(f"{request.ranker}: {', '.join(f'{key}={value}' for key, value in values.items())}")
    say(COUNTING)


def _direction(row: Row) -> tuple[str, str]:
    return row.request.protocol.query, row.request.protocol.gallery


def _told_splits(row: Row) -> str:
    count = len(row.splits)
    return f", mean ± standard deviation over {count} class splits" if count > 1 else ""


def _line(row: Row) -> list[str]:
    queries = sum(evaluation.queries for evaluation in row.evaluations)
    without = sum(evaluation.queries_without_match for evaluation in row.evaluations)
    return [row.request.ranker, *(_figure(row, name) for name in MEASURES), f"{queries:,}", f"{without:,}"]


def _figure(row: Row, name: str) -> str:
    spread = row.spread.get(name)
    return f"{row.measures[name]:.3f}" + ("" if spread is None else f" ±{spread:.3f}")
