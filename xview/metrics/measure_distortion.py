"""From open data and a request to a `Distortion`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from xview.arrays import Doubles, Ints
from xview.data.protocol import select
from xview.graph.knn import nearest
from xview.metrics.distortion import LOCAL, Comparison, Distortion, DistortionRequest
from xview.metrics.failure import Failure, correlate
from xview.metrics.gap import Gap, measure_gap
from xview.metrics.held_against import held_against
from xview.metrics.hubness import Hubs, occurrences
from xview.metrics.table import judge
from xview.metrics.views import View, items_of, named, views_of
from xview.retrieval.base import OnProgress, part_of, unwatched
from xview.retrieval.field import build_field
from xview.retrieval.registry import build
from xview.spaces.library import OpenData
from xview.spaces.space import EmbeddingSpace


def measure(data: OpenData, request: DistortionRequest, on_progress: OnProgress = unwatched) -> Distortion:
    """Measure a space against the references a request names.

    Args:
        data: The items and their spaces.
        request: What to measure.
        on_progress: Told the share done, 0 to 1; may raise to cancel.

    Raises:
        SpaceError: A space is not open, or shares no modality with its reference.
        DataError: The protocol finds no items.
        SettingError: No such method of maps, a k below 1, or fewer than 3 items of a modality.
    """
    rows = items_of(data.dataset, request.protocol)
    views = views_of(data, request, rows, part_of(on_progress, 0, 2))
    parts = 2 * (len(views) + 1)  # the second half of the progress
    comparisons: list[Comparison] = []
    hubs: list[Hubs] = []
    notes: list[str] = []
    for number, (modality, reference, measured) in enumerate(views, start=len(views) + 1):
        collection = data.dataset.collection(modality)
        progress = part_of(on_progress, number, parts)
        found = held_against(reference, measured, collection, rows[modality], request, progress)
        comparisons.append(found)
        hubs += [_within(view, found) for view in (reference, measured)]
        notes += _notes(found, reference, measured)
    space = named(data, request.space)
    shared = not request.method and {request.protocol.query, request.protocol.gallery} <= set(
        space.modalities
    )
    gap: Gap | None = None
    failures: tuple[Failure, ...] = ()
    if shared:
        if request.protocol.query != request.protocol.gallery:
            gap, comparisons = _gap(space, request, rows, comparisons)
            hubs += _across(space, request, rows)
        progress = part_of(on_progress, parts - 1, parts)
        failures = tuple(_failures(data, request, comparisons, progress))
    on_progress(1.0)
    return Distortion(
        request=request,
        classes=data.dataset.classes,
        comparisons=tuple(comparisons),
        hubs=tuple(hubs),
        gap=gap,
        failures=failures,
        notes=tuple(notes),
    )


def _within(view: View, found: Comparison) -> Hubs:
    return Hubs(
        space=view.name,
        asked=found.modality,
        found=found.modality,
        k=found.k,
        rows=found.rows,
        occurrences=occurrences(view.lists[:, : found.k], len(found.rows)),
    )


def _across(space: EmbeddingSpace, request: DistortionRequest, rows: Mapping[str, Ints]) -> Iterator[Hubs]:
    """Who is found by the other modality's items, all of them, whatever their group."""
    protocol = request.protocol
    for asked, found in ((protocol.query, protocol.gallery), (protocol.gallery, protocol.query)):
        k = min(request.k, len(rows[found]))
        near, _ = nearest(space.unit(asked)[rows[asked]], space.unit(found)[rows[found]], k)
        counts = occurrences(near, len(rows[found]))
        yield Hubs(space=space.name, asked=asked, found=found, k=k, rows=rows[found], occurrences=counts)


def _gap(
    space: EmbeddingSpace,
    request: DistortionRequest,
    rows: Mapping[str, Ints],
    comparisons: Sequence[Comparison],
) -> tuple[Gap, list[Comparison]]:
    """The gap, and the comparisons with where their items lie along it."""
    first, second = request.protocol.query, request.protocol.gallery
    x, y = (space.unit(m)[rows[m]] for m in (first, second))
    gap, px, py = measure_gap(space.name, first, x, second, y)
    along = {first: px, second: py}
    return gap, [replace(c, figures={**c.figures, "gap": along[c.modality]}) for c in comparisons]


def _failures(
    data: OpenData, request: DistortionRequest, comparisons: Sequence[Comparison], on_progress: OnProgress
) -> Iterator[Failure]:
    """Average precision by k-NN in the measured space against local distortion, of the queries measured."""
    choice = replace(request.spaces, shared=request.space)
    directions = [(request.protocol, choice)]
    if request.protocol.query != request.protocol.gallery:
        directions.append((request.protocol.swapped(), choice.swapped()))
    for number, (protocol, spaces) in enumerate(directions):
        progress = part_of(on_progress, number, len(directions))
        found = next((c for c in comparisons if c.modality == protocol.query), None)
        if found is None:  # the reference does not hold this modality
            continue
        measured = found.rows[found.neighbourhoods.items]
        task = select(data.dataset, protocol)
        task = replace(task, query_rows=np.intersect1d(task.query_rows, measured))
        if not task.query_rows.size:  # a sample without any query
            continue
        ranker = build("knn", build_field(task, data.spaces, spaces))
        ap = judge(ranker, task, _counted(progress)).ap
        distortion: Doubles = found.figures[LOCAL][np.searchsorted(found.rows, task.query_rows)]
        yield Failure(
            query=protocol.query,
            gallery=protocol.gallery,
            figure=LOCAL,
            rows=task.query_rows,
            labels=task.query_labels,
            ap=ap,
            distortion=distortion,
            correlation=correlate(distortion, ap, task.query_labels),
        )


def _counted(on_progress: OnProgress) -> Callable[[int, int], None]:
    return lambda done, total: on_progress(done / total)


def _notes(found: Comparison, *views: View) -> Iterator[str]:
    near = found.neighbourhoods
    if not near.exact:
        column = int(np.flatnonzero(near.ks == found.k)[0])
        errors = ", ".join(
            f"{name} {near.error(name)[column]:.4f}" for name in ("trustworthiness", "continuity", "overlap")
        )
        yield (
            f"{found.modality}: {len(near.items):,} of {near.n:,} items were measured, each against all; "
            f"standard errors {errors}, torn edges {found.torn.error:.4f}, bridges {found.bridged.error:.4f}"
        )
    for view in views:
        if view.recall < 1:
            yield (
                f"{found.modality} in {view.name}: an index found {view.recall:.1%} of the neighbours that "
                "graphs and hubs are made of"
            )
