"""What a ranking draws over one map."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from xview.arrays import Ints
from xview.qt.maps.scene import Bridge, Hit, Lines, Overlay, Truth
from xview.qt.rankings import Reply
from xview.retrieval.base import Side
from xview.session.answers import Ranked
from xview.session.resolve import Resolved
from xview.session.scene import Scene
from xview.session.state import Overlay as Wanted

HITS = 20
BRIDGES = 12
TETHERS = 400


def overlay_of(scene: Scene, resolved: Resolved, reply: Reply | None) -> Overlay:
    """Stars for the query, and what the user asked to see: hits, bridges of a result, or pair tethers.

    Torn edges are a layer of the dock that measures them.

    Args:
        scene: Which point is which item.
        resolved: The present request; its `view.overlay` chooses.
        reply: The newest answer, or None.
    """
    asked = Overlay(queries=tuple(scene.points(resolved.task.protocol.query, resolved.query_rows).tolist()))
    wanted = resolved.view.overlay
    if wanted is Wanted.PAIRS:
        return replace(asked, lines=_tethers(scene, resolved))
    if reply is None or wanted is Wanted.NONE:
        return asked
    place = reply.outside.get(scene.space)
    if place is not None:
        asked = replace(asked, outside=(place,))
    if wanted is Wanted.TORN:
        return asked
    if reply.explanation is not None:
        asked = replace(asked, bridges=_bridges(scene, reply))
    if wanted is Wanted.BRIDGES and reply.explanation is not None:
        return replace(asked, hits=_chosen(scene, resolved, reply))
    return replace(asked, hits=_hits(scene, reply.answer.a))


def _hits(scene: Scene, ranked: Ranked) -> tuple[Hit, ...]:
    best = [int(p) for p in ranked.ranking.order[: HITS * 4] if not ranked.ignored[p]][:HITS]
    return tuple(_hit(scene, ranked, position) for position in best if _points(scene, ranked, position).size)


def _chosen(scene: Scene, resolved: Resolved, reply: Reply) -> tuple[Hit, ...]:
    ranked = reply.explained
    if ranked is None or resolved.why is None:
        return ()
    position = int(ranked.task.gallery_rows.searchsorted(resolved.why))
    return (_hit(scene, ranked, position),) if _points(scene, ranked, position).size else ()


def _hit(scene: Scene, ranked: Ranked, position: int) -> Hit:
    if ranked.label < 0:
        truth = Truth.UNKNOWN
    elif ranked.ignored[position]:
        truth = Truth.IGNORED
    else:
        truth = Truth.CORRECT if ranked.relevant[position] else Truth.INCORRECT
    return Hit(int(_points(scene, ranked, position)[0]), int(ranked.rank_of[position]), truth)


def _points(scene: Scene, ranked: Ranked, position: int) -> Ints:
    return scene.points(ranked.task.protocol.gallery, [int(ranked.task.gallery_rows[position])])


def _bridges(scene: Scene, reply: Reply) -> tuple[Bridge, ...]:
    assert reply.explanation is not None
    assert reply.explained is not None
    task, total = reply.explained.task, sum(abs(s.amount) for s in reply.explanation.shares) or 1.0
    found = []
    for share in reply.explanation.shares[:BRIDGES]:
        if share.side is Side.QUERY:
            points = scene.points(task.protocol.query, [int(task.query_rows[share.position])])
        else:
            points = scene.points(task.protocol.gallery, [int(task.gallery_rows[share.position])])
        found += [Bridge(int(point), abs(share.amount) / total) for point in points]
    return tuple(found)


def _tethers(scene: Scene, resolved: Resolved) -> tuple[Lines, ...]:
    """Lines between chosen items of the two modalities that show the same thing; at most `TETHERS`."""
    task = resolved.task
    left, right = task.queries.instances, task.gallery.instances
    if not scene.shared or left is None or right is None or task.protocol.query == task.protocol.gallery:
        return ()
    first: dict[int, int] = {}
    for row in task.gallery_rows.tolist():
        first.setdefault(int(right[row]), row)
    first.pop(-1, None)  # shows nothing that others show
    rows = [(row, first[int(left[row])]) for row in task.query_rows.tolist() if int(left[row]) in first]
    rows = rows[:: max(1, len(rows) // TETHERS)]
    if not rows:
        return ()
    pairs = np.array(rows, dtype=np.int64)
    ends = [scene.points(m, pairs[:, i]) for i, m in enumerate((task.protocol.query, task.protocol.gallery))]
    return (Lines(np.stack(ends, axis=1)),) if all(len(end) for end in ends) else ()
