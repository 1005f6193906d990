"""How `xview path` tells what it found: as JSON, and as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from xview.cli.asking import item_json
from xview.cli.output import note, say, show_table
from xview.retrieval.stepping_stones import Vertex
from xview.session.paths import Neighbour
from xview.session.smooth import SmoothWay
from xview.session.steps import Step
from xview.session.workspace import Workspace


def item_told(item: Vertex, workspace: Workspace) -> dict[str, Any]:
    """An item as JSON: modality, id, title, class."""
    collection, classes = workspace.dataset.collection(item.modality), workspace.dataset.classes
    label = int(collection.labels[item.row])
    return {
        "modality": item.modality,
        **item_json(collection, item.row),
        "class": classes[label] if label >= 0 else None,
    }


def steps_told(steps: Sequence[Step], workspace: Workspace) -> list[dict[str, Any]]:
    """Steps as JSON, boxes in shares of a picture's side, spans in characters."""
    return [
        {
            **item_told(step.item, workspace),
            "length": step.length,
            "changes": None if step.changes is None else list(step.changes),
            "partner": None if step.partner is None else item_told(step.partner, workspace),
            "boxes": [list(box) for box in step.boxes],
            "spans": [list(span) for span in step.spans],
        }
        for step in steps
    ]


def smooth_told(way: SmoothWay, workspace: Workspace) -> dict[str, Any]:
    """A smooth path as JSON."""
    return {"changes": way.changes, "length": way.length, "steps": steps_told(way.steps, workspace)}


def neighbour_told(neighbour: Neighbour, workspace: Workspace) -> dict[str, Any]:
    """A neighbour as JSON."""
    return {
        **item_told(neighbour.item, workspace),
        "distance": neighbour.distance,
        "right": neighbour.right,
    }


def show(told: dict[str, Any]) -> None:
    """Print what was found as tables, remarks to stderr."""
    if "graph" in told:
        _show_followed(told)
    if "growth" in told:
        say("")
        rows = [[f"{row['threshold']:.4g}", *_figures(row)] for row in told["growth"]]
        columns = ["threshold", "edges", "components", "retrievable"]
        show_table(columns, rows, title="what the graph holds at other thresholds:", right=columns)
    if "smooth" in told:
        _show_smooth(told["smooth"], told["space"])
    for remark in told.get("notes", ()):
        note(remark)


def _figures(row: dict[str, Any]) -> list[str]:
    return [f"{row[name]:,}" for name in ("edges", "components", "retrievable")]


def _show_followed(told: dict[str, Any]) -> None:
    graph = told["graph"]
    say(
        f"{told['space']}: {graph['edges']:,} edges below {graph['threshold']:.4g} rad over "
        f"{graph['vertices']:,} vertices, {graph['stones']:,} of them stepping stones; "
        f"{graph['components']:,} components, "
        f"{graph['retrievable']:,} of {graph['others']:,} others retrievable"
    )
    if told["steps"]:
        length = f"way of {told['length']:.3f} rad, directly {told['direct']:.3f}:"
        _show_way(told["steps"], length)
    else:
        source = told["from"].get("id") or told["from"].get("text") or told["from"].get("file")
        say(f"no way from {source!r} to {told['to']['id']!r}; directly {told['direct']:.3f} rad")
    if told["differences"] is not None:
        _show_differences(told["differences"])
    say("")
    near, far = told["geodesic"], told["euclidean"]
    pairs = [
        [place + 1, *_cells(near, place), *_cells(far, place)] for place in range(max(len(near), len(far)))
    ]
    columns = ["rank", "geodesic neighbour", "class", "rad", "direct neighbour", "class ", "rad "]
    show_table(columns, pairs, right=["rank", "rad", "rad "])


def _show_way(steps: list[dict[str, Any]], title: str) -> None:
    changes = any(step["changes"] is not None for step in steps)
    so_far = np.cumsum([step["length"] for step in steps])
    rows = []
    for number, (step, total) in enumerate(zip(steps, so_far, strict=True)):
        row = [number, step["modality"], step["id"], step["title"], step["class"] or ""]
        row += [f"{step['length']:.3f}", f"{total:.3f}"]
        if changes:
            row.append("; ".join(step["changes"] or ()) or ("the same scene" if number else ""))
        rows.append(row)
    show_table(
        ["step", "modality", "id", "title", "class", "rad", "so far", *["what changes"] * changes],
        rows,
        title=title,
        right=["step", "rad", "so far"],
    )


def _show_differences(differences: dict[str, Any]) -> None:
    say("")
    rows = [[row[name] for name in ("thing", "attribute", "before", "after")] for row in differences["rows"]]
    if not rows:
        say("both ends show the same scene")
        return
    told = "one change apart" if differences["neighbours"] else "more than one change apart"
    show_table(["thing", "attribute", "before", "after"], rows, title=f"both ends are {told}:")


def _show_smooth(smooth: dict[str, Any], space: str) -> None:
    say("")
    if "kind" in smooth:
        say(
            f"{space}: smooth paths from {smooth['sources']:,} items below {smooth['threshold']:.4g} rad; a "
            "step between a picture and its own text is no change under the kind reading, and not smooth "
            "under the strict one"
        )
        figures = zip(smooth["kind"], smooth["strict"], strict=True)
        rows = [[n, f"{kind:,}", f"{strict:,}"] for n, (kind, strict) in enumerate(figures) if n]
        show_table(["changes", "kind", "strict"], rows, right=["changes", "kind", "strict"])
    else:
        counts = [f"{count:,} of {n}" for n, count in enumerate(smooth["counts"]) if n]
        say(f"smooth paths from here, by number of changes: {', '.join(counts) or 'none'}")
    for path in smooth["longest"]:
        say("")
        changes = "1 change" if path["changes"] == 1 else f"{path['changes']} changes"
        _show_way(path["steps"], f"smooth path of {changes}, {path['length']:.3f} rad:")


def _cells(items: list[dict[str, Any]], place: int) -> list[str]:
    if place >= len(items):
        return ["", "", ""]
    item = items[place]
    return [item["title"], item["class"] or "", f"{item['distance']:.3f}"]
