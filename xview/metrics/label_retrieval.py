"""Label retrieval with few labels: geodesic against Euclidean neighbours (paper 002, 4.3 and Table 1).

k items of every class are the database, all other images ask; the label of the nearest database item is the
prediction. An image is retrievable if the graph holds a way from it to the database (the paper also says "has
a neighbour there", which is stricter; the errata's reading is kept).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xview.arrays import Bools, Floats, Ints
from xview.errors import DataError, SettingError
from xview.graph.geodesic import ThresholdGraph, degree_graph, threshold_graph
from xview.graph.knn import nearest

_HALVINGS = 24


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Share of `points` images whose label was predicted right; NaN where there are none."""

    accuracy: float
    points: int


@dataclass(frozen=True, eq=False, kw_only=True)
class FewLabels:
    """n images of which some are labelled.

    Attributes:
        labels: (n,) int64.
        database: (c k,) rows whose label is known, ascending.
        asking: (n,) bool, the others of the same classes.
    """

    labels: Ints
    database: Ints
    asking: Bools


def few_labels(labels: Ints, shots: int, seed: int = 0) -> FewLabels:
    """N-way-k-shot: `shots` items of every class with more than that many; smaller classes are left out.

    Args:
        labels: (n,) int64, -1 for none.
        shots: Items a class in the database, at least 1.
        seed: Decides which.

    Raises:
        DataError: No class has more than `shots` items.
        SettingError: There are to be none.
    """
    if shots < 1:
        raise SettingError(f"label retrieval: {shots} labelled items a class; take 1 or more")
    draw = np.random.default_rng(seed)
    chosen = []
    classes = [c for c in np.unique(labels[labels >= 0]) if np.count_nonzero(labels == c) > shots]
    if not classes:
        raise DataError(f"label retrieval: no class has more than {shots} items; take fewer shots")
    for label in classes:
        chosen.append(draw.choice(np.flatnonzero(labels == label), shots, replace=False))
    database = np.sort(np.concatenate(chosen)).astype(np.int64)
    asking = np.isin(labels, classes)
    asking[database] = False
    return FewLabels(labels=labels, database=database, asking=asking)


def euclidean(vectors: Floats, task: FewLabels, among: Bools | None = None) -> Retrieved:
    """Prediction by the nearest database vector, of those that ask and are `among` (all: None).

    Args:
        vectors: (n, d) float32 unit rows of the images.
        task: Who asks whom.
        among: (n,) bool.
    """
    rows = np.flatnonzero(task.asking if among is None else task.asking & among)
    if not len(rows):
        return Retrieved(float("nan"), 0)
    found, _ = nearest(vectors[rows], vectors[task.database], 1)
    predicted = task.labels[task.database[found[:, 0]]]
    return Retrieved(float((predicted == task.labels[rows]).mean()), len(rows))


def geodesic(graph: ThresholdGraph, task: FewLabels) -> tuple[Retrieved, Bools]:
    """Prediction by the nearest database item along the graph, and (n,) bool which images are retrievable.

    Args:
        graph: Its first n vertices are the images; more (texts) are stepping stones.
        task: Who asks whom.
    """
    _, source = graph.nearest_source(task.database)
    source = source[: len(task.labels)]
    retrievable = task.asking & (source >= 0)
    if not retrievable.any():
        return Retrieved(float("nan"), 0), retrievable
    right = task.labels[source[retrievable]] == task.labels[retrievable]
    return Retrieved(float(right.mean()), int(retrievable.sum())), retrievable


def table(
    images: Floats, texts: Floats, backbone: Floats, task: FewLabels, threshold: float
) -> dict[str, Retrieved]:
    """Rows A to F of Table 1.

    Args:
        images: (n, d) float32 unit rows, in the joint space and aligned with the texts.
        texts: (t, d) float32 unit rows of it.
        backbone: (n, e) float32 unit rows before the joint space.
        task: Who asks whom.
        threshold: Radians, of the graphs of images and of images with texts.

    Returns:
        By name: A Euclidean on all; B geodesic on the backbone's graph; C Euclidean and D geodesic on what
        the images' graph retrieves; E and F the same with texts as stepping stones. B's threshold is such
        that it retrieves as many images as D: between the last that retrieves fewer and the first that
        retrieves more, accuracy is interpolated.
    """
    alone, reached = geodesic(threshold_graph(images, threshold), task)
    joined, reached_by_text = geodesic(threshold_graph(np.concatenate([images, texts]), threshold), task)
    return {
        "A Euclidean, all": euclidean(images, task),
        "B geodesic, backbone": _matched(backbone, task, alone.points),
        "C Euclidean, retrievable": euclidean(images, task, reached),
        "D geodesic, images": alone,
        "E Euclidean, retrievable with texts": euclidean(images, task, reached_by_text),
        "F geodesic, images and texts": joined,
    }


def _matched(vectors: Floats, task: FewLabels, points: int) -> Retrieved:
    """The geodesic prediction of a graph that retrieves `points` images."""
    if points == 0:
        return Retrieved(float("nan"), 0)
    graph = _enough(vectors, task, points)
    low, high = 0.0, graph.threshold
    fewer, more = Retrieved(float("nan"), 0), geodesic(graph, task)[0]
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        found, _ = geodesic(graph.below(middle), task)
        if found.points >= points:
            high, more = middle, found
        else:
            low, fewer = middle, found
    if more.points == points or fewer.points == 0:
        return Retrieved(more.accuracy, points)
    share = (points - fewer.points) / (more.points - fewer.points)
    return Retrieved(fewer.accuracy + share * (more.accuracy - fewer.accuracy), points)


def _enough(vectors: Floats, task: FewLabels, points: int) -> ThresholdGraph:
    """A graph that retrieves at least `points`: twice the edges until it does, or all there are."""
    degree = 2.0
    while True:
        graph = degree_graph(vectors, degree)
        if degree >= len(vectors) - 1 or geodesic(graph, task)[0].points >= points:
            return graph
        degree *= 2
