"""`xview walk`: one query's walk step by step, to the ranking it ends in."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from xview.arrays import Doubles
from xview.cli.asking import asked, item_json, query_json
from xview.cli.output import note, say, show_json, show_table
from xview.data.protocol import Task
from xview.errors import QueryError, nearest_name
from xview.retrieval.base import Side
from xview.retrieval.walk_paths import Path
from xview.session.walking import Walking, paths_to, walk, walker_of


def run(args: argparse.Namespace) -> int:
    """Tell every kept step: mass on both sides, where most of it is, distance from the fixed point."""
    request = asked(args)
    resolved, engine, outside = request.resolved, request.engine, request.outside
    choice, spaces = walker_of(resolved)
    walking = walk(engine, resolved, choice, spaces, outside)
    frames = [_frame(walking, frame, args.top) for frame in range(len(walking.steps))]
    position = _position(args.to, walking)
    paths = paths_to(engine, resolved, choice, spaces, position, outside)
    task = walking.task
    told = {
        "query": query_json(resolved),
        "gallery": task.protocol.gallery,
        "ranker": choice.name,
        "parameters": choice.settings.to_mapping(),
        "frames": frames,
        "result": item_json(task.gallery, int(task.gallery_rows[position])),
        "paths": [_path(path, task) for path in paths],
        "notes": list(walking.steps.notes),
    }
    if args.json:
        show_json(told, args.json)
    else:
        _show(told)
    return 0


def _position(name: str | None, walking: Walking) -> int:
    """Where paths lead: the named gallery item, or the walk's best."""
    task = walking.task
    if name is None:
        return int(walking.steps.scores(len(walking.steps) - 1).argmax())
    row = task.gallery.row_of.get(name, -1)
    position = int(task.gallery_rows.searchsorted(row))
    if position >= len(task.gallery_rows) or task.gallery_rows[position] != row:
        near = nearest_name(name, task.gallery.row_of)
        raise QueryError(f"{name!r} is not in the gallery, {task.gallery.modality}{near}")
    return position


def _frame(walking: Walking, frame: int, top: int) -> dict[str, Any]:
    steps, task = walking.steps, walking.task
    last = frame == len(steps) - 1
    x, y = steps.x.mass(frame), steps.y.mass(frame)
    return {
        "step": None if last else steps.steps[frame],
        "fixed_point": last,
        "distance": float(steps.distances[frame]),
        "residual": float(steps.residuals[frame]),
        "average_precision": float(walking.precision[frame]),
        "mass": {Side.QUERY: float(np.abs(x).sum()), Side.GALLERY: float(np.abs(y).sum())},
        "top": {
            Side.QUERY: _heaviest(x, task.queries.ids[task.query_rows], top),
            Side.GALLERY: _heaviest(y, task.gallery.ids[task.gallery_rows], top),
        },
        "results": _heaviest(steps.scores(frame), task.gallery.ids[task.gallery_rows], top),
    }


def _heaviest(amounts: Doubles, ids: Any, top: int) -> list[dict[str, Any]]:
    best = np.argsort(-amounts, kind="stable")[:top]
    return [{"id": str(ids[place]), "amount": float(amounts[place])} for place in best if amounts[place] > 0]


def _path(path: Path, task: Task) -> dict[str, Any]:
    stops = []
    for stop in path.stops:
        query = stop.side is Side.QUERY
        collection, rows = (task.queries, task.query_rows) if query else (task.gallery, task.gallery_rows)
        row = int(rows[stop.position])
        stops.append({"modality": collection.modality, **item_json(collection, row)})
    return {"part": path.part, "share": path.share, "weight": path.weight, "stops": stops}


def _show(told: dict[str, Any]) -> None:
    query = dict(told["query"])
    modality = query.pop("modality")
    say(f"{modality} {next(iter(query.values()))!r} in {told['gallery']}, {told['ranker']}")
    show_table(
        [
            "t",
            "from the fixed point",
            "residual",
            "AP",
            f"mass in {modality}",
            f"in {told['gallery']}",
            "most mass",
        ],
        [
            [
                "∞" if frame["fixed_point"] else frame["step"],
                f"{frame['distance']:.2%}",
                f"{frame['residual']:.1e}",
                "" if np.isnan(frame["average_precision"]) else f"{frame['average_precision']:.3f}",
                f"{frame['mass'][Side.QUERY]:.4g}",
                f"{frame['mass'][Side.GALLERY]:.4g}",
                ", ".join(item["id"] for item in frame["top"][Side.GALLERY]),
            ]
            for frame in told["frames"]
        ],
        right=["t", "from the fixed point", "residual", "AP", f"mass in {modality}", f"in {told['gallery']}"],
    )
    say("")
    show_table(
        ["share", "part", "path"],
        [
            [f"{path['share']:.2%}", path["part"], " → ".join(stop["title"] for stop in path["stops"])]
            for path in told["paths"]
        ],
        title=f"heaviest paths to {told['result']['title']!r}:",
        right=["share"],
    )
    for remark in told["notes"]:
        note(remark)
