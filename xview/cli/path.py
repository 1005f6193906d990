"""`xview path`: the shortest way from what asks to an item, picture by picture, and what changes on it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from xview.cli.asking import encode, query_json, read_query
from xview.cli.output import check_writable, note, progress, show_json
from xview.cli.path_output import item_told, neighbour_told, show, smooth_told, steps_told
from xview.cli.request import open_data
from xview.data.protocol import Classes, Protocol
from xview.data.records import Kind
from xview.errors import QueryError, SpaceError, nearest_name
from xview.metrics.smooth_survey import survey, world_for_smooth
from xview.retrieval.field import SpaceChoice, choose_spaces
from xview.retrieval.geodesic_settings import RANKER, GeodesicSettings
from xview.retrieval.stepping_stones import Vertex
from xview.session.engine import Engine, Outside
from xview.session.growth import growth
from xview.session.paths import Found, ranker_of, way
from xview.session.resolve import Resolved, resolve
from xview.session.scene_diff import scene_differences
from xview.session.smooth import retold, smooth_from
from xview.session.state import ItemsQuery, ModifiedQuery, QueryRef, ViewState
from xview.session.workspace import Workspace


def run(args: argparse.Namespace) -> int:
    """Tell the way's items and steps, the nearest neighbours both ways, and the graph's counts."""
    if args.json:
        check_writable(Path(args.json))
    workspace = open_data(args)
    settings = GeodesicSettings(
        degree=args.degree, threshold=args.threshold, stones=not args.no_stones, align=not args.no_align
    )
    resolved = _request(args, workspace, settings)
    assert resolved.spaces is not None
    engine = Engine(workspace)
    told: dict[str, Any] = {"space": resolved.spaces.shared, "parameters": settings.to_mapping()}
    if resolved.query is None:
        told |= {"smooth": _survey(engine, resolved, args.smooth)}
    else:
        told |= _followed(args, engine, resolved)
    if args.json:
        show_json(told, args.json)
    else:
        show(told)
    return 0


def _request(args: argparse.Namespace, workspace: Workspace, settings: GeodesicSettings) -> Resolved:
    """What the window would ask: without `--from` nothing asks, and all smooth paths are wanted."""
    query: QueryRef | None = None
    modality = args.modality or _place_of(args.source or "", workspace)
    if args.source is not None:
        modality, query = read_query(args.source, modality, workspace)
    elif not args.smooth:
        raise QueryError(
            "name what the way begins at (--from), or ask for the longest smooth paths (--smooth)"
        )
    if modality is None:
        modality = workspace.default_protocol().gallery
    gallery = args.gallery or _gallery(args, query, modality, workspace)
    workspace.dataset.collection(gallery)
    if args.but is not None:
        if not isinstance(query, ItemsQuery):
            raise QueryError("only a picture of the data can be modified (--but)")
        query = ModifiedQuery(query.ids[0], args.but)
    protocol = Protocol(
        query=modality, gallery=gallery, query_classes=Classes.ALL, gallery_classes=Classes.ALL
    )
    state = ViewState(
        protocol=protocol,
        spaces=_space(args.shared, protocol, workspace),
        ranker=RANKER,
        settings=((RANKER, settings),),
        query=query,
    )
    resolved = resolve(state, workspace)
    if resolved.spaces is None:
        raise SpaceError(resolved.problem)
    return resolved


def _place_of(name: str, workspace: Workspace) -> str | None:
    """Where an item of this name is found, pictures first."""
    collections = workspace.dataset.collections
    order = sorted(collections, key=lambda m: collections[m].kind is not Kind.IMAGE)
    return next((m for m in order if name in collections[m].row_of), None)


def _gallery(args: argparse.Namespace, query: QueryRef | None, modality: str, workspace: Workspace) -> str:
    """Where the way ends: where `--to` is found, the modality that asks first; pictures for words."""
    collections = workspace.dataset.collections
    if args.to is not None and args.to not in collections[modality].row_of:
        return _place_of(args.to, workspace) or modality
    outside = query is not None and not isinstance(query, ItemsQuery)
    return workspace.default_protocol().gallery if outside and args.to is None else modality


def _space(name: str | None, protocol: Protocol, workspace: Workspace) -> SpaceChoice:
    """The space named, or the first that holds both sides; one with other modalities, too, where there is."""
    if name is None and protocol.query == protocol.gallery:
        holding = [n for n, space in workspace.spaces.items() if protocol.query in space.modalities]
        if not holding:
            raise SpaceError(
                f"no space holds {protocol.query}; `xview encode` makes one from pictures or texts"
            )
        name = next((n for n in holding if workspace.spaces[n].shared), holding[0])
    return choose_spaces(workspace.spaces, protocol, shared=name)


def _outside(resolved: Resolved, workspace: Workspace) -> Outside | None:
    """Features of what asks and is no item."""
    if not isinstance(resolved.query, ModifiedQuery):
        return encode(resolved, workspace)
    from xview.jobs.modify import composed
    from xview.spaces.library import OpenData

    assert resolved.spaces is not None
    opened = OpenData(dataset=workspace.dataset, spaces=workspace.spaces)
    found = composed(opened, resolved.spaces.shared, resolved.query.id, resolved.query.text)
    return {resolved.spaces.shared: found.vector}


def _followed(args: argparse.Namespace, engine: Engine, resolved: Resolved) -> dict[str, Any]:
    """The way, what the graph holds, and whatever else was asked for."""
    workspace = resolved.workspace
    position = None if args.to is None else _row(args.to, resolved.task.protocol.gallery, workspace)
    outside = _outside(resolved, workspace)
    found = way(engine, resolved, position, outside, args.top)
    told: dict[str, Any] = {
        "from": _source(resolved),
        "to": item_told(found.target, workspace),
        "graph": _graph(found),
        "length": found.length if found.steps else None,
        "direct": found.direct,
        "steps": steps_told(found.steps, workspace),
        "differences": _differences(resolved, found),
        "geodesic": [neighbour_told(one, workspace) for one in found.geodesic],
        "euclidean": [neighbour_told(one, workspace) for one in found.euclidean],
        "notes": list(found.notes),
    }
    if args.growth:
        grown = growth(engine, resolved, outside)
        thresholds = np.linspace(grown.widest / args.growth, grown.widest, args.growth).tolist()
        names = ("threshold", "edges", "components", "retrievable")
        told["growth"] = [dict(zip(names, (t, *grown.at(t)), strict=True)) for t in thresholds]
    if args.smooth:
        smooth = smooth_from(engine, resolved, _start(resolved, found), most=args.smooth)
        told["smooth"] = {
            "counts": list(smooth.counts),
            "longest": [smooth_told(one, workspace) for one in smooth.ways],
        }
    return told


def _graph(found: Found) -> dict[str, Any]:
    names = ("threshold", "vertices", "stones", "edges", "components", "retrievable", "others")
    return {name: getattr(found, name) for name in names}


def _source(resolved: Resolved) -> dict[str, Any]:
    if isinstance(resolved.query, ModifiedQuery):
        item = item_told(
            Vertex(resolved.task.protocol.query, int(resolved.query_rows[0])), resolved.workspace
        )
        return {**item, "but": resolved.query.text}
    if isinstance(resolved.query, ItemsQuery):
        return item_told(
            Vertex(resolved.task.protocol.query, int(resolved.query_rows[0])), resolved.workspace
        )
    return query_json(resolved)


def _start(resolved: Resolved, found: Found) -> Vertex:
    """The item smooth paths begin at: the query, or what is nearest to one that is no item."""
    if isinstance(resolved.query, ItemsQuery):
        return Vertex(resolved.task.protocol.query, int(resolved.query_rows[0]))
    return found.target


def _differences(resolved: Resolved, found: Found) -> dict[str, Any] | None:
    """What tells the scenes of both ends apart."""
    if not isinstance(resolved.query, ItemsQuery):
        return None
    differences = scene_differences(resolved.workspace.dataset, _start(resolved, found), found.target)
    if differences is None:
        return None
    names = ("thing", "attribute", "before", "after")
    rows = [{name: getattr(row, name) for name in names} for row in differences.rows]
    return {"neighbours": differences.neighbours, "rows": rows}


def _survey(engine: Engine, resolved: Resolved, most: int) -> dict[str, Any]:
    world = world_for_smooth(resolved.workspace.dataset)
    ranker = ranker_of(engine, resolved)
    for told in ranker.vertices.notes:
        note(told)
    with progress("following smooth paths") as step:
        found = survey(ranker.graph, ranker.vertices, world, most, step)
    return {
        "threshold": found.threshold,
        "sources": found.sources,
        "strict": list(found.strict),
        "kind": list(found.kind),
        "longest": [
            smooth_told(retold(resolved.workspace.dataset, one), resolved.workspace) for one in found.longest
        ],
    }


def _row(name: str, modality: str, workspace: Workspace) -> int:
    rows = workspace.dataset.collection(modality).row_of
    if name not in rows:
        raise QueryError(f"no {modality} {name!r}{nearest_name(name, rows)}")
    return rows[name]
