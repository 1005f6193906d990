"""`xview search`: one query, ranked and marked as the window does it."""

from __future__ import annotations

import argparse
from typing import Any

from xview.cli.asking import asked, query_json
from xview.cli.output import note, progress, say, show_json, show_table
from xview.errors import QueryError
from xview.retrieval.base import Explanation, Side
from xview.session.answers import Ranked
from xview.session.resolve import Resolved
from xview.session.workspace import Workspace

_SHARES = 10
_MARKS = {1: "right", -1: "wrong", 0: None}


def run(args: argparse.Namespace) -> int:
    """Rank the gallery for one query."""
    asked_for = asked(args)
    resolved, engine, outside = asked_for.resolved, asked_for.engine, asked_for.outside
    workspace, choice = resolved.workspace, resolved.ranker
    with progress(choice.title) as step:
        engine.prepare(resolved, step)
    answer = engine.answer(resolved, outside)
    order = [int(p) for p in answer.a.ranking.order if not answer.a.ignored[p]]
    why = None
    if args.explain:
        if args.explain > len(order):
            raise QueryError(f"there is no result {args.explain} to explain; the gallery has {len(order)}")
        why = engine.explain(resolved, answer.a, order[args.explain - 1], outside)
    told = {
        "query": query_json(resolved),
        "gallery": resolved.task.protocol.gallery,
        "ranker": choice.name,
        "parameters": choice.settings.to_mapping(),
        "gallery_size": len(order),
        "average_precision": answer.a.average_precision,
        "feedback": _feedback(resolved, answer.a),
        "results": [
            _result(answer.a, answer.baseline, position, workspace) for position in order[: args.top]
        ],
        "explanation": None if why is None else _shares(why, answer.a, workspace),
        "notes": [*answer.notes, *answer.a.ranking.notes],
    }
    if args.json:
        show_json(told, args.json)
    else:
        _show(told, args.explain)
    return 0


def _result(ranked: Ranked, baseline: Ranked, position: int, workspace: Workspace) -> dict[str, Any]:
    task, classes = ranked.task, workspace.dataset.classes
    row = int(task.gallery_rows[position])
    label = int(task.gallery.labels[row])
    return {
        "rank": int(ranked.rank_of[position]),
        "id": str(task.gallery.ids[row]),
        "title": str(task.gallery.titles[row]),
        "class": classes[label] if label >= 0 else None,
        "marked": _MARKS[int(ranked.marked[position])],
        "match": bool(ranked.relevant[position]) if ranked.label >= 0 and label >= 0 else None,
        "score": float(ranked.ranking.scores[position]),
        "knn_rank": int(baseline.rank_of[position]),
    }


def _feedback(resolved: Resolved, ranked: Ranked) -> dict[str, Any] | None:
    """The marks and the precision before them; it is of the residual ranking, too: marked items taken out."""
    if not resolved.feedback:
        return None
    return {
        "right": resolved.feedback.right,
        "wrong": resolved.feedback.wrong,
        "weights": resolved.view.feedback_settings.to_mapping(),
        "average_precision_before": ranked.precision_before,
    }


def _shares(why: Explanation, ranked: Ranked, workspace: Workspace) -> list[dict[str, Any]]:
    task = ranked.task
    told = []
    for share in why.shares[:_SHARES]:
        gallery = share.side is Side.GALLERY
        collection, rows = (task.gallery, task.gallery_rows) if gallery else (task.queries, task.query_rows)
        row = int(rows[share.position])
        told.append(
            {
                "through": str(collection.ids[row]),
                "title": str(collection.titles[row]),
                "modality": collection.modality,
                "part": share.part,
                "amount": share.amount,
                "share": share.amount / why.score if why.score else 0.0,
            }
        )
    return told


def _show(told: dict[str, Any], explained: int | None) -> None:
    query = dict(told["query"])
    modality = query.pop("modality")
    average = told["average_precision"]
    known = "" if average != average else f", average precision {average:.3f}"
    feedback = told["feedback"]
    if known and feedback:
        count = len(feedback["right"]) + len(feedback["wrong"])
        known += f" without the {count} marked, {feedback['average_precision_before']:.3f} before the marks"
    say(f"{modality} {next(iter(query.values()))!r} in {told['gallery']}, {told['ranker']}{known}")
    signs = {True: "✓", False: "✗", None: ""}
    columns = ["rank", "match", "score", "id", "title", "class", "knn_rank"]
    if feedback:
        columns.append("marked")
    show_table(
        columns,
        [
            [r["rank"], signs[r["match"]], f"{r['score']:.4g}", *(r[key] or "" for key in columns[3:])]
            for r in told["results"]
        ],
        right=["rank", "score", "knn_rank"],
    )
    if told["explanation"] is not None:
        say("")
        show_table(
            ["share", "through", "title", "modality", "part"],
            [
                [f"{s['share']:.1%}", s["through"], s["title"], s["modality"], s["part"]]
                for s in told["explanation"]
            ],
            title=f"why result {explained} has its score:",
            right=["share"],
        )
    for remark in told["notes"]:
        note(remark)
