"""`xview fuse`: sources alone and mixed, over all queries of a direction."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from xview.arrays import Doubles
from xview.cli.output import check_writable, note, progress, say, show_json, show_table
from xview.cli.request import open_data, protocol_of, spaces_of
from xview.data.protocol import Task
from xview.metrics.compare import RESAMPLES, mean_change
from xview.metrics.fusion import GAIN, Mixture, gain, judge_fusion
from xview.metrics.fusion_search import METHOD, OVERFIT, Found, find_weights
from xview.metrics.retrieval import COUNTING
from xview.metrics.table import Request
from xview.retrieval.fusion import FusionSettings, Mixing
from xview.retrieval.fusion_sources import parse_sources, write_sources
from xview.retrieval.fusion_weights import write_weights
from xview.session.workspace import Workspace
from xview.spaces.library import OpenData
from xview.spaces.provenance import space_called

FOUND = "found"
INTERVAL = (
    f"In brackets: the middle 95 % of the means of {RESAMPLES:,} samples of as many queries, drawn with "
    "replacement; it takes queries as independent of one another."
)


def run(args: argparse.Namespace) -> int:
    """Judge every source and every fusion, and say who gains by it."""
    if args.json and args.json != "-":
        check_writable(Path(args.json))
    workspace = open_data(args)
    data = OpenData(dataset=workspace.dataset, spaces=workspace.spaces)
    asked = protocol_of(args, workspace, args.query)
    spaces = spaces_of(args, workspace, asked)
    directions = [(asked, spaces), *[(asked.swapped(), spaces.swapped())] * args.both]
    settings = _settings(args, workspace)
    told = []
    for protocol, choice in directions:
        request = Request(protocol=protocol, spaces=choice, ranker="fusion", settings=settings)
        found = _find(data, request) if args.find else None
        with progress("judging") as step:
            task, made = judge_fusion(data, request, _shares(step), _also(found))
        made = _without_unasked(made, args)
        against = _in_force(args)
        told.append(_described(request, task, data.dataset.classes, made, against, found))
        if args.json != "-":
            _show(request, made, against, found)
    if args.json:
        show_json(told if args.both else told[0], args.json)
    return 0


def _settings(args: argparse.Namespace, workspace: Workspace) -> FusionSettings:
    named = parse_sources(" + ".join(args.source)).values() if args.source else ()
    sources = [
        replace(one, space=space_called(workspace.spaces, one.space)) if one.space else one for one in named
    ]
    return FusionSettings(
        mode=_mode(args),
        weights=args.weights or "",
        sources=write_sources(sources) if sources else "",
        scale=args.scale,
    )


def _mode(args: argparse.Namespace) -> Mixing:
    return Mixing.WEIGHTED if args.weights else Mixing.AVERAGE if args.average else Mixing.ADAPTIVE


def _in_force(args: argparse.Namespace) -> str:
    """The fusion that sources are held against."""
    return FOUND if args.find else str(_mode(args))


def _find(data: OpenData, request: Request) -> Found:
    with progress("finding weights on seen classes") as step:
        return find_weights(data, request, _shares(step))


def _shares(step: Callable[[float], None]) -> Callable[[int, int], None]:
    return lambda done, total: step(done / total)


def _also(found: Found | None) -> Mapping[str, Doubles]:
    return {} if found is None else {FOUND: np.array(found.weights)}


def _without_unasked(made: Mixture, args: argparse.Namespace) -> Mixture:
    """Manual weights are told where some were given."""
    fused = {way: ap for way, ap in made.fused.items() if way != Mixing.WEIGHTED or args.weights}
    return Mixture(names=made.names, areas=made.areas, weights=made.weights, ap=made.ap, fused=fused)


def _described(
    request: Request,
    task: Task,
    classes: Sequence[str],
    made: Mixture,
    against: str,
    found: Found | None,
) -> dict[str, Any]:
    protocol = request.protocol
    ids, labels = task.queries.ids[task.query_rows], task.query_labels.tolist()
    return {
        "query": protocol.query,
        "gallery": protocol.gallery,
        "query_classes": protocol.query_classes,
        "gallery_classes": protocol.gallery_classes,
        "across_groups": protocol.across_groups,
        "spaces": asdict(request.spaces),
        "parameters": request.settings.to_mapping(),
        "queries": len(task.query_rows),
        "queries_without_match": int(np.isnan(made.ap[0]).sum()),
        "sources": {
            name: {"mAP": _mean(made.ap[i]), "gain": _gain(made.fused[against], made.ap[i], ids.tolist())}
            for i, name in enumerate(made.names)
        },
        "fusions": {
            way: {"mAP": _mean(ap), "gain": _gain(made.fused[against], ap, ids.tolist())}
            for way, ap in made.fused.items()
        },
        "against": against,
        "found": None if found is None else found.to_json(),
        "per_query": [
            {
                "id": str(ids[q]),
                "class": classes[labels[q]] if labels[q] >= 0 else None,
                "ap": dict(zip(made.names, made.ap[:, q].tolist(), strict=True)),
                "fused": {way: float(ap[q]) for way, ap in made.fused.items()},
                "areas": dict(zip(made.names, made.areas[:, q].tolist(), strict=True)),
                "adaptive_weights": dict(zip(made.names, made.weights[:, q].tolist(), strict=True)),
            }
            for q in range(len(ids))
        ],
    }


def _gain(fused: Doubles, other: Doubles, ids: Sequence[str]) -> dict[str, Any]:
    """What the fusion in force gains over a source or another fusion; `mean` with its interval and p."""
    counted, mean = asdict(gain(fused, other)), mean_change(fused - other)
    for end in ("most", "least"):
        counted[end] = ids[counted[end]] if counted[end] >= 0 else None
    return counted | {"low": mean.low, "high": mean.high, "p": mean.p}


def _change(fused: Doubles, other: Doubles) -> list[str]:
    """Queries gained and lost, and the mean change with its interval."""
    made, mean = gain(fused, other), mean_change(fused - other)
    return [f"{made.gained:,}", f"{made.lost:,}", f"{mean.mean:+.3f} [{mean.low:+.3f}, {mean.high:+.3f}]"]


def _mean(ap: Doubles) -> float:
    """mAP, NaN where no query has a match."""
    kept = ap[np.isfinite(ap)]
    return float(kept.mean()) if kept.size else float("nan")


def _show(request: Request, made: Mixture, against: str, found: Found | None) -> None:
    protocol = request.protocol
    say(
        f"{protocol.query} -> {protocol.gallery}, {protocol.query_classes} classes ask, "
        f"{protocol.gallery_classes} classes answer, {made.ap.shape[1]:,} queries"
    )
    weights = {str(Mixing.WEIGHTED): str(request.settings.to_mapping()["weights"])}
    if found is not None:
        weights[FOUND] = write_weights(found.weights)
    sources = {
        name: (made.ap[i], f"{made.weights[i].mean():.2f} ±{made.weights[i].std():.2f}")
        for i, name in enumerate(made.names)
    }
    fusions = {way: (ap, weights.get(way, "")) for way, ap in made.fused.items()}
    for kind, column, shown in (("source", "adaptive weight", sources), ("fusion", "weights", fusions)):
        rows = [
            [
                name,
                f"{_mean(ap):.3f}",
                told,
                *([""] * 3 if name == against else _change(made.fused[against], ap)),
            ]
            for name, (ap, told) in shown.items()
        ]
        columns = [kind, "mAP", column, f"{against} gains", "loses", "mean change"]
        show_table(columns, rows, right=columns[1:])
        say("")
    if found is not None:
        sampled = f" (± {found.error:.3f}, a sample drawn with seed {found.seed})" * bool(found.error)
        say(
            f"found on {found.queries:,} of {found.of:,} queries of seen classes{sampled}: mAP there "
            f"{found.average:.3f} with equal weights, {found.after:.3f} with these; {found.tried} tried"
        )
        say(METHOD)
        note(OVERFIT)
    say(GAIN)
    say(INTERVAL)
    say(COUNTING)
