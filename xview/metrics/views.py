"""What distortion is measured between: the chosen items of a modality in a space, or on a map of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from xview.arrays import Floats, Ints
from xview.data.protocol import Protocol, select
from xview.data.records import Dataset
from xview.errors import SpaceError, nearest_name
from xview.graph.knn import FLAT_LIMIT, nearest, sampled_recall, without
from xview.metrics.distortion import DistortionRequest
from xview.retrieval.base import OnProgress
from xview.retrieval.field import own_space
from xview.spaces.library import OpenData
from xview.spaces.projection import method_settings, project_space
from xview.spaces.space import EmbeddingSpace


@dataclass(frozen=True, eq=False)
class View:
    """The chosen items of a modality as one space or map has them.

    Attributes:
        name: What to call it.
        vectors: (n, d) float32; near is near by Euclidean distance.
        lists: (n, k) int64 nearest others of each item, nearest first.
        recall: Share of true neighbours in `lists`; 1 where they were not found by an index.
    """

    name: str
    vectors: Floats
    lists: Ints
    recall: float = 1.0


def view_of_space(space: EmbeddingSpace, modality: str, rows: Ints, k: int) -> View:
    """Items of a modality in a space, with k neighbours each, 1 to n - 1."""
    vectors = space.unit(modality)[rows]
    me = np.arange(len(rows))
    found, similarities = nearest(vectors, vectors, k + 1)
    recall = sampled_recall(vectors, vectors, found) if len(rows) > FLAT_LIMIT else 1.0
    return View(space.name, vectors, without(found, similarities, me)[0], recall)


def view_of_map(name: str, flat: Floats, k: int) -> View:
    """Items on a map, (n, 2), with k neighbours each, 1 to n - 1."""
    away, found = (np.asarray(x) for x in cKDTree(flat).query(flat, k + 1))
    return View(name, flat, without(found.astype(np.int64), away, np.arange(len(flat)))[0])


def items_of(dataset: Dataset, protocol: Protocol) -> dict[str, Ints]:
    """Rows, ascending, of the items that ask or answer in either direction, by modality.

    Raises:
        DataError: The protocol finds no items.
    """
    found: dict[str, Ints] = {}
    for rules in (protocol, protocol.swapped()):
        task = select(dataset, rules)
        for modality, rows in ((rules.query, task.query_rows), (rules.gallery, task.gallery_rows)):
            found[modality] = np.union1d(found.get(modality, rows), rows)
    return found


def views_of(
    data: OpenData, request: DistortionRequest, rows: Mapping[str, Ints], on_progress: OnProgress
) -> list[tuple[str, View, View]]:
    """Modality, reference and measured view of every comparison a request asks for.

    Args:
        data: The spaces.
        request: Which of them.
        rows: Of each modality's items.
        on_progress: Told the share of a map that is drawn.

    Raises:
        SpaceError: A space is not open, or reference and measured space have no modality in common.
        SettingError: No such method, or a modality has fewer than 3 items.
    """
    space = named(data, request.space)
    flat = _map_of(space, request.method, on_progress) if request.method else None
    found = []
    for modality in (m for m in rows if m in space.modalities):
        chosen = rows[modality]
        k = request.sizes(len(chosen))[-1]
        own = view_of_space(space, modality, chosen, k)
        if flat is not None:
            title = f"{space.name} as {request.method}"
            found.append((modality, own, view_of_map(title, flat[modality][chosen], k)))
        else:
            for other in _references(data, request, modality):
                found.append((modality, view_of_space(other, modality, chosen, k), own))
    if not found:
        asked = ", ".join(request.against) or "no single-modal space"
        raise SpaceError(
            f"space {space.name!r} cannot be held against {asked} over {' and '.join(rows)}; "
            "choose a reference that holds one of them, too"
        )
    return found


def named(data: OpenData, name: str) -> EmbeddingSpace:
    """A space by name; SpaceError where it is not open."""
    if name not in data.spaces:
        told = f"; {data.problems[0]}" if data.problems else ""
        known = ", ".join(data.spaces) or "none"
        raise SpaceError(f"no space {name!r}{nearest_name(name, data.spaces)} (known: {known}){told}")
    return data.spaces[name]


def _references(data: OpenData, request: DistortionRequest, modality: str) -> list[EmbeddingSpace]:
    if request.against:
        spaces = [named(data, name) for name in request.against]
        return [space for space in spaces if modality in space.modalities]
    protocol, choice = request.protocol, request.spaces
    chosen = {protocol.gallery: choice.own_gallery, protocol.query: choice.own_query}
    own = chosen.get(modality, "") or own_space(data.spaces, request.space, modality)
    return [named(data, own)] if own else []


def _map_of(space: EmbeddingSpace, method: str, on_progress: OnProgress) -> dict[str, Floats]:
    """A space's map at the method's default settings, by modality."""

    def step(done: int, total: int) -> None:
        on_progress(done / total if total else 0.0)

    flat = project_space(space, method_settings(method), step)
    ends = np.cumsum([len(part) for part in space.parts.values()])
    return dict(zip(space.modalities, np.split(flat, ends[:-1]), strict=True))
