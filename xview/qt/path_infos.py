"""What was found of shortest ways, as the panels show it. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Sequence

from xview.data.records import Dataset
from xview.qt.infos import OUTSIDE, called
from xview.qt.panels.film_frames import PathItem
from xview.qt.panels.film_strip import PathInfo
from xview.qt.panels.growth import GrowthInfo
from xview.qt.panels.neighbour_pair import NearItem, PairInfo
from xview.qt.panels.scene_diff import SceneDiffInfo, SceneRow, SceneSide
from xview.retrieval.field import shared_candidates
from xview.retrieval.geodesic_settings import RANKER, GeodesicSettings
from xview.retrieval.stepping_stones import Vertex
from xview.session.growth import Growth
from xview.session.paths import Found, Neighbour, stones_of, where
from xview.session.resolve import Resolved
from xview.session.scene_diff import SceneDifferences
from xview.session.state import ModifiedQuery, PictureQuery
from xview.session.steps import Step


def path_info(resolved: Resolved, found: Found, needed: float | None = None) -> PathInfo:
    """A way from what asks, which stands first also where it is no item; or why there is none.

    Args:
        resolved: The request.
        found: What answers it.
        needed: The least threshold with a way, radians, where that is known.
    """
    dataset, gallery = resolved.workspace.dataset, resolved.task.protocol.gallery
    if not found.steps:
        return PathInfo(note=_no_way(resolved, found, needed))
    items = path_items(dataset, found.steps, gallery, asked=not found.outside)
    if found.outside:
        items = (_outside(resolved), *items)
    return PathInfo(items=items, direct=found.direct, note=" ".join(found.notes))


def path_items(dataset: Dataset, steps: Sequence[Step], gallery: str, *, asked: bool) -> tuple[PathItem, ...]:
    """Steps as frames; the first has the role of the query where it `asked`, the last is the target."""
    last = len(steps) - 1
    return tuple(
        _path_item(dataset, step, gallery, "query" if not n and asked else "target" if n == last else "")
        for n, step in enumerate(steps)
    )


def pair_info(resolved: Resolved, found: Found) -> PairInfo:
    """The nearest along the graph beside the nearest directly."""
    dataset = resolved.workspace.dataset
    along, direct = (
        tuple(_near_item(dataset, one) for one in ones) for ones in (found.geodesic, found.euclidean)
    )
    if not along:
        note = "No way leads on from the query: raise the threshold under Graph."
    elif found.differ:
        note = "The graph's nearest is another than the direct one. A click leads there."
    else:
        note = "Both ways the same item is nearest. A click leads to another."
    return PairInfo(along=along, direct=direct, note=note)


def growth_info(resolved: Resolved, growth: Growth, found: Found | None) -> GrowthInfo:
    """What each threshold joins, and the one that is set; beyond the widest known, what was `found` there."""
    settings = resolved.view.settings_of(RANKER)
    assert isinstance(settings, GeodesicSettings)
    threshold = settings.threshold or growth.threshold_of(settings.degree)

    def at(wanted: float) -> tuple[int, int, int]:
        if wanted > growth.widest and found is not None:
            return found.edges, found.components, found.retrievable
        return growth.at(wanted)

    stones = stones_of(resolved)
    return GrowthInfo(
        thresholds=growth.thresholds,
        edges=growth.edges,
        components=growth.components,
        retrievable=growth.retrievable,
        at=at,
        threshold=threshold,
        by_hand=settings.threshold > 0,
        vertices=growth.vertices,
        gallery=growth.gallery,
        others=growth.others,
        stones=settings.stones if stones else None,
        stones_name=" and ".join(stones) or where(resolved).shared,
    )


def space_with_stones(resolved: Resolved) -> tuple[str, str]:
    """A space with stepping stones, and which, where that which ways lead through has none; else empty.

    What is modified by words asks in the space of the system that does it, and in no other.
    """
    spaces, protocol = resolved.workspace.spaces, resolved.task.protocol
    fixed = isinstance(resolved.query, ModifiedQuery)
    if resolved.spaces is None or fixed or stones_of(resolved):
        return "", ""
    shared = (name for name in shared_candidates(spaces, protocol) if spaces[name].shared)
    name = next(shared, "")
    stones = (kind for kind in spaces[name].modalities if kind != protocol.gallery) if name else ()
    return name, " and ".join(stones)


def diff_info(dataset: Dataset, ends: tuple[Vertex, Vertex], differences: SceneDifferences) -> SceneDiffInfo:
    """What tells the scenes of both ends apart."""
    one, other = (
        SceneSide(key=end.modality, row=end.row, title=str(dataset.collection(end.modality).titles[end.row]))
        for end in ends
    )
    rows = tuple(
        SceneRow(
            thing=row.thing,
            attribute=row.attribute,
            before=row.before,
            after=row.after,
            box_before=row.box_before,
            box_after=row.box_after,
        )
        for row in differences.rows
    )
    return SceneDiffInfo(one=one, other=other, rows=rows, neighbours=differences.neighbours)


def _no_way(resolved: Resolved, found: Found, needed: float | None) -> str:
    """Why no way leads to the target, and what would help."""
    collection = resolved.workspace.dataset.collection(found.target.modality)
    could = () if found.stones else stones_of(resolved)
    over = f", or let ways lead over {' and '.join(could)}" if could else ""
    to = f"to {collection.titles[found.target.row]}" if found.retrievable else "on from the query"
    enough = "" if needed is None else f" to {math.ceil(1000 * needed) / 1000:.3f} rad"
    return (
        f"No way leads {to} over steps below {found.threshold:.3g} rad; "
        f"{collection.titles[found.target.row]} is {found.direct:.3f} rad away. "
        f"Raise the threshold{enough} under Graph{over}. "
        f"{found.retrievable:,} of {found.others:,} other items can be reached."
    )


def _path_item(dataset: Dataset, step: Step, gallery: str, role: str) -> PathItem:
    title, class_name, text = _words(dataset, step.item)
    return PathItem(
        key=step.item.modality,
        row=step.item.row,
        title=title,
        class_name=class_name,
        text=text,
        stone=step.item.modality != gallery,
        role=role,
        length=step.length,
        changes=step.changes,
        boxes=step.boxes,
        spans=step.spans,
        partner=None if step.partner is None or not text else (step.partner.modality, step.partner.row),
    )


def _near_item(dataset: Dataset, near: Neighbour) -> NearItem:
    title, class_name, text = _words(dataset, near.item)
    return NearItem(
        key=near.item.modality,
        row=near.item.row,
        title=title,
        class_name=class_name,
        text=text,
        distance=near.distance,
        right=near.right,
    )


def _words(dataset: Dataset, item: Vertex) -> tuple[str, str, str]:
    """Title, class and text of an item, empty where it has none."""
    collection, row = dataset.collection(item.modality), item.row
    label = int(collection.labels[row])
    return (
        str(collection.titles[row]),
        dataset.classes[label] if label >= 0 else "",
        collection.payloads.text(row) or "",
    )


def _outside(resolved: Resolved) -> PathItem:
    """What asks, where it is none of the ways' items: by its picture where it has one."""
    query = resolved.query
    assert query is not None
    if isinstance(query, PictureQuery):
        return PathItem(key=OUTSIDE, row=0, title=called(query), outside=True, role="query")
    return PathItem(key="", row=-1, title=called(query), outside=True, role="query")
