"""`xview compare`: two runs, or any two rankers of one data set, query by query."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from xview.cli.compared import NEIGHBOURS, Compared, describe, show
from xview.cli.output import check_writable, progress, say, show_json
from xview.cli.request import choose_rankers, fitting_rankers, open_data, protocol_of
from xview.cli.runs import named
from xview.data.protocol import Protocol
from xview.errors import SettingError, SpaceError
from xview.jobs.runs import TrainingRun, find_runs
from xview.metrics.compare import MEAN_CHANGE, READINGS, by_class, compare, mean_change
from xview.metrics.kept import KEPT, kept_between
from xview.metrics.retrieval import COUNTING
from xview.metrics.table import Request, fill
from xview.retrieval.field import SpaceChoice, choose_spaces, shared_candidates
from xview.retrieval.fusion_sources import parse_sources
from xview.session.state import RankerChoice
from xview.session.workspace import Workspace
from xview.spaces.library import OpenData
from xview.spaces.provenance import of_run

_BY_DEFAULT = ("knn", "heterogeneous")


def run(args: argparse.Namespace) -> int:
    """Judge both, hold them against each other and show it."""
    if args.json and args.json != "-":
        check_writable(Path(args.json))
    workspace, pairs = _of_runs(args) if len(args.what) > 1 else _of_data(args)
    if args.both:
        pairs += [(_turned(a), _turned(b)) for a, b in pairs]
    with progress("comparing") as step:
        told = _judge(workspace, pairs, lambda done, total: step(done / total))
    if args.json:
        show_json([describe(one) for one in told], args.json)
    if args.json != "-":
        for one in told:
            show(one, args.top)
        for reading, words in READINGS.items():
            say(f"{reading}: {words}")
        say(MEAN_CHANGE)
        if any(one.kept is not None for one in told):
            say(f"Neighbours kept: {KEPT.format(k=NEIGHBOURS)}")
        say(COUNTING)
    return 0


def _of_runs(args: argparse.Namespace) -> tuple[Workspace, list[tuple[Request, Request]]]:
    """The data of two finished runs, and their first shared spaces under every ranker asked for.

    Raises:
        SettingError: Not two runs, or arguments that belong to data.
        TrainingError: No such run.
        SpaceError: A run has left no shared space of the data and split of the first.
    """
    if len(args.what) > 2 or args.a or args.b or args.unseen:
        raise SettingError(
            "compare two finished runs (xview compare RUN RUN; their split is kept), "
            "or two rankers of one data set (xview compare DATA --a ... --b ...)"
        )
    first, second = named(find_runs(), args.what)
    args.data, args.unseen = str(first.config["data"]), first.config.get("unseen")
    rankers = choose_rankers(args.ranker or _BY_DEFAULT, args.set)
    workspace = open_data(args)
    protocol = protocol_of(args, workspace, args.query)
    left = [_space_of(one, workspace, protocol) for one in (first, second)]
    spaces = [choose_spaces(workspace.spaces, protocol, shared=name) for name in left]
    for choice in spaces:
        rankers = fitting_rankers(rankers, workspace, protocol, choice)
    a, b = ([_request(protocol, choice, ranker) for ranker in rankers] for choice in spaces)
    return workspace, list(zip(a, b, strict=True))


def _space_of(run: TrainingRun, workspace: Workspace, protocol: Protocol) -> str:
    """Name of the first shared space a run has left."""
    spaces = workspace.spaces
    own = {n: s for n, s in spaces.items() if of_run(s) and s.made_by["run"] == run.folder.name}
    fitting = shared_candidates(own, protocol)
    if not fitting:
        raise SpaceError(
            f"run {run.name!r} ({run.status}) has left no space of {protocol.query} and {protocol.gallery} "
            f"under the split of {workspace.dataset.name} that the first run was trained on; "
            "compare finished runs of the same data and split"
        )
    return fitting[0]


def _of_data(args: argparse.Namespace) -> tuple[Workspace, list[tuple[Request, Request]]]:
    """The data named, and the two rankers of `--a` and `--b`.

    Raises:
        SettingError: One of the two is missing or cannot be read.
        SpaceError: A named space does not fit.
    """
    if not args.a or not args.b:
        raise SettingError(
            f"what to compare in {args.what[0]!r}? Name two rankers with --a and --b, such as "
            """--a knn --b 'heterogeneous@"shared (cca)"', or name two finished runs"""
        )
    if args.ranker or args.set:
        raise SettingError("--ranker and --set are for runs; write --a 'heterogeneous(lambda=0.3)' instead")
    args.data = args.what[0]
    workspace = open_data(args)
    protocol = protocol_of(args, workspace, args.query)
    a, b = (_read(text, place, workspace, protocol) for place, text in (("--a", args.a), ("--b", args.b)))
    return workspace, [(a, b)]


def _read(text: str, place: str, workspace: Workspace, protocol: Protocol) -> Request:
    """The request of `heterogeneous@"shared (cca)"(lambda=0.3)`."""
    try:
        sources = list(parse_sources(text).values())
    except SettingError:
        sources = []
    if len(sources) != 1:
        raise SettingError(
            f"{place}: cannot read {text!r}; write a ranker, and perhaps its shared space and settings, like "
            """knn, or 'heterogeneous@"shared (cca)"(lambda=0.3, k=50)'"""
        )
    (source,) = sources
    written = [f"{key}={value}" for key, value in source.settings.items()]
    (ranker,) = choose_rankers([source.ranker], written)
    spaces = choose_spaces(workspace.spaces, protocol, shared=source.space or None)
    return _request(protocol, spaces, ranker)


def _request(protocol: Protocol, spaces: SpaceChoice, ranker: RankerChoice) -> Request:
    return Request(protocol=protocol, spaces=spaces, ranker=ranker.name, settings=ranker.settings)


def _turned(request: Request) -> Request:
    """The same in the other direction."""
    return Request(
        protocol=request.protocol.swapped(),
        spaces=request.spaces.swapped(),
        ranker=request.ranker,
        settings=request.settings,
    )


def _judge(
    workspace: Workspace, pairs: Sequence[tuple[Request, Request]], step: Callable[[int, int], None]
) -> list[Compared]:
    """Every pair's queries under both; a request that stands in several pairs is judged once."""
    requests = list(dict.fromkeys(request for pair in pairs for request in pair))
    rows = fill(OpenData(dataset=workspace.dataset, spaces=workspace.spaces), requests, step)
    judged = {row.request: row.evaluations[0] for row in rows}
    told = []
    for a, b in pairs:
        found, task = compare(judged[a], judged[b]), workspace.task(a.protocol)
        names, classes = workspace.dataset.classes, by_class(found, task.query_labels)
        kept = _kept(workspace, a.spaces.shared, b.spaces.shared)
        told.append(Compared(a, b, task, names, found, mean_change(found.change), classes, kept))
    return told


def _kept(workspace: Workspace, a: str, b: str) -> float | None:
    """Mean share of neighbours kept between two shared spaces; None where they are one, or too small."""
    one, other = workspace.spaces[a], workspace.spaces[b]
    if a == b or sum(len(one.parts[m]) for m in one.modalities if m in other.modalities) <= NEIGHBOURS:
        return None
    return float(kept_between(one, other, NEIGHBOURS).mean())
