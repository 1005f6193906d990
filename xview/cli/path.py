"""`xview path`: the shortest way between two items, picture by picture, and what changes on it."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from xview.cli.asking import item_json
from xview.cli.output import note, say, show_json, show_table
from xview.cli.request import open_data
from xview.data.records import Kind
from xview.errors import QueryError, SpaceError, nearest_name
from xview.retrieval.geodesic_settings import GeodesicSettings
from xview.session.paths import Found, Neighbour, Step
from xview.session.ways import Ways
from xview.session.workspace import Workspace


def run(args: argparse.Namespace) -> int:
    """Tell the way's items and steps, the nearest neighbours both ways, and the graph's counts."""
    workspace = open_data(args)
    modality = args.modality or _modality(args.source, workspace)
    collection = workspace.dataset.collection(modality)
    one = _row(args.source, modality, workspace)
    other = None if args.to is None else _row(args.to, modality, workspace)
    settings = GeodesicSettings(
        degree=args.degree, threshold=args.threshold, stones=not args.no_stones, align=not args.no_align
    )
    space = args.shared or _space(modality, workspace)
    found = Ways(workspace, modality, space, settings).between(one, other, args.top)
    told = {
        "from": item_json(collection, one),
        "to": None if other is None and not found.steps else _end(found, other, workspace, modality),
        "space": space,
        "parameters": settings.to_mapping(),
        "graph": {
            "threshold": found.threshold,
            "vertices": found.vertices,
            "stones": found.stones,
            "edges": found.edges,
            "components": found.components,
            "retrievable": found.retrievable,
            "others": len(collection) - 1,
        },
        "length": sum(step.length for step in found.steps) if found.steps else None,
        "direct": found.direct,
        "steps": [_step(step, workspace) for step in found.steps],
        "geodesic": [_neighbour(one, workspace) for one in found.geodesic],
        "euclidean": [_neighbour(one, workspace) for one in found.euclidean],
        "notes": list(found.notes),
    }
    if args.json:
        show_json(told, args.json)
    else:
        _show(told)
    return 0


def _modality(name: str, workspace: Workspace) -> str:
    """Where the item is found, pictures first; the first modality where it is not."""
    collections = workspace.dataset.collections
    order = sorted(collections, key=lambda m: collections[m].kind is not Kind.IMAGE)
    return next((m for m in order if name in collections[m].row_of), order[0])


def _space(modality: str, workspace: Workspace) -> str:
    holding = [name for name, space in workspace.spaces.items() if modality in space.modalities]
    if not holding:
        raise SpaceError(f"no space holds {modality}; `xview encode` makes one from pictures or texts")
    return next((name for name in holding if workspace.spaces[name].shared), holding[0])


def _row(name: str, modality: str, workspace: Workspace) -> int:
    rows = workspace.dataset.collection(modality).row_of
    if name not in rows:
        raise QueryError(f"no {modality} {name!r}{nearest_name(name, rows)}")
    return rows[name]


def _end(found: Found, other: int | None, workspace: Workspace, modality: str) -> dict[str, str]:
    row = found.steps[-1].item.row if other is None else other
    return item_json(workspace.dataset.collection(modality), row)


def _item(modality: str, row: int, workspace: Workspace) -> dict[str, Any]:
    collection, classes = workspace.dataset.collection(modality), workspace.dataset.classes
    label = int(collection.labels[row])
    return {
        "modality": modality,
        **item_json(collection, row),
        "class": classes[label] if label >= 0 else None,
    }


def _step(step: Step, workspace: Workspace) -> dict[str, Any]:
    return {
        **_item(step.item.modality, step.item.row, workspace),
        "length": step.length,
        "changes": None if step.changes is None else list(step.changes),
    }


def _neighbour(neighbour: Neighbour, workspace: Workspace) -> dict[str, Any]:
    item = neighbour.item
    return {**_item(item.modality, item.row, workspace), "distance": neighbour.distance}


def _show(told: dict[str, Any]) -> None:
    graph = told["graph"]
    say(
        f"{told['space']}: {graph['edges']:,} edges below {graph['threshold']:.4g} rad over "
        f"{graph['vertices']:,} vertices, {graph['stones']:,} of them stepping stones; "
        f"{graph['components']:,} components, "
        f"{graph['retrievable']:,} of {graph['others']:,} others retrievable"
    )
    if told["steps"]:
        _show_way(told)
    else:
        say(f"no way from {told['from']['id']!r} to {told['to']['id']!r}; directly {told['direct']:.3f} rad")
    say("")
    near, far = told["geodesic"], told["euclidean"]
    pairs = [
        [place + 1, *_cells(near, place), *_cells(far, place)] for place in range(max(len(near), len(far)))
    ]
    columns = ["rank", "geodesic neighbour", "class", "rad", "direct neighbour", "class ", "rad "]
    show_table(columns, pairs, right=["rank", "rad", "rad "])
    for remark in told["notes"]:
        note(remark)


def _show_way(told: dict[str, Any]) -> None:
    changes = told["steps"][0]["changes"] is not None or any(s["changes"] is not None for s in told["steps"])
    so_far = np.cumsum([step["length"] for step in told["steps"]])
    rows = []
    for number, (step, total) in enumerate(zip(told["steps"], so_far, strict=True)):
        row = [number, step["modality"], step["id"], step["title"], step["class"] or ""]
        row += [f"{step['length']:.3f}", f"{total:.3f}"]
        if changes:
            row.append("; ".join(step["changes"] or ()) or ("the same scene" if number else ""))
        rows.append(row)
    show_table(
        ["step", "modality", "id", "title", "class", "rad", "so far", *["what changes"] * changes],
        rows,
        title=f"way of {told['length']:.3f} rad, directly {told['direct']:.3f}:",
        right=["step", "rad", "so far"],
    )


def _cells(items: list[dict[str, Any]], place: int) -> list[str]:
    if place >= len(items):
        return ["", "", ""]
    item = items[place]
    return [item["title"], item["class"] or "", f"{item['distance']:.3f}"]
