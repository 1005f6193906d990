"""`xview search`: one query, ranked and marked as the window does it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from xview.arrays import Floats
from xview.cli.output import note, progress, say, show_json, show_table
from xview.cli.request import choose_rankers, open_data, protocol_of, spaces_of
from xview.data.records import Kind
from xview.errors import QueryError, nearest_name
from xview.retrieval.base import Explanation, Side
from xview.session.engine import Engine, Outside, Ranked
from xview.session.resolve import Resolved, resolve
from xview.session.state import ItemsQuery, PictureQuery, QueryRef, TextQuery, ViewState
from xview.session.workspace import Workspace

_PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff"}
_SHARES = 10


def run(args: argparse.Namespace) -> int:
    """Rank the gallery for one query."""
    (choice,) = choose_rankers([args.ranker], args.set)
    workspace = open_data(args)
    modality, query = read_query(args.query, args.modality, workspace)
    protocol = protocol_of(args, workspace, modality)
    state = ViewState(
        protocol=protocol,
        spaces=spaces_of(args, workspace, protocol),
        ranker=choice.name,
        settings=((choice.name, choice.settings),),
        query=query,
    )
    resolved = resolve(state, workspace)
    outside = _encode(resolved, workspace)
    engine = Engine(workspace)
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
        "query": {"modality": modality, **_asked(query)},
        "gallery": protocol.gallery,
        "ranker": choice.name,
        "parameters": choice.settings.to_mapping(),
        "gallery_size": len(order),
        "average_precision": answer.a.average_precision,
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


def read_query(text: str, modality: str | None, workspace: Workspace) -> tuple[str, QueryRef]:
    """What `ID|FILE|TEXT` means: an item's id where there is one, then a file's name, then words.

    Args:
        text: As typed.
        modality: Where to look, or None for anywhere.
        workspace: Knows the items.

    Returns:
        The query's modality and the query.

    Raises:
        QueryError: It is none of the three.
    """
    collections = workspace.dataset.collections
    if modality is not None:
        workspace.dataset.collection(modality)
    default = workspace.default_protocol()
    places = [modality] if modality else list(dict.fromkeys([default.query, default.gallery, *collections]))
    for place in places:
        if text in collections[place].row_of:
            return place, ItemsQuery((text,))
    kinds = {place: collections[place].kind for place in places}
    path = Path(text)
    if _is_file(path):
        pictures = next((p for p in places if kinds[p] is Kind.IMAGE), None)
        if pictures is None:
            raise QueryError(f"{text} is a file, but there is no modality of pictures to ask with it")
        return pictures, PictureQuery(text)
    texts = next((p for p in places if kinds[p] is Kind.TEXT), None)
    if texts is None or path.suffix.lower() in _PICTURES:
        near = nearest_name(text, [name for p in places for name in collections[p].row_of])
        raise QueryError(f"{text!r} is no item of {', '.join(places)} and no file{near}")
    note(f"asking {texts} with the words {text!r}, as no item and no file has that name")
    return texts, TextQuery(text)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # too long or impossible as a file's name
        return False


def _encode(resolved: Resolved, workspace: Workspace) -> Outside | None:
    """Features of a query from outside, without an own one where it has no place there; None for an item."""
    query = resolved.query
    if resolved.spaces is None or not isinstance(query, PictureQuery | TextQuery):
        return None
    from xview.spaces.encode import encode_outside  # brings torch, which items do not need

    payload: bytes | str = query.text if isinstance(query, TextQuery) else _read(Path(query.path))
    modality = resolved.task.protocol.query

    def place(space: str) -> Floats:
        feature = encode_outside(workspace.spaces[space], modality, payload)
        return np.asarray(feature / max(float(np.linalg.norm(feature)), 1e-12), dtype=np.float32)

    features = {choice.shared: place(choice.shared) for choice in resolved.places}
    for own in dict.fromkeys(choice.own_query for choice in resolved.places if choice.own_query):
        try:
            features[own] = place(own)
        except QueryError:
            note(f"the query has no place in {own}: it walks on the gallery's side only")
    return features


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise QueryError(f"{path}: cannot be read ({error.strerror})") from None


def _asked(query: QueryRef) -> dict[str, str]:
    if isinstance(query, ItemsQuery):
        return {"id": query.ids[0]}
    return {"file": query.path} if isinstance(query, PictureQuery) else {"text": query.text}


def _result(ranked: Ranked, baseline: Ranked, position: int, workspace: Workspace) -> dict[str, Any]:
    task, classes = ranked.task, workspace.dataset.classes
    row = int(task.gallery_rows[position])
    label = int(task.gallery.labels[row])
    return {
        "rank": int(ranked.rank_of[position]),
        "id": str(task.gallery.ids[row]),
        "title": str(task.gallery.titles[row]),
        "class": classes[label] if label >= 0 else None,
        "match": bool(ranked.relevant[position]) if ranked.label >= 0 and label >= 0 else None,
        "score": float(ranked.ranking.scores[position]),
        "knn_rank": int(baseline.rank_of[position]),
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
    say(f"{modality} {next(iter(query.values()))!r} in {told['gallery']}, {told['ranker']}{known}")
    signs = {True: "✓", False: "✗", None: ""}
    columns = ["rank", "match", "score", "id", "title", "class", "knn_rank"]
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
