"""`xview modify`: a picture, but changed as a sentence says; which pictures are like that."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

import numpy as np

from xview.cli.asking import item_json
from xview.cli.output import note, progress, say, show_json, show_table
from xview.cli.request import open_data
from xview.errors import QueryError
from xview.jobs.reporter import Reporter
from xview.session.workspace import Workspace
from xview.spaces.library import OpenData
from xview.spaces.provenance import modifies, space_called
from xview.spaces.space import EmbeddingSpace


def run(args: argparse.Namespace) -> int:
    """Rank the pictures for a modified one, or judge all test pairs."""
    if not args.test and (args.picture is None or not args.text):
        raise QueryError("name a picture and how it is to differ (--picture, --text), or judge all (--test)")
    workspace = open_data(args)
    space = _space(args.run, workspace)
    opened = OpenData(dataset=workspace.dataset, spaces=workspace.spaces)
    told = _judged(opened, space) if args.test else _found(args, opened, space)
    if args.json:
        show_json(told, args.json)
    elif args.test:
        figures = told["measures"]
        title = f"{told['pairs']:,} test pairs in {space.name}, their sources removed"
        show_table(list(figures), [[f"{value:.4f}" for value in figures.values()]], title=title)
    else:
        _show(told)
    return 0


def _space(run: str | None, workspace: Workspace) -> EmbeddingSpace:
    """The newest space that pictures can be modified in, or that of a run."""
    able = [space for space in workspace.spaces.values() if modifies(space, space.modalities[0])]
    if not able:
        name = workspace.dataset.name
        raise QueryError(
            f"{name}: nothing has learnt to modify pictures; train it (`xview train DATA --system tirg`)"
        )
    return able[-1] if run is None else workspace.spaces[space_called({s.name: s for s in able}, run)]


def _judged(opened: OpenData, space: EmbeddingSpace) -> dict[str, Any]:
    from xview.jobs.modify import judged

    with progress("test pairs") as step:
        reporter = Reporter(lambda told: step(told.done / max(told.total, 1)))
        measures, pairs = judged(opened, space.name, reporter)
    return {"space": space.name, "pairs": pairs, "measures": measures}


def _found(args: argparse.Namespace, opened: OpenData, space: EmbeddingSpace) -> dict[str, Any]:
    from xview.jobs.modify import composed

    (modality,) = space.modalities
    collection = opened.dataset.collection(modality)
    found = composed(opened, space.name, args.picture, args.text)
    source = collection.row_of[args.picture]
    scores = space.unit(modality) @ found.vector
    order = np.argsort(-scores, kind="stable")
    best = [row for row in order[: args.top + 1].tolist() if row != source][: args.top]
    return {
        "source": item_json(collection, source),
        "text": args.text,
        "space": space.name,
        "told": dict(found.told),
        "unknown_words": list(found.unknown),
        "source_removed": True,
        "results": [
            {"rank": place, **item_json(collection, row), "score": float(scores[row])}
            for place, row in enumerate(best, start=1)
        ],
    }


def _show(told: Mapping[str, Any]) -> None:
    figures = ", ".join(f"{name} {value:.2f}" for name, value in told["told"].items())
    source = told["source"]["id"]
    say(f"{source!r}, but {told['text']!r}, in {told['space']} ({figures}); {source!r} itself is left out")
    rows = [[r["rank"], f"{r['score']:.3f}", r["id"], r["title"]] for r in told["results"]]
    show_table(["rank", "score", "id", "title"], rows, right=["rank", "score"])
    if told["unknown_words"]:
        note(f"not in the words it has learnt: {', '.join(told['unknown_words'])}")
